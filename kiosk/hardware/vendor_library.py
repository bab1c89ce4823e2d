"""Imports a vendor's library, and reports the real cause if that fails.

"No module named" is only one cause: a library may lack a part of its own, may be built for another NumPy, or may write
a file at import. Each has another remedy, and none is "install it".
"""

import os
from collections.abc import Callable
from importlib import import_module
from types import ModuleType

from kiosk.core.events import Device
from kiosk.ports.faults import PermanentFault


def import_vendor(name: str, device: Device, text_id: str, package: str) -> ModuleType:
    """The module `name`. Raises `PermanentFault(device, text_id)` whatever the import raises.

    `package`: the Debian package that brings it.
    """
    try:
        return import_module(name)
    except Exception as failure:  # foreign code that runs at import can raise anything
        why = _why(failure)
        remedy = next((say(name, package) for fits, say in REMEDIES if fits(failure, name)), _OTHERWISE(name, package))
        raise PermanentFault(device, text_id, f"the library {name} can't be loaded ({why})", remedy) from failure


def _why(failure: BaseException) -> str:
    """The first cause: libraries wrap it in other exceptions."""
    while failure.__cause__ is not None:
        failure = failure.__cause__
    return f"{type(failure).__name__}: {failure}"


def _is_missing(failure: Exception, name: str) -> bool:
    return isinstance(failure, ModuleNotFoundError) and failure.name == name


def _misses_another(failure: Exception, name: str) -> bool:
    return isinstance(failure, ModuleNotFoundError) and failure.name != name


def _other_numpy(failure: Exception, _name: str) -> bool:
    return "numpy" in str(failure).lower() and ("size changed" in str(failure) or "_ARRAY_API" in str(failure))


def _no_shared_object(failure: Exception, _name: str) -> bool:
    return isinstance(failure, ImportError) and ".so" in str(failure)


def _folder_is_read_only(failure: Exception, _name: str) -> bool:
    return isinstance(failure, OSError) or not os.access(".", os.W_OK)


def _OTHERWISE(name: str, package: str) -> str:  # noqa: N802 - the last row of the table below
    return f"Run .venv/bin/python -c 'import {name}' to see all of it; reinstall it with sudo apt install {package}"


REMEDIES: tuple[tuple[Callable[[Exception, str], bool], Callable[[str, str], str]], ...] = (
    (
        _is_missing,
        lambda _name, package: (
            f"On the Raspberry Pi: sudo apt install {package}, and make the virtual environment with "
            "--system-site-packages (rm -r .venv, then scripts/setup booth)"
        ),
    ),
    (
        _misses_another,
        lambda name, package: (
            f"{name} is there, but not what it rests on: remove pip's {name} from .venv and take the system's "
            f"(sudo apt install {package})"
        ),
    ),
    (
        _other_numpy,
        lambda _name, _package: (
            "It was built for another NumPy than the booth's: use Raspberry Pi OS trixie (Debian 13); bookworm's "
            "libraries do not fit"
        ),
    ),
    (
        _no_shared_object,
        lambda _name, package: (
            f"Parts of the system do not fit each other: sudo apt full-upgrade, then {package} again"
        ),
    ),
    (
        _folder_is_read_only,
        lambda name, _package: (
            f"{name} writes into the working directory ({os.getcwd()}) when it is imported: start the booth in one "
            "that it may write (WorkingDirectory=/var/lib/kiosk in the service)"
        ),
    ),
)
