"""The run of all tests in parts (`scripts/suite`)."""

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


def test_every_room_is_in_exactly_one_part(tmp_path: Path) -> None:
    code, called = played(tmp_path)
    assert code == 0
    assert {words[0] for words in called} == {"-q"}
    rooms = [room for words in called[:-1] for room in words[1:]]
    assert all((ROOT / room).is_dir() for room in rooms)
    assert len(rooms) == len(set(rooms))
    assert called[-1] == ["-q", *(f"--ignore={room}" for room in rooms), "tests"]


@pytest.mark.parametrize("failing", ["tests/scenario", "tests/vision", "tests"])
def test_a_part_that_fails_fails_the_suite_and_all_others_are_run(failing: str, tmp_path: Path) -> None:
    code, called = played(tmp_path, failing)
    assert sum(failing in words for words in called) == 1
    assert (code, len(called)) == (3, 5)
