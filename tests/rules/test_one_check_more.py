"""Adding a check takes six places: the steps of docs/profiles.md, carried out on a copy of the program."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from rules.checks import CheckId

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "profiles.md").read_text("utf-8")
WALK = PAGE.partition("## Adding a check\n")[2].partition("\n## ")[0]
STEP = re.compile(
    r"(?:In|At the end of)\s+`(?P<path>[^`]+)`(?:, after `(?P<after>[^`]+)`)?:\n```\w+\n(?P<text>.*?)^```", re.M | re.S
)
ROOMS = ("rules", "kiosk", "center", "common", "wire", "sim")
TESTS = ("tests/rules/test_rules_profile.py", "tests/ui/test_catalog.py", "tests/core/test_guidance.py")
THIS = "tests/rules/test_one_check_more.py"
NEW = "top_pattern"

ASKS = f"""
import rules
from pathlib import Path
assert Path(rules.__file__).is_relative_to({{root!r}}), rules.__file__
from center.review.model.reasons import KEYS
from center.web.catalog import catalog
from kiosk.core.session.guidance import WORDS
from kiosk.ui.viewmodel.advice import ADVICE
from rules.checks import CheckId
from sim.negatives import fault_named
check = CheckId("{NEW}")
assert WORDS[check, 1] == "guide.{NEW}"
assert check.value in ADVICE and KEYS[check.value]
assert catalog("zh").text("reason.{NEW}") == "上衣有花纹"
assert catalog("en").text("check.{NEW}") == "Pattern of the top"
assert check in fault_named("striped_top").checks
"""

MEASURES = """
import numpy as np
from kiosk.vision.analysis import PictureAnalyzer
from kiosk.vision.checks.shot import surroundings
from kiosk.vision.models import models_folder
from rules.checks import CheckId
from rules.profile import load_profile
from sim.people import Light, Pose, drawn
from sim.twins.scene import Scene
picture = np.array(Scene().picture((900, 1200), Light(), [(drawn(105), Pose())]))
analysis = PictureAnalyzer(models_folder()).analyze(picture)
value = surroundings(analysis, load_profile("jiangsu-2019").background)[CheckId("top_pattern")]
assert value is not None and 0 <= value < 100, value
"""


def steps() -> Iterator[tuple[str, str | None, str]]:
    """(file or pattern, the text in the line before, what to add) of each step."""
    for step in STEP.finditer(WALK):
        yield step["path"], step["after"], step["text"]


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the program with one check more."""
    root = tmp_path_factory.mktemp("program")
    for room in ROOMS:
        shutil.copytree(ROOT / room, root / room, ignore=shutil.ignore_patterns("__pycache__"))
    plugins = ("tests/conftest.py", "tests/browser.py", "tests/logs.py", "tests/memory.py")
    for name in ("docs/profiles.md", "pyproject.toml", *plugins, THIS, *TESTS):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, root / name)
    for pattern, after, text in steps():
        found = sorted(root.glob(pattern))
        assert found, pattern
        for path in found:
            path.write_text(added(path.read_text("utf-8"), after, text), "utf-8")
    return root


def added(content: str, after: str | None, text: str) -> str:
    """`content` with `text` after the first line that holds `after`, else at its end."""
    if after is None:
        return content + text
    lines = content.splitlines(keepends=True)
    place = next(number for number, line in enumerate(lines) if after in line)
    return "".join([*lines[: place + 1], text, *lines[place + 1 :]])


def run(root: Path, *command: str) -> None:
    environment = {**os.environ, "PYTHONPATH": str(root)}
    done = subprocess.run(
        [sys.executable, *command], cwd=root, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]


def test_the_walk_names_six_places_and_no_other() -> None:
    assert len(re.findall(r"^\d\. ", WALK, re.M)) == 6
    assert {path.split("/")[0] for path, _, _ in steps()} == {"rules", "kiosk", "sim", "docs"}
    assert len({path for path, _, _ in steps()}) == 7  # the measure stands in a module and in the list of measures


def test_booth_and_office_know_the_check_that_was_added(program: Path) -> None:
    run(program, "-c", ASKS.format(root=str(program)))


def test_the_rules_tests_pass_with_the_check_that_was_added(program: Path) -> None:
    run(program, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-n0", *TESTS)
    run(program, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-n0", "-k", "line_in_the_table", THIS)


def test_the_check_that_was_added_measures_a_drawn_person(program: Path) -> None:
    run(program, "-c", MEASURES)


def test_every_check_has_its_line_in_the_table() -> None:
    table = PAGE.partition("## The checks\n")[2].partition("\n## ")[0]
    assert re.findall(r"^\| `(\w+)` \|", table, re.M) == [check.value for check in CheckId]
