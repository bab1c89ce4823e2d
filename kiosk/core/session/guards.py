"""The guards of the session's rules: predicates over a session, an event and the policy."""

from collections.abc import Callable
from dataclasses import replace
from types import MappingProxyType

from kiosk.core import events as ev
from kiosk.core.events import CardTrouble, CodeKind, DecisionState, Event, SeasonState
from kiosk.core.identity import IdentificationRule
from kiosk.core.session.guidance import advance
from kiosk.core.session.identify import Finding, find
from kiosk.core.session.lighting import WANTED, Lighting, exposure_limit
from kiosk.core.session.lighting import advance as balanced
from kiosk.core.session.quality import ESSENTIAL, Judgement, excused, judge_live, released
from kiosk.core.session.seat import after_look, faces_of
from kiosk.core.session.state import HelpReason, Hint, Reason, Session, SessionPolicy, Take
from rules.checks import NEVER_RELEASED, CheckId, CheckRule, Limit, Verdict
from rules.checks import Policy as CheckPolicy

Guard = Callable[[Session, Event, SessionPolicy], bool]

CARD_TRIES = 3
BURST_TRIES = 3
SAVE_TRIES = 3
ADVICE_NS = 8_000_000_000
"""Enough to read a sentence (median of test persons 1.5 s) and to let down a high bun (3 s)."""
WITHOUT_SUCCESS_NS = 20_000_000_000
"""After this time the pose screen offers "something can't be right". Some 13 instructions, or eight poses, fit into
it."""
NEARLY_NS = 10_000_000_000
"""After this time (seven instructions) a live check no longer delays a person who meets the shot's own, wider limit.
Waiting longer changes neither a head tilted by habit nor a light that the lamps can't balance further."""
IN_VAIN_NS = 45_000_000_000
"""How long the live checks may delay the shot of a person who is in place: 30 instructions. The booth then takes the
best frame it gets, and staff look at the shot first."""
IN_PLACE = frozenset({CheckId.DISTANCE, CheckId.CENTRE_X, CheckId.CENTRE_Y, CheckId.YAW, CheckId.PITCH})
"""Checks that must not fail while the lamps are balanced, because balanced lamps still light a turned head unevenly."""
SERVED = frozenset({SeasonState.OPEN, SeasonState.YEAR_UNCONFIRMED, SeasonState.CLOCK_UNSYNCED})


def with_rows(session: Session, event: ev.RosterAnswered) -> Session:
    """`session` with the roster's answer stored under its key."""
    if event.key == session.card:
        return replace(session, card_rows=event.rows)
    return replace(session, code_rows=event.rows)


def seen(session: Session, event: ev.Measured, policy: SessionPolicy) -> Session:
    """`session` after one measured frame: check results, light, guidance, how long all checks have passed, presence."""
    session = after_look(session, event.measures.faces, event.at_ns)
    session = replace(session, tried_in_vain=in_vain(session, event, policy))
    judgement = judged(session, event, policy)
    lighting = lit(session, event, policy, judgement)
    if not light_is_set(lighting, policy):
        judgement = Judgement(tuple(one for one in judgement.checks if one.check not in WANTED))
    elif lighting is not None and not light_is_set(session.lighting, policy):
        values = MappingProxyType(dict(lighting.told) | dict(event.measures.values))
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


def somebody_else_may_sit(session: Session, event: Event, _policy: SessionPolicy) -> bool:
    """A face is seen, but since the person said who they are, the seat was empty so long that two people could have
    changed places."""
    faces = faces_of(event)
    return bool(faces) and after_look(session, faces, event.at_ns).changed


def judged(session: Session, event: ev.Measured, policy: SessionPolicy) -> Judgement:
    """The results of the live checks. After some seconds, a value within the shot's wider limit only warns. If the
    graduate said why the checks cannot be met, or has tried for long enough, most of them only warn; so does a check
    that staff released."""
    rules = tuple(map(_at_any_height, policy.live_rules)) if session.low else policy.live_rules
    nearly = event.at_ns - session.since_ns >= NEARLY_NS
    judgement = released(judge_live(event.measures, rules, session.judgement, nearly=nearly), session.released)
    return excused(judgement) if is_excused(session) else judgement


ANY_HEIGHT = Limit(min=-1.15, max=1.15)
"""Limit of CENTRE_Y (face widths) with low reach: eyes 1080 to 1380 mm above the floor, the lens near 1220 mm, as in a
wheelchair or on a stool. The crop can follow that far; a graduate who chose low reach can't sit higher."""


def _at_any_height(rule: CheckRule) -> CheckRule:
    return replace(rule, limit=ANY_HEIGHT) if rule.check is CheckId.CENTRE_Y else rule


def is_excused(session: Session) -> bool:
    """Whether only the essential checks can prevent the shot."""
    return session.reason is not None or session.tried_in_vain


def in_vain(session: Session, event: ev.Measured, policy: SessionPolicy) -> bool:
    """Whether the graduate has tried for so long that the shot is taken anyway: the face is in place, but other
    checks fail. Stays true for the session, because a second take would fail in the same way."""
    if session.tried_in_vain or event.at_ns - session.since_ns < IN_VAIN_NS:
        return session.tried_in_vain
    failing = {one.check for one in judged(session, event, policy).failing()}
    return bool(failing) and not failing & ESSENTIAL


def lit(session: Session, event: ev.Measured, policy: SessionPolicy, judgement: Judgement) -> Lighting | None:
    """The lighting after one more frame; if the profile does not require even light, the lamps stay as they are."""
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
    """Whether the screen still tells the graduate what the last take lacks, with time to correct it."""
    return take_to_improve(session) is not None and now_ns - session.since_ns < ADVICE_NS


def take_to_improve(session: Session) -> Take | None:
    """The last take if it cannot be used, or if it failed a required check without a reason from the graduate; else
    None."""
    last = session.takes[-1] if session.takes else None
    if last is None or (last.fault is None and (not failures_of(session, last) or session.reason is not None)):
        return None
    return last


def failures_of(session: Session, take: Take) -> tuple[str, ...]:
    """The required checks that `take` failed, without the one that staff released."""
    return tuple(check for check in take.failures if check != session.released)


VAIN_CHECKS = 2
"""After this many attempts in vain the booth rings the desk by itself."""


def two_in_vain(session: Session) -> bool:
    """Whether two attempts at this shot were in vain: bursts that failed, takes that can't be used or failed a required
    check without a reason from the graduate."""
    lacking = [take for take in session.takes if take.fault is not None or failures_of(session, take)]
    return session.reason is None and session.failed_bursts + len(lacking) >= VAIN_CHECKS


def looking_up(session: Session) -> bool:
    """Whether a roster look-up is still running."""
    return (session.card is not None and session.card_rows is None) or (
        session.code is not None and session.code_rows is None
    )


def always(_session: Session, _event: Event, _policy: SessionPolicy) -> bool:
    return True


def guided(session: Session, _event: Event, _policy: SessionPolicy) -> bool:
    return session.audio_guide


def serving(session: Session, event: Event, _policy: SessionPolicy) -> bool:
    season = event.season if isinstance(event, ev.SeasonTold) else session.season
    return season in SERVED


def not_serving(session: Session, event: Event, policy: SessionPolicy) -> bool:
    return not serving(session, event, policy)


def by_appointment(session: Session, event: Event, policy: SessionPolicy) -> bool:
    """Out of season, but some pass of the office is in force."""
    return session.appointments and not serving(session, event, policy)


def needs_pass(session: Session, event: Event, policy: SessionPolicy) -> bool:
    """The booth is open by appointment only, and the person on the screen has none."""
    return not serving(session, event, policy) and not session.allowed and all_answered(session, event, policy)


def was_photographed(session: Session, event: Event, policy: SessionPolicy) -> bool:
    """There is a photo from the campus (已有照片), and staff have not opened the booth for this person."""
    return session.photographed and not session.allowed and all_answered(session, event, policy)


def trouble(kind: CardTrouble) -> Guard:
    def guard(_session: Session, event: Event, _policy: SessionPolicy) -> bool:
        return isinstance(event, ev.CardFailed) and event.trouble is kind

    return guard


def last_card_try(session: Session, event: Event, policy: SessionPolicy) -> bool:
    return trouble(CardTrouble.HOLD_STILL)(session, event, policy) and session.card_failures + 1 >= CARD_TRIES


def last_card_try_without_code(session: Session, event: Event, policy: SessionPolicy) -> bool:
    return last_card_try(session, event, policy) and policy.identification is not IdentificationRule.EITHER


def reading(session: Session, _event: Event, _policy: SessionPolicy) -> bool:
    return session.hint is Hint.READING


def lies_there_still(session: Session, _event: Event, _policy: SessionPolicy) -> bool:
    """A card of an earlier session still lies on the reader."""
    return session.former_card and session.card_lies


def lies_there_no_more(session: Session, event: Event, policy: SessionPolicy) -> bool:
    return not lies_there_still(session, event, policy)


def may_be_former_card(session: Session, _event: Event, _policy: SessionPolicy) -> bool:
    """The reader failed while a former card lay there: the next card it reads may be that one."""
    return session.former_card


def loses_reader(session: Session, event: Event, _policy: SessionPolicy) -> bool:
    """The reader fails while the screen refers to the card on it: that card cannot be read any more."""
    about_card = session.hint in (Hint.READING, Hint.HOLD_STILL, Hint.NOT_ID_CARD)
    return about_card and isinstance(event, ev.DeviceFailed) and event.device is ev.Device.CARD_READER


def new_code(session: Session, event: Event, _policy: SessionPolicy) -> bool:
    """The number was not looked up yet: the camera reads a visible code again in every frame."""
    return (
        isinstance(event, ev.CodeRead) and event.kind is CodeKind.STUDENT_OR_EXAM_NUMBER and event.code != session.code
    )


def new_opaque_code(session: Session, event: Event, _policy: SessionPolicy) -> bool:
    return isinstance(event, ev.CodeRead) and event.kind is CodeKind.OPAQUE and event.code not in session.opaque_codes


def finds(finding: Finding) -> Guard:
    def guard(session: Session, event: Event, policy: SessionPolicy) -> bool:
        return (
            isinstance(event, ev.RosterAnswered)
            and event.key in (session.card, session.code)
            and find(with_rows(session, event), policy.identification).finding is finding
        )

    return guard


def all_answered(session: Session, _event: Event, _policy: SessionPolicy) -> bool:
    """No look-up is running: the person on the screen follows from both card and code."""
    return not looking_up(session)


def knows_school(session: Session, event: Event, policy: SessionPolicy) -> bool:
    return isinstance(event, ev.Touched) and event.arg in session.schools and all_answered(session, event, policy)


def knows_record(session: Session, event: Event, policy: SessionPolicy) -> bool:
    return isinstance(event, ev.Touched) and event.arg in session.records and all_answered(session, event, policy)


def held_long_enough(session: Session, event: Event, policy: SessionPolicy) -> bool:
    """All live checks have passed for long enough, and the lamps are balanced for the shot."""
    if not isinstance(event, ev.Measured):
        return False
    after = seen(session, event, policy)
    return after.hold_ms(event.at_ns) >= policy.hold_ms and light_is_set(after.lighting, policy)


def awaited(session: Session, event: Event, _policy: SessionPolicy) -> bool:
    return (
        isinstance(event, ev.BurstTaken | ev.BurstFailed | ev.Saved | ev.SaveFailed)
        and event.request == session.waiting_for
    )


def saved_late(session: Session, event: Event, policy: SessionPolicy) -> bool:
    """The outcome of exactly the save that the graduate waits for, not of another one."""
    return session.help is HelpReason.NOT_SAVED and awaited(session, event, policy)


def last_burst_try(session: Session, event: Event, policy: SessionPolicy) -> bool:
    return awaited(session, event, policy) and session.failed_bursts + 1 >= BURST_TRIES


def is_last_try(session: Session, policy: SessionPolicy) -> bool:
    """Whether no take so far became a photo, and this try is the last."""
    in_vain_so_far = all(take.fault is not None for take in session.takes)
    last_take = bool(session.takes) and len(session.takes) + 1 >= policy.max_takes
    return in_vain_so_far and (last_take or session.failed_bursts + 1 >= BURST_TRIES)


def last_burst_try_with_hope(session: Session, event: Event, policy: SessionPolicy) -> bool:
    return last_burst_try(session, event, policy) and has_hope(session, event, policy)


def last_save_try(session: Session, event: Event, policy: SessionPolicy) -> bool:
    return awaited(session, event, policy) and session.save_failures + 1 >= SAVE_TRIES


def has_hope(session: Session, _event: Event, _policy: SessionPolicy) -> bool:
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


def only_hope_refused(session: Session, event: Event, policy: SessionPolicy) -> bool:
    if not (isinstance(event, ev.TakeRefused) and of_open_take(session, event, policy)):
        return False
    return all(take.fault is not None for take in session.takes if take.number != event.take)


def last_hope_refused(session: Session, event: Event, policy: SessionPolicy) -> bool:
    return only_hope_refused(session, event, policy) and len(session.takes) >= policy.max_takes


def picks_finished_take(session: Session, event: Event, _policy: SessionPolicy) -> bool:
    if not (isinstance(event, ev.Touched) and event.arg.isdecimal()):
        return False
    take = session.take(int(event.arg))
    return take is not None and take.score is not None


def has_picked(session: Session, _event: Event, _policy: SessionPolicy) -> bool:
    return session.picked is not None


def takes_left(session: Session, _event: Event, policy: SessionPolicy) -> bool:
    return len(session.takes) < policy.max_takes


def may_say_why(session: Session, now_ns: int) -> bool:
    """Whether the graduate may say that the booth is wrong: after trying for long enough or often enough, and only
    once."""
    tried = now_ns - session.since_ns >= WITHOUT_SUCCESS_NS or session.failed_bursts + 1 >= BURST_TRIES
    return session.reason is None and tried


def tried_in_vain(session: Session, event: Event, _policy: SessionPolicy) -> bool:
    return may_say_why(session, event.at_ns)


def gives_reason(_session: Session, event: Event, _policy: SessionPolicy) -> bool:
    return isinstance(event, ev.Touched) and event.arg in {reason.value for reason in Reason}


def nothing_to_save(session: Session, _event: Event, _policy: SessionPolicy) -> bool:
    """The graduate was not sent to staff because of a photo that the booth still has to save."""
    return session.help is not HelpReason.NOT_SAVED


def of_open_call(session: Session, event: Event, _policy: SessionPolicy) -> bool:
    return isinstance(event, ev.CallStands | ev.HelpDirected) and event.request == session.call


def may_release(session: Session, event: Event, policy: SessionPolicy) -> bool:
    """Staff released a check of this session, and it is one that may be released. A check stays released; there is at
    most one."""
    named = event.release if isinstance(event, ev.HelpDirected) and of_open_call(session, event, policy) else None
    open_to_it = {rule.check for rule in policy.live_rules if rule.policy is CheckPolicy.REQUIRED} - NEVER_RELEASED
    return session.released is None and named in open_to_it


def nobody_comes(session: Session, event: Event, policy: SessionPolicy) -> bool:
    """The graduate waits for nothing: no photo to save, and no call that staff have seen."""
    return nothing_to_save(session, event, policy) and session.call_state is None


def staff_know(session: Session, _event: Event, _policy: SessionPolicy) -> bool:
    return session.call_state is not None


WORN_TOP = frozenset({CheckId.TOP_COLOUR, CheckId.TOP_CONTRAST})


def in_wrong_top(session: Session, _event: Event, _policy: SessionPolicy) -> bool:
    """The top was seen and does not follow the notice; the profile says whether that fails a photo or only
    warns."""
    seen_now = session.looks.checks if session.looks is not None else ()
    return any(one.check in WORN_TOP and one.verdict in (Verdict.FAIL, Verdict.WARN) for one in seen_now)


def ready_in_wrong_top(session: Session, event: Event, policy: SessionPolicy) -> bool:
    """The top does not follow the notice, and the storage has answered, so the graduate could sit down."""
    return in_wrong_top(session, event, policy) and storage_answered(session, event, policy)


def answers_who_is_in_wrong_top(session: Session, event: Event, policy: SessionPolicy) -> bool:
    return in_wrong_top(session, event, policy) and answers_who_is_ready(session, event, policy)


def storage_answered(session: Session, _event: Event, _policy: SessionPolicy) -> bool:
    """The storage has answered for this person. It tries a write for each graduate before it answers."""
    return session.recalled


def is_ready(session: Session, _event: Event, _policy: SessionPolicy) -> bool:
    return session.ready


def answers_who_is_ready(session: Session, event: Event, policy: SessionPolicy) -> bool:
    return session.ready and of_asked(session, event, policy)


def can_go_back(session: Session, _event: Event, _policy: SessionPolicy) -> bool:
    return session.resume is not None


def of_asked(session: Session, event: Event, _policy: SessionPolicy) -> bool:
    """The event belongs to the shot or person that the session asked about last."""
    return isinstance(event, ev.ShotStands | ev.Recalled) and event.request == session.asked


def tells(standing: DecisionState) -> Guard:
    def guard(session: Session, event: Event, policy: SessionPolicy) -> bool:
        told = isinstance(event, ev.ShotStands | ev.Recalled) and event.standing is standing
        return told and of_asked(session, event, policy)

    return guard


def confirms(standing: DecisionState) -> Guard:
    """No look-up is running, and staff's decision on the person's earlier shots is this one."""

    def guard(session: Session, event: Event, policy: SessionPolicy) -> bool:
        return session.standing is standing and all_answered(session, event, policy)

    return guard


def with_staff(session: Session, _event: Event, _policy: SessionPolicy) -> bool:
    return session.standing is DecisionState.WITH_STAFF


def had_somebody(session: Session, event: Event, policy: SessionPolicy) -> bool:
    """Somebody was seen waiting while staff review the photo. If the room is too dark to see a face, the session
    does not end early."""
    return session.seated and with_staff(session, event, policy)


def not_with_staff(session: Session, event: Event, policy: SessionPolicy) -> bool:
    return not with_staff(session, event, policy)
