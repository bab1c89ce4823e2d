"""The studies of strangers and of cutting out; each runs in a process of its own.

They are not in `__main__`, because another process can only call a function of a module that it can import.
"""

from pathlib import Path
from typing import Any

import cv2

from bench.accuracy.cutting import cut_photos, cutting_figures
from bench.accuracy.left_out import left_out_figures, strangers
from kiosk.vision.analysis import PictureAnalyzer
from kiosk.vision.face.find import FaceFinder
from kiosk.vision.models import models_folder
from rules.profile import load_profile

Table = dict[str, Any]


def studied(part: str, faces: Path | None, profile: str) -> Table | None:
    """The results of one study, `left_out` or `cutting`. Without portraits, the study of strangers has no result."""
    cv2.setNumThreads(1)
    analyzer, rules = PictureAnalyzer(models_folder()), load_profile(profile)
    if part == "cutting":
        return cutting_figures(cut_photos(faces, analyzer, rules))
    if faces is None:
        return None
    return left_out_figures(strangers(faces, analyzer, FaceFinder(models_folder()), rules), rules)
