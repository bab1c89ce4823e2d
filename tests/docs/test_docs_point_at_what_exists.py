"""What the pages name is there: files, links, commands with their options, the Makefile's verbs."""

import argparse
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

import center.__main__
import kiosk.__main__
from common.command_line import module_of

ROOT = Path(__file__).parents[2]
_FOLDERS = ("*.md", "docs/*.md", "docs/adr/*.md", "systemd/*", "center/web/static/*.md")
PAGES = sorted(page for folder in _FOLDERS for page in ROOT.glob(folder))
ROOMS = {path.name for path in ROOT.iterdir() if path.is_dir() and not path.name.startswith(".")} - {"out", "build"}
VERBS = {"kiosk": kiosk.__main__.COMMANDS, "center": center.__main__.COMMANDS}


def _name(page: Path) -> str:
    return str(page.relative_to(ROOT))


def _commands(text: str) -> Iterator[tuple[str, str, str]]:
    """(program, verb, the rest) of each command in code, be it a span or a line of a block."""
    blocks = re.findall(r"```sh\n(.*?)```", text, re.DOTALL)
    spans = [line.partition(" #")[0] for block in blocks for line in block.split("\n")]
    spans += re.findall(r"`([^`\n]+)`", text)
    for span in spans:
        if found := re.search(r"(?:^|(?<!-u)[ /=])(kiosk|center) ([a-z][\w-]*)(.*)", span):
            yield found[1], found[2], found[3]


def _options(program: str, verb: str) -> set[str]:
    """Every option of a verb and of what is below it."""
    parser = argparse.ArgumentParser()
    import_module(f"{program}.commands.{module_of(verb)}").configure(parser)
    found: set[str] = set()
    parsers = [parser]
    while parsers:
        for action in parsers.pop()._actions:
            found |= set(action.option_strings)
            if isinstance(action, argparse._SubParsersAction):
                parsers += action.choices.values()
    return found


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_every_file_a_page_names_is_there(page: Path) -> None:
    named = re.findall(r"`([\w.-]+/[\w./-]*)`", page.read_text("utf-8"))
    ours = {path for path in named if path.split("/")[0] in ROOMS and not re.search(r"[A-Z]{4}", path)}
    assert [path for path in ours if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_every_link_of_a_page_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text("utf-8"))
    links += re.findall(r'<img src="([^"]+)"', page.read_text("utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_every_command_a_page_shows_is_one_with_these_options(page: Path) -> None:
    for program, verb, rest in _commands(page.read_text("utf-8")):
        assert verb in VERBS[program], (program, verb)
        shown = set(re.findall(r"(?<=[ \[])--[a-z-]+", rest))
        assert shown <= _options(program, verb), (program, verb, shown)


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_every_make_target_a_page_names_is_in_the_makefile(page: Path) -> None:
    targets = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"`make ([\w-]+)", page.read_text("utf-8"))) <= targets


def test_every_command_is_in_the_readme() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    for verb in kiosk.__main__.COMMANDS:
        assert f"`.venv/bin/kiosk {verb}" in readme
    for verb in center.__main__.COMMANDS:
        assert re.search(rf"\.venv/bin/center.*`{verb}`|\.venv/bin/center {verb}`", readme)


def test_each_decision_record_has_a_number_of_its_own_and_says_it_first() -> None:
    records = sorted((ROOT / "docs" / "adr").glob("*.md"))
    numbers = [path.name.partition("-")[0] for path in records]
    assert len(numbers) == len(set(numbers))
    assert [path.name for path, number in zip(records, numbers, strict=True)
            if not path.read_text("utf-8").startswith(f"# {number} ")] == []  # fmt: skip
