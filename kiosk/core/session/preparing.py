"""Rules before the pose: the lamps, what the graduate wears, and whether the storage can save a shot."""

from kiosk.core import events as ev
from kiosk.core.events import Event
from kiosk.core.inputs import Sight
from kiosk.core.session import effects as fx
from kiosk.core.session.draft import Draft, marked
from kiosk.core.session.lighting import Lighting, switched_on, tested
from kiosk.core.session.quality import judge_live
from kiosk.core.session.seat import after_look
from kiosk.core.session.staff_decision import answers_last_question
from kiosk.core.session.staff_help import call_staff
from kiosk.core.session.state import Flag, HelpReason, Session, SessionPolicy, State
from rules.checks import CheckId, Verdict

WORN_TOP = frozenset({CheckId.TOP_COLOUR, CheckId.TOP_CONTRAST})


def in_wrong_top(session: Session, _event: Event, _policy: SessionPolicy) -> bool:
    """The top was seen and does not follow the notice; the profile says whether the check then fails or only warns."""
    seen_now = session.looks.checks if session.looks is not None else ()
    return any(one.check in WORN_TOP and one.verdict in (Verdict.FAIL, Verdict.WARN) for one in seen_now)


def ready_in_wrong_top(session: Session, event: Event, policy: SessionPolicy) -> bool:
    """The top does not follow the notice, and the storage has answered: only the top keeps the session from the
    pose."""
    return in_wrong_top(session, event, policy) and storage_answered(session, event, policy)


def answered_and_in_wrong_top(session: Session, event: Event, policy: SessionPolicy) -> bool:
    return in_wrong_top(session, event, policy) and answered_and_ready(session, event, policy)


def storage_answered(session: Session, _event: Event, _policy: SessionPolicy) -> bool:
    """The storage has answered for this person. For each graduate, the storage tries a write before it answers."""
    return session.recalled


def is_ready(session: Session, _event: Event, _policy: SessionPolicy) -> bool:
    return session.ready


def answered_and_ready(session: Session, event: Event, policy: SessionPolicy) -> bool:
    return session.ready and answers_last_question(session, event, policy)


def note_ready(draft: Draft) -> None:
    draft.set(ready=True)


def not_ready_yet(draft: Draft) -> None:
    draft.set(ready=False)


def light(draft: Draft) -> None:
    """Switch the lamps on: at the working levels, or at their last levels in this session."""
    lighting = switched_on(draft.session.lighting, draft.policy.lamps, draft.event.at_ns)
    draft.set(lighting=lighting)
    ask_levels(draft, lighting)


def ask_levels(draft: Draft, lighting: Lighting) -> None:
    left, right = lighting.levels.left, lighting.levels.right
    draft.ask(lambda number: fx.Light(number, on=True, left=left, right=right))


def note_tested(draft: Draft) -> None:
    if draft.session.lighting is not None:
        draft.set(lighting=tested(draft.session.lighting, draft.policy.lamps, draft.event.at_ns), looks=None)


def study_looks(draft: Draft) -> None:
    """Start the checks before the pose; what the graduate said about an earlier top or jewellery does not count any
    more."""
    flags = marked(draft.session.flags, {Flag.TOP_KEPT: False})
    draft.set(looks=None, jewellery_off=False, flags=flags)
    draft.ask(lambda number: fx.Watch(number, on=True, sight=Sight.WORN))


def see_looks(draft: Draft) -> None:
    """Judge what the graduate wears, but not while the lamps' self-test changes the light."""
    assert isinstance(draft.event, ev.LooksSeen)
    draft.session = after_look(draft.session, draft.event.measures.faces, draft.event.at_ns)
    lighting = draft.session.lighting
    if lighting is not None and draft.event.measures.frame_ns < lighting.steady_ns:
        return
    draft.set(looks=judge_live(draft.event.measures, draft.policy.live_rules, draft.session.looks))


def note_jewellery_off(draft: Draft) -> None:
    draft.set(jewellery_off=True)


def keep_top(draft: Draft) -> None:
    draft.set(flags=marked(draft.session.flags, {Flag.TOP_KEPT: True}))


def ask_top(draft: Draft) -> None:
    """Ring the desk for a top. If the graduate comes back with one, it is checked again."""
    call_staff(draft)
    draft.set(help=HelpReason.NO_TOP, resume=State.PREPARE)
