"""How much memory a process of the suite may take: a test during which a process takes more fails, and the largest
amount is printed at the end.

A scenario leaves its booth behind as a cycle of objects with pictures of 36 MB and models in it. Python searches for
cycles depending on the number of objects, not on their size, so several booths can remain; and freed memory stays in
the C library's heap. Measured: 608 MB after one scenario, 284 MB after a search for cycles and after the C library gave
its free memory back. So both are done after a test during which the process grew, and after the last test of a room
(a folder of `tests`). What the tests of a room and the simulator cached is forgotten then, too: drawn people (84 MB),
the desk's networks (55 MB), the draw operations of all screens (a million objects). The next room needs other things.
"""

import contextlib
import ctypes
import functools
import gc
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

MOST_MB = 1_000
"""No process of a whole run may reach this. The aim is 700: on an idle machine the processes of the five parts take 440
to 725, and more beside other work. The modules and tests of a part take 230 to 340 MB, drawn people 84, face models 50,
and a burst of full-size pictures 250 for a moment.
"""
TIDY_MB = 300
FULL_MB = 340  # in a process that holds more, a file of tests leaves nothing cached for the next file of its room
GROWN_MB = 60  # growth since the last tidying; a search for cycles in a large heap takes a large part of a second

_LIBC = ctypes.CDLL(None)
_ARENA_MAX = -8  # from malloc.h: the number of heaps that threads may have; each keeps its freed memory
_LIBC.mallopt(_ARENA_MAX, 2)
_MMAP_THRESHOLD = -3  # from malloc.h: a larger block has pages of its own, which the system gets back when it is freed
_TRIM_THRESHOLD = -1  # how much may be free at the end of the heap
LARGE_BYTES = 4_000_000
"""The C library moves this bound up to 32 MB by itself; then large pictures leave holes in the heap, of which
250 to 400 MB were counted in a worker. Setting it costs work on pictures 5% of its time, 1 MB instead would cost 30%.
"""
_LIBC.mallopt(_MMAP_THRESHOLD, LARGE_BYTES)
_LIBC.mallopt(_TRIM_THRESHOLD, 16 * LARGE_BYTES)  # setting the other bound would leave this one at 128 KB
_TESTS = Path(__file__).parent
_CACHING = (_TESTS, _TESTS.parent / "sim")
_RESET_PEAK = "5"  # the value for /proc/PID/clear_refs that resets the peak (Linux)

_PEAKS: dict[str, tuple[int, str]] = {}  # this process's peak; in the controller, the workers' peaks
_KEY = "memory"
_TIDIED_MB = [0]  # this process's memory after the last tidying


def pytest_collection() -> None:
    """Search for no cycles while modules are imported and tests collected, which takes a third of that time."""
    gc.disable()


def pytest_collection_finish() -> None:
    """Exclude modules and tests from the search for cycles: they stay to the end, and searching them takes long."""
    gc.collect()
    gc.freeze()
    gc.enable()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> Iterator[None]:
    yield
    peak = _status_mb("VmHWM")
    if peak > _PEAKS.get("", (0, ""))[0]:
        _PEAKS[""] = (peak, item.nodeid)
    _forget_routes()
    now_mb = _status_mb("VmRSS")
    leaves = nextitem is not None and (
        room(item.path) != room(nextitem.path) or (now_mb > FULL_MB and item.path != nextitem.path)
    )
    if leaves:
        forget_caches()
    if leaves or now_mb > max(TIDY_MB, _TIDIED_MB[-1] + GROWN_MB):
        gc.collect()
        _LIBC.malloc_trim(0)
        _TIDIED_MB[-1] = _status_mb("VmRSS")
    with contextlib.suppress(OSError):  # if the process may not write this file, the peak is that of all tests so far
        Path("/proc/self/clear_refs").write_text(_RESET_PEAK, "ascii")
    if peak > MOST_MB:
        pytest.fail(f"the process took {peak} MB during this test, at most {MOST_MB} MB are allowed", pytrace=False)


def room(test: Path) -> str:
    """The folder of `tests` in which a file of tests lies."""
    return test.relative_to(_TESTS).parts[0]


def forget_caches() -> None:
    """Empty the caches of the functions of tests and simulator."""
    for module in list(sys.modules.values()):
        file = getattr(module, "__file__", None)
        if file is None or not any(Path(file).is_relative_to(folder) for folder in _CACHING):
            continue
        for thing in vars(module).values():
            if isinstance(thing, functools._lru_cache_wrapper):
                thing.cache_clear()


def _forget_routes() -> None:
    """FastAPI remembers the functions of 4 096 routes, and through them the offices of some 250 tests, with their
    threads.
    """
    models = sys.modules.get("fastapi.dependencies.models")
    for thing in vars(models).values() if models else ():
        if isinstance(thing, functools._lru_cache_wrapper):
            thing.cache_clear()


def pytest_sessionfinish(session: pytest.Session) -> None:
    gc.unfreeze()  # else a library that counts its remaining objects at the end would report all of them
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        output[_KEY] = _PEAKS.get("", (0, ""))


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    peak, test = getattr(node, "workeroutput", {}).get(_KEY, (0, ""))
    _PEAKS[node.gateway.id] = (peak, test)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for worker, (peak, test) in sorted(_PEAKS.items()):
        terminalreporter.write_line(f"memory{worker and ' of '}{worker}: at most {peak} MB, in {test}")


def _status_mb(name: str) -> int:
    line = next(line for line in Path("/proc/self/status").read_text("ascii").splitlines() if line.startswith(name))
    return int(line.split()[1]) // 1000
