"""A shot's way through the office, as values.

    received ──opened, rules hold──> queued ──claim──> claimed ──decide──> provisional ──time──> final
       │                               ^  ^               │                     │                  │
       └─rules broken──> refused       │  └─skip, lease───┘                     │                  │
                (opened again on resend)│    runs out                            │                  │
                                        └──────────────── undo (own, in time) ───┘                  │
                                        └──────────────── reopen (supervisor) ──────────────────────┘

Stored is only the `Stage`; claimed and final are matters of time and judged against `now` wherever they are asked,
so no job has to expire leases or finish decisions, and a stopped office owes nothing to a timer.

Every move carries the version its maker saw and makes a new one. A lease only tells colleagues to stay away; what
decides is the version: who still has the newest one may act even if the lease ran out meanwhile.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from center.platform.faults import DecisionFinal, MovedOn
from wire.verdict import Decision


class Stage(StrEnum):
    """What is stored of a shot's state."""

    RECEIVED = "received"  # durably stored, not opened yet
    REFUSED = "refused"  # opened, breaks a rule; bytes and reasons are kept
    QUEUED = "queued"  # verified, waits for staff
    DECIDED = "decided"  # staff decided


class State(StrEnum):
    """A shot's state at a moment."""

    RECEIVED = "received"
    REFUSED = "refused"
    QUEUED = "queued"
    CLAIMED = "claimed"  # somebody looks at it, until the lease runs out
    PROVISIONAL = "provisional"  # decided, can be undone; nobody has heard
    FINAL = "final"  # decided, the graduate hears it
    REPLACED = "replaced"  # was approved, and a later shot of the person was approved in its place


@dataclass(frozen=True, slots=True)
class Shot:
    """What moves of a shot. Accounts are named by id; `touched_*` is the last move."""

    shot_id: str
    stage: Stage
    version: int = 1
    holder: str | None = None
    lease_until: datetime | None = None
    decision: Decision | None = None
    decided_by: str | None = None
    decided_at: datetime | None = None
    final_at: datetime | None = None
    told: bool = False  # the decision is in the booth's feed
    replaced_by: str | None = None
    touched_by: str | None = None
    touched_at: datetime | None = None

    def state(self, now: datetime) -> State:
        """The state at `now`."""
        match self.stage:
            case Stage.RECEIVED:
                return State.RECEIVED
            case Stage.REFUSED:
                return State.REFUSED
            case Stage.QUEUED:
                leased = self.holder is not None and self.lease_until is not None and now < self.lease_until
                return State.CLAIMED if leased else State.QUEUED
            case Stage.DECIDED if self.replaced_by is not None:
                return State.REPLACED
            case Stage.DECIDED:
                assert self.final_at is not None, "a decision has its end"
                return State.FINAL if self.told or now >= self.final_at else State.PROVISIONAL


def claim(shot: Shot, who: str, now: datetime, lease: timedelta) -> Shot:
    """`who` takes the shot to look at it; one's own again is fine (the page was loaded anew). Raises `MovedOn`."""
    state = shot.state(now)
    if state is not State.QUEUED and not (state is State.CLAIMED and shot.holder == who):
        raise _moved_on(shot, now)
    return _moved(shot, who, now, holder=who, lease_until=now + lease)


def renew(shot: Shot, who: str, version: int, now: datetime, lease: timedelta) -> Shot:
    """The page is still looked at: a longer lease, the same version. Raises `MovedOn`."""
    _held(shot, who, version, now)
    return replace(shot, lease_until=now + lease)


def release(shot: Shot, who: str, version: int, now: datetime) -> Shot:
    """Give the shot back to the queue undecided (skip, back, leaving). Raises `MovedOn`."""
    _held(shot, who, version, now)
    return _moved(shot, who, now, holder=None, lease_until=None)


def set_aside(shot: Shot, who: str, version: int, now: datetime) -> Shot:
    """Out of the queue: its envelope can't be read any more. The booth may bring it again. Raises `MovedOn`."""
    _held(shot, who, version, now)
    return replace(_moved(shot, who, now, holder=None, lease_until=None), stage=Stage.REFUSED)


def answer(shot: Shot, who: str, version: int, now: datetime, lease: timedelta) -> Shot:
    """The holder answered what a flag asks: a new version, still held, for a whole lease. Raises `MovedOn`."""
    _held(shot, who, version, now)
    return _moved(shot, who, now, holder=who, lease_until=now + lease)


def decide(shot: Shot, who: str, version: int, decision: Decision, now: datetime, undo: timedelta) -> Shot:
    """The holder decides; for `undo` it is provisional. Raises `MovedOn`."""
    _held(shot, who, version, now)
    return replace(
        _moved(shot, who, now, holder=None, lease_until=None),
        stage=Stage.DECIDED,
        decision=decision,
        decided_by=who,
        decided_at=now,
        final_at=now + undo,
    )


def undo(shot: Shot, who: str, version: int, now: datetime, lease: timedelta) -> Shot:
    """Take one's own provisional decision back and hold the shot again. Raises `MovedOn`, `DecisionFinal`."""
    state = shot.state(now)
    if shot.version != version or shot.decided_by != who or state not in (State.PROVISIONAL, State.FINAL):
        raise _moved_on(shot, now)
    if state is State.FINAL:
        raise DecisionFinal(shot.shot_id)
    return _moved(_undecided(shot), who, now, holder=who, lease_until=now + lease)


def reopen(shot: Shot, who: str, version: int, now: datetime) -> Shot:
    """Put a finally decided shot back into the queue (supervisors). Raises `MovedOn`."""
    if shot.version != version or shot.state(now) is not State.FINAL:
        raise _moved_on(shot, now)
    return _moved(_undecided(shot), who, now, holder=None, lease_until=None)


def _held(shot: Shot, who: str, version: int, now: datetime) -> None:
    if shot.stage is not Stage.QUEUED or shot.holder != who or shot.version != version:
        raise _moved_on(shot, now)


def _moved(shot: Shot, who: str, now: datetime, *, holder: str | None, lease_until: datetime | None) -> Shot:
    return replace(
        shot, version=shot.version + 1, holder=holder, lease_until=lease_until, touched_by=who, touched_at=now
    )


def _undecided(shot: Shot) -> Shot:
    return replace(shot, stage=Stage.QUEUED, decision=None, decided_by=None, decided_at=None, final_at=None, told=False)


def _moved_on(shot: Shot, now: datetime) -> MovedOn:
    return MovedOn(shot.shot_id, shot.state(now).value, shot.touched_by, shot.touched_at)
