"""What set-up installs: the files of one release of each package, and nothing that comes from somewhere named."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
LOCKS = sorted((ROOT / "lock").glob("*.txt"))
_ROW = re.compile(r"^([a-z0-9-]+)==(\S+)(?: ; [^\\\n]+)?((?: \\\n    --hash=sha256:[0-9a-f]{64})+)$", re.MULTILINE)


def _rows(path: Path) -> dict[str, tuple[str, str]]:
    return {name: (release, hashes) for name, release, hashes in _ROW.findall(path.read_text("ascii"))}


def _wanted(*extras: str) -> set[str]:
    project: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    lists = [project["build-system"]["requires"], project["project"]["dependencies"]]
    lists += [project["project"]["optional-dependencies"][extra] for extra in extras]
    names = {re.split(r"[\[<>=~!; ]", wish)[0].lower() for wishes in lists for wish in wishes}
    return names - {project["project"]["name"]}  # an extra that takes in others


@pytest.mark.parametrize("path", LOCKS, ids=lambda path: path.name)
def test_a_lock_holds_only_releases_with_hashes(path: Path) -> None:
    text = path.read_text("ascii")
    assert re.sub(r"^#.*\n", "", _ROW.sub("", text), flags=re.MULTILINE).strip() == ""
    assert "://" not in text


@pytest.mark.parametrize(
    ("name", "extras"), [("all", ("booth", "office", "sim", "dev")), ("booth", ("booth",)), ("office", ("office",))]
)
def test_a_lock_has_all_that_is_wanted(name: str, extras: tuple[str, ...]) -> None:
    assert _wanted(*extras) <= _rows(ROOT / "lock" / f"{name}.txt").keys(), "run scripts/lock"


def test_booth_and_office_get_only_packages_with_which_the_tests_run() -> None:
    tested = _rows(ROOT / "lock" / "all.txt").items()
    assert {path.stem for path in LOCKS} == {"all", "booth", "office", "picamera2", "training", "voice"}
    for path in LOCKS:
        if path.stem in ("picamera2", "training", "voice"):
            continue  # apt's on a booth, for its contract test alone; maintainers' tools, apart
        assert _rows(path).items() <= tested
