"""The camera's contract on the real picamera2 over a sensor in memory, as a Raspberry Pi 4 and as a Raspberry Pi 5.

Each in a process of its own: picamera2 keeps its platform and threads for the life of the process.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from sim.twins.libcamera_stand_in import packages

ROOT = Path(__file__).parents[2]
TESTS = ("tests/contract/test_camera.py", "tests/contract/test_picamera2_surface.py")
# The library's own: it warns of itself, and an exception in its event thread is one of the faults.
QUIET = ("ignore::DeprecationWarning", "ignore::pytest.PytestUnhandledThreadExceptionWarning")


@pytest.mark.parametrize("platform", ["VC4", "PISP"])
def test_the_camera_keeps_its_contract_on_the_real_library(platform: str) -> None:
    if not packages.is_there():
        pytest.skip("NOT RUN: the real picamera2 is not here; scripts/setup-tests brings it")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", *TESTS]
    command += ["-k", "not device", "--camera", platform]
    for quiet in QUIET:
        command += ["-W", quiet]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    environment["PYTHONPATH"] = str(packages.folder())
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]
    assert " passed" in done.stdout
