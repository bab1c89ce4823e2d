"""The page about the uplink says what the program does."""

import re
from pathlib import Path

from kiosk.ports.config import StorageConfig
from kiosk.uplink.office.office_answers import PERMANENT_REFUSALS
from kiosk.uplink.purge import DAMAGED_DAYS, LEDGER_DAYS
from wire.problem import ProblemType

PAGE = (Path(__file__).parents[2] / "docs" / "uplink.md").read_text("utf-8")


def test_refusals_for_good_are_named() -> None:
    row = next(line for line in PAGE.splitlines() if "parked and reported" in line)
    named = {ProblemType(f"/problems/{name}") for name in re.findall(r"`([a-z-]+)`", row)}
    assert named == PERMANENT_REFUSALS


def test_every_retention_rule_is_in_the_table_with_its_days() -> None:
    for name, days in StorageConfig().model_dump(include={"keep_days", "roster_days", "journal_days"}).items():
        assert f"`storage.{name}`" in PAGE
        assert name == "keep_days" or f"`storage.{name}` ({days})" in PAGE
    assert f"{DAMAGED_DAYS} days" in PAGE
    assert f"{LEDGER_DAYS} days after" in PAGE
