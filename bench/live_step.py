"""Compares our live step with MediaPipe's own FaceMesh: on the same frames, in the same run, on one core. Our step
tracks the face, finds the mesh, finds one iris on three of every seven frames (the left and the right one in turn),
looks for a second face twice a second, and measures everything that the live checks need. MediaPipe's step is FaceMesh
in video mode with irises, for one face. MediaPipe 0.10.21 needs NumPy 1, so it is installed in an environment of its
own (`bench/.venv`, made when needed) and gets the frames as a file.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.row import Row, one_core, spread
from kiosk.vision.checks.framing import PixelNeed
from kiosk.vision.checks.live import live_measures
from kiosk.vision.face.track import FaceTracker
from kiosk.vision.models import WHEEL, models_folder
from sim.people import Light, Pose, drawn
from sim.twins.scene import LORES, MAIN, Scene

FRAMES, ROUNDS, WARM_UP = 60, 4, 20
FRAME_NS = 70_000_000  # the time of a frame of Camera Module 3 at full resolution: 14.35 frames a second
LIMIT = 0.9  # the largest 99th percentile of our step, as a share of MediaPipe's
ENVIRONMENT = Path(__file__).parent / ".venv"
THEIRS = Path(__file__).with_name("mediapipe_step.py")


def run() -> list[Row]:
    """Time both steps in turn, in several rounds, so that other programs disturb both alike."""
    python = _their_python()
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        file = Path(folder) / "frames.npy"
        frames = moving_person()
        np.save(file, frames)
        ours, theirs = [], []
        for _ in range(ROUNDS):
            ours += _our_times(frames)
            theirs += _their_times(python, file) if python else []
    mine = _row("live step, 1280x720, one core", ours)
    if not theirs:
        return [Row(*mine, None, None, f"{WHEEL} can't be installed here: no comparison")]
    other = _row("MediaPipe FaceMesh, video mode, irises", theirs)
    ratio = mine[1] / other[1]
    note = "track, mesh, irises in turn, all live measures"
    return [Row(*mine, ratio, LIMIT, note), Row(*other, None, None, WHEEL)]


def moving_person() -> NDArray[np.uint8]:
    """The frames (n, 720, 1280, 3) of a drawn person who sways a little, as people do."""
    scene, person = Scene(), drawn(3)
    sway = [Pose(x_cm=1.5 * np.sin(k / 5), y_cm=0.6 * np.sin(k / 3), distance_cm=120 + k % 7) for k in range(FRAMES)]
    return np.stack([scene.picture(LORES, Light(), [(person, pose)]) for pose in sway])


def _our_times(frames: NDArray[np.uint8]) -> list[float]:
    with one_core():
        tracker, need = FaceTracker(models_folder()), PixelNeed(MAIN[0] / LORES[0], 215.0)
        times = []
        for number in range(WARM_UP + 3 * FRAMES):
            frame = frames[number % FRAMES]
            began = time.perf_counter()
            measures = live_measures(frame, tracker.track(frame, number * FRAME_NS), need)
            times.append((time.perf_counter() - began) * 1e3)
            assert measures.faces == 1, "the drawn person is followed"
    return times[WARM_UP:]


def _their_times(python: Path, file: Path) -> list[float]:
    core = str(min(os.sched_getaffinity(0)))
    command = [str(python), str(THEIRS), str(file), core, str(WARM_UP), str(WARM_UP + 3 * FRAMES)]
    done = subprocess.run(command, capture_output=True, check=True, text=True, timeout=300)
    times: list[float] = json.loads(done.stdout.splitlines()[-1])
    return times


def _their_python() -> Path | None:
    python = ENVIRONMENT / "bin" / "python"
    ready = ENVIRONMENT / ".ready"
    if not ready.exists():
        sys.stderr.write(f"Making {ENVIRONMENT} with {WHEEL} (once, some 400 MB)\n")
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(ENVIRONMENT)], check=True, stdout=sys.stderr)
        install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", WHEEL]
        if subprocess.run(install, stdout=sys.stderr, check=False).returncode != 0:
            return None
        ready.touch()
    return python


def _row(name: str, times: list[float]) -> tuple[str, float, float]:
    return name, *spread(times)
