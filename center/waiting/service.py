"""The queue of numbers: phones and other devices take numbers, staff call these in order and note whether the person
came.

Every change locks the day's row, so changes come one after the other on SQLite as on PostgreSQL. No number is given or
called twice, none is lost, and the order is kept, except for people who did not come when called.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.orm import Session

from center.audit.service import Audit
from center.makeup.service import MakeupQueue
from center.platform.clock import Clock
from center.platform.database import Database, upsert
from center.platform.faults import Conflict
from center.platform.tokens import hash_of
from center.season.service import Seasons
from center.shots.counts import day_number, numbered_day
from center.waiting.model import LATELY, NumberState, Refusal, Turn, is_full, open_s, pace_s
from center.waiting.tables import WaitingDayRow, WaitingNumberRow
from rules.season import SeasonState, day_in_china, season_state

KEPT_DAYS = 30
"""How many days the numbers of a day are kept, without their devices, to show how busy days were."""
SERVED = (SeasonState.OPEN, SeasonState.YEAR_UNCONFIRMED)
_CALLED = (NumberState.CALLED, NumberState.MISSED)


@dataclass(frozen=True, slots=True)
class OwnNumber:
    """The number that a device took. `ahead`: how many waiting numbers are lower; `wait_s`: seconds until its turn, if
    numbers go on to be called at the present pace.
    """

    number: int
    state: NumberState
    ahead: int
    wait_s: float


@dataclass(frozen=True, slots=True)
class Taken:
    """The result of asking for a number. `held`: the device's number; None if it got none (`refusal` says why).
    `device`: the device's token, for its cookie."""

    held: OwnNumber | None
    device: str
    refusal: Refusal | None = None


@dataclass(frozen=True, slots=True)
class QueueState:
    """The queue now. `called`: the numbers of people who were called and have not come yet, in the order of the calls;
    `pace_s`: seconds from one call to the next."""

    called: tuple[int, ...]
    missed: tuple[int, ...]
    waiting: tuple[int, ...]
    served: int
    pace_s: float
    refusal: Refusal | None  # why nobody can take a number now
    closed: bool  # whether staff closed the queue


class WaitingNumbers:
    """Today's queue. Threads may share it."""

    def __init__(self, database: Database, audit: Audit, seasons: Seasons, booths: MakeupQueue, clock: Clock) -> None:
        self._database = database
        self._audit = audit
        self._seasons = seasons
        self._booths = booths
        self._clock = clock
        self._forgot_on: int | None = None

    def state(self) -> QueueState:
        """The queue at this moment. Raises `Unavailable`."""
        return self.seen_by("")[0]

    def seen_by(self, device: str) -> tuple[QueueState, OwnNumber | None]:
        """The queue at this moment, and the number that the device has today (also one that was missed or that staff
        ended); None if it has none. Raises `Unavailable`.
        """
        serving = self._booths.now().serving
        with self._database.read() as session:
            state = self._state(session, serving)
            row = self._of(session, device) if device else None
        return state, None if row is None else _own(row, state)

    def take(self, device: str = "") -> Taken:
        """Give a device a number: its present one, or the next one if it has none or if staff ended it.

        `device`: the device's token, or "" for a new device. Raises `Unavailable`.
        """
        serving = self._booths.now().serving
        with self._database.write() as session:
            day = self._hold(session)
            state = self._state(session, serving)
            before = self._of(session, device) if device else None
            if before is not None and before.state != NumberState.ENDED:
                return Taken(_own(before, state), device)
            if state.refusal is not None:
                return Taken(None, device, state.refusal)
            if before is not None:
                before.device = None
            device = secrets.token_urlsafe(16)
            day.newest += 1
            row = WaitingNumberRow(
                day=day.day,
                number=day.newest,
                state=NumberState.WAITING,
                device=hash_of(device),
                taken_at=self._clock(),
            )
            session.add(row)
            return Taken(_own(row, state), device)

    def give_back(self, device: str) -> None:
        """End the device's number, because its holder does not want it any more."""
        with self._database.write() as session:
            self._hold(session)
            if (row := self._of(session, device)) is not None:
                self._end(row, NumberState.LEFT)

    def call_next(self) -> int | None:
        """Call the lowest waiting number; None if nobody waits."""
        with self._database.write() as session:
            day = self._hold(session)
            row = session.scalars(
                select(WaitingNumberRow)
                .where(WaitingNumberRow.day == day.day, WaitingNumberRow.state == NumberState.WAITING)
                .order_by(WaitingNumberRow.number)
                .limit(1)
            ).first()
            if row is None:
                return None
            row.state, row.called_at = NumberState.CALLED, self._clock()
            return row.number

    def note_arrival(self, number: int, *, came: bool) -> None:
        """Note whether the person with a called number came. Raises `Conflict` if the number is not called now, because
        another desk was quicker."""
        self._change(number, NumberState.CALLED, NumberState.SERVED if came else NumberState.MISSED)

    def call_again(self, number: int) -> None:
        """Call a missed number again. Raises `Conflict`."""
        self._change(number, NumberState.MISSED, NumberState.CALLED)

    def close(self, who: str, *, closed: bool = True) -> None:
        """Give no further numbers today, or start to give them again; numbers already given keep their turn."""
        with self._database.write() as session:
            day = self._hold(session)
            now = self._clock()
            day.closed_at, day.closed_by = (now, who) if closed else (None, None)
            self._audit.append(
                session, now, who, "waiting.closed" if closed else "waiting.opened", numbered_day(day.day).isoformat()
            )

    def end_from(self, who: str, first: int) -> int:
        """End the waiting numbers from `first` on, because their holders have left; returns how many."""
        with self._database.write() as session:
            day = self._hold(session)
            now = self._clock()
            ended = session.scalars(
                update(WaitingNumberRow)
                .where(
                    WaitingNumberRow.day == day.day,
                    WaitingNumberRow.state == NumberState.WAITING,
                    WaitingNumberRow.number >= first,
                )
                .values(state=NumberState.ENDED, ended_at=now)
                .returning(WaitingNumberRow.number)
                .execution_options(synchronize_session=False)
            ).all()
            detail: dict[str, str | int] = {"from_number": first, "numbers": len(ended)}
            self._audit.append(session, now, who, "waiting.ended", numbered_day(day.day).isoformat(), detail)
        return len(ended)

    def forget(self) -> None:
        """Once a day: delete the devices of earlier days, and the numbers of days long past. Raises `Unavailable`."""
        today = self._today()
        if self._forgot_on == today:
            return
        with self._database.write() as session:
            session.execute(update(WaitingNumberRow).where(WaitingNumberRow.day < today).values(device=None))
            for table in (WaitingNumberRow, WaitingDayRow):
                session.execute(delete(table).where(table.day < today - KEPT_DAYS))
        self._forgot_on = today

    def _change(self, number: int, before: NumberState, after: NumberState) -> None:
        with self._database.write() as session:
            day = self._hold(session)
            row = session.get(WaitingNumberRow, (day.day, number))
            if row is None or row.state != before:
                raise Conflict("somebody else has just changed number {number}: load the page again", number=number)
            if after is NumberState.SERVED:
                self._end(row, after)
            else:
                row.state = after
                row.called_at = self._clock() if after is NumberState.CALLED else row.called_at

    def _end(self, row: WaitingNumberRow, state: NumberState) -> None:
        row.state, row.ended_at, row.device = state, self._clock(), None

    def _hold(self, session: Session) -> WaitingDayRow:
        """Today's row, locked until the transaction ends."""
        today = self._today()
        fresh = upsert(session, WaitingDayRow).values(day=today, newest=0).on_conflict_do_nothing()
        session.execute(fresh)
        row = session.get(WaitingDayRow, today, with_for_update=True, populate_existing=True)
        assert row is not None, "it was just made"
        return row

    def _of(self, session: Session, device: str) -> WaitingNumberRow | None:
        return session.scalars(
            select(WaitingNumberRow).where(
                WaitingNumberRow.day == self._today(), WaitingNumberRow.device == hash_of(device)
            )
        ).first()

    def _state(self, session: Session, serving: int) -> QueueState:
        """The queue at this moment.

        Hundreds of phones ask for it, so the queries read only what is needed: the number of each waiting turn, and how
        many people were served.
        """
        now, today = self._clock(), self._today()
        mine = WaitingNumberRow.day == today
        columns = WaitingNumberRow.number, WaitingNumberRow.state, WaitingNumberRow.taken_at, WaitingNumberRow.called_at
        needed = or_(WaitingNumberRow.state.in_(_CALLED), WaitingNumberRow.called_at > now - LATELY)
        called = session.execute(select(*columns).where(mine, needed).order_by(WaitingNumberRow.number)).all()
        queued = select(WaitingNumberRow.number).where(mine, WaitingNumberRow.state == NumberState.WAITING)
        waiting = session.scalars(queued.order_by(WaitingNumberRow.number)).all()
        served = select(func.count()).where(mine, WaitingNumberRow.state == NumberState.SERVED)
        turns = [Turn(row.number, row.taken_at, row.called_at) for row in called]
        if waiting:
            taken_at = select(WaitingNumberRow.taken_at).where(mine, WaitingNumberRow.number == waiting[0])
            turns.append(Turn(waiting[0], session.execute(taken_at).scalar_one(), None))
        day = session.get(WaitingDayRow, today)
        closed = day is not None and day.closed_at is not None
        by_call = sorted(called, key=lambda row: (row.called_at, row.number))
        return QueueState(
            called=_in(by_call, NumberState.CALLED),
            missed=_in(called, NumberState.MISSED),
            waiting=tuple(waiting),
            served=session.execute(served).scalar_one(),
            pace_s=pace_s(turns, serving, now),
            refusal=self._refusal(session, len(waiting), serving, closed=closed),
            closed=closed,
        )

    def _refusal(self, session: Session, waiting: int, serving: int, *, closed: bool) -> Refusal | None:
        now, table = self._clock(), self._seasons.table_in(session)
        if season_state(now, True, table).state not in SERVED:
            return Refusal.NOT_OPEN
        if closed:
            return Refusal.CLOSED
        hours = table.rules.exception(day_in_china(now))
        left_s = open_s(table.rules.hours if hours is None else hours.hours, now)
        return Refusal.FULL if is_full(waiting, serving, left_s) else None

    def _today(self) -> int:
        return day_number(day_in_china(self._clock()))


def _own(row: WaitingNumberRow, state: QueueState) -> OwnNumber:
    ahead = sum(number < row.number for number in state.waiting)
    return OwnNumber(row.number, NumberState(row.state), ahead, (ahead + 1) * state.pace_s)


def _in(rows: Sequence[object], state: NumberState) -> tuple[int, ...]:
    return tuple(row.number for row in rows if row.state == state)  # type: ignore[attr-defined]
