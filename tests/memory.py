"""How much memory the processes of the suite take: given back after a test that took much, and told at the end.

A scenario leaves its booth behind as a cycle of objects with pictures of 36 MB and models in it. Python looks for
cycles by the number of objects, not by their size, so several booths lie there; and what was freed stays in the C
library's heap. Measured: 589 MB after one scenario, 270 MB once both were told to give back.
"""

import ctypes
import gc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

TIDY_MB = 400
GROWN_MB = 100  # since it was tidied last: looking for cycles in a large heap takes a good part of a second

_LIBC = ctypes.CDLL(None)

_PEAKS: dict[str, tuple[int, str]] = {}  # of this process, or in the controller those of the workers
_KEY = "memory"
_TIDIED_MB = [0]  # what this process took when it was tidied last


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    result = yield
    peak = _status_mb("VmHWM")
    if peak > _PEAKS.get("", (0, ""))[0]:
        _PEAKS[""] = (peak, item.nodeid)
    if _status_mb("VmRSS") > max(TIDY_MB, _TIDIED_MB[-1] + GROWN_MB):
        gc.collect()
        _LIBC.malloc_trim(0)
        _TIDIED_MB[-1] = _status_mb("VmRSS")
    return result


def pytest_sessionfinish(session: pytest.Session) -> None:
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
