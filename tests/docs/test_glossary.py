"""The glossary: every retired identifier stays retired where the table says so."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "glossary.md").read_text("utf-8")
# Words that say only that something was said: each of them named twenty different things.
SAYS_NOTHING = re.compile(r"_*(told|said|heard)", re.IGNORECASE)
ROOMS = ("center", "common", "kiosk", "rules", "sim", "wire")
STORED = {
    "center/season/tables.py: said",  # a column
    "center/shots/tables.py: told",  # a column
    "sim/play/scenario.py: heard",  # a key of scenarios
}
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


def defined(source: str) -> Iterator[str]:
    """The names that a module defines for its readers: of the module itself, of its classes, and of their objects."""
    bodies: list[ast.Module | ast.ClassDef] = [ast.parse(source)]
    while bodies:
        body = bodies.pop()
        for node in statements(body):
            match node:
                case ast.ClassDef(name=name):
                    bodies.append(node)
                    yield name
                case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                    yield name
                    yield from attributes(node)
                case ast.Assign(targets=targets):
                    yield from (one.id for target in targets for one in ast.walk(target) if isinstance(one, ast.Name))
                case ast.AnnAssign(target=ast.Name(id=name)):
                    yield name
                case ast.Import(names=names) | ast.ImportFrom(names=names):
                    yield from (alias.asname for alias in names if alias.asname)


def statements(body: ast.Module | ast.ClassDef) -> Iterator[ast.stmt]:
    """The statements of a module or class, also those in its conditions."""
    left = list(body.body)
    while left:
        node = left.pop()
        yield node
        left += [*node.body, *node.orelse] if isinstance(node, ast.If | ast.Try) else []


def attributes(function: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[str]:
    """The attributes that a method gives its object."""
    for node in ast.walk(function):
        match node:
            case ast.Attribute(value=ast.Name(id="self"), attr=name, ctx=ast.Store()):
                yield name


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


def test_no_name_says_only_that_something_was_said() -> None:
    found = {
        f"{path.relative_to(ROOT).as_posix()}: {name}"
        for room in ROOMS
        for path in (ROOT / room).rglob("*.py")
        for name in defined(path.read_text("utf-8"))
        if SAYS_NOTHING.fullmatch(name)
    }
    assert sorted(found - STORED) == []


@pytest.mark.parametrize(
    "source",
    [
        "def _told(): ...",
        "SAID = 1",
        "FILE, SAID = 1, 2",
        "from wire import instructions as told",
        "class Told: ...",
        "class Card:\n    told: bool = False",
        "class Card:\n    def read(self):\n        self._heard = 1",
        "if True:\n    def said(): ...",
    ],
)
def test_such_a_name_would_be_found(source: str) -> None:
    assert any(SAYS_NOTHING.fullmatch(name) for name in defined(source))


def test_local_names_are_free() -> None:
    assert not any(
        SAYS_NOTHING.fullmatch(name) for name in defined("def read(told):\n    said = told\n    return said")
    )
