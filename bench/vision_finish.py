"""Finish from a 12-megapixel frame: the face known from the live frames, as in the booth, one thread."""

import os
import time

import numpy as np

from kiosk.ports.eye import FinishedPhoto
from kiosk.vision.finish import finish_studied
from kiosk.vision.models import models_folder
from kiosk.vision.study import Surveyor
from rules.profile import load_profile
from sim.people import Light, Pose, drawn
from sim.scene import MAIN, Scene

Row = tuple[str, float, float, float | None, float, str]
"""name, median ms, 99th percentile ms, ratio to the other side or None, limit in ms, note."""

PEOPLE, ROUNDS = 4, 6
LIMIT_MS = 200.0


def run() -> list[Row]:
    """Time finishing alone, and with the search for the face in front of it."""
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(cores)})
    try:
        known, searched = _times()
    finally:
        os.sched_setaffinity(0, cores)
    return [
        ("finish, 4608x2592, face known", *_spread(known), None, LIMIT_MS, "matte, crop, background, JPEG, check"),
        ("finish, 4608x2592, face searched", *_spread(searched), None, LIMIT_MS, "from a file"),
    ]


def _times() -> tuple[list[float], list[float]]:
    surveyor, profile, scene = Surveyor(models_folder()), load_profile("jiangsu-2019"), Scene()
    known, searched = [], []
    for seed in range(PEOPLE):
        frame = np.array(scene.picture(MAIN, Light(), [(drawn(seed), Pose())]))
        for _ in range(ROUNDS):
            began = time.perf_counter()
            seen = surveyor.look(frame)
            found = time.perf_counter()
            studied = surveyor.study(frame, seen)
            assert studied is not None, "the drawn person is found"
            photo = finish_studied(frame, studied, profile)
            ended = time.perf_counter()
            assert isinstance(photo, FinishedPhoto), photo
            known.append((ended - found) * 1e3)
            searched.append((ended - began) * 1e3)
    return known, searched


def _spread(times: list[float]) -> tuple[float, float]:
    return float(np.median(times)), float(np.percentile(times, 99))
