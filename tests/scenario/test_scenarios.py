"""Every scenario that comes with the simulator, in lockstep: the whole booth, and what must be true at the end."""

from pathlib import Path

import pytest

from sim.play.scenario import load, names
from sim.play.stage import play


@pytest.mark.parametrize("name", names())
def test_scenario_ends_as_its_file_says(name: str, tmp_path: Path) -> None:
    outcome = play(load(name), tmp_path / name)
    assert [f"{held.what}: expected {held.expected}, saw {held.seen}" for held in outcome.held if not held.held] == []


def test_card_happy_on_threads_in_real_time(tmp_path: Path) -> None:
    outcome = play(load("card-happy"), tmp_path / "real", realtime=True)
    assert [f"{held.what}: expected {held.expected}, saw {held.seen}" for held in outcome.held if not held.held] == []
