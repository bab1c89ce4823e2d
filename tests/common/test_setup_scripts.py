"""Set-up and the packages when something they need could not be fetched: what is done again, and what is said."""

import hashlib
import os
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SAID = '#!/bin/sh\necho "$(basename "$0") $*" >>"$CALLED"\n'


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the scripts with programs that note how they are called: all works, but no npm package can be had."""
    for name in ("scripts/setup", "scripts/deb", "lock/all.txt", "pyproject.toml"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    programs = {".venv/bin/kiosk": "", ".venv/bin/pip": "", "bin/npm": "exit 1\n", "bin/apt-get": "exit 1\n"}
    programs[".venv/bin/center"] = "echo 'litert.js.gz is missing: run `center travel fetch`'\nexit 1\n"
    for name, script in programs.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(SAID + script)
        path.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    monkeypatch.setenv("CALLED", str(tmp_path / "called"))
    return tmp_path


def run(project: Path, script: str) -> tuple[subprocess.CompletedProcess[str], list[str]]:
    """The script's end, and the programs that it called."""
    command = ["bash", str(project / script)]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, timeout=60, check=False)
    called = (project / "called").read_text().splitlines()
    return done, called


def test_a_set_up_without_the_npm_packages_tries_only_these_again(project: Path) -> None:
    site = "--system-site-packages" if find_spec("picamera2") else ""
    parts = [(project / name).read_bytes() for name in ("pyproject.toml", "lock/all.txt", "scripts/setup")]
    want = hashlib.sha256(b"".join(parts) + f"all {site}\n".encode()).hexdigest()
    (project / ".venv/.ready").write_text(f"{want}  -\n")
    done, called = run(project, "scripts/setup")
    assert done.returncode == 0, done.stderr
    assert called == ["kiosk models verify", "center travel verify", "center travel fetch"]
    assert "NOT FETCHED" in done.stderr


def test_the_packages_are_not_begun_without_what_they_hold(project: Path) -> None:
    done, called = run(project, "scripts/deb")
    assert done.returncode == 1
    assert "run `center travel fetch`" in done.stderr
    assert called == ["kiosk models verify", "center travel verify"]
