"""Detects a database server that hangs, tells it apart from a slow statement, and stops waiting for it.

If the server's machine stalls, its connections stay open and get no answers. Then no time-out of the server itself
works, and the driver waits without limit. So a thread watches the running statements. When a statement takes longer
than `SLOW_S`, the thread tries to make a new connection. If the server accepts it, the statement is merely slow, and
the server's own time-out deals with it. If not, the thread shuts every connection that waits. Their callers get the
driver's error, and the office says "not now" within ten seconds.
"""

import contextlib
import logging
import os
import socket
import threading
import time
from typing import Any

from sqlalchemy import Engine, event

log = logging.getLogger(__name__)

SLOW_S = 3.0
PROBE_S = 3
_LOOK_S = 0.5


class HungServer:
    """Watches the statements of a PostgreSQL engine. The thread ends with `close`."""

    def __init__(self, engine: Engine) -> None:
        """Listens to `engine`; the thread starts with the first statement."""
        self._engine = engine
        self._waiting: dict[int, tuple[float, int]] = {}  # a driver's connection -> since when it waits, its socket
        self._ended = threading.Event()
        self._start = threading.Lock()
        self._thread: threading.Thread | None = None
        event.listen(engine, "before_cursor_execute", self._before)
        event.listen(engine, "after_cursor_execute", self._after)
        event.listen(engine, "commit", self._committing)
        event.listen(engine, "checkin", self._back)

    def close(self) -> None:
        """Stop watching; idempotent."""
        self._ended.set()

    def _before(self, connection: Any, *_: Any) -> None:
        self._note(connection.connection.driver_connection)

    def _after(self, connection: Any, *_: Any) -> None:
        self._waiting.pop(id(connection.connection.driver_connection), None)

    def _committing(self, connection: Any) -> None:
        self._note(connection.connection.driver_connection)

    def _back(self, driver: Any, _record: Any) -> None:
        self._waiting.pop(id(driver), None)

    def _note(self, driver: Any) -> None:
        self._waiting[id(driver)] = (time.monotonic(), driver.pgconn.socket)
        if self._thread is None:
            with self._start:
                if self._thread is None:
                    self._thread = threading.Thread(target=self._look, name="database-watch", daemon=True)
                    self._thread.start()

    def _look(self) -> None:
        while not self._ended.wait(_LOOK_S):
            slow = self._slow()
            if slow and not self._answers():
                log.error("the database server answers nothing: %d statements are given up", len(slow))
                for driver, waiting in slow.items():
                    # Skip a statement that has ended meanwhile, even if its connection already runs the next one.
                    if self._waiting.get(driver) == waiting:
                        _shut(waiting[1])

    def _slow(self) -> dict[int, tuple[float, int]]:
        before = time.monotonic() - SLOW_S
        return {driver: waiting for driver, waiting in list(self._waiting.items()) if waiting[0] < before}

    def _answers(self) -> bool:
        """Whether the server answers a new connection. If it refuses the connection because there are too many, this is
        an answer, too."""
        dialect = self._engine.dialect
        arguments, options = dialect.create_connect_args(self._engine.url)
        options = {**options, "connect_timeout": PROBE_S}
        began = time.monotonic()
        try:
            assert dialect.dbapi is not None
            dialect.dbapi.connect(*arguments, **options).close()
        except Exception:
            return time.monotonic() - began < PROBE_S * 0.9
        return True


def _shut(file: int) -> None:
    """Wake the thread that waits on this socket. The socket is not closed, because another module owns it."""
    with contextlib.suppress(OSError):
        twin = socket.socket(fileno=os.dup(file))
        try:
            twin.shutdown(socket.SHUT_RDWR)
        finally:
            twin.close()
