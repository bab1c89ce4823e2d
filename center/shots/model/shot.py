"""A shot's way through the office: its states, and the actions that lead from one to the next. Pure.

    received ──opened, rules hold──> queued ──claim──> claimed ──decide──> provisional ──time──> final
       │                               ^  ^               │                     │                  │
       └─rules broken──> refused       │  └─skip, lease───┘                     │                  │
                (opened again on resend)│    runs out                            │                  │
                                        └──────────────── undo (own, in time) ───┘                  │
                                        └──────────────── reopen (supervisor) ──────────────────────┘

Only the `Stage` is stored; claimed and final depend on time and are computed from `now` where they are needed, so no
job has to expire leases or finalise decisions. Every action names the version of the shot that it is based on, and
makes a new version. A lease only keeps other reviewers away. Only the version decides whether an action is accepted:
a reviewer who names the newest version may act even if the lease has run out.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from center.platform.faults import DecisionFinal, MovedOn
from wire.decision import Decision


class Stage(StrEnum):
    """The stored part of a shot's state."""

    RECEIVED = "received"  # durably stored, not opened yet
    REFUSED = "refused"  # opened, and breaks a rule; or set aside, because its file is lost. The reasons are stored
    QUEUED = "queued"  # verified, waits for staff
    DECIDED = "decided"  # staff decided


class State(StrEnum):
    """A shot's state at a given time."""

    RECEIVED = "received"
    REFUSED = "refused"
    QUEUED = "queued"
    CLAIMED = "claimed"  # leased to a reviewer, until the lease runs out
    PROVISIONAL = "provisional"  # decided, can be undone; not in the booth's feed yet
    FINAL = "final"  # decided; the booth reads it in its feed
    REPLACED = "replaced"  # was approved, and a later shot of the person was approved in its place


@dataclass(frozen=True, slots=True)
class Shot:
    """The part of a shot that changes: its stage, version, lease and decision. Accounts are named by id.
    `touched_by`, `touched_at`: who did the last action, and when."""

    shot_id: str
    stage: Stage
    version: int = 1
    holder: str | None = None
    lease_until: datetime | None = None
    decision: Decision | None = None
    decided_by: str | None = None
    decided_at: datetime | None = None
    final_at: datetime | None = None
    in_feed: bool = False  # whether the decision is in the booth's feed already, so that it can't be undone
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
                return State.FINAL if self.in_feed or now >= self.final_at else State.PROVISIONAL


def claim(shot: Shot, who: str, now: datetime, lease: timedelta) -> Shot:
    """Lease the shot to `who`; repeating it is allowed (the page was reloaded). Raises `MovedOn`."""
    state = shot.state(now)
    if state is not State.QUEUED and not (state is State.CLAIMED and shot.holder == who):
        raise _moved_on(shot, now)
    return _moved(shot, who, now, holder=who, lease_until=now + lease)


def renew(shot: Shot, who: str, version: int, now: datetime, lease: timedelta) -> Shot:
    """Extend the lease; the version stays. Raises `MovedOn`."""
    _held(shot, who, version, now)
    return replace(shot, lease_until=now + lease)


def give_back(shot: Shot, who: str, version: int, now: datetime) -> Shot:
    """Return the shot to the queue undecided, because its reviewer skips it, goes back or leaves. Raises `MovedOn`."""
    _held(shot, who, version, now)
    return _moved(shot, who, now, holder=None, lease_until=None)


def set_aside(shot: Shot, who: str, version: int, now: datetime) -> Shot:
    """Remove the shot from the queue because its envelope is lost. The shot is queued again when the envelope is back:
    the booth asks for the shot's state before it deletes its copy, learns that the envelope is lost, and sends it again
    (`Intake.status`). Raises `MovedOn`."""
    _held(shot, who, version, now)
    return replace(_moved(shot, who, now, holder=None, lease_until=None), stage=Stage.REFUSED)


def answer(shot: Shot, who: str, version: int, now: datetime, lease: timedelta) -> Shot:
    """Record that the holder answered a question: a new version, still leased, with a full lease. Raises `MovedOn`."""
    _held(shot, who, version, now)
    return _moved(shot, who, now, holder=who, lease_until=now + lease)


def decide(shot: Shot, who: str, version: int, decision: Decision, now: datetime, undo: timedelta) -> Shot:
    """Record the holder's decision; provisional for `undo`. Raises `MovedOn`."""
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
    """Undo one's own provisional decision and lease the shot again. Raises `MovedOn`, `DecisionFinal`."""
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
    return replace(
        shot, stage=Stage.QUEUED, decision=None, decided_by=None, decided_at=None, final_at=None, in_feed=False
    )


def _moved_on(shot: Shot, now: datetime) -> MovedOn:
    return MovedOn(shot.shot_id, shot.state(now).value, shot.touched_by, shot.touched_at)
