"""What `make vm` does before it has a machine: says why it can't have one. A part of the suite."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.boot.conftest import NOT_RUN

ROOT = Path(__file__).parents[2]


def run_of(environment: dict[str, str], *before: str) -> "subprocess.CompletedProcess[str]":
    """`make vm`'s tests in an environment, by another program if one is named."""
    command = [*before, sys.executable, "-m", "pytest", "-q", "-n", "0", "-p", "no:cacheprovider", "-m", "vm"]
    return subprocess.run(
        [*command, "tests/vm/test_vm.py"], cwd=ROOT, capture_output=True, text=True, check=False, env=environment
    )


def test_without_root_it_says_not_run_and_why() -> None:
    somebody = ["unshare", "--user"] if os.geteuid() == 0 else []
    if somebody and subprocess.run([*somebody, "true"], check=False, capture_output=True).returncode != 0:
        pytest.skip("no user namespaces: NOT RUN was not tried as another user")
    done = run_of(dict(os.environ), *somebody)
    assert done.returncode == NOT_RUN, done.stdout + done.stderr
    assert "make vm: NOT RUN. It needs root" in done.stdout + done.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root: a machine without QEMU was NOT tried")
def test_without_qemu_it_says_not_run_and_what_installs_it(tmp_path: Path) -> None:
    done = run_of(os.environ | {"PATH": str(tmp_path)})
    assert done.returncode == NOT_RUN, done.stdout + done.stderr
    assert "qemu-system-x86_64" in done.stdout + done.stderr
    assert "scripts/setup-vm installs them" in done.stdout + done.stderr
