"""What a run of `make boot` or `make vm` saw, as a page in out/, and on request as a section of its page in docs/."""

import os
import re
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"
_BEGIN, _END = "<!-- seen: written by make {} REPORT=1 -->\n", "<!-- end -->\n"

_notes: list[tuple[str, str]] = []
_rows: list[tuple[str, str, float, str]] = []
_failed: list[tuple[str, str, str, str]] = []


def note(what: str, seen: str) -> None:
    """Note something about the run itself."""
    _notes.append((what, seen))


def failed(what: str, unit: str, check: str, said: str) -> None:
    """Note a check that failed, as it should, with the former version of `what`."""
    _failed.append((what, unit, check, said.replace("|", "/")))


def take(test: pytest.TestReport, verb: str = "boot") -> None:
    """Note one finished test of `make verb`, with what it recorded as `seen`."""
    if test.when != "call" or f"tests/{verb}/" not in test.nodeid:
        return
    name = re.sub(r"^test_", "", test.nodeid.split("::")[-1]).replace("_", " ")
    seen = "; ".join(str(value) for key, value in test.user_properties if key == "seen")
    _rows.append((name, "seen" if test.passed else "NOT SEEN", test.duration, seen))


def write_failed(path: Path) -> None:
    """Write the long form: which check failed in which unit."""
    if not _failed:
        return
    lines = ["| what the run removed or changed | unit | check that fails | what it says |", "|---|---|---|---|"]
    lines += [f"| {what} | {unit} | {check} | {said} |" for what, unit, check, said in _failed]
    path.write_text("\n".join(lines) + "\n", "utf-8")


def write(path: Path, verb: str = "boot") -> None:
    """Write the report; with BOOT_REPORT=1 (of `make boot`; VM_REPORT=1 of `make vm`) into the docs, too."""
    if not _rows:
        return
    lines = ["| run | |", "|---|---|", *(f"| {what} | {seen} |" for what, seen in _notes), ""]
    lines += ["| check | | s | what was seen |", "|---|---|---|---|"]
    lines += [f"| {name} | {verdict} | {seconds:.1f} | {seen} |" for name, verdict, seconds, seen in _rows]
    page = "\n".join(lines) + "\n"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page, "utf-8")
    if os.environ.get(f"{verb.upper()}_REPORT") == "1":
        docs, begin = DOCS / f"{verb}.md", _BEGIN.format(verb)
        before, _, rest = docs.read_text("utf-8").partition(begin)
        docs.write_text(before + begin + page + _END + rest.partition(_END)[2], "utf-8")
