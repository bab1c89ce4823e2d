"""The mutation run: change or drop any one thing in the session's tables, and some behaviour must fail.

Every mutant is one table of `kiosk.core.session.transitions` with one change: a row dropped, led elsewhere, its guard
always or never true, an action of it dropped; a deadline doubled, halved, measured from elsewhere; a need or an ignored
event more or less. The behaviours of `tests/core/behaviours` are called with the mutant in place; only those are called
that ask the tables about the state and trigger in question, the fast ones first.

`make test` tries a sample of the mutants, `make faults` all. A mutant that survives is a row that nothing is said
about. The few that can't be told apart from the original are listed with the reason.
"""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from types import ModuleType

import pytest
from behaviours import BEHAVIOURS, tables

from kiosk.core.events import Event, Tick
from kiosk.core.session import machine as core
from kiosk.core.session import transitions
from kiosk.core.session.draft import Do, always
from kiosk.core.session.health import Need
from kiosk.core.session.state import Session, SessionPolicy, State
from kiosk.core.session.table import Deadline, Rule, Target, Trigger

LONG = os.environ.get("FAULTS") == "long"
SAMPLE = 7
"""Every seventh mutant is tried; `make faults` tries all."""

Pair = tuple[State, Trigger]
Concern = tuple[State | None, Trigger | None]  # None: any

EQUIVALENT = {
    "RULES identify CardFailed trouble(DAMAGED): when always": "the two rows before it take the other two troubles",
    "NEEDS card_left: with identify": "a reader that fails sees no card any more, which leads to attract before",
}
"""Mutants that no behaviour can tell from the original, and why."""


@dataclass(frozen=True)
class Mutant:
    """The table `table` as `value`; `concerns` are the questions that it can answer otherwise."""

    name: str
    table: str
    value: object
    concerns: tuple[Concern, ...]
    structural: bool = False  # what is said about the tables as tables notices it soonest

    def concern(self, pair: Pair) -> bool:
        return any(state in (None, pair[0]) and (on is None or on is pair[1]) for state, on in self.concerns)


@dataclass(frozen=True)
class Known:
    """A behaviour, how long it takes, what it asks the tables, and which rules apply in it."""

    name: str
    seconds: float
    pairs: frozenset[Pair]
    rules: frozenset[int]


def never(_session: Session, _event: object, _policy: SessionPolicy) -> bool:
    return False


def name_of(thing: object) -> str:
    """A readable name of a guard, an action, a target or a trigger, with what it was made with."""
    if thing is None:
        return "stay"
    made_with = [str(cell.cell_contents).upper() for cell in getattr(thing, "__closure__", None) or ()]
    plain = getattr(thing, "__qualname__", str(thing)).split(".")[0]
    return f"{plain}({', '.join(made_with)})" if made_with else plain


def title(rule: Rule) -> str:
    return f"{rule.state or 'everywhere'} {name_of(rule.on)} {name_of(rule.when)}"


def dropped(actions: tuple[Do, ...]) -> Iterator[tuple[str, tuple[Do, ...]]]:
    """`actions` with each one dropped."""
    for place, action in enumerate(actions):
        yield f"without {name_of(action)}", (*actions[:place], *actions[place + 1 :])


def other_targets(to: Target) -> Iterator[Target]:
    yield from (target for target in (None, *State) if target is not to)


def changed_rules(rule: Rule) -> Iterator[tuple[str, tuple[Rule, ...]]]:
    yield "dropped", ()
    for target in other_targets(rule.to):
        yield f"to {name_of(target)}", (replace(rule, to=target),)
    if rule.when is not always:
        yield "when always", (replace(rule, when=always),)
    if rule.to is not None or rule.do:  # else it only makes its event a sign of life, which no guard asks about
        yield "when never", (replace(rule, when=never),)
    for what, actions in dropped(rule.do):
        yield what, (replace(rule, do=actions),)


def mutants_of_rules(table: str) -> Iterator[Mutant]:
    rules: tuple[Rule, ...] = getattr(transitions, table)
    for place, rule in enumerate(rules):
        for what, instead in changed_rules(rule):
            value = (*rules[:place], *instead, *rules[place + 1 :])
            yield Mutant(f"{table} {title(rule)}: {what}", table, value, ((rule.state, rule.on),))


def mutants_of_enter() -> Iterator[Mutant]:
    for state, actions in transitions.ENTER.items():
        for what, fewer in dropped(actions):
            value = {**transitions.ENTER, state: fewer}
            yield Mutant(f"ENTER {state}: {what}", "ENTER", value, ((state, None),))


def changed_deadlines(deadline: Deadline) -> Iterator[tuple[str, tuple[Deadline, ...]]]:
    yield "dropped", ()
    yield "doubled", (replace(deadline, ms=deadline.ms * 2),)
    yield "halved", (replace(deadline, ms=deadline.ms // 2),)
    yield "whole turned", (replace(deadline, whole=not deadline.whole),)
    if deadline.when is not always:
        yield "when always", (replace(deadline, when=always),)
    for target in State:
        if target is not deadline.to:
            yield f"to {target}", (replace(deadline, to=target),)
    for what, actions in dropped(deadline.do):
        yield what, (replace(deadline, do=actions),)


def mutants_of_deadlines() -> Iterator[Mutant]:
    for state, deadlines in transitions.DEADLINES.items():
        for place, deadline in enumerate(deadlines):
            for what, instead in changed_deadlines(deadline):
                value = {**transitions.DEADLINES, state: (*deadlines[:place], *instead, *deadlines[place + 1 :])}
                name = f"DEADLINES {state} {deadline.ms} {name_of(deadline.when)}: {what}"
                yield Mutant(name, "DEADLINES", value, ((state, Tick),))


def mutants_of_ignored() -> Iterator[Mutant]:
    for on, states in transitions.IGNORED.items():
        for state in State:
            value = {**transitions.IGNORED, on: states ^ {state}}
            what = "no longer" if state in states else "too"
            name = f"IGNORED {name_of(on)} in {state}: {what}"
            yield Mutant(name, "IGNORED", value, ((state, on),), structural=True)


def mutants_of_needs() -> Iterator[Mutant]:
    for state in State:
        needs = transitions.NEEDS.get(state, frozenset())
        asked: tuple[Concern, ...] = ((state, Tick),)
        if state is State.ATTRACT:
            asked = (*asked, (State.OUT_OF_SERVICE, Tick))
        for need in Need:
            value = {**transitions.NEEDS, state: needs ^ {need}}
            what = f"without {need}" if need in needs else f"with {need}"
            yield Mutant(f"NEEDS {state}: {what}", "NEEDS", value, asked)
        if state in transitions.NEEDS and state is not State.ATTRACT:
            fewer = {other: theirs for other, theirs in transitions.NEEDS.items() if other is not state}
            yield Mutant(f"NEEDS {state}: dropped", "NEEDS", fewer, asked)


def mutants_of_signs() -> Iterator[Mutant]:
    signs = transitions.SIGNS_OF_LIFE
    for sign in signs:
        value = tuple(other for other in signs if other is not sign)
        yield Mutant(f"SIGNS_OF_LIFE: without {name_of(sign)}", "SIGNS_OF_LIFE", value, ((None, None),))


MUTANTS: dict[str, Callable[[], Iterator[Mutant]]] = {
    "rules": lambda: mutants_of_rules("RULES"),
    "everywhere": lambda: mutants_of_rules("ANY_STATE_RULES"),
    "enter": mutants_of_enter,
    "deadlines": mutants_of_deadlines,
    "ignored": mutants_of_ignored,
    "needs": mutants_of_needs,
    "signs": mutants_of_signs,
}


@contextmanager
def in_place(module: ModuleType, name: str, value: object) -> Iterator[None]:
    """`module` with `name` as `value`."""
    before = getattr(module, name)
    setattr(module, name, value)
    try:
        yield
    finally:
        setattr(module, name, before)


def fails(behaviour: Callable[[], None]) -> bool:
    """Whether the behaviour does not hold: whatever it raises, the change was noticed."""
    try:
        behaviour()
    except Exception:  # a mutant may break anything
        return True
    return False


def learn(name: str) -> Known:
    """Call one behaviour with the tables as they are, and note what it asks them."""
    pairs: set[Pair] = set()
    rules: set[int] = set()
    rules_of, step = core.rules_of, core.step

    def noting_pairs(state: State, on: Trigger) -> tuple[Rule, ...]:
        pairs.add((state, on))
        return rules_of(state, on)

    def noting_rules(session: Session, event: Event, policy: SessionPolicy) -> core.Step:
        asked = rules_of(session.state, core.trigger(event))
        rules.update(id(rule) for rule in [rule for rule in asked if rule.when(session, event, policy)][:1])
        after = step(session, event, policy)
        if after.session.state is not session.state:  # what is done on entering a state concerns who ends there, too
            pairs.add((after.session.state, core.trigger(event)))
        return after

    began = time.perf_counter()
    with in_place(core, "rules_of", noting_pairs), in_place(core, "step", noting_rules):
        BEHAVIOURS[name]()
    return Known(name, time.perf_counter() - began, frozenset(pairs), frozenset(rules))


@pytest.fixture(scope="module")
def known() -> list[Known]:
    """All behaviours, the fast ones first."""
    return sorted((learn(name) for name in BEHAVIOURS), key=lambda behaviour: behaviour.seconds)


def noticed_by(mutant: Mutant, known: list[Known]) -> Known | None:
    """The first behaviour that fails with the mutant in place."""
    about_tables = [behaviour for behaviour in known if behaviour.name in vars(tables)]
    others = [
        behaviour
        for behaviour in known
        if behaviour.name not in vars(tables) and any(mutant.concern(pair) for pair in behaviour.pairs)
    ]
    in_turn = (*about_tables, *others) if mutant.structural else (*others, *about_tables)
    with in_place(transitions, mutant.table, mutant.value):
        return next((behaviour for behaviour in in_turn if fails(BEHAVIOURS[behaviour.name])), None)


def survivors(mutants: list[Mutant], known: list[Known]) -> list[str]:
    """Names of the mutants that no behaviour notices; what noticed the last one is asked first, it is seldom wrong."""
    names, in_turn = [], list(known)
    for mutant in mutants:
        noticed = noticed_by(mutant, in_turn)
        if noticed is None:
            names.append(mutant.name)
        else:
            in_turn.remove(noticed)
            in_turn.insert(0, noticed)
    return names


@pytest.mark.parametrize("table", MUTANTS)
def test_every_change_of_a_table_is_noticed(table: str, known: list[Known]) -> None:
    mutants = list(MUTANTS[table]())[:: 1 if LONG else SAMPLE]
    unexplained = sorted(set(survivors(mutants, known)) - set(EQUIVALENT))
    assert not unexplained, f"{len(unexplained)} of {len(mutants)} mutants survive:\n" + "\n".join(unexplained)


def test_every_rule_applies_in_some_behaviour(known: list[Known]) -> None:
    applied = frozenset().union(*(behaviour.rules for behaviour in known))
    assert [title(rule) for rule in (*transitions.RULES, *transitions.ANY_STATE_RULES) if id(rule) not in applied] == []


def test_equivalent_mutants_exist_and_are_equivalent(known: list[Known]) -> None:
    by_name = {mutant.name: mutant for mutants in MUTANTS.values() for mutant in mutants()}
    for name in EQUIVALENT:
        assert noticed_by(by_name[name], known) is None, f"{name} is noticed: take it off the list"
