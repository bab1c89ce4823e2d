"""Renews the part of a page of the documentation that a program writes: the lines between two marks."""

from collections.abc import Sequence
from pathlib import Path


def write_between(page: Path, marks: tuple[str, str], lines: Sequence[str]) -> None:
    """Write `lines` between the two `marks` of a page. Raises `OSError`."""
    before, rest = page.read_text(encoding="utf-8").split(marks[0])
    after = rest.split(marks[1])[1]
    page.write_text("\n".join([f"{before}{marks[0]}", *lines, f"{marks[1]}{after}"]), encoding="utf-8")
