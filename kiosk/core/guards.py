"""What the rules of the session ask before they apply: predicates over a session, an event and the policy."""

from collections.abc import Callable
from dataclasses import replace

from kiosk.core import events as ev
from kiosk.core.events import Action, CardTrouble, CodeKind, Event, SeasonState
from kiosk.core.guidance import advance
from kiosk.core.identify import Finding, find
from kiosk.core.identity import IdentificationRule
from kiosk.core.quality import judge_live
from kiosk.core.state import Policy, Session

Guard = Callable[[Session, Event, Policy], bool]

CARD_TRIES = 3
BURST_TRIES = 3
SAVE_TRIES = 3
SERVED = frozenset({SeasonState.OPEN, SeasonState.YEAR_UNCONFIRMED, SeasonState.CLOCK_UNSYNCED})


def with_rows(session: Session, event: ev.RosterAnswered) -> Session:
    """`session` with the roster's answer noted under the key it belongs to."""
    if event.key == session.card:
        return replace(session, card_rows=event.rows)
    return replace(session, code_rows=event.rows)


def seen(session: Session, event: ev.Measured, policy: Policy) -> Session:
    """`session` after one measured frame: judgement, guidance, how long all has held, who is there."""
    judgement = judge_live(event.measures, policy.live_rules, session.judgement)
    held = session.held_since_ns if session.held_since_ns is not None else event.at_ns
    return replace(
        session,
        judgement=judgement,
        guidance=advance(session.guidance, judgement, event.at_ns),
        held_since_ns=held if judgement.ready else None,
        active_ns=event.at_ns if event.measures.faces else session.active_ns,
    )


def always(_session: Session, _event: Event, _policy: Policy) -> bool:
    return True


def touched(*actions: Action) -> Guard:
    def guard(_session: Session, event: Event, _policy: Policy) -> bool:
        return isinstance(event, ev.Touched) and event.action in actions

    return guard


def serving(session: Session, event: Event, _policy: Policy) -> bool:
    season = event.season if isinstance(event, ev.SeasonTold) else session.season
    return season in SERVED


def not_serving(session: Session, event: Event, policy: Policy) -> bool:
    return not serving(session, event, policy)


def starts(session: Session, event: Event, policy: Policy) -> bool:
    return touched(Action.START)(session, event, policy) and serving(session, event, policy)


def trouble(kind: CardTrouble) -> Guard:
    def guard(_session: Session, event: Event, _policy: Policy) -> bool:
        return isinstance(event, ev.CardFailed) and event.trouble is kind

    return guard


def last_card_try(session: Session, event: Event, policy: Policy) -> bool:
    return trouble(CardTrouble.HOLD_STILL)(session, event, policy) and session.card_failures + 1 >= CARD_TRIES


def last_card_try_without_code(session: Session, event: Event, policy: Policy) -> bool:
    return last_card_try(session, event, policy) and policy.identification is not IdentificationRule.EITHER


def opaque(_session: Session, event: Event, _policy: Policy) -> bool:
    return isinstance(event, ev.CodeRead) and event.kind is CodeKind.OPAQUE


def finds(*findings: Finding) -> Guard:
    def guard(session: Session, event: Event, policy: Policy) -> bool:
        return (
            isinstance(event, ev.RosterAnswered)
            and event.key in (session.card, session.code)
            and find(with_rows(session, event), policy.identification).finding in findings
        )

    return guard


def knows_school(session: Session, event: Event, policy: Policy) -> bool:
    return (
        touched(Action.PICK_SCHOOL)(session, event, policy)
        and isinstance(event, ev.Touched)
        and event.arg in session.schools
    )


def held_long_enough(session: Session, event: Event, policy: Policy) -> bool:
    return isinstance(event, ev.Measured) and seen(session, event, policy).hold_ms(event.at_ns) >= policy.hold_ms


def awaited(session: Session, event: Event, _policy: Policy) -> bool:
    return (
        isinstance(event, ev.BurstTaken | ev.BurstFailed | ev.Saved | ev.SaveFailed)
        and event.request == session.waiting_for
    )


def last_burst_try(session: Session, event: Event, policy: Policy) -> bool:
    return awaited(session, event, policy) and session.failed_bursts + 1 >= BURST_TRIES


def last_save_try(session: Session, event: Event, policy: Policy) -> bool:
    return awaited(session, event, policy) and session.save_failures + 1 >= SAVE_TRIES


def has_take(session: Session, event: Event, _policy: Policy) -> bool:
    return isinstance(event, ev.TakeFinished | ev.TakeRefused) and session.take(event.take) is not None


def only_hope_refused(session: Session, event: Event, policy: Policy) -> bool:
    if not (isinstance(event, ev.TakeRefused) and has_take(session, event, policy)):
        return False
    return all(take.fault is not None for take in session.takes if take.number != event.take)


def only_hope_refused_and_no_take_left(session: Session, event: Event, policy: Policy) -> bool:
    return only_hope_refused(session, event, policy) and len(session.takes) >= policy.max_takes


def picks_finished_take(session: Session, event: Event, policy: Policy) -> bool:
    if not (touched(Action.PICK_TAKE)(session, event, policy) and isinstance(event, ev.Touched)):
        return False
    take = session.take(int(event.arg)) if event.arg.isdecimal() else None
    return take is not None and take.score is not None


def accepts_finished_take(session: Session, event: Event, policy: Policy) -> bool:
    take = session.take(session.picked)
    return touched(Action.ACCEPT)(session, event, policy) and take is not None and take.score is not None


def may_retake(session: Session, event: Event, policy: Policy) -> bool:
    return touched(Action.RETAKE)(session, event, policy) and len(session.takes) < policy.max_takes


def can_go_back(session: Session, event: Event, policy: Policy) -> bool:
    return touched(Action.STILL_HERE)(session, event, policy) and session.resume is not None
