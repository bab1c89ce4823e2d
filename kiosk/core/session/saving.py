"""Rules about saving. The screen says that a shot is saved only when the accepted shot is durable."""

from kiosk.core import events as ev
from kiosk.core.events import Event, FinishFault
from kiosk.core.session import effects as fx
from kiosk.core.session.draft import Draft
from kiosk.core.session.flags import flags_of
from kiosk.core.session.state import HelpReason, Session, SessionPolicy, Take
from kiosk.core.session.taking import awaited, best_of, takes_left

SAVE_TRIES = 3


def last_save_try(session: Session, event: Event, policy: SessionPolicy) -> bool:
    return awaited(session, event, policy) and session.save_failures + 1 >= SAVE_TRIES


def saved_late(session: Session, event: Event, policy: SessionPolicy) -> bool:
    """The event is the outcome of exactly the save that the graduate waits for, not of another save."""
    return session.help is HelpReason.NOT_SAVED and awaited(session, event, policy)


def lost_one_of_several(session: Session, event: Event, policy: SessionPolicy) -> bool:
    """The picked photo is lost, and another take may still be saved."""
    others = (take for take in session.takes if take.number != session.picked)
    return awaited(session, event, policy) and any(take.fault is None for take in others)


def lost_the_last(session: Session, event: Event, policy: SessionPolicy) -> bool:
    """The picked photo is lost, and no further take is allowed."""
    return awaited(session, event, policy) and not takes_left(session, event, policy)


def save(draft: Draft) -> None:
    session = draft.session
    assert session.person is not None
    assert session.picked is not None
    assert session.consent_ns is not None
    person, take, consent_ns = session.person, session.picked, session.consent_ns
    flags = flags_of(session, session.takes[take - 1])
    draft.set(
        waiting_for=draft.ask(
            lambda number: fx.Save(
                id=number,
                take=take,
                person=person.key,
                identified_by=person.identified_by,
                row=person.row,
                opaque_codes=session.opaque_codes,
                flags=flags,
                consent_ns=consent_ns,
            )
        )
    )


def count_save_failure(draft: Draft) -> None:
    draft.set(save_failures=draft.session.save_failures + 1)


def note_lost(draft: Draft) -> None:
    """Note that the picked take has no photo any more, so that it can't be picked again."""
    session = draft.session
    takes = tuple(
        Take(take.number, fault=FinishFault.FILE) if take.number == session.picked else take for take in session.takes
    )
    best = best_of(takes)
    number = None if best is None else best.number
    draft.set(takes=takes, proposed=number, picked=number, chosen=None, save_failures=0, waiting_for=None)


def note_receipt(draft: Draft) -> None:
    assert isinstance(draft.event, ev.Saved)
    draft.set(receipt=draft.event.receipt, kept=draft.event.request, waiting_for=None)
