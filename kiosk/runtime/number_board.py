"""The office's queue of numbers for the start screen, as the uplink received it last. If the uplink received it too
long ago, the screen shows no queue."""

from collections.abc import Callable

from kiosk.ports.clock import Clock
from kiosk.ui.viewmodel import NumberQueue
from kiosk.uplink.shared.paths import BoothPaths
from kiosk.uplink.shared.shared_files import read_message
from wire import number_queue as messages

FRESH_NS = 60_000_000_000
"""How long called numbers are shown after the office sent them; older numbers would mislead people. The uplink asks for
the numbers every ten seconds (`periodic_sync.QUEUE_EVERY_MS`)."""


class NumberBoard:
    """Reads the file when the uplink has written it, and passes each new state of the queue to `changed`. Only one
    thread may use it. The content that the file has when the booth starts does not count, because its age is not known.
    A queue without numbers counts for `empty_ns`, because the uplink asks less often while there are no numbers."""

    def __init__(
        self, paths: BoothPaths, clock: Clock, empty_ns: int, changed: Callable[[NumberQueue | None], None]
    ) -> None:
        self._path = paths.waiting
        self._empty_ns = empty_ns
        self._clock = clock
        self._changed = changed
        self._seen = self._stamp()
        self._until_ns = 0
        self._shown: NumberQueue | None = None

    def look(self) -> None:
        """Call `changed` if the state of the queue has changed."""
        now_ns, seen, queue = self._clock.now_ns(), self._stamp(), self._shown
        if seen is not None and seen != self._seen:
            message = read_message(self._path, messages.NumberQueue)
            queue = None if message is None else NumberQueue(message.called, message.waiting, message.given)
            has_numbers = queue is not None and (queue.called or queue.waiting)
            self._until_ns = now_ns + (FRESH_NS if has_numbers else self._empty_ns)
        self._seen = seen
        if now_ns >= self._until_ns:
            queue = None
        if queue != self._shown:
            self._shown = queue
            self._changed(queue)

    def _stamp(self) -> tuple[int, int] | None:
        try:
            status = self._path.stat()
        except OSError:
            return None
        return status.st_mtime_ns, status.st_ino
