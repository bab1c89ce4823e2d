"""The table of demands by number: none is missing, each names what shows it, and what it names is there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
_, BY_NUMBER = (ROOT / "docs" / "proofs.md").read_text("utf-8").split("## By number")
ROWS = {cells[0]: cells[2] for cells in re.findall(r"^\| ([ABC]\d+) \| (.+?) \| (.+) \|$", BY_NUMBER, re.MULTILINE)}
DEMANDS = [f"{part}{number}" for part, most in (("A", 11), ("B", 11), ("C", 12)) for number in range(1, most + 1)]


def test_every_demand_has_a_row_of_its_own() -> None:
    assert list(ROWS) == DEMANDS


@pytest.mark.parametrize("number", DEMANDS)
def test_what_shows_a_demand_is_there_and_is_a_test(number: str) -> None:
    files = [ROOT / name for name in re.findall(r"`(tests/\S+\.py)`", ROWS[number])]
    assert files
    for file in files:
        holds = file.parent.name == "behaviours" or "def test_" in file.read_text("utf-8")
        assert holds, f"{file.name} holds no test"
