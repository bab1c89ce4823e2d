"""Rules about the decisions of staff: on earlier shots of the person, and on the shot just taken."""

from kiosk.core import events as ev
from kiosk.core.events import DecisionState, Event
from kiosk.core.identity import Identification
from kiosk.core.session import effects as fx
from kiosk.core.session.cards_and_codes import all_answered
from kiosk.core.session.draft import Draft, Guard
from kiosk.core.session.seat import see_seat
from kiosk.core.session.state import Session, SessionPolicy


def answers_last_question(session: Session, event: Event, _policy: SessionPolicy) -> bool:
    """The event belongs to the shot or person that the session asked about last."""
    return isinstance(event, ev.ShotStands | ev.Recalled) and event.request == session.asked


def event_reports(state: DecisionState) -> Guard:
    """The event answers the last question, and reports the decision `state`."""

    def guard(session: Session, event: Event, policy: SessionPolicy) -> bool:
        told = isinstance(event, ev.ShotStands | ev.Recalled) and event.standing is state
        return told and answers_last_question(session, event, policy)

    return guard


def confirms(state: DecisionState) -> Guard:
    """No look-up is running, and `state` is staff's decision on the person's earlier shots."""

    def guard(session: Session, event: Event, policy: SessionPolicy) -> bool:
        return session.decision is state and all_answered(session, event, policy)

    return guard


def needs_no_photo(session: Session, event: Event, policy: SessionPolicy) -> bool:
    """Staff approved an earlier photo of the person, and no pass asks for another photo."""
    return not session.allowed and confirms(DecisionState.APPROVED)(session, event, policy)


def learns_of_approval(session: Session, event: Event, policy: SessionPolicy) -> bool:
    """The storage reports that staff approved an earlier photo of the person, and no pass asks for another photo. The
    report comes only after the graduate's touch, because the disk is slow."""
    return not session.allowed and event_reports(DecisionState.APPROVED)(session, event, policy)


def with_staff(session: Session, _event: Event, _policy: SessionPolicy) -> bool:
    return session.decision is DecisionState.WITH_STAFF


def not_with_staff(session: Session, event: Event, policy: SessionPolicy) -> bool:
    return not with_staff(session, event, policy)


def somebody_waited(session: Session, event: Event, policy: SessionPolicy) -> bool:
    """Somebody was seen waiting while staff review the photo. In a room that is too dark to see a face this is never
    true, so an empty seat does not end the session early there."""
    return session.seated and with_staff(session, event, policy)


def follow(draft: Draft) -> None:
    """Request a report of every new state of the shot."""
    kept = draft.session.kept
    assert kept is not None
    draft.set(asked=draft.ask(lambda number: fx.Follow(number, kept)), decision=None, reasons=())
    draft.set(seated=False, left_ns=draft.event.at_ns)  # the seat is watched again once staff have the photo


def note_decision(draft: Draft) -> None:
    """Note the state of the shot. The reasons are left out if the graduate was identified by a code alone, which does
    not prove who the graduate is."""
    event, person = draft.event, draft.session.person
    assert isinstance(event, ev.ShotStands | ev.Recalled)
    told = isinstance(event, ev.ShotStands) or (person is not None and person.identified_by is not Identification.CODE)
    draft.set(decision=event.standing, reasons=event.reasons if told else ())
    draft.set(recalled=draft.session.recalled or isinstance(event, ev.Recalled))


def postpone_while_somebody_waits(draft: Draft) -> None:
    """Postpone the deadline while somebody is seen waiting, because nobody else must see the decision."""
    see_seat(draft)
    if isinstance(draft.event, ev.SeatSeen) and draft.event.faces:
        draft.set(active_ns=draft.event.at_ns)
