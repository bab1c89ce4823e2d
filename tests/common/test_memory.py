"""What the suite's processes keep (`tests/memory.py`): nothing of a room that they have left."""

import ctypes
import gc
import subprocess
import sys
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest

from tests import memory

_NAMES = ("arena", "ordblks", "smblks", "hblks", "hblkhd", "usmblks", "fsmblks", "uordblks", "fordblks", "keepcost")
_SEARCHED_WHILE_COLLECTED = gc.isenabled()


class _Mallinfo(ctypes.Structure):
    """mallinfo2 of malloc.h."""

    _fields_ = tuple((name, ctypes.c_size_t) for name in _NAMES)


def mapped_bytes() -> int:
    """How much this process has in blocks with pages of their own."""
    libc = ctypes.CDLL(None)
    libc.mallinfo2.restype = _Mallinfo
    return int(libc.mallinfo2().hblkhd)


def cached(monkeypatch: pytest.MonkeyPatch, file: Path) -> int:
    """How many results of a module in `file` are still cached after a room was left."""
    module = ModuleType("a_module")
    module.__file__ = str(file)
    one = cache(lambda: 1)
    module.one = one  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, module.__name__, module)
    assert one() == 1
    memory.forget_caches()
    return one.cache_info().currsize


@pytest.mark.parametrize("folder", ["tests", "tests/ui", "sim/people"])
def test_what_tests_and_simulator_cached_is_forgotten(folder: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert cached(monkeypatch, Path(memory.__file__).parent.parent / folder / "a_module.py") == 0


def test_what_the_program_cached_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    assert cached(monkeypatch, Path(memory.__file__).parent.parent / "kiosk/a_module.py") == 1


def test_rooms_are_the_folders_of_tests() -> None:
    tests = Path(memory.__file__).parent
    assert [memory.room(tests / "center/web/test_one.py"), memory.room(tests / "ui/test_one.py")] == ["center", "ui"]


MAPPED = """
import numpy as np
from tests import memory
from tests.common.test_memory import mapped_bytes

larger = np.ones(8 * memory.LARGE_BYTES, np.uint8)
del larger  # the C library would now take blocks of up to this size from its heap
before = mapped_bytes()
picture = np.ones(2 * memory.LARGE_BYTES, np.uint8)
during = mapped_bytes()
del picture
print(during - before, mapped_bytes() - before)
"""
"""In a process of its own: where the heap already has a hole of this size, the C library uses it."""


def test_a_large_picture_gives_its_memory_back_whatever_was_freed_before() -> None:
    printed = subprocess.run([sys.executable, "-c", MAPPED], capture_output=True, text=True, check=True).stdout
    during, after = map(int, printed.split())
    assert during >= 2 * memory.LARGE_BYTES
    assert after < 2 * memory.LARGE_BYTES


def test_cycles_are_searched_for_in_tests_but_not_while_they_are_collected() -> None:
    assert (_SEARCHED_WHILE_COLLECTED, gc.isenabled()) == (False, True)


def test_the_office_does_not_import_what_few_processes_use() -> None:
    """Together these libraries take 30 MB."""
    code = "import sys, center.wiring.office; print(*{'zxcvbn', 'fpdf', 'fontTools', 'playwright'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=True)
    assert done.stdout.split() == []
