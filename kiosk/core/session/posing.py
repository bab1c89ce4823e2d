"""Rules of the pose: how live frames are judged, how the lamps are balanced, when a shot is taken in spite of a
check."""

from dataclasses import replace
from types import MappingProxyType

from kiosk.core import events as ev
from kiosk.core.events import Event
from kiosk.core.session import effects as fx
from kiosk.core.session.draft import Draft
from kiosk.core.session.guidance import Guidance, advance
from kiosk.core.session.lighting import WANTED, Lighting, exposure_limit, restart_balancing
from kiosk.core.session.lighting import advance as balanced
from kiosk.core.session.preparing import ask_levels
from kiosk.core.session.quality import ESSENTIAL, Judgement, excused, judge_live, waived
from kiosk.core.session.seat import after_look
from kiosk.core.session.state import Reason, Session, SessionPolicy
from kiosk.core.session.taking import BURST_TRIES, is_excused, take_to_improve
from rules.checks import CheckId, CheckRule, Limit, Verdict
from rules.checks import Policy as CheckPolicy

ADVICE_NS = 8_000_000_000
"""How long advice is shown: enough to read a sentence (median of test persons 1.5 s) and to let down a high bun (3
s)."""
WITHOUT_SUCCESS_NS = 20_000_000_000
"""After this time the pose screen offers the button "Can't pass? Tell us why". The time is enough for some 13
instructions, or eight poses."""
NEARLY_NS = 10_000_000_000
"""After this time (seven instructions) a live check no longer delays a person who meets the shot's own, wider limit.
Waiting longer changes neither a head tilted by habit nor a light that the lamps can't balance further."""
IN_VAIN_NS = 45_000_000_000
"""How long the live checks may delay the shot of a person who is in place: long enough for 30 instructions. The booth
then takes the best frame it gets, and staff look at the shot first."""
IN_PLACE = frozenset({CheckId.DISTANCE, CheckId.CENTRE_X, CheckId.CENTRE_Y, CheckId.YAW, CheckId.PITCH})
"""Checks that must not fail while the lamps are balanced, because balanced lamps still light a turned head unevenly."""
ANY_HEIGHT = Limit(min=-1.15, max=1.15)
"""The limit of CENTRE_Y (in face widths) for a graduate who chose low reach, for instance in a wheelchair or on a
stool. It allows eyes at 1080 to 1380 mm above the floor; the lens is near 1220 mm. The crop can follow that far, and
such a graduate can't sit higher."""


def held_long_enough(session: Session, event: Event, policy: SessionPolicy) -> bool:
    """All live checks have passed for long enough, and the lamps are balanced for the shot."""
    if not isinstance(event, ev.Measured):
        return False
    after = seen(session, event, policy)
    return after.hold_ms(event.at_ns) >= policy.hold_ms and light_is_set(after.lighting, policy)


def seen(session: Session, event: ev.Measured, policy: SessionPolicy) -> Session:
    """`session` after one measured frame, with new check results, light, guidance and presence, and the time since
    which all checks have passed."""
    session = after_look(session, event.measures.faces, event.at_ns)
    session = replace(session, tried_in_vain=in_vain(session, event, policy))
    judgement = judged(session, event, policy)
    lighting = lit(session, event, policy, judgement)
    if not light_is_set(lighting, policy):
        judgement = Judgement(tuple(one for one in judgement.checks if one.check not in WANTED))
    elif lighting is not None and not light_is_set(session.lighting, policy):
        values = MappingProxyType(dict(lighting.values) | dict(event.measures.values))
        judgement = judged(session, replace(event, measures=replace(event.measures, values=values)), policy)
    if being_advised(session, event.at_ns):
        guidance, ready = session.guidance, False
    else:
        guidance, ready = advance(session.guidance, judgement, event.at_ns), judgement.ready
    held = session.held_since_ns if session.held_since_ns is not None else event.at_ns
    return replace(
        session,
        judgement=judgement,
        lighting=lighting,
        guidance=guidance,
        held_since_ns=held if ready else None,
        active_ns=event.at_ns if event.measures.faces else session.active_ns,
    )


def judged(session: Session, event: ev.Measured, policy: SessionPolicy) -> Judgement:
    """The results of the live checks. After some seconds, a value within the shot's wider limit only warns. If the
    graduate said why the checks cannot be met, or has tried for long enough, most of them only warn. A check that staff
    waived only warns, too."""
    rules = tuple(map(_at_any_height, policy.live_rules)) if session.low else policy.live_rules
    nearly = event.at_ns - session.since_ns >= NEARLY_NS
    judgement = waived(judge_live(event.measures, rules, session.judgement, nearly=nearly), session.waived)
    return excused(judgement) if is_excused(session) else judgement


def _at_any_height(rule: CheckRule) -> CheckRule:
    return replace(rule, limit=ANY_HEIGHT) if rule.check is CheckId.CENTRE_Y else rule


def in_vain(session: Session, event: ev.Measured, policy: SessionPolicy) -> bool:
    """Whether the graduate has tried for so long that the shot is taken anyway: the face is in place, but other checks
    fail. Once this is true, it stays true for the session, because a second take would fail in the same way."""
    if session.tried_in_vain or event.at_ns - session.since_ns < IN_VAIN_NS:
        return session.tried_in_vain
    failing = {one.check for one in judged(session, event, policy).failing()}
    return bool(failing) and not failing & ESSENTIAL


def lit(session: Session, event: ev.Measured, policy: SessionPolicy, judgement: Judgement) -> Lighting | None:
    """The lighting after one more frame. If the profile does not require even light, the lamps stay as they are. None
    at rest."""
    lighting = session.lighting
    if lighting is None or light_is_set(lighting, policy):
        return lighting
    misplaced = any(one.check in IN_PLACE and one.verdict is Verdict.FAIL for one in judgement.checks)
    if event.measures.faces == 0 or misplaced:
        return lighting
    return balanced(lighting, event.measures, policy.lamps, event.at_ns, exposure_limit(policy.live_rules))


def light_is_set(lighting: Lighting | None, policy: SessionPolicy) -> bool:
    """Whether the lamps are balanced for the shot; always true if the profile does not require even light."""
    asked = any(rule.check is CheckId.LIGHT_EVEN and rule.policy is not CheckPolicy.OFF for rule in policy.live_rules)
    return not asked or lighting is None or lighting.done


def being_advised(session: Session, now_ns: int) -> bool:
    """Whether the screen still shows what the last take lacks, so that the graduate has time to correct it."""
    return take_to_improve(session) is not None and now_ns - session.since_ns < ADVICE_NS


def may_say_why(session: Session, now_ns: int) -> bool:
    """Whether the graduate may say that the booth is wrong: after trying for long enough or often enough, and only
    once in a session."""
    tried = now_ns - session.since_ns >= WITHOUT_SUCCESS_NS or session.failed_bursts + 1 >= BURST_TRIES
    return session.reason is None and tried


def tried_in_vain(session: Session, event: Event, _policy: SessionPolicy) -> bool:
    return may_say_why(session, event.at_ns)


def gives_reason(_session: Session, event: Event, _policy: SessionPolicy) -> bool:
    return isinstance(event, ev.Touched) and event.arg in {reason.value for reason in Reason}


def balance(draft: Draft) -> None:
    """Start to balance the lamps for the person who sits down."""
    assert draft.session.lighting is not None
    draft.set(lighting=restart_balancing(draft.session.lighting, draft.event.at_ns))


def watch(draft: Draft) -> None:
    draft.set(judgement=None, guidance=Guidance(), held_since_ns=None)
    draft.ask(lambda number: fx.Watch(number, on=True))


def stop_watching(draft: Draft) -> None:
    draft.set(held_since_ns=None)
    draft.ask(lambda number: fx.Watch(number, on=False))


def see(draft: Draft) -> None:
    assert isinstance(draft.event, ev.Measured)
    before = draft.session.lighting
    draft.session = seen(draft.session, draft.event, draft.policy)
    after = draft.session.lighting
    if before is not None and after is not None and after.levels != before.levels:
        ask_levels(draft, after)


def excuse(draft: Draft) -> None:
    """Note the reason why, according to the graduate, the checks cannot be met; the checks no longer prevent the
    shot."""
    assert isinstance(draft.event, ev.Touched)
    draft.set(reason=Reason(draft.event.arg), failed_bursts=0, shoot_fault=None)
