"""docs/security.md names the requirements of ASVS 5.0.0 by their numbers, and leaves out none of the levels 1 and 2."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/security.md").read_text("utf-8")
NUMBER = re.compile(r"(?<![\w.])\d+\.\d+\.\d+(?![\w.])")
WITHOUT_OBJECT = {"9", "10", "17"}
"""Chapters about parts that the office does not have; the page says so."""


def levels() -> dict[str, set[str]]:
    """The numbers of each level."""
    _, *parts = (ROOT / "tests/docs/asvs-5.0.0.txt").read_text("utf-8").split("level ")
    return {level: set(rest) for level, *rest in (part.split() for part in parts)}


def named() -> set[str]:
    """The numbers that the page answers for: those of its first columns, and those it says have no object."""
    head = PAGE.partition("\n## ")[0]
    items = re.findall(r"(?m)^\| ([^|]+) \|", PAGE)
    return {number for text in (head, *items) for number in NUMBER.findall(text)} - {"5.0.0", "4.0.3"}


def test_every_number_is_one_of_the_standard() -> None:
    assert named() - set().union(*levels().values()) == set()


def test_every_requirement_of_the_levels_1_and_2_is_answered_for() -> None:
    wanted = {number for level in "12" for number in levels()[level] if number.split(".")[0] not in WITHOUT_OBJECT}
    assert len(wanted) > 150
    assert wanted - named() == set()
    assert all(f"V{chapter} (no " in PAGE for chapter in WITHOUT_OBJECT)
