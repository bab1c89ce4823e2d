"""Imports a vendor's library, and reports the real cause if that fails.

A missing library ("No module named") is only one cause. A library may also lack a part of its own, be built for another
NumPy, or fail to write a file while it is imported. Each of these causes has its own remedy; for none of them is it
enough to install the library again. The system's libraries are imported when their device is opened (`import_vendor`).
Libraries that come with the booth are imported at the top of modules. If such an import fails, the command asks
`bundled_fault` for the cause.
"""

import os
import sys
import traceback
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from types import ModuleType

from kiosk.core.events import Device
from kiosk.ports.faults import PermanentFault

REINSTALL = "run scripts/setup booth again (as a Debian package: sudo apt reinstall makeup-booth)"

BUNDLED = frozenset(
    [
        "PIL",
        "ai_edge_litert",
        "apsw",
        "cryptography",
        "cv2",
        "gpiozero",
        "numpy",
        "pydantic",
        "pygame",
        "pyrage",
        "pyzbar",
        "requests",
        "segno",
        "serial",
        "urllib3",
        "zxingcpp",
    ]
)
"""Libraries that are installed with the booth, by the names used to import them. The booth does not use the library
evdev: `kiosk.core.scan.keys` decodes input events."""


def import_vendor(name: str, device: Device, text_id: str, package: str) -> ModuleType:
    """Import the module `name`. Raises `PermanentFault(device, text_id)`, whatever the import raises.

    `package`: the Debian package that contains the module.
    """
    try:
        return import_module(name)
    except Exception as failure:  # code from outside that runs at import can raise any exception
        again = f"sudo apt install {package}"
        if not _sees_the_system(Path(sys.prefix)):
            again += (
                ", and make the virtual environment with --system-site-packages (rm -r .venv, then scripts/setup booth)"
            )
        raise PermanentFault(device, text_id, _cannot(name, failure), _remedy(failure, name, again)) from failure


def _sees_the_system(prefix: Path) -> bool:
    """Whether the environment at `prefix` also contains the system's libraries, as that of the Debian package does."""
    try:
        return "include-system-site-packages = true" in (prefix / "pyvenv.cfg").read_text("utf-8").lower()
    except OSError:
        return True  # no virtual environment


def bundled_fault(failure: BaseException) -> str | None:
    """If `failure` is a failed import of a library that comes with the booth: what it means, and the remedy. Otherwise
    None."""
    name = _failed_import(failure)
    return None if name is None else f"{_cannot(name, failure)}. {_remedy(failure, name, REINSTALL)}"


def _failed_import(failure: BaseException) -> str | None:
    """The bundled library that was being imported when `failure` was raised; None if there is none."""
    for frame, _ in traceback.walk_tb(failure.__traceback__):
        package = str(frame.f_globals.get("__name__")).partition(".")[0]
        if frame.f_code.co_name == "<module>" and package in BUNDLED:
            return package
    # A module without Python code has no frame in the traceback, and neither has a module that is missing.
    package = (failure.name or "").partition(".")[0] if isinstance(failure, ImportError) else ""
    return package if package in BUNDLED else None


def _cannot(name: str, failure: BaseException) -> str:
    return f"the library {name} can't be loaded ({_why(failure)})"


def _why(failure: BaseException) -> str:
    """The message of the first cause. Libraries wrap the first exception in others."""
    while failure.__cause__ is not None:
        failure = failure.__cause__
    return f"{type(failure).__name__}: {failure}"


def _remedy(failure: BaseException, name: str, again: str) -> str:
    """What to do about the failure. `again`: how to install the library."""
    words = next(words for fits, words in REMEDIES if fits(failure, name))
    return words.format(name=name, again=again, folder=os.getcwd())


def _is_missing(failure: BaseException, name: str) -> bool:
    return isinstance(failure, ModuleNotFoundError) and failure.name == name


def _misses_another(failure: BaseException, name: str) -> bool:
    return isinstance(failure, ModuleNotFoundError) and failure.name != name


def _other_numpy(failure: BaseException, _name: str) -> bool:
    return "numpy" in str(failure).lower() and ("size changed" in str(failure) or "_ARRAY_API" in str(failure))


def _no_shared_object(failure: BaseException, _name: str) -> bool:
    return isinstance(failure, ImportError) and ".so" in str(failure)


def _folder_is_read_only(failure: BaseException, _name: str) -> bool:
    return isinstance(failure, OSError) or not os.access(".", os.W_OK)


def _anything(_failure: BaseException, _name: str) -> bool:
    return True


REMEDIES: tuple[tuple[Callable[[BaseException, str], bool], str], ...] = (
    (_is_missing, "It is not installed: {again}"),
    (
        _misses_another,
        "{name} is there, but not what it rests on: where the system brings it, remove pip's from .venv; then {again}",
    ),
    (
        _other_numpy,
        "It was built for another NumPy: use Raspberry Pi OS trixie (Debian 13), bookworm's do not fit; else {again}",
    ),
    (_no_shared_object, "Parts of the system do not fit each other: sudo apt full-upgrade, then: {again}"),
    (
        _folder_is_read_only,
        "{name} writes into the working directory ({folder}), which it may not: set WorkingDirectory=/var/lib/kiosk",
    ),
    (_anything, "Run .venv/bin/python -c 'import {name}' to see all of it; to reinstall it: {again}"),
)
