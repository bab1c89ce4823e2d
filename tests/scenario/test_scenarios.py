"""Every scenario that comes with the simulator, in lockstep: the whole booth, and what must be true at the end."""

import os
from pathlib import Path

import pytest

from sim.play.scenario import load, names
from sim.play.stage import play

LONG = os.environ.get("FAULTS") == "long"
LONG_ONLY = frozenset({"sits-down-after-help", "voice-alone-in-english"})
"""Played by `make faults`: in `make test` the behaviours of the seat and `sits-down-instead` stand for the first, and
`voice-alone` and the tests of all spoken texts for the second."""
PLAYED = [name for name in names() if LONG or name not in LONG_ONLY]


def test_card_happy_on_threads_in_real_time(tmp_path: Path) -> None:
    outcome = play(load("card-happy"), tmp_path / "real", realtime=True)
    assert [f"{held.what}: expected {held.expected}, saw {held.seen}" for held in outcome.held if not held.held] == []


@pytest.mark.parametrize("name", PLAYED)
def test_scenario_ends_as_its_file_says(name: str, tmp_path: Path) -> None:
    outcome = play(load(name), tmp_path / name)
    assert [f"{held.what}: expected {held.expected}, saw {held.seen}" for held in outcome.held if not held.held] == []
