"""Calls for help from booths: staff see each call, and answer with one line of text for the booth's screen."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session

from center.audit.service import Audit
from center.calls.tables import HelpCallRow
from center.platform.clock import Clock
from center.platform.database import Database, upsert
from center.platform.faults import Conflict, NotThere, WrongRequest
from wire.help_call import AnswerLine, HelpAnswer, HelpCall, HelpState

LONGEST_LINE = 120
SILENT = timedelta(minutes=2)
"""A booth repeats its call every few seconds. If it is silent for this long, the graduate has left or the connection is
lost.
"""
_LINE: TypeAdapter[str] = TypeAdapter(AnswerLine)


@dataclass(frozen=True, slots=True)
class OpenCall:
    """A call that has not ended. `line`: staff's answer; None if nobody has answered yet."""

    call_id: str
    booth_id: str
    screen: str
    since: datetime
    line: str | None
    answered_by: str | None


class HelpCalls:
    """All calls. Threads may share it."""

    def __init__(self, database: Database, audit: Audit, clock: Clock) -> None:
        self._database = database
        self._audit = audit
        self._clock = clock

    def record_call(self, booth_id: str, call: HelpCall) -> HelpAnswer:
        """Record a call, its repetition or its end; returns staff's answer so far. Raises `Conflict` if another booth
        made the call."""
        now = self._clock()
        with self._database.write() as session:
            # A booth repeats a call whose answer is late, so another transaction can be recording it now.
            adding = upsert(session, HelpCallRow).values(_new(booth_id, call, now)).on_conflict_do_nothing()
            if session.execute(adding.returning(HelpCallRow.call_id)).first() is not None:
                self._end_others(session, booth_id, call.call_id, now)
                return HelpAnswer(call_id=call.call_id, state=HelpState.ENDED if call.ended else HelpState.WAITING)
            row = session.get_one(HelpCallRow, call.call_id, with_for_update=True)
            if row.booth_id != booth_id:
                raise Conflict("this call is another booth's")
            if row.ended_at is None and call.ended:
                row.ended_at, row.line = now, None  # the answer was only for the person who called
            if row.ended_at is not None:
                return HelpAnswer(call_id=call.call_id, state=HelpState.ENDED)
            row.heard_at = now
            state = HelpState.WAITING if row.line is None else HelpState.ANSWERED
            return HelpAnswer(call_id=call.call_id, state=state, line=row.line)

    def is_open(self, booth_id: str, call_id: str) -> bool:
        """Whether this booth's call is known and has not ended, even if the booth has been silent since. Raises
        `Conflict` if another booth made the call.
        """
        with self._database.read() as session:
            row = session.get(HelpCallRow, call_id)
        if row is not None and row.booth_id != booth_id:
            raise Conflict("this call is another booth's")
        return row is not None and row.ended_at is None

    def open(self) -> Sequence[OpenCall]:
        """The calls that have not ended and that their booths still repeat, the oldest first."""
        with self._database.read() as session:
            rows = session.scalars(select(HelpCallRow).where(*self._open()).order_by(HelpCallRow.at)).all()
            return [OpenCall(row.call_id, row.booth_id, row.screen, row.at, row.line, row.answered_by) for row in rows]

    def next_of_booth(self, call_id: str) -> OpenCall | None:
        """The call that is open now at the booth of the ended call `call_id`; None if there is none."""
        with self._database.read() as session:
            row = session.get(HelpCallRow, call_id)
        return None if row is None else next((one for one in self.open() if one.booth_id == row.booth_id), None)

    def waiting(self) -> int:
        """How many open calls nobody has answered yet."""
        with self._database.read() as session:
            query = select(func.count()).select_from(HelpCallRow).where(*self._open(), HelpCallRow.line.is_(None))
            return session.execute(query).scalar_one()

    def answer(self, who: str, call_id: str, line: str) -> None:
        """Answer a call, or change the answer. Raises `WrongRequest` (the line), `NotThere` (the call has ended)."""
        now = self._clock()
        try:
            words = _LINE.validate_python(" ".join(line.split()))
        except ValidationError:
            raise WrongRequest("an answer is one line of 1 to {most} characters", most=LONGEST_LINE) from None
        with self._database.write() as session:
            if not self._answered(session, who, now, call_id, words):
                raise NotThere("this call has ended: nobody reads the answer any more")
            self._audit.append(session, now, who, "booth.call_answered", call_id)

    def end(self, who: str, call_id: str) -> None:
        """End a call, because staff have helped, or because nobody needed help. The booth learns this when it repeats
        the call. Raises `NotThere` (the call has ended)."""
        now = self._clock()
        with self._database.write() as session:
            booth_id = session.execute(
                update(HelpCallRow)
                .where(HelpCallRow.call_id == call_id, *self._open())
                .values(ended_at=now, line=None)
                .returning(HelpCallRow.booth_id)
                .execution_options(synchronize_session=False)
            ).scalar_one_or_none()
            if booth_id is None:
                raise NotThere("this call has already ended")
            self._audit.append(session, now, who, "booth.call_ended", call_id, {"booth": booth_id})

    @staticmethod
    def _end_others(session: Session, booth_id: str, call_id: str, now: datetime) -> None:
        """A booth has one call at a time: a new call ends the previous call. This happens if the graduate asks for help
        after the booth has called by itself, or if the message with which the booth ended the previous call was lost.
        """
        session.execute(
            update(HelpCallRow)
            .where(HelpCallRow.booth_id == booth_id, HelpCallRow.call_id != call_id, HelpCallRow.ended_at.is_(None))
            .values(ended_at=now, line=None)
        )

    def _answered(self, session: Session, who: str, now: datetime, call_id: str, words: str) -> bool:
        found = session.execute(
            update(HelpCallRow)
            .where(HelpCallRow.call_id == call_id, *self._open())
            .values(line=words, answered_at=now, answered_by=who)
            .returning(HelpCallRow.call_id)
            .execution_options(synchronize_session=False)
        ).first()
        return found is not None

    def _open(self) -> tuple[ColumnElement[bool], ...]:
        return HelpCallRow.ended_at.is_(None), HelpCallRow.heard_at > self._clock() - SILENT


def _new(booth_id: str, call: HelpCall, now: datetime) -> dict[str, object]:
    return {
        "call_id": call.call_id,
        "booth_id": booth_id,
        "screen": call.screen,
        "at": now,
        "heard_at": now,
        "ended_at": now if call.ended else None,
    }
