"""Does something at an office in a separate process, which is killed in the middle of the work."""

import itertools
import os
import signal
import warnings
from collections.abc import Callable
from typing import Any

from sqlalchemy import event

from center.platform.clock import Clock
from center.platform.configuration import CenterConfig
from center.platform.faults import OfficeFault
from center.wiring.office import Office

Deed = Callable[[Office], object]
_DONE, _REFUSED, _FAILED = 0, 1, 2


def done_before_the_kill(config: CenterConfig, clock: Clock, deed: Deed, at: int) -> bool:
    """Whether `deed` ended (or was refused) before its process reached the statement, commit or stored file number
    `at`, at which SIGKILL ends the process.
    """
    with warnings.catch_warnings():
        # The waiting threads of this process hold nothing that the other process needs: it opens an office of its own.
        warnings.simplefilter("ignore", DeprecationWarning)
        process = os.fork()
    if not process:
        os._exit(_to_the_kill(config, clock, deed, at))
    _, status = os.waitpid(process, 0)
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return False
    assert os.WEXITSTATUS(status) != _FAILED, "a fault of the program"
    return True


def _to_the_kill(config: CenterConfig, clock: Clock, deed: Deed, at: int) -> int:
    steps = itertools.count(1)

    def step(*_: object) -> None:
        if next(steps) == at:
            os.kill(os.getpid(), signal.SIGKILL)

    try:
        with Office.open(config, clock) as office:
            put: Any = office.photos.put

            def put_and_step(*arguments: Any) -> None:
                step()
                put(*arguments)

            office.photos.put = put_and_step  # type: ignore[assignment, method-assign]
            event.listen(office.database.engine, "before_cursor_execute", step)
            event.listen(office.database.engine, "commit", step)
            deed(office)
    except OfficeFault:
        return _REFUSED
    except BaseException:
        import traceback

        traceback.print_exc()
        return _FAILED
    return _DONE
