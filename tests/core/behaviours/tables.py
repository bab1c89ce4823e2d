"""What must be true of the tables as tables."""

from collections.abc import Iterator

from kiosk.core import events
from kiosk.core.events import Action, Event, Tick, Touched
from kiosk.core.session import machine as core
from kiosk.core.session import transitions
from kiosk.core.session.cards_and_codes import earlier_card_gone, earlier_card_still_there
from kiosk.core.session.staff_help import back
from kiosk.core.session.state import State
from kiosk.core.session.stills import agreed_and_left
from kiosk.core.session.table import Trigger

STAYS = {State.OUT_OF_SERVICE}
"""States that may last for ever: until the fault is gone or the key is turned back."""


def event_classes() -> list[type[Event]]:
    """Every class of events that there is."""
    kinds = [kind for kind in vars(events).values() if isinstance(kind, type) and issubclass(kind, Event)]
    return [kind for kind in kinds if kind is not Event]


def triggers() -> list[Trigger]:
    """Everything that the tables can have a rule for."""
    return [*(kind for kind in event_classes() if kind is not Touched), *Action]


def targets(state: State) -> Iterator[State]:
    """Every state that a rule or a deadline leads to from `state`."""
    for rule in (*transitions.RULES, *transitions.ANY_STATE_RULES):
        if rule.state in (state, None):
            if isinstance(rule.to, State):
                yield rule.to
            elif rule.to is not None:
                assert rule.to is back
                yield from resumable(state)
    for deadline in transitions.DEADLINES.get(state, ()):
        yield deadline.to


def resumable(state: State) -> set[State]:
    """The states that have a way to `state` which remembers where it came from."""
    by_rule = {rule.state for rule in transitions.RULES if rule.to is state and rule.state is not None}
    by_deadline = {
        origin for origin, deadlines in transitions.DEADLINES.items() for deadline in deadlines if deadline.to is state
    }
    return by_rule | by_deadline


def every_state_is_reachable_from_the_one_start() -> None:
    reached = {State.CLOSED}
    while more := {target for state in reached for target in targets(state)} - reached:
        reached |= more
    assert reached == set(State)


def attract_is_reachable_from_every_state() -> None:
    for start in State:
        reached = {start}
        while more := {target for state in reached for target in targets(state)} - reached:
            reached |= more
        assert State.ATTRACT in reached, f"no way from {start} to attract"


def every_trigger_is_ruled_or_ignored_in_every_state() -> None:
    for state in State:
        for on in triggers():
            if isinstance(on, Action):
                continue  # a touch that is not offered is reported: see `rest.py`
            assert core.rules_of(state, on) or core.ignored(state, on), f"{on} in {state} is neither ruled nor ignored"


def nothing_ruled_is_ignored() -> None:
    for on, states in transitions.IGNORED.items():
        assert not isinstance(on, Action)
        for state in states:
            assert not core.rules_of(state, on), f"{on} in {state} is ruled and ignored"


def every_state_but_those_that_may_stay_has_a_deadline() -> None:
    assert set(transitions.DEADLINES) == set(State) - STAYS
    assert all(deadlines for deadlines in transitions.DEADLINES.values())


def tables_name_only_known_states_and_triggers() -> None:
    known = set(triggers())
    for rule in transitions.RULES:
        assert rule.state is not None
        assert rule.on in known
    for rule in transitions.ANY_STATE_RULES:
        assert rule.state is None
    assert set(transitions.ENTER) <= set(State)
    assert all(transitions.ENTER.values())
    assert set(transitions.NEEDS) <= set(State)
    assert set(transitions.IGNORED) <= known


def every_action_is_offered_somewhere() -> None:
    offered = {rule.on for rule in (*transitions.RULES, *transitions.ANY_STATE_RULES)}
    assert set(Action) - offered == {Action.STAFF}, "which is the service menu's, and never reaches a session"


def every_rule_for_ticks_is_about_a_lasting_condition_or_applies_once() -> None:
    """Deadlines are checked only if no rule takes the tick, so a rule for ticks must be about a lasting condition, or
    apply once."""
    lasting = (
        transitions.broken,
        transitions.broken_with_usable_take,
        transitions.works_again,
        earlier_card_still_there,
        earlier_card_gone,
        agreed_and_left,
    )
    for rule in (*transitions.RULES, *transitions.ANY_STATE_RULES):
        if rule.on is Tick:
            assert rule.when in lasting
