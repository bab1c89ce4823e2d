"""Notices when somebody else may have taken the seat of the person who said who they are.

The booth never compares faces. It only knows when a face was seen and when none was: after an absence in which two
people could have changed places, it asks the person in the seat once more (ADR 078). The absence counts in every state
from the moment a person says who they are until the shot. A frame that is missing counts neither as presence nor as
absence.
"""

from dataclasses import replace

from kiosk.core import events as ev
from kiosk.core.events import Event
from kiosk.core.inputs import Sight
from kiosk.core.session import effects as fx
from kiosk.core.session.cards_and_codes import new_code
from kiosk.core.session.draft import Draft
from kiosk.core.session.staff_help import end_call
from kiosk.core.session.state import AWAY_NS, Session, SessionPolicy, State
from kiosk.core.session.taking import drop_takes, has_usable_take

SITS_DOWN_NS = 10_000_000_000
"""A person who says who they are while standing is expected to be seen in the seat within this time. Nine of ten people
in the crowd of docs/crowd.md walk in and sit down within 8 s. For one person to leave and another to sit down takes 7 s
(median)."""


def faces_of(event: Event) -> int:
    """How many faces a look at a live frame found; 0 for any other event."""
    if isinstance(event, ev.Measured | ev.LooksSeen):
        return event.measures.faces
    return event.faces if isinstance(event, ev.SeatSeen) else 0


def after_look(session: Session, faces: int, at_ns: int) -> Session:
    """`session` after one look that found `faces` faces."""
    if faces:
        changed = session.changed or _was_long(session, at_ns)
        return replace(session, left_ns=None, seated=True, changed=changed)
    if session.left_ns is None and session.seated:
        return replace(session, left_ns=at_ns)
    return session


def claimed(session: Session, at_ns: int) -> Session:
    """`session` after somebody has said who they are: from now on the seat counts as theirs. A person who still stands
    outside the picture is expected to sit down soon."""
    in_picture = session.seated and session.left_ns is None
    return replace(session, left_ns=None if in_picture else at_ns, seated=in_picture, changed=False)


def _was_long(session: Session, at_ns: int) -> bool:
    """Whether the absence that ends now was long enough for two people to change places."""
    limit_ns = AWAY_NS if session.seated else SITS_DOWN_NS
    return session.left_ns is not None and at_ns - session.left_ns >= limit_ns


def somebody_else_may_sit(session: Session, event: Event, _policy: SessionPolicy) -> bool:
    """A face is seen now, but since the person said who they are, the seat was empty for so long that two people could
    have changed places."""
    faces = faces_of(event)
    return bool(faces) and after_look(session, faces, event.at_ns).changed


def came_after_another(session: Session, _event: Event, _policy: SessionPolicy) -> bool:
    """Since the person on the screen was identified, somebody else may have sat down."""
    return session.changed


def comes_after_another_with_papers(session: Session, event: Event, policy: SessionPolicy) -> bool:
    """Somebody else may have sat down, and the card or number that is shown does not belong to the person on the
    screen. If that person still has a take that can become a photo, only a card that differs from that person's card
    proves that somebody else sits there. Any other card, number or barcode may belong to the same person, for example
    the card of a person who was identified by a code. Then the buttons of the question decide."""
    other_card = isinstance(event, ev.CardRead) and event.person != session.card
    if has_usable_take(session, event, policy):
        return session.changed and other_card and session.card is not None
    return session.changed and (other_card or new_code(session, event, policy))


def comes_back_to_the_choice(session: Session, event: Event, policy: SessionPolicy) -> bool:
    """The screen shows the takes of one person, at least one of these takes can still become a photo, and somebody else
    may have sat down."""
    return has_usable_take(session, event, policy) and (
        session.changed or somebody_else_may_sit(session, event, policy)
    )


def is_asked_in_the_choice(session: Session, event: Event, policy: SessionPolicy) -> bool:
    """CONFIRM interrupts the choice of a take, or the pose for a further take; only then do takes exist in CONFIRM."""
    return session.state is State.CONFIRM and has_usable_take(session, event, policy)


def claim_seat(draft: Draft) -> None:
    draft.session = claimed(draft.session, draft.event.at_ns)


def watch_seat(draft: Draft) -> None:
    """Watch who comes and goes, but only once the person is known; before that the booth looks at nobody."""
    draft.set(held_since_ns=None)
    if draft.session.person is not None:
        draft.ask(lambda number: fx.Watch(number, on=True, sight=Sight.SEAT))


def see_seat(draft: Draft) -> None:
    assert isinstance(draft.event, ev.SeatSeen)
    draft.session = after_look(draft.session, draft.event.faces, draft.event.at_ns)


def ask_who_sits(draft: Draft) -> None:
    """Somebody else may sit there now. If a take of the former person can still become a photo, delete nothing until
    the question is answered. Otherwise delete what was seen of that person, and what staff did for that person."""
    draft.set(held_since_ns=None, changed=True)
    if has_usable_take(draft.session, draft.event, draft.policy):
        return
    draft.set(tried_in_vain=False, rung=False, waived=None)
    end_call(draft)
    drop_takes(draft)


def drop_lost_takes(draft: Draft) -> None:
    """Delete the takes if none can become a photo any more. Otherwise the screen that asks who sits there would promise
    photos."""
    if draft.session.takes and not has_usable_take(draft.session, draft.event, draft.policy):
        drop_takes(draft)
