"""Runs `kiosk uplink` beside the desk, and starts it again when it has ended. At a booth systemd does this, but not at
a desk."""

import contextlib
import logging
import subprocess
import threading
from collections.abc import Callable, Sequence
from typing import Self

log = logging.getLogger(__name__)

RESTART_S = 10.0  # how long to wait before the process is started again, as in uplink.service
ENDS_S = 180.0  # how long the process may take to end, as in uplink.service: a running request ends within this time


class UplinkProcess:
    """A process that is started again some seconds after it ended. Its standard input closes as soon as the desk has
    ended for any reason. Use it as a context manager."""

    def __init__(self, command: Sequence[str], rest: Callable[[float], bool] | None = None) -> None:
        """`rest`: waits for the given seconds, or until the desk ends; None: waits in real time."""
        self._command = command
        self._ending = threading.Event()
        self._rest = rest or self._ending.wait
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._keep, name="uplink process", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._ending.set()
            process = self._process
            if process is not None:
                process.terminate()
        if process is not None:
            try:
                process.wait(ENDS_S)
            except subprocess.TimeoutExpired:  # the shot that the process was sending is sent again later
                process.kill()
        self._thread.join()

    @property
    def pid(self) -> int | None:
        """The process id; None while the process does not run."""
        process = self._process
        return None if process is None or process.poll() is not None else process.pid

    def runs(self) -> bool:
        """Whether the process runs now."""
        return self.pid is not None

    def _keep(self) -> None:
        while True:
            with self._lock:
                if self._ending.is_set():
                    return
                try:
                    self._process = subprocess.Popen(self._command, stdin=subprocess.PIPE)  # noqa: S603 - our own command
                except OSError as error:  # for example, there is no memory or no file descriptor left
                    self._process, why = None, error.strerror
            process = self._process
            if process is not None:
                why = f"exit status {process.wait()}"
                with contextlib.suppress(OSError):
                    assert process.stdin is not None, "it was asked for"
                    process.stdin.close()
            if self._ending.is_set():
                return
            log.error("kiosk uplink ended (%s); it is started again in %d s", why, RESTART_S)
            self._rest(RESTART_S)
