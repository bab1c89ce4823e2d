"""The process that does jobs next to a server. It starts with the server, is restarted if it ends by itself, and is
ended with the server."""

import logging
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Self

log = logging.getLogger(__name__)

_STOP_S = 20
_FIRST_WAIT_S = 1.0
_MOST_WAIT_S = 60.0
_GOOD_RUN_S = 600.0
"""After a run of this length the wait before the next restart is short again, because the earlier faults are over."""


class JobsProcess:
    """Runs `center jobs work` in a process of its own, as long as the context lasts.

    The work uses no memory and no time of the server's process, and if the work dies, the server does not.
    """

    def __init__(self, config: Path | None) -> None:
        """`config`: the configuration's file, as it was given to the server."""
        self._command = [sys.executable, "-m", "center", "jobs", "work", "--with-parent"]
        if config is not None:
            self._command += ["--config", str(config)]
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._keep, name="jobs process", daemon=True)

    def __enter__(self) -> Self:
        """Start the process."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """End the process: another runner will do its unfinished job again."""
        self._stop.set()
        with self._lock:
            process = self._process
        if process is not None:
            process.terminate()
            try:
                process.wait(_STOP_S)
            except subprocess.TimeoutExpired:
                process.kill()
        self._thread.join(_STOP_S)

    def _keep(self) -> None:
        wait_s = _FIRST_WAIT_S
        while not self._stop.is_set():
            began = time.monotonic()
            ended = self._run()
            if self._stop.is_set():
                return
            if time.monotonic() - began >= _GOOD_RUN_S:
                wait_s = _FIRST_WAIT_S
            log.error("the process that does jobs %s: started again in %g s", ended, wait_s)
            self._stop.wait(wait_s)
            wait_s = min(_MOST_WAIT_S, 2 * wait_s)

    def _run(self) -> str:
        """Run the process until it ends. Returns for the log how it ended, or why it was not started."""
        try:
            with self._lock:
                if self._stop.is_set():  # `__exit__` has run and found no process to end
                    return "was not started"
                # The process's standard input closes when the server is gone, whatever ended the server.
                process = subprocess.Popen(  # noqa: S603 - our own command
                    self._command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL
                )
                self._process = process
        except OSError as fault:  # no memory or no more processes at this moment
            return f"can't be started ({fault.strerror or type(fault).__name__})"
        code = process.wait()
        assert process.stdin is not None, "asked for"
        process.stdin.close()
        return f"ended ({code})"
