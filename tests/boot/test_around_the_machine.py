"""What `make boot` does before it has a machine: says why it can't have one, and removes what killed runs left.

These tests need no machine and are a part of the suite.
"""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.boot.conftest import NOT_RUN
from tests.boot.leftovers import cgroup2, group_of, processes, remove, scratch_folder

ROOT = Path(__file__).parents[2]


def test_without_root_it_says_not_run_and_why() -> None:
    somebody = ["unshare", "--user"] if os.geteuid() == 0 else []
    if somebody and subprocess.run([*somebody, "true"], check=False, capture_output=True).returncode != 0:
        pytest.skip("no user namespaces: NOT RUN was not tried as another user")
    command = [*somebody, sys.executable, "-m", "pytest", "-q", "-n", "0", "-p", "no:cacheprovider", "-m", "boot"]
    done = subprocess.run(
        [*command, "tests/boot/test_boot.py"], cwd=ROOT, capture_output=True, text=True, check=False, timeout=280
    )
    assert done.returncode == NOT_RUN, done.stdout + done.stderr
    assert "make boot: NOT RUN. It needs root" in done.stdout + done.stderr


HOLD = """
import sys
from pathlib import Path
from tests.boot.leftovers import scratch_folder

with scratch_folder(Path(sys.argv[1])) as scratch:
    print(scratch, flush=True)
    sys.stdin.read()
"""


def holding(cache: Path) -> tuple["subprocess.Popen[str]", Path]:
    """A run that lives, and its folder."""
    run = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(cache)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert run.stdout is not None
    return run, Path(run.stdout.readline().strip())


def test_the_folder_of_a_killed_run_is_removed_and_that_of_a_living_one_is_not(tmp_path: Path) -> None:
    (killed, left), (living, kept) = holding(tmp_path), holding(tmp_path)
    with living:
        with killed:
            (left / "upper").mkdir()
            killed.kill()
        assert left.is_dir()
        with scratch_folder(tmp_path) as own:
            assert own.is_dir()
            assert kept.is_dir()
            assert not left.exists()
        assert not own.exists()
        assert living.stdin is not None
        living.stdin.close()
    assert not kept.exists()


def _may_make_groups() -> bool:
    mount = cgroup2()
    return mount is not None and os.access(mount, os.W_OK) and os.geteuid() == 0


@pytest.mark.skipif(not _may_make_groups(), reason="needs root and a writable cgroup2: leftover groups NOT tried")
def test_processes_and_control_group_of_a_killed_run_are_removed(tmp_path: Path) -> None:
    killed, left = holding(tmp_path)
    group = group_of(left)
    group.mkdir()
    (group / "below").mkdir()
    with subprocess.Popen(["sleep", "1000"]) as sleeper:
        (group / "below" / "cgroup.procs").write_text(str(sleeper.pid))
        with killed:
            killed.kill()
        with scratch_folder(tmp_path):
            assert sleeper.wait(60) == -signal.SIGKILL
    with scratch_folder(tmp_path):
        assert not group.exists()
    shutil.rmtree(left, ignore_errors=True)


@pytest.mark.skipif(not _may_make_groups(), reason="needs root and a writable cgroup2: leftover groups NOT tried")
def test_the_group_of_a_living_run_stays(tmp_path: Path) -> None:
    with scratch_folder(tmp_path) as own:
        group = group_of(own)
        group.mkdir()
        with scratch_folder(tmp_path):
            assert group.is_dir()
            assert processes(group) == []
        remove(group)
