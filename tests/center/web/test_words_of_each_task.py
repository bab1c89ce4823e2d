"""Words by task: a page says words of its own task, of tasks below it and of `web`, so whoever changes a word on the
page of one task changes no page of a task that does not know this one. The layers are those of `.importlinter`.

What counts as said: in templates, and in Python that uses `center.web`, each string that is the id of a message or the
beginning of one with its section (`t("state." ~ state)`, `f"season.month_{number}"`, `t.named("flag", name)`).
"""

import ast
import configparser
import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import jinja2
import pytest
from jinja2 import nodes

REPOSITORY = Path(__file__).parents[3]
CENTER = REPOSITORY / "center"
TEMPLATES = {path.name: path for path in CENTER.glob("*/templates/*.html")}
PYTHON = [path for path in CENTER.rglob("*.py") if "center.web" in path.read_text("utf-8")]
ENVIRONMENT = jinja2.Environment()
ASKS = {"t", "text", "words"}
"""The names under which code and templates call the catalog."""


def task_of(path: Path) -> str:
    return path.relative_to(CENTER).parts[0]


@cache
def sections() -> Mapping[str, str]:
    """Each section of messages -> the task whose folder has it."""
    found: dict[str, str] = {}
    for path in CENTER.glob("*/text/en.toml"):
        for section in tomllib.loads(path.read_text("utf-8")):
            assert section not in found, f"[{section}] stands in the words of {found[section]} and {task_of(path)}"
            found[section] = task_of(path)
    return found


@cache
def messages() -> frozenset[str]:
    """The ids of the messages of all tasks."""

    def ids(table: Mapping[str, object], before: str) -> Iterator[str]:
        for name, value in table.items():
            if isinstance(value, dict):
                yield from ids(value, f"{before}{name}.")
            else:
                yield f"{before}{name}"

    return frozenset(
        one for path in CENTER.glob("*/text/en.toml") for one in ids(tomllib.loads(path.read_text("utf-8")), "")
    )


@cache
def layers() -> Mapping[str, int]:
    """Each task -> its layer; a greater number is lower."""
    contracts = configparser.ConfigParser()
    contracts.read(REPOSITORY / ".importlinter")
    lines = contracts["importlinter:contract:center-layers"]["layers"].split("\n")
    return {task: at for at, line in enumerate(lines) for task in re.findall(r"\w+", line)}


def may_use(task: str, other: str) -> bool:
    """Whether pages of `task` may show what belongs to `other`. Web itself knows no task."""
    return other in (task, "web") or (task != "web" and layers()[task] < layers()[other])


def said(string: str) -> str | None:
    """The section of messages that a string in a page or its code names; None if it names none."""
    named = string in messages() or ("." in string and any(one.startswith(string) for one in messages()))
    return string.split(".", 1)[0] if named else None


def of_template(source: str) -> Iterator[tuple[int, str | None]]:
    """The strings of a template, and None for a text whose id begins with a computed part; with their lines."""
    tree = ENVIRONMENT.parse(source)
    for one in tree.find_all(nodes.Const):
        if isinstance(one.value, str):
            yield one.lineno, one.value
    for call in tree.find_all(nodes.Call):
        name = call.node.name if isinstance(call.node, nodes.Name) else getattr(call.node, "attr", "")
        first = call.args[0] if call.args else None
        if name == "named" and isinstance(first, nodes.Const):
            yield call.lineno, f"{first.value!s}."
        while isinstance(first, nodes.Concat | nodes.Add):
            first = first.nodes[0] if isinstance(first, nodes.Concat) else first.left
            if name in ASKS and not isinstance(first, nodes.Const | nodes.Concat | nodes.Add):
                yield call.lineno, None


def of_python(source: str) -> Iterator[tuple[int, str | None]]:
    """The same of a module."""
    for one in ast.walk(ast.parse(source)):
        if isinstance(one, ast.Constant) and isinstance(one.value, str):
            yield one.lineno, one.value
        if isinstance(one, ast.Call) and one.args:
            name = one.func.id if isinstance(one.func, ast.Name) else getattr(one.func, "attr", "")
            first = one.args[0]
            if name == "named" and isinstance(first, ast.Constant):
                yield one.lineno, f"{first.value!s}."
            if name in ASKS and isinstance(first, ast.JoinedStr) and not isinstance(first.values[0], ast.Constant):
                yield one.lineno, None


def strange(task: str, strings: Iterator[tuple[int, str | None]]) -> Iterator[str]:
    """What a page of `task` may not say."""
    for line, string in strings:
        if string is None:
            yield f"{line}: the id of a text begins with a computed part: begin it with its section"
        elif section := said(string):
            owner = sections()[section]
            if not may_use(task, owner):
                yield f"{line}: {string} is a word of {owner}"


@pytest.mark.parametrize("path", sorted(TEMPLATES.values()), ids=lambda path: path.name)
def test_a_template_says_only_words_of_its_task_of_tasks_below_and_of_web(path: Path) -> None:
    assert list(strange(task_of(path), of_template(path.read_text("utf-8")))) == []


@pytest.mark.parametrize("path", sorted(PYTHON), ids=lambda path: path.relative_to(CENTER).as_posix())
def test_code_of_a_page_says_only_words_of_its_task_of_tasks_below_and_of_web(path: Path) -> None:
    assert list(strange(task_of(path), of_python(path.read_text("utf-8")))) == []


@pytest.mark.parametrize("path", sorted(TEMPLATES.values()), ids=lambda path: path.name)
def test_a_template_uses_only_templates_of_its_task_of_tasks_below_and_of_web(path: Path) -> None:
    kinds = (nodes.Extends, nodes.Include, nodes.Import, nodes.FromImport)
    named = [getattr(one, "template", None) for one in ENVIRONMENT.parse(path.read_text("utf-8")).find_all(kinds)]
    used = {str(one.value) for one in named if isinstance(one, nodes.Const)}
    assert [one for one in sorted(used) if not may_use(task_of(path), task_of(TEMPLATES[one]))] == []


@pytest.mark.parametrize(
    "template",
    [
        '{{ t("queue.title") }}',
        '{{ t("queue." ~ name) }}',
        '{{ t("queue.title" if one else other) }}',
        '{{ t.named("queue", name) }}',
        '{% set words = {"a": "queue.title"} %}{{ t(words.a) }}',
        '{{ t(words ~ ".title") }}',
    ],
)
def test_a_word_of_a_task_above_is_seen_in_a_template_also_if_its_id_is_put_together(template: str) -> None:
    assert list(strange("roster", of_template(template)))
    if "words ~" not in template:
        assert list(strange("dashboard", of_template(template))) == [], "the dashboard is above the review"


@pytest.mark.parametrize(
    "code",
    [
        'request.text("queue.title")',
        'request.text(f"queue.{name}")',
        'text.named("queue", name)',
        '_IDS = {Wrong: "queue."}',
        'words(f"{section}.title")',
    ],
)
def test_a_word_of_a_task_above_is_seen_in_python_also_if_its_id_is_put_together(code: str) -> None:
    assert list(strange("roster", of_python(code)))
