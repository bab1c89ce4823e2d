"""Rules about takes: the burst, the finished takes, and the one that the graduate picks."""

from dataclasses import replace

from kiosk.core import events as ev
from kiosk.core.events import Event
from kiosk.core.session import effects as fx
from kiosk.core.session.draft import Draft
from kiosk.core.session.state import Session, SessionPolicy, Take

BURST_TRIES = 3
ATTEMPTS_BEFORE_RING = 2
"""After this many attempts in vain the booth rings the desk without being asked."""


def is_excused(session: Session) -> bool:
    """Whether only the essential checks can prevent the shot."""
    return session.reason is not None or session.tried_in_vain


def failures_of(session: Session, take: Take) -> tuple[str, ...]:
    """The required checks that `take` failed, except the one that staff waived."""
    return tuple(check for check in take.failures if check != session.waived)


def take_to_improve(session: Session) -> Take | None:
    """The last take, if it cannot be used, or if it failed a required check and the graduate gave no reason; else
    None."""
    last = session.takes[-1] if session.takes else None
    if last is None or (last.fault is None and (not failures_of(session, last) or session.reason is not None)):
        return None
    return last


def two_attempts_failed(session: Session) -> bool:
    """Whether two attempts at this shot were in vain. An attempt is in vain if its burst failed, if its take can't be
    used, or if its take failed a required check and the graduate gave no reason."""
    lacking = [take for take in session.takes if take.fault is not None or failures_of(session, take)]
    return session.reason is None and session.failed_bursts + len(lacking) >= ATTEMPTS_BEFORE_RING


def awaited(session: Session, event: Event, _policy: SessionPolicy) -> bool:
    return (
        isinstance(event, ev.BurstTaken | ev.BurstFailed | ev.Saved | ev.SaveFailed | ev.PhotoLost)
        and event.request == session.waiting_for
    )


def last_burst_try(session: Session, event: Event, policy: SessionPolicy) -> bool:
    return awaited(session, event, policy) and session.failed_bursts + 1 >= BURST_TRIES


def is_last_try(session: Session, policy: SessionPolicy) -> bool:
    """Whether no take so far became a photo, and this try is the last."""
    in_vain_so_far = all(take.fault is not None for take in session.takes)
    last_take = bool(session.takes) and len(session.takes) + 1 >= policy.max_takes
    return in_vain_so_far and (last_take or session.failed_bursts + 1 >= BURST_TRIES)


def last_burst_try_with_usable_take(session: Session, event: Event, policy: SessionPolicy) -> bool:
    return last_burst_try(session, event, policy) and has_usable_take(session, event, policy)


def has_usable_take(session: Session, _event: Event, _policy: SessionPolicy) -> bool:
    """An earlier take is a legal photo or is still being finished."""
    return any(take.fault is None for take in session.takes)


def nothing_finished(session: Session, _event: Event, _policy: SessionPolicy) -> bool:
    return all(take.score is None for take in session.takes)


def of_open_take(session: Session, event: Event, _policy: SessionPolicy) -> bool:
    """The event is the first result of its take; later results of the same take change nothing."""
    if not isinstance(event, ev.TakeFinished | ev.TakeRefused):
        return False
    take = session.take(event.take)
    return take is not None and take.score is None and take.fault is None


def no_usable_take_left(session: Session, event: Event, policy: SessionPolicy) -> bool:
    if not (isinstance(event, ev.TakeRefused) and of_open_take(session, event, policy)):
        return False
    return all(take.fault is not None for take in session.takes if take.number != event.take)


def takes_used_up(session: Session, event: Event, policy: SessionPolicy) -> bool:
    return no_usable_take_left(session, event, policy) and len(session.takes) >= policy.max_takes


def picks_finished_take(session: Session, event: Event, _policy: SessionPolicy) -> bool:
    if not (isinstance(event, ev.Touched) and event.arg.isdecimal()):
        return False
    take = session.take(int(event.arg))
    return take is not None and take.score is not None


def has_picked(session: Session, _event: Event, _policy: SessionPolicy) -> bool:
    return session.picked is not None


def takes_left(session: Session, _event: Event, policy: SessionPolicy) -> bool:
    return len(session.takes) < policy.max_takes


def shoot(draft: Draft) -> None:
    take, decided = len(draft.session.takes) + 1, draft.event.at_ns
    excused = is_excused(draft.session) or is_last_try(draft.session, draft.policy)
    waived = draft.session.waived
    draft.set(waiting_for=draft.ask(lambda number: fx.Shoot(number, take, decided, excused, waived)))


def count_burst_failure(draft: Draft) -> None:
    assert isinstance(draft.event, ev.BurstFailed)
    draft.set(shoot_fault=draft.event.fault, failed_bursts=draft.session.failed_bursts + 1, waiting_for=None)


def add_take(draft: Draft) -> None:
    assert isinstance(draft.event, ev.BurstTaken)
    number = draft.event.take
    draft.set(
        takes=(*draft.session.takes, Take(number)), chosen=None, waiting_for=None, failed_bursts=0, shoot_fault=None
    )
    draft.ask(lambda effect: fx.Finish(effect, number))


def best_of(takes: tuple[Take, ...]) -> Take | None:
    """The best finished take; None if there is none."""
    return max((take for take in takes if take.score is not None), key=_likely_to_pass, default=None)


def note_finished(draft: Draft) -> None:
    """Propose the best finished take. Also pick it, unless the graduate has chosen a take since the last capture."""
    event = draft.event
    assert isinstance(event, ev.TakeFinished)
    told = {"score": event.score, "warnings": event.warnings, "doubts": event.doubts, "failures": event.failures}
    takes = tuple(
        replace(take, **told) if take.number == event.take else take  # type: ignore[arg-type]  # as in Draft.set
        for take in draft.session.takes
    )
    best = best_of(takes)
    assert best is not None, "one was just finished"
    draft.set(takes=takes, proposed=best.number, picked=draft.session.chosen or best.number)


def _likely_to_pass(take: Take) -> tuple[int, int, float]:
    """A sort key. Takes with failed checks come last, however good their other values are; before them come takes
    with checks that gave no result."""
    return -len(take.failures), -len(take.doubts), take.score or 0.0


def note_refused(draft: Draft) -> None:
    event = draft.event
    assert isinstance(event, ev.TakeRefused)
    draft.set(
        takes=tuple(
            replace(take, fault=event.fault) if take.number == event.take else take for take in draft.session.takes
        )
    )


def pick(draft: Draft) -> None:
    assert isinstance(draft.event, ev.Touched)
    number = int(draft.event.arg)
    draft.set(chosen=number, picked=number)


def drop_takes(draft: Draft) -> None:
    """Begin another shot of the same person; keep only the reasons why the last shot was rejected."""
    draft.set(
        takes=(),
        proposed=None,
        chosen=None,
        picked=None,
        failed_bursts=0,
        shoot_fault=None,
        save_failures=0,
        receipt=None,
        kept=None,
        reason=None,
    )
    draft.ask(fx.DropTakes)
