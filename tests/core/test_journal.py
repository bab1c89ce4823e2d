"""The journal: a round trip of every event, and the exact replay of every visit."""

import dataclasses
import json
import math
import typing
from enum import Enum

import pytest
from behaviours.chance import ANY_EVENT, EVENTS, VISITS
from behaviours.driver import CARD, EITHER, Booth, booth_in
from behaviours.tables import event_classes
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.core import events as ev
from kiosk.core.inputs import Measures
from kiosk.core.session import machine as core
from kiosk.core.session.journal import (
    JournalError,
    UnfinishedLine,
    decode,
    encode,
    fingerprint,
    header,
    replay,
    worth_recording,
)
from kiosk.core.session.lighting import LampRange
from kiosk.core.session.state import SessionPolicy, State
from rules.checks import CheckId


def journal_of(booth: Booth) -> list[str]:
    return [header(booth.policy), *(encode(event) for event in booth.happened)]


def a_visit() -> Booth:
    booth = booth_in(State.CHOOSE)
    booth.finish(1, 0.1 + 0.2, ("glare",))
    return booth


@given(ANY_EVENT)
def test_every_event_survives_its_line(event: ev.Event) -> None:
    line = encode(event)
    assert "\n" not in line
    assert line.isascii()
    assert decode(line) == event
    assert type(decode(line)) is type(event)


def test_every_class_of_events_has_its_line() -> None:
    assert set(EVENTS) == set(event_classes())


def test_floats_keep_every_bit() -> None:
    value = math.nextafter(0.3, 1)
    event = ev.Measured(1, Measures(1, 1, {CheckId.ROLL: value, CheckId.YAW: None}))
    decoded = decode(encode(event))
    assert isinstance(decoded, ev.Measured)
    assert decoded.measures.values[CheckId.ROLL] == value
    assert decoded.measures.values[CheckId.YAW] is None


@settings(max_examples=200, deadline=None)
@given(VISITS)
def test_replay_ends_in_the_same_session(booth: Booth) -> None:
    assert replay(journal_of(booth), booth.policy) == booth.session


@settings(max_examples=20, deadline=None)
@given(VISITS)
def test_replay_agrees_state_for_state(booth: Booth) -> None:
    lines = journal_of(booth)
    session = core.start(booth.policy, booth.happened[0].at_ns).session
    for number, event in enumerate(booth.happened, 2):
        session = core.step(session, event, booth.policy).session
        assert replay(lines[:number], booth.policy) == session


@settings(max_examples=50, deadline=None)
@given(VISITS)
def test_ticks_that_change_nothing_need_not_be_recorded(booth: Booth) -> None:
    first, *others = booth.happened
    kept = [first]
    session = core.start(booth.policy, first.at_ns).session
    for event in others:
        step = core.step(session, event, booth.policy)
        if worth_recording(event, session, step):
            kept.append(event)
        session = step.session
    assert replay([header(booth.policy), *map(encode, kept)], booth.policy) == booth.session


def test_idle_tick_is_not_worth_recording_and_every_other_event_is() -> None:
    booth = booth_in(State.ATTRACT)
    idle = ev.Tick(booth.now_ns + 1)
    assert not worth_recording(idle, booth.session, core.step(booth.session, idle, EITHER))
    late = ev.Tick(booth.now_ns + 60_000_000_000)
    assert worth_recording(late, booth.session, core.step(booth.session, late, EITHER))
    removed = ev.CardRemoved(booth.now_ns)
    assert worth_recording(removed, booth.session, core.step(booth.session, removed, EITHER))


@given(st.integers(1, 10_000))
def test_line_cut_off_by_a_power_cut_is_dropped(cut: int) -> None:
    lines = journal_of(a_visit())
    whole = replay(lines[:-1], EITHER)
    last = lines[-1][: -1 - cut % len(lines[-1])]
    assert replay([*lines[:-1], last], EITHER) == whole
    assert replay([*lines[:-1], last + "\0\0\0"], EITHER) == whole
    assert replay([*lines[:-1], last, "\n", "\0\0"], EITHER) == whole


def test_damaged_line_before_the_last_is_named() -> None:
    lines = journal_of(a_visit())
    lines[3] = lines[3][:-4]
    with pytest.raises(JournalError, match="line 4: not a whole JSON object"):
        replay(lines, EITHER)


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ('{"event":"Sneezed","at_ns":1}', "event 'Sneezed' is not known here"),
        ('{"at_ns":1}', "event None is not known here"),
        ('{"event":["Tick"],"at_ns":1}', "is not known here"),
        ('{"event":"Tick"}', "event Tick has a wrong at_ns"),
        ('{"event":"Tick","at_ns":"1"}', "event Tick has a wrong at_ns"),
        ('{"event":"Tick","at_ns":1,"name":"x"}', "event Tick has unknown fields name"),
        ('{"event":"Touched","at_ns":1,"action":"dance","arg":""}', "event Touched has a wrong action"),
    ],
)
def test_line_of_another_version_is_refused_even_as_the_last(line: str, complaint: str) -> None:
    with pytest.raises(JournalError, match=complaint) as refusal:
        decode(line)
    assert not isinstance(refusal.value, UnfinishedLine)
    with pytest.raises(JournalError, match=f"line 3: .*{complaint}.*replay it with the version"):
        replay([header(EITHER), encode(ev.Tick(1)), line], EITHER)


@pytest.mark.parametrize("line", ["", "{", "[1]", "null", '{"event":"Tick","at_ns":1', "\0\0"])
def test_line_that_is_no_object_is_unfinished(line: str) -> None:
    with pytest.raises(UnfinishedLine):
        decode(line)


def test_journal_of_another_policy_is_refused() -> None:
    with pytest.raises(JournalError, match="line 1: written under policy"):
        replay(journal_of(a_visit()), CARD)


def test_journal_of_another_version_is_refused() -> None:
    lines = journal_of(a_visit())
    lines[0] = lines[0].replace('"journal":7', '"journal":2')
    with pytest.raises(JournalError, match="line 1: journal version 2, but 7 is read here"):
        replay(lines, EITHER)


@pytest.mark.parametrize("lines", [[], [""], ["not json"], ["[]"], [encode(ev.Tick(1))]])
def test_file_that_is_no_journal_is_refused(lines: list[str]) -> None:
    with pytest.raises(JournalError, match="line 1"):
        replay(lines, EITHER)


def test_journal_without_an_event_has_no_session() -> None:
    with pytest.raises(JournalError, match="ends after its header"):
        replay([header(EITHER)], EITHER)


def test_fingerprint_tells_any_value_of_the_policy() -> None:
    others = [
        dataclasses.replace(EITHER, identification=CARD.identification),
        dataclasses.replace(EITHER, live_rules=EITHER.live_rules[1:]),
        dataclasses.replace(EITHER, max_takes=2),
        dataclasses.replace(EITHER, hold_ms=801),
        dataclasses.replace(EITHER, languages=("en", "zh_CN")),
        dataclasses.replace(EITHER, lamps=LampRange(least=0.1)),
        dataclasses.replace(EITHER, large=True),
    ]
    assert len({fingerprint(policy) for policy in (EITHER, *others)}) == len(others) + 1
    assert len(others) == len(dataclasses.fields(SessionPolicy))
    assert fingerprint(EITHER) == fingerprint(dataclasses.replace(EITHER))
    assert len(fingerprint(EITHER)) == 16


WORDS_OF_OURS = {
    ("Touched", "arg"),
    ("DeviceFailed", "fault"),
    ("DeviceRecovered", "fault"),
    ("Saved", "receipt"),
    ("TakeFinished", "warnings"),
    ("TakeFinished", "doubts"),
    ("TakeFinished", "failures"),
    ("ShotStands", "reasons"),
    ("Recalled", "reasons"),
}
"""Text that is no token: a school's token, a take's number or one of four reasons, message ids, the receipt, names of
checks."""
TOKENS = {
    ("CardRead", "person"),
    ("CallStands", "line"),
    ("CodeRead", "code"),
    ("RosterAnswered", "key"),
    ("RowTokens", "row"),
    ("RowTokens", "school"),
}


def texts_of(kind: type, found: set[tuple[str, str]]) -> set[tuple[str, str]]:
    """Every field of free text that `kind` can carry, itself or nested."""
    hints = typing.get_type_hints(kind)
    for field in dataclasses.fields(kind):
        for part in (hints[field.name], *typing.get_args(hints[field.name])):
            if part is str:
                found.add((kind.__name__, field.name))
            elif isinstance(part, type) and dataclasses.is_dataclass(part):
                texts_of(part, found)
            elif isinstance(part, type) and not issubclass(part, Enum | int | float):
                assert typing.get_origin(hints[field.name]) or part is type(None), f"{kind.__name__}.{field.name}"
    return found


def test_no_event_has_a_place_for_personal_data() -> None:
    found: set[tuple[str, str]] = set()
    for kind in event_classes():
        texts_of(kind, found)
    assert found == TOKENS | WORDS_OF_OURS


def test_header_is_one_line_of_json() -> None:
    assert json.loads(header(EITHER)) == {"journal": 7, "policy": fingerprint(EITHER)}
