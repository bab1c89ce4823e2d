"""Applies one event at a time to a session, by the tables of `kiosk.core.session.transitions`."""

from dataclasses import dataclass

from kiosk.core import events as ev
from kiosk.core.events import Event
from kiosk.core.session import effects as fx
from kiosk.core.session import transitions
from kiosk.core.session.draft import Do, Draft
from kiosk.core.session.state import Session, SessionPolicy, State
from kiosk.core.session.station import ask_season
from kiosk.core.session.table import Deadline, Rule, Target, Trigger


@dataclass(frozen=True, slots=True)
class Step:
    """The result of one event: the session, the effects it requests, and whether the event was foreseen."""

    session: Session
    effects: tuple[fx.Effect, ...]
    foreseen: bool = True


def start(policy: SessionPolicy, at_ns: int) -> Step:
    """The session of a booth that was just switched on. The booth is closed until the season is known."""
    draft = Draft(Session(), ev.Tick(at_ns), policy)
    _enter(draft, State.CLOSED)
    ask_season(draft)
    return Step(draft.session, tuple(draft.effects))


def step(session: Session, event: Event, policy: SessionPolicy) -> Step:
    """Apply one event. Pure: the same arguments give the same step, and nothing else is read or changed."""
    draft = Draft(session, event, policy)
    rules = rules_of(session.state, trigger(event))
    if rules and isinstance(event, transitions.SIGNS_OF_LIFE):
        draft.set(active_ns=max(session.active_ns, event.at_ns))
    rule = next((rule for rule in rules if rule.when(session, event, policy)), None)
    if rule is not None:
        _apply(draft, rule.to, rule.do)
    elif isinstance(event, ev.Tick) and (deadline := _overdue(session, event, policy)) is not None:
        _apply(draft, deadline.to, deadline.do)
    return Step(draft.session, tuple(draft.effects), bool(rules) or ignored(session.state, trigger(event)))


def trigger(event: Event) -> Trigger:
    """The trigger of `event` in the tables."""
    return event.action if isinstance(event, ev.Touched) else type(event)


def rules_of(state: State, on: Trigger) -> tuple[Rule, ...]:
    """The rules for `on` in `state`, in the order in which their guards are evaluated: the state's own rules come
    first."""
    return tuple(
        rule
        for rule in (*transitions.RULES, *transitions.ANY_STATE_RULES)
        if rule.state in (state, None) and rule.on is on
    )


def ignored(state: State, on: Trigger) -> bool:
    """Whether `on` is listed as ignored in `state`."""
    return state in transitions.IGNORED.get(on, frozenset())


def _overdue(session: Session, tick: ev.Tick, policy: SessionPolicy) -> Deadline | None:
    for deadline in transitions.DEADLINES.get(session.state, ()):
        since_ns = session.since_ns if deadline.whole else max(session.since_ns, session.active_ns)
        if tick.at_ns - since_ns >= limit_ms(deadline, session) * 1_000_000 and deadline.when(session, tick, policy):
            return deadline
    return None


def limit_ms(deadline: Deadline, session: Session) -> int:
    """How many ms the session's state may last by this deadline. With the audio guide, only waits for a person are
    longer; waits for the machine are the same for everybody."""
    for_a_person = not deadline.whole or session.state is State.STILL_THERE
    return deadline.ms * transitions.AUDIO_GUIDE_FACTOR if session.audio_guide and for_a_person else deadline.ms


def _apply(draft: Draft, to: Target, actions: tuple[Do, ...]) -> None:
    for do in actions:
        do(draft)
    if to is not None:
        _enter(draft, to if isinstance(to, State) else to(draft.session))


def _enter(draft: Draft, state: State) -> None:
    now_ns = draft.event.at_ns
    draft.set(state=state, since_ns=now_ns, active_ns=now_ns, options=False, page=0)
    for do in transitions.ENTER.get(state, ()):
        do(draft)
