"""The page about the uplink says what the program does."""

import re
from pathlib import Path

import pytest

from kiosk.ports.config import StorageConfig
from kiosk.uplink.client import FOR_GOOD
from kiosk.uplink.outbox import ShotState
from kiosk.uplink.paths import BoothPaths
from kiosk.uplink.purge import DAMAGED_DAYS, LEDGER_DAYS
from sim.office.server import OfficeFault
from wire.problem import ProblemType

PAGE = (Path(__file__).parents[2] / "docs" / "uplink.md").read_text("utf-8")


@pytest.mark.parametrize("state", ShotState)
def test_every_state_is_explained(state: ShotState) -> None:
    assert re.search(rf"^\| `{state.value}` \|", PAGE, re.MULTILINE)


def test_every_fault_of_the_stand_in_office_is_listed() -> None:
    line = re.search(r"^Faults: `([a-z_ ]+)`\.$", PAGE, re.MULTILINE)
    assert line is not None
    assert line[1].split() == [fault.value for fault in OfficeFault]


def test_every_file_in_the_folder_is_named() -> None:
    places = BoothPaths(Path("x"))
    named = (places.spool, places.outbox, places.roster, places.secret, places.lock, places.ballast, places.journal)
    for path in named:
        assert f"`{path.name}" in PAGE


def test_refusals_for_good_are_named() -> None:
    row = next(line for line in PAGE.splitlines() if "parked, said loudly" in line)
    named = {ProblemType(f"/problems/{name}") for name in re.findall(r"`([a-z-]+)`", row)}
    assert named == FOR_GOOD


def test_every_retention_rule_is_in_the_table_with_its_days() -> None:
    for name, days in StorageConfig().model_dump(include={"keep_days", "roster_days", "journal_days"}).items():
        assert f"`storage.{name}`" in PAGE
        assert name == "keep_days" or f"`storage.{name}` ({days})" in PAGE
    assert f"{DAMAGED_DAYS} days" in PAGE
    assert f"{LEDGER_DAYS} days after" in PAGE
