"""Rules about staff's help: why the graduate needs help, the call that rings the desk, and how the session
continues."""

from kiosk.core import events as ev
from kiosk.core.events import Agreement, CallState, Event
from kiosk.core.session import effects as fx
from kiosk.core.session.cards_and_codes import looking_up
from kiosk.core.session.draft import Do, Draft
from kiosk.core.session.state import HelpReason, Session, SessionPolicy, State
from kiosk.core.session.taking import two_attempts_failed
from rules.checks import NEVER_WAIVED
from rules.checks import Policy as CheckPolicy

IN_VAIN = "in_vain"
"""When the booth rings by itself, staff are told this word in place of the name of a screen."""
ASKED = (HelpReason.ASKED, HelpReason.NO_TOP)
"""The reasons of a graduate who asked the desk: for help, or for another top."""
NO_NEWS: dict[str, object] = {
    "call_state": None,
    "answer": None,
    "agreement": Agreement.NONE,
    "agreed_seen_ns": None,
}
"""The values for a call that has just begun or ended: nothing is known of it yet. Each call asks again whether staff
may see the graduate."""


def of_open_call(session: Session, event: Event, _policy: SessionPolicy) -> bool:
    return isinstance(event, ev.CallStands | ev.HelpDirected) and event.request == session.call


def ended_by_staff(session: Session, event: Event, policy: SessionPolicy) -> bool:
    """Staff ended the open call, because they have helped or nobody needed help."""
    return of_open_call(session, event, policy) and isinstance(event, ev.CallStands) and event.state is CallState.ENDED


def ended_before_going_on(session: Session, event: Event, policy: SessionPolicy) -> bool:
    """Staff ended the open call of a graduate who asked for help. A graduate whom the booth sent to the desk still has
    to go there."""
    return session.help in ASKED and ended_by_staff(session, event, policy) and can_go_back(session, event, policy)


def may_waive(session: Session, event: Event, policy: SessionPolicy) -> bool:
    """Staff waived a check of this session, and this check may be waived. A session has at most one waived
    check, which stays waived."""
    named = event.release if isinstance(event, ev.HelpDirected) and of_open_call(session, event, policy) else None
    open_to_it = {rule.check for rule in policy.live_rules if rule.policy is CheckPolicy.REQUIRED} - NEVER_WAIVED
    return session.waived is None and named in open_to_it


def nothing_to_save(session: Session, _event: Event, _policy: SessionPolicy) -> bool:
    """No photo waits to be saved: the booth sent the graduate to staff for another reason."""
    return session.help is not HelpReason.NOT_SAVED


def nobody_comes(session: Session, event: Event, policy: SessionPolicy) -> bool:
    """The graduate waits for nothing: there is no photo to save, and no call that staff have seen."""
    return nothing_to_save(session, event, policy) and session.call_state is None


def staff_know(session: Session, event: Event, policy: SessionPolicy) -> bool:
    """Staff have seen the call, and there is no photo that the booth still has to save."""
    return nothing_to_save(session, event, policy) and session.call_state is not None


def can_go_back(session: Session, _event: Event, _policy: SessionPolicy) -> bool:
    return session.resume is not None


def help_for(reason: HelpReason) -> Do:
    def do(draft: Draft) -> None:
        draft.set(help=reason, resume=None)

    return do


def help_and_back(reason: HelpReason) -> Do:
    def do(draft: Draft) -> None:
        draft.set(help=reason, resume=draft.session.state)

    return do


def call_staff(draft: Draft) -> None:
    """Ring the desk; staff are told the state in which the graduate needed help."""
    send_call(draft, draft.session.state.value)


def send_call(draft: Draft, screen: str) -> None:
    draft.set(call=draft.ask(lambda number: fx.CallStaff(number, screen)), **NO_NEWS)


def send_call_after_two_attempts(draft: Draft) -> None:
    """Ring the desk if two attempts were in vain, but only once in a session; the screen stays."""
    if not draft.session.rung and draft.session.call is None and two_attempts_failed(draft.session):
        send_call(draft, IN_VAIN)
        draft.set(rung=True)


def end_call(draft: Draft) -> None:
    if draft.session.call is not None:
        draft.set(call=None, **NO_NEWS)
        draft.ask(fx.EndCall)


def note_call_state(draft: Draft) -> None:
    """Note news of the call."""
    assert isinstance(draft.event, ev.CallStands)
    draft.set(call_state=draft.event.state, answer=draft.event.line)


def note_call(draft: Draft) -> None:
    """Note news of the call and postpone the deadline: the graduate waits for staff, or reads their answer."""
    note_call_state(draft)
    draft.set(active_ns=draft.event.at_ns)


def waive_check(draft: Draft) -> None:
    """Staff waived a check. Bursts that failed before no longer count."""
    assert isinstance(draft.event, ev.HelpDirected)
    draft.set(waived=draft.event.release, failed_bursts=0, shoot_fault=None)


def note_state_to_return_to(draft: Draft) -> None:
    """Note the present state: `back` returns to it."""
    draft.set(resume=draft.session.state)


def back(session: Session) -> State:
    """The state to which the session returns from STILL_THERE or STAFF_HELP: the interrupted state, if its condition
    is still true."""
    assert session.resume is not None
    if session.resume is State.CHOOSE and all(take.fault is not None for take in session.takes):
        return State.POSE
    if looking_up(session):
        # the roster may have answered in a state that ignores the answer, so card and code are looked up again
        return State.IDENTIFY
    return session.resume
