"""Calibrations on disk. Each has a folder in `<storage>/calibration`, named by date and time, and the newest one is
used. If the clock was behind when a calibration was made, its name is the time of the previous calibration plus one
second, so that it still sorts as the newest.

A calibration is written completely or not at all: it is written into a temporary folder, which is synced and then
renamed.
"""

import contextlib
import json
import os
import shutil
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
from PIL import Image
from pydantic import ValidationError

from kiosk.ports.calibration import Calibration
from kiosk.ports.config import BoothConfig
from kiosk.ports.frames import Rgb

FILE = "calibration.toml"
PLATES = ("dark", "left", "right")
KEPT = 3
_NAME = "%Y%m%dT%H%M%S"
REMEDY = "Run kiosk calibrate again"


class CalibrationFault(ValueError):
    """A calibration cannot be used. The message names the file, the fault and the remedy."""


@dataclass(frozen=True, slots=True)
class Calibrated:
    """A calibration, and its plates (pictures of the empty booth) by lamp, each of shape (h, w, 3)."""

    calibration: Calibration
    plates: Mapping[str, Rgb] = field(default_factory=dict)


def calibrations_in(storage: Path) -> Path:
    """The folder of the calibrations. `storage`: the booth's storage folder."""
    return storage / "calibration"


def save(storage: Path, calibrated: Calibrated, pictures: Mapping[str, Rgb] | None = None) -> Path:
    """Write a calibration, and further `pictures` that only people look at. Returns the calibration's folder. Raises
    `OSError`."""
    home = calibrations_in(storage)
    home.mkdir(parents=True, exist_ok=True)
    calibration = calibrated.calibration
    final = home / _next_name(home, calibration.moment)
    beside = home / f".{final.name}.new"
    shutil.rmtree(beside, ignore_errors=True)
    beside.mkdir()
    for name, rgb in (pictures or {}).items():
        Image.fromarray(rgb).save(beside / f"{name}.png")
    for name, rgb in calibrated.plates.items():
        Image.fromarray(rgb).save(beside / f"plate-{name}.png")
    (beside / FILE).write_text(_toml(calibration), encoding="utf-8")
    for path in (*beside.iterdir(), beside):
        _sync(path)
    shutil.rmtree(final, ignore_errors=True)
    beside.rename(final)
    _sync(home)
    for old in _folders(home)[:-KEPT]:
        shutil.rmtree(old)
    return final


def load(storage: Path) -> Calibrated | None:
    """The newest calibration; None if there is none. Raises `CalibrationFault`."""
    folders = _folders(calibrations_in(storage))
    if not folders:
        return None
    path = folders[-1] / FILE
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        # The data are written as JSON, because from JSON strict models accept arrays as tuples and strings as times.
        calibration = Calibration.model_validate_json(json.dumps(table, default=str))
        plates = {} if calibration.plates is None else {name: _picture(folders[-1], name) for name in PLATES}
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CalibrationFault(f"{path}: can't be read ({error}). {REMEDY}.") from error
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        raise CalibrationFault(f"{path}: {key}: {first['msg']}. {REMEDY}.") from error
    return Calibrated(calibration, plates)


def applied(config: BoothConfig, calibration: Calibration | None) -> BoothConfig:
    """`config`, with calibrated values for the settings that it does not set itself."""
    if calibration is None:
        return config
    camera = config.camera
    changes: dict[str, object] = {}
    if camera.lens_position is None:
        changes["lens_position"] = calibration.lens_position
    if camera.colour_gains is None:
        changes["colour_gains"] = calibration.colour_gains
    return config.model_copy(update={"camera": camera.model_copy(update=changes)})


def _folders(home: Path) -> list[Path]:
    """The folders of the calibrations, the oldest first."""
    if not home.is_dir():
        return []
    return sorted(path for path in home.iterdir() if path.is_dir() and not path.name.startswith("."))


def _next_name(home: Path, moment: datetime) -> str:
    """A name for a new folder that sorts after all existing ones."""
    name = f"{moment:{_NAME}}"
    for folder in _folders(home):
        # somebody else may have made a folder with another kind of name
        with contextlib.suppress(ValueError, OverflowError):
            made = datetime.strptime(folder.name, _NAME).replace(tzinfo=UTC)
            name = max(name, f"{made + timedelta(seconds=1):{_NAME}}")
    return name


def _picture(folder: Path, name: str) -> Rgb:
    path = folder / f"plate-{name}.png"
    try:
        with Image.open(path, formats=["PNG"]) as image:
            return np.asarray(image.convert("RGB"))
    except Exception as error:  # for wrong bytes a decoder can raise any exception
        raise CalibrationFault(
            f"{folder / FILE}: its picture {path.name} can't be read ({error}). {REMEDY}."
        ) from error


def _toml(calibration: Calibration) -> str:
    table = calibration.model_dump(mode="json", exclude_none=True)
    lines = [f"{key} = {json.dumps(value)}" for key, value in table.items() if not isinstance(value, dict)]
    for name, section in table.items():
        if isinstance(section, dict):
            lines += ["", f"[{name}]", *(f"{key} = {json.dumps(value)}" for key, value in section.items())]
    return "\n".join(lines) + "\n"


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
