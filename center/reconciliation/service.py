"""Reads half days, stores counts, explanations and signatures. Every step is one transaction and one audit entry."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from sqlalchemy import ColumnElement, select, text, update
from sqlalchemy.orm import Session

from center.audit.service import Audit
from center.booths.tables import BoothRow
from center.platform.clock import Clock, epoch_ms
from center.platform.database import Database, upsert
from center.platform.faults import NotThere, WrongRequest
from center.platform.office_keys import OfficeKeys
from center.reconciliation.model import (
    ArrivedShotState,
    HalfDay,
    Reconciliation,
    Signature,
    check_count,
    check_open,
    check_words,
    half_day_of,
    late_entries,
    moved_since,
    names,
    over_at,
    sign,
)
from center.reconciliation.tables import HalfDayNoteRow, HalfDayRow
from center.season.service import Seasons
from center.shots.model.shot import Stage
from center.shots.tables import ShotRow
from rules.workdays import UnconfirmedYear

_KIND = "half day"
# This statement counts the booths whose half day has a shot, but not two signatures. For each booth, it makes one
# look-up in an index, however many shots there are.
_UNSIGNED = """
SELECT COUNT(*) FROM booths WHERE EXISTS (
    SELECT 1 FROM shots WHERE shots.booth_id = booths.booth_id AND shots.taken_at >= {begin} AND shots.taken_at < {end}
) AND NOT EXISTS (
    SELECT 1 FROM half_days WHERE half_days.booth_id = booths.booth_id AND half_days.name = '{name}'
    AND half_days.second_at IS NOT NULL
)
"""


class Reconciliations:
    """All half days. Threads may share it; `who` is an account's id."""

    def __init__(
        self, database: Database, office_keys: OfficeKeys, audit: Audit, seasons: Seasons, clock: Clock
    ) -> None:
        self._database = database
        self._office_keys = office_keys
        self._audit = audit
        self._seasons = seasons
        self._clock = clock

    def of_day(self, day: date) -> list[Reconciliation]:
        """The half days of `day` that have a shot or a count, in the order of the booths. Raises `Unavailable`,
        `OfficeKeysFault`."""
        with self._database.read() as session:
            booths = session.scalars(select(BoothRow.booth_id).order_by(BoothRow.booth_id)).all()
            sheets = [self._read(session, HalfDay(booth, day, half)) for booth in booths for _, half in names([day])]
        return [one for one in sheets if one.shots or one.late or one.counted is not None]

    def of(self, half_day: HalfDay) -> Reconciliation:
        """The present state of a half day. Raises `NotThere` (the booth), `Unavailable`, `OfficeKeysFault`."""
        with self._database.read() as session:
            self._check_booth(session, half_day)
            return self._read(session, half_day)

    def count(self, who: str, half_day: HalfDay, counted: int) -> None:
        """Enter how many shots the booth counted; a list that was entered before is dropped. Raises `NotSigned`
        (frozen), `WrongRequest`, `NotThere`."""
        check_count(counted)
        with self._database.write() as session:
            check_open(self._locked(session, half_day))
            session.execute(update(HalfDayRow).where(*_is(half_day)).values(counted=counted, listed=None))
            self._audit.append(session, self._clock(), who, "half_day.counted", half_day.subject, {"counted": counted})

    def take_list(self, who: str, half_day: HalfDay, listed: frozenset[str]) -> None:
        """Enter the booth's own list of shots, which also gives its count. With a list, the differences name the shots
        that are missing on either side. Raises the same errors as `count`.
        """
        with self._database.write() as session:
            check_open(self._locked(session, half_day))
            values = {"counted": len(listed), "listed": sorted(listed)}
            session.execute(update(HalfDayRow).where(*_is(half_day)).values(**values))
            counts: dict[str, str | int] = {"counted": len(listed), "listed": 1}
            self._audit.append(session, self._clock(), who, "half_day.counted", half_day.subject, counts)

    def explain(self, who: str, half_day: HalfDay, about: str, words: str) -> None:
        """Explain a difference (`Difference.key`). Raises `NotSigned` (frozen), `WrongRequest`, `NotThere`."""
        words, now = check_words(words), self._clock()
        with self._database.write() as session:
            sheet = self._locked(session, half_day)
            check_open(sheet)
            if about not in {one.key for one in sheet.differences}:
                raise WrongRequest("there is no such difference (any more): look at the half day as it is now")
            sealed = self._office_keys.seal(_KIND, f"{half_day.subject}\0{about}", words.encode())
            values = {"by": who, "at": now, "sealed": sealed}
            adding = upsert(session, HalfDayNoteRow).values(
                booth_id=half_day.booth_id, name=half_day.name, about=about, **values
            )
            session.execute(adding.on_conflict_do_update(index_elements=["booth_id", "name", "about"], set_=values))
            self._audit.append(session, now, who, "half_day.explained", half_day.subject, {"about": about})

    def sign(self, who: str, half_day: HalfDay, seen: str) -> bool:
        """Sign the sheet with the digest `seen`; returns whether the half day is frozen by this signature. Raises
        `NotSigned`, `NotThere`.
        """
        now, over = self._clock(), self._over(half_day)
        with self._database.write() as session:
            sheet = self._locked(session, half_day)
            signature, second = sign(sheet, who, seen, now, over)
            if second:
                shots = {shot: where.value for shot, where in sheet.shots.items()}
                values = {"second_by": who, "second_at": now, "frozen": shots}
            else:
                values = {"first_by": who, "first_at": now, "first_digest": signature.digest}
            session.execute(update(HalfDayRow).where(*_is(half_day)).values(**values))
            detail: dict[str, str | int] = {"digest": signature.digest, "shots": len(sheet.shots)}
            action = "half_day.frozen" if second else "half_day.signed"
            self._audit.append(session, now, who, action, half_day.subject, detail)
        return second

    def unsigned(self, days: Sequence[date]) -> int:
        """How many half days of these days have a shot, but fewer than two signatures. Raises `Unavailable`."""
        asked = [_UNSIGNED.format(**_bounds(HalfDay("", day, half))) for day, half in names(days)]
        if not asked:
            return 0
        counts = " + ".join(f"({one})" for one in asked)
        with self._database.read() as session:
            return int(session.execute(text(f"SELECT {counts}")).scalar_one())

    def now(self, booth_id: str) -> HalfDay:
        """The present half day of a booth."""
        return half_day_of(booth_id, self._clock())

    def _over(self, half_day: HalfDay) -> datetime:
        """When the half day's work ends. In a year whose calendar is not confirmed, every day has the hours of a
        working day."""
        table = self._seasons.table()
        try:
            hours = table.hours_of(half_day.day)
        except UnconfirmedYear:
            hours = table.rules.hours
        return over_at(half_day, hours)

    def _check_booth(self, session: Session, half_day: HalfDay) -> None:
        booth = session.execute(select(BoothRow.booth_id).where(BoothRow.booth_id == half_day.booth_id)).first()
        if booth is None:
            raise NotThere("there is no booth {booth_id!r}", booth_id=half_day.booth_id[:63])

    def _locked(self, session: Session, half_day: HalfDay) -> Reconciliation:
        """The half day, its row locked (and inserted if new), so that a second signature waits for the first."""
        self._check_booth(session, half_day)
        adding = upsert(session, HalfDayRow).values(booth_id=half_day.booth_id, name=half_day.name)
        session.execute(adding.on_conflict_do_nothing())
        session.execute(select(HalfDayRow.name).where(*_is(half_day)).with_for_update()).one()
        return self._read(session, half_day)

    def _read(self, session: Session, half_day: HalfDay) -> Reconciliation:
        row = session.scalars(select(HalfDayRow).where(*_is(half_day))).one_or_none()
        present = _shots(session, half_day)
        notes = self._notes(session, half_day)
        if row is None:
            return Reconciliation(half_day, None, present, notes)
        first = _signature(row.first_by, row.first_at, row.first_digest)
        listed = None if row.listed is None else frozenset(row.listed)
        if row.frozen is None:
            return Reconciliation(half_day, row.counted, present, notes, first, listed=listed)
        frozen = {shot: ArrivedShotState(where) for shot, where in row.frozen.items()}
        second = _signature(row.second_by, row.second_at, row.first_digest)
        late, moved = late_entries(frozen, present), moved_since(frozen, present)
        return Reconciliation(half_day, row.counted, frozen, notes, first, second, late, moved, listed)

    def _notes(self, session: Session, half_day: HalfDay) -> dict[str, str]:
        query = select(HalfDayNoteRow.about, HalfDayNoteRow.sealed).where(
            HalfDayNoteRow.booth_id == half_day.booth_id, HalfDayNoteRow.name == half_day.name
        )
        return {
            row.about: self._office_keys.open(_KIND, f"{half_day.subject}\0{row.about}", row.sealed).decode()
            for row in session.execute(query)
        }


def _bounds(half_day: HalfDay) -> dict[str, object]:
    """The values that are inserted into `_UNSIGNED`: numbers and a half day's name, no text that somebody typed."""
    begin, end = map(epoch_ms, (half_day.begin, half_day.end))
    return {"begin": begin, "end": end, "name": half_day.name}


def _is(half_day: HalfDay) -> tuple[ColumnElement[bool], ...]:
    return HalfDayRow.booth_id == half_day.booth_id, HalfDayRow.name == half_day.name


def _signature(by: str | None, at: datetime | None, digest: str | None) -> Signature | None:
    return None if by is None or at is None or digest is None else Signature(by, at, digest)


def _shots(session: Session, half_day: HalfDay) -> Mapping[str, ArrivedShotState]:
    """The shots that the booth took in the half day, with the present state of each."""
    query = select(ShotRow.shot_id, ShotRow.stage, ShotRow.decision, ShotRow.replaced_by).where(
        ShotRow.booth_id == half_day.booth_id, ShotRow.taken_at >= half_day.begin, ShotRow.taken_at < half_day.end
    )
    return {row.shot_id: _state_of(row.stage, row.decision, row.replaced_by) for row in session.execute(query)}


def _state_of(stage: str, decision: str | None, replaced_by: str | None) -> ArrivedShotState:
    if stage == Stage.QUEUED.value:
        return ArrivedShotState.WAITING
    if stage != Stage.DECIDED.value or decision is None:
        return ArrivedShotState.SPOILT
    return ArrivedShotState.REPLACED if replaced_by is not None else ArrivedShotState(decision)
