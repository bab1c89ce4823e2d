"""The glossary: every retired identifier stays retired where the table says so."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "glossary.md").read_text("utf-8")
ROW = re.compile(r"^\| (?P<retired>`[^|]+`) \| (?P<now>[^|]+) \| (?P<where>[^|]+) \|$", re.MULTILINE)


def retired() -> Iterator[tuple[str, str]]:
    """(identifier, folder) of the last table."""
    for row in ROW.finditer(PAGE.partition("## Retired identifiers")[2]):
        for name in re.findall(r"`(\w+)`", row["retired"]):
            for folder in row["where"].split(", "):
                yield name, folder.strip()


def identifiers(source: str) -> Iterator[str]:
    """What a module defines, imports or names, without attributes of values."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Name(id=name) | ast.ClassDef(name=name) | ast.FunctionDef(name=name) | ast.arg(arg=name):
                yield name
            case ast.ImportFrom(names=names) | ast.Import(names=names):
                yield from (alias.name.rpartition(".")[2] for alias in names)


@pytest.fixture(scope="module")
def used() -> dict[str, set[str]]:
    """The identifiers of each module of ours."""
    files = [path for room in {folder.split("/")[0] for _, folder in retired()} for path in (ROOT / room).rglob("*.py")]
    return {path.relative_to(ROOT).as_posix(): set(identifiers(path.read_text("utf-8"))) for path in files}


@pytest.mark.parametrize(("name", "folder"), sorted(set(retired())))
def test_a_retired_identifier_is_used_no_more(name: str, folder: str, used: dict[str, set[str]]) -> None:
    assert (ROOT / folder).exists()
    assert [path for path, names in used.items() if path.startswith(f"{folder}/") and name in names] == []


def test_the_table_is_read() -> None:
    assert ("Hearing", "kiosk") in set(retired())


def test_a_retired_name_would_be_found() -> None:
    assert {"Hearing", "Line"} <= set(identifiers("from kiosk.uplink import Hearing\n\n\nclass Line: ...\n"))
