"""Rules about stills: whether staff who answer a call may see the graduate through the camera.

They may see the graduate only while the graduate agrees. The agreement belongs to the help screen of one call: it ends
when the call ends or that screen is left, and also when no face is seen for as long as two people need to change
places. Staff never see anybody who did not agree.
"""

from kiosk.core import events as ev
from kiosk.core.events import Agreement, Event
from kiosk.core.session.draft import Draft
from kiosk.core.session.state import AWAY_NS, Session, SessionPolicy, State


def offers_stills(session: Session) -> bool:
    """Whether the screen asks for the agreement, or shows that it was given. This is so if staff know of the call and
    the booth already watches who sits there, as it does once the person is known."""
    called = session.state is State.STAFF_HELP and session.call is not None and session.call_state is not None
    return called and session.person is not None


def shows_stills(session: Session) -> bool:
    """Whether stills may be shown now: the graduate agrees, and a face is seen."""
    return session.agreement is Agreement.GIVEN and session.left_ns is None


def may_agree(session: Session, _event: Event, _policy: SessionPolicy) -> bool:
    return offers_stills(session) and session.agreement is not Agreement.GIVEN


def agreed(session: Session, _event: Event, _policy: SessionPolicy) -> bool:
    return session.agreement is Agreement.GIVEN


def not_answered(session: Session, _event: Event, _policy: SessionPolicy) -> bool:
    return offers_stills(session) and session.agreement is Agreement.NONE


def agreed_and_left(session: Session, event: Event, _policy: SessionPolicy) -> bool:
    """The graduate agreed, and no face was seen for so long that somebody else may sit there now."""
    return session.agreed_seen_ns is not None and event.at_ns - session.agreed_seen_ns >= AWAY_NS


def lost_while_agreed(session: Session, event: Event, _policy: SessionPolicy) -> bool:
    """The office, or the connection to it, no longer takes part in the open call."""
    return isinstance(event, ev.HelpLost) and event.request == session.call and session.agreement is Agreement.GIVEN


def agree(draft: Draft) -> None:
    draft.set(agreement=Agreement.GIVEN, agreed_seen_ns=draft.event.at_ns)


def refuse(draft: Draft) -> None:
    draft.set(agreement=Agreement.REFUSED)


def end_agreement(draft: Draft) -> None:
    draft.set(agreement=Agreement.ENDED, agreed_seen_ns=None)


def see_agreeing(draft: Draft) -> None:
    """Note that the face of the person who agreed is still seen."""
    if isinstance(draft.event, ev.SeatSeen) and draft.event.faces:
        draft.set(agreed_seen_ns=draft.event.at_ns)
