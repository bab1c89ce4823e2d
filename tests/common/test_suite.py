"""The run of all tests in two parts (`scripts/suite`)."""

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def played(tmp_path: Path, failing: str = "nothing") -> tuple[int, list[list[str]]]:
    """How the script ends, and the words with which it calls pytest, which fails if one of them is `failing`."""
    for folder in ("scripts", ".venv/bin"):
        (tmp_path / folder).mkdir(parents=True)
    shutil.copy(ROOT / "scripts/suite", tmp_path / "scripts/suite")
    program = tmp_path / ".venv/bin/pytest"
    program.write_text(f"""#!/bin/sh\necho "$*" >>called\ncase " $* " in *" {failing} "*) exit 3;; esac\n""")
    program.chmod(0o755)
    done = subprocess.run([tmp_path / "scripts/suite", "-q"], timeout=60, check=False)
    return done.returncode, [line.split() for line in (tmp_path / "called").read_text().splitlines()]


def test_every_room_is_in_one_of_two_parts(tmp_path: Path) -> None:
    code, (first, second) = played(tmp_path)
    assert (code, first[0]) == (0, "-q")
    rooms = first[1:]
    assert all((ROOT / room).is_dir() for room in rooms)
    assert second == ["-q", *(word for room in rooms for word in ("--ignore", room)), "tests"]


@pytest.mark.parametrize("failing", ["tests/scenario", "--ignore"])
def test_a_part_that_fails_fails_the_suite_and_both_are_run(failing: str, tmp_path: Path) -> None:
    code, called = played(tmp_path, failing)
    first = "tests/scenario" if failing == "--ignore" else failing
    assert first in called[0]
    assert (code, len(called)) == (3, 2)
