"""Times finishing and checking a 12-megapixel frame in one thread. As in the booth, the face is known from the live
frames.
"""

import time

import numpy as np

from bench.row import Row, one_core, spread
from kiosk.ports.eye import FinishedPhoto
from kiosk.vision.analysis import PictureAnalyzer
from kiosk.vision.checks.checkup import judge_shot
from kiosk.vision.checks.shot import shot_values
from kiosk.vision.models import models_folder
from kiosk.vision.photo.finish import finish_studied
from rules.profile import load_profile
from sim.people import Light, Pose, drawn
from sim.twins.scene import MAIN, Scene

PEOPLE, ROUNDS = 4, 6
LIMIT_MS, LIMIT_P99_MS, FILE_LIMIT_MS, CHECK_LIMIT_MS = 160.0, 250.0, 250.0, 400.0
"""The promised times in ms: to finish a picture whose face the booth knows from the live frames (median and 99th
percentile), to finish a file, in which the face must be searched (median), and to check a file (median)."""


def run() -> list[Row]:
    """Time finishing alone, finishing after a search for the face, and all checks of a picture."""
    with one_core():
        known, searched, checked = _times()
    return [
        Row("finish, 4608x2592, face known", *spread(known), None, LIMIT_MS, "matte, crop, background, JPEG, check"),
        Row("the same, p99", spread(known)[1], spread(known)[1], None, LIMIT_P99_MS, ""),
        Row("finish, 4608x2592, face searched", *spread(searched), None, FILE_LIMIT_MS, "from a file"),
        Row("full check, 4608x2592", *spread(checked), None, CHECK_LIMIT_MS, "search, matte, every check, judgement"),
    ]


def _times() -> tuple[list[float], list[float], list[float]]:
    analyzer, profile, scene = PictureAnalyzer(models_folder()), load_profile("jiangsu-2019"), Scene()
    known, searched, checked = [], [], []
    for seed in range(PEOPLE):
        frame = np.array(scene.picture(MAIN, Light(), [(drawn(seed), Pose())]))
        for _ in range(ROUNDS):
            began = time.perf_counter()
            seen = analyzer.look(frame)
            found = time.perf_counter()
            analysis = analyzer.analyze(frame, seen)
            parted = time.perf_counter()
            assert analysis is not None, "the drawn person is found"
            hand = analyzer.hand(frame, analysis.face)
            judge_shot(shot_values(frame, analysis, profile, hand=hand), profile)
            judged = time.perf_counter()
            photo = finish_studied(frame, analysis, profile)
            ended = time.perf_counter()
            assert isinstance(photo, FinishedPhoto), photo
            known.append((parted - found + ended - judged) * 1e3)
            searched.append((parted - began + ended - judged) * 1e3)
            checked.append((judged - began) * 1e3)
    return known, searched, checked
