"""Which face models the project uses, where they come from, and the folder into which set-up puts them.

The booth runs the models (`kiosk.vision.models` fetches and checks them). The office sends three of them to the browser
that opens its page "Check before you travel".
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

WHEEL = "mediapipe==0.10.21"
"""The last release of the MediaPipe wheel that contains the models."""
FOLDER_VARIABLE = "KIOSK_MODELS"


class Model(StrEnum):
    """The models. Each value is the name of the model's file."""

    DETECTOR = "face_detection_short_range.tflite"
    MESH = "face_landmark.tflite"
    IRIS = "iris_landmark.tflite"
    SEGMENTER = "selfie_segmentation.tflite"
    PALM = "palm_detection_full.tflite"


@dataclass(frozen=True, slots=True)
class Source:
    """Where a model lies in the wheel of MediaPipe, and the SHA-256 (hexadecimal) of its bytes."""

    member: str
    sha256: str


SOURCES: dict[Model, Source] = {
    Model.DETECTOR: Source(
        "mediapipe/modules/face_detection/face_detection_short_range.tflite",
        "bbff11cebd1eb27a1e004cae0b0e63ec8c551cbf34a4451148b4908b8db3eca8",
    ),
    Model.MESH: Source(
        "mediapipe/modules/face_landmark/face_landmark.tflite",
        "1055cb9d4a9ca8b8c688902a3a5194311138ba256bcc94e336d8373a5f30c814",
    ),
    Model.IRIS: Source(
        "mediapipe/modules/iris_landmark/iris_landmark.tflite",
        "d1744d2a09c25f501d39eba4faff47e53ecca8852c5ce19bce8eeac39357521f",
    ),
    Model.SEGMENTER: Source(
        "mediapipe/modules/selfie_segmentation/selfie_segmentation.tflite",
        "9ee168ec7c8f2a16c56fe8e1cfbc514974cbbb7e434051b455635f1bd1462f5c",
    ),
    Model.PALM: Source(
        "mediapipe/modules/palm_detection/palm_detection_full.tflite",
        "1b14e9422c6ad006cde6581a46c8b90dd573c07ab7f3934b5589e7cea3f89a54",
    ),
}


def cache_folder(environment: Mapping[str, str] | None = None) -> Path:
    """The folder in which set-up stores downloads: `makeup-booth` in the user's cache folder."""
    values = os.environ if environment is None else environment
    cache = values.get("XDG_CACHE_HOME")
    return (Path(cache) if cache else Path.home() / ".cache") / "makeup-booth"


def models_folder(environment: Mapping[str, str] | None = None) -> Path:
    """The folder of the models: `$KIOSK_MODELS` if it is set, else `models` in `cache_folder`."""
    values = os.environ if environment is None else environment
    named = values.get(FOLDER_VARIABLE)
    return Path(named).expanduser() if named else cache_folder(values) / "models"
