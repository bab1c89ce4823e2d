"""Adding a check takes six places and its recordings: the steps of docs/profiles.md, carried out on a copy."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.text.catalog import LANGUAGES
from rules.checks import CheckId
from rules.profile import profile_names

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "profiles.md").read_text("utf-8")
WALK = PAGE.partition("## Adding a check\n")[2].partition("\n## ")[0]
CHANGE = re.compile(
    r"(?:In|At the end of)\s+`(?P<path>[^`]+)`(?:, after `(?P<after>[^`]+)`)?:\n```\w+\n(?P<text>.*?)^```", re.M | re.S
)
STEPS = re.split(r"^\d\. ", WALK, flags=re.M)[1:]
BY_HAND, RECORDINGS = STEPS[:-1], STEPS[-1]
ROOMS = ("rules", "kiosk", "center", "common", "wire", "sim")
TESTS = (
    *("tests/rules/test_rules_profile.py", "tests/core/test_guidance.py"),
    *("tests/ui/test_catalog.py", "tests/ui/test_languages.py"),
)
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
from rules.check_words import check_unit
from rules.checks import CheckId
from sim.negatives import fault_named
check = CheckId("{NEW}")
assert WORDS[check, 1] == "guide.{NEW}"
assert check.value in ADVICE and KEYS[check.value]
assert catalog("zh").text("reason.{NEW}") == "上衣有花纹"
assert catalog("en").text("check.{NEW}") == "Pattern of the top"
assert check_unit(check, "zh_CN") == "上衣明暗部分的明度差（L*）"
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


UNRECORDED = """
from kiosk.text.catalog import LANGUAGES
from kiosk.text.speech import FOLDER, recording, stale
print(*(recording(language, prompt).relative_to(FOLDER) for language in LANGUAGES for prompt in stale(language)))
"""


def changes(step: str) -> Iterator[tuple[list[str], str | None, str]]:
    """(files, the text in the line before, what to add) of each change that a step names."""
    for change in CHANGE.finditer(step):
        paths = [str(path.relative_to(ROOT)) for path in ROOT.glob(change["path"])]
        assert paths, change["path"]
        yield paths, change["after"], change["text"]


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the program with one check more."""
    root = tmp_path_factory.mktemp("program")
    for room in ROOMS:
        shutil.copytree(ROOT / room, root / room, ignore=shutil.ignore_patterns("__pycache__"))
    plugins = ("tests/conftest.py", "tests/browser.py", "tests/logs.py", "tests/memory.py")
    for name in ("docs/profiles.md", "pyproject.toml", *plugins, "tests/ui/test_shell.py", THIS, *TESTS):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, root / name)
    for paths, after, text in changes(WALK):
        for path in paths:
            (root / path).write_text(added((root / path).read_text("utf-8"), after, text), "utf-8")
    return root


def added(content: str, after: str | None, text: str) -> str:
    """`content` with `text` after the first line that holds `after`, else at its end."""
    if after is None:
        return content + text
    lines = content.splitlines(keepends=True)
    place = next(number for number, line in enumerate(lines) if after in line)
    return "".join([*lines[: place + 1], text, *lines[place + 1 :]])


def run(root: Path, *command: str) -> str:
    """What the command prints that is run in the copy."""
    environment = {**os.environ, "PYTHONPATH": str(root)}
    done = subprocess.run(
        [sys.executable, *command], cwd=root, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout


def test_the_walk_has_six_steps_by_hand_and_tells_how_many_files_each_changes() -> None:
    files = [{path for paths, _, _ in changes(step) for path in paths} for step in BY_HAND]
    assert [len(paths) for paths in files] == [1, 2, len(profile_names()), 1, 1, 1]
    told = "By hand you change nine files: step 2 has two, step 3 has one for each of the three profiles."
    assert len(set().union(*files)) == 9
    assert told in WALK.replace("\n", " ")


def test_booth_and_office_know_the_check_that_was_added(program: Path) -> None:
    run(program, "-c", ASKS.format(root=str(program)))


def test_the_tests_of_rules_words_and_screens_pass_with_the_check_that_was_added(program: Path) -> None:
    run(program, "-m", "ruff", "check", "--no-cache", *ROOMS)
    run(program, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-n0", *TESTS)
    run(program, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-n0", "-k", "line_in_the_table", THIS)


def test_only_the_recordings_that_the_last_step_names_are_missing(program: Path) -> None:
    named = re.findall(r"^kiosk/text/recordings/(LANGUAGE/.+\.ogg)$", RECORDINGS, re.M)
    assert set(run(program, "-c", UNRECORDED).split()) == {
        name.replace("LANGUAGE", language) for name in named for language in LANGUAGES
    }


def test_the_check_that_was_added_measures_a_drawn_person(program: Path) -> None:
    run(program, "-c", MEASURES)


def test_every_check_has_its_line_in_the_table() -> None:
    table = PAGE.partition("## The checks\n")[2].partition("\n## ")[0]
    assert re.findall(r"^\| `(\w+)` \|", table, re.M) == [check.value for check in CheckId]
