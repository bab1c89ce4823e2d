"""Scenario files: every key is described, what can't be run is refused with its place, and scripts are followed."""

import re
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from pydantic import BaseModel

from kiosk.core.events import Action
from kiosk.core.identity import IdentificationRule
from kiosk.core.session.state import State
from kiosk.ui.viewmodel import Facts, View
from sim.people import Pose
from sim.play.graduate import Visitor
from sim.play.scenario import (
    DEEDS,
    Booth,
    Decision,
    Expect,
    Fault,
    Graduate,
    OfficeSetup,
    PoseError,
    Scenario,
    ScenarioFault,
    load,
    names,
    parse,
)

DOCS = (Path(__file__).parents[2] / "docs" / "scenarios.md").read_text(encoding="utf-8")
LEAST = 'name = "least"\nsummary = "x"\n[expect]\noutcome = "photo"\nstates = ["done"]\n'


def test_the_whole_file_of_the_docs_can_be_run() -> None:
    (text,) = re.findall(r"```toml\n(.*?)```", DOCS, re.DOTALL)
    assert parse(text, "docs").name == "card-late"


@pytest.mark.parametrize("model", [Scenario, Booth, OfficeSetup, Decision, Graduate, PoseError, Fault, Expect])
def test_every_key_is_described(model: type[BaseModel]) -> None:
    assert [key for key in model.model_fields if not re.search(rf"\b{key}\b", DOCS)] == []


def test_every_deed_is_described() -> None:
    described = {deed for deed in DEEDS if re.search(rf"\b{deed}\b", DOCS)}
    assert described | {"pick_take_2", "pick_take_3"} == DEEDS


def test_every_breakdown_is_described() -> None:
    whats = Fault.model_json_schema()["properties"]["what"]["enum"]
    assert [what for what in whats if f"{what}" not in DOCS] == []


@pytest.mark.parametrize("name", names())
def test_a_scenario_is_named_as_its_file(name: str) -> None:
    assert load(name).name == name


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (LEAST.replace('"least"', '"../evil"'), "name"),
        (LEAST + "[[graduate]]\nseed = -1\n", "graduate.1.seed = -1"),
        (LEAST + '[[graduate]]\n[graduate.does]\nconsent = ["dance"]\n', "nobody can do that"),
        (LEAST + '[[graduate]]\n[graduate.does]\nconcent = ["agree"]\n', "concent"),
        (LEAST + "[booth]\nwall = 2026-09-01T09:30:00\n", "booth.wall"),
        (LEAST + "[booth]\nwal = 2026-09-01T09:30:00+08:00\n", "booth.wal"),
        (LEAST + '[[fault]]\nwhat = "flood"\n', "fault.1.what"),
        (LEAST + '[office]\nkind = "real"\n', "office.kind is no key of a scenario"),
        (LEAST + '[[office.decides]]\nsay = "reject"\n', "a rejection has reasons"),
        (LEAST + '[[graduate]]\nreason = "lazy"\n', "graduate.1.reason = 'lazy'"),
        ('name = "least"\nsummary = "x"\n[expect]\noutcome = "photo"\n', "expect.states is missing"),
        (LEAST + "nonsense = 1\n", "expect.nonsense is no key of a scenario"),
        ("[", "is not TOML"),
    ],
)
def test_what_cannot_be_run_is_refused_with_its_place(text: str, complaint: str) -> None:
    with pytest.raises(ScenarioFault, match=re.escape(complaint)) as refused:
        parse(text, "mine.toml")
    assert "mine.toml" in str(refused.value)


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_bytes(b'name = "\xff"')
    with pytest.raises(ScenarioFault, match=r"mine\.toml: is not UTF-8 text \(byte 8\)"):
        load(str(path))


class Panel:
    """Hands that write down what they did; every button is there."""

    def __init__(self) -> None:
        self.did: list[str] = []

    def touch(self, action: Action, arg: str) -> bool:
        self.did.append(action.value + arg)
        return True

    def present(self, thing: str) -> None:
        self.did.append(thing)

    def take_card(self) -> None:
        self.did.append("take_card")

    def scan_receipt(self) -> None:
        self.did.append("scan_receipt")

    def open_receipt(self) -> None:
        self.did.append("open_receipt")

    def take_number(self) -> None:
        self.did.append("take_number")

    def is_called(self) -> bool:
        self.did.append("is_called")
        return self.did.count("is_called") == 3


def _visitor(does: dict[State, tuple[str, ...]]) -> tuple[Visitor, Panel]:
    hands = Panel()
    return Visitor(Graduate(does=does), "示范大学", hands, Pose()), hands


def _screen(state: State) -> View:
    facts = Facts(preparations=(), retention_days=0, first_day=(8, 1), last_day=(11, 20), hours=(), eye_y=0.5)
    return View(state, "en", IdentificationRule.EITHER, facts)


def test_what_leaves_the_screen_as_it_is_does_not_use_up_the_visit() -> None:
    visitor, hands = _visitor({State.ATTRACT: ("language",)})
    for second in range(10):
        visitor.look(_screen(State.ATTRACT), float(second))
    assert hands.did[:2] == ["language", "start"]


def test_a_button_that_does_nothing_is_pressed_again() -> None:
    visitor, hands = _visitor({})
    for second in range(10):
        visitor.look(_screen(State.ATTRACT), float(second))
    assert len(hands.did) > 1
    assert set(hands.did) == {"start"}


def test_a_phone_leaves_the_screen_as_it_is() -> None:
    visitor, hands = _visitor({State.DONE: ("scan_receipt", "open_receipt", "wait")})
    for second in range(20):
        visitor.look(_screen(State.DONE), float(second))
    assert hands.did == ["scan_receipt", "open_receipt"]


def test_who_took_a_number_looks_at_the_phone_until_it_is_called_and_then_begins() -> None:
    visitor, hands = _visitor({State.ATTRACT: ("take_number", "start")})
    for second in range(30):
        visitor.look(_screen(State.ATTRACT), float(second))
    assert hands.did[:5] == ["take_number", "is_called", "is_called", "is_called", "start"]


def test_leaving_needs_no_reading() -> None:
    visitor, hands = _visitor({State.CAPTURE: ("leave",)})
    visitor.look(_screen(State.CAPTURE), 0.0)
    assert visitor.gone
    assert hands.did == ["take_card"]


def test_who_moved_too_far_comes_back_at_half_the_pace() -> None:
    """A machine that shows what was long ago lets everybody move too far, but nobody to and fro for ever."""
    visitor, _ = _visitor({})
    places, at_s = [0.0], 0.0
    for wanted in ("guide.move_right", "guide.move_left", "guide.move_right"):
        for _ in range(21):  # two seconds until the screen shows what came of it
            visitor.look(replace(_screen(State.POSE), guide=wanted), at_s)
            at_s += 0.1
        places.append(visitor.pose.x_cm)
    first, second, third = (abs(b - a) for a, b in pairwise(places))
    assert second == pytest.approx(first / 2, rel=0.2)
    assert third == pytest.approx(second / 2, rel=0.2)
