"""What is heard on each screen: the prompts in their order, one line a screen of the gallery.

Usually, and with the audio guide: there also each button with its state, where that differs from others' names. And
what a screen says again to somebody who does nothing.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from kiosk.text.catalog import load
from kiosk.ui.narration import Narration, elements, narrate, script
from kiosk.ui.screens import draw
from kiosk.ui.screens.ops import TouchArea
from kiosk.ui.viewmodel import view
from sim.gallery import Known, Shown, gallery

HERE = Path(__file__).parent
CATALOG = load("zh_CN")


def heard(shown: Shown) -> str:
    """The prompts of a screen."""
    return " ".join(script(view(shown.session, shown.policy, shown.facts, Known(), shown.now_ns)))


def heard_with_guide(shown: Shown) -> str:
    """The prompts of a screen with the audio guide, and what is said of each part that is more than its name."""
    session = replace(shown.session, audio_guide=True)
    seen = view(session, shown.policy, shown.facts, Known(), shown.now_ns)
    said = script(seen)
    areas = tuple(op for op in draw(seen, CATALOG) if isinstance(op, TouchArea))
    parts = [one.prompts for one in elements(seen, said, areas)]
    states = [" ".join(prompt.removeprefix("audio_guide.") for prompt in part if prompt not in PLAIN) for part in parts]
    return " ".join(said) + "".join(f" [{state}]" for state in states if " " in state)


def reminded(shown: Shown) -> str:
    """What a screen says when it has said everything and nothing happens for a minute."""
    return _reminded(shown, guide=False)


def reminded_with_guide(shown: Shown) -> str:
    """The same with the audio guide."""
    return _reminded(shown, guide=True)


def _reminded(shown: Shown, *, guide: bool) -> str:
    session = replace(shown.session, audio_guide=guide)
    seen = view(session, shown.policy, shown.facts, Known(), shown.now_ns)
    arrived, _ = narrate(replace(Narration(), guided=guide), seen, None, (), 0)
    _, order = narrate(replace(arrived, near=seen.near), seen, None, (), 60_000_000_000)
    return " ".join(order.prompts) if order is not None else ""


PLAIN = ("audio_guide.button",)
TABLES: dict[str, Callable[[Shown], str]] = {
    "heard.txt": heard,
    "heard_with_guide.txt": heard_with_guide,
    "reminded.txt": reminded,
    "reminded_with_guide.txt": reminded_with_guide,
}


def table(heard_on: Callable[[Shown], str]) -> str:
    """Screen: prompts, in the gallery's order."""
    return "".join(f"{shown.name}: {heard_on(shown) or '(silent)'}\n" for shown in gallery())


STARTING = frozenset({"pose-waiting"})
"""The camera starts: a prompt would delay the first instruction."""


@pytest.mark.parametrize("shown", list(gallery()), ids=lambda shown: shown.name)
def test_no_screen_is_mute_with_the_audio_guide(shown: Shown) -> None:
    assert heard_with_guide(shown) or shown.name in STARTING


@pytest.mark.parametrize("name", TABLES)
def test_each_screen_says_what_its_golden_line_says(name: str, request: pytest.FixtureRequest) -> None:
    said, golden = table(TABLES[name]), HERE / name
    if request.config.getoption("--update-golden"):
        golden.write_text(said, "utf-8")
    assert said == golden.read_text("utf-8"), "pytest tests/golden --update-golden, and read what changed"
