"""How much one booth, one stranger and all together may ask for: in this process's memory, forgotten at a restart."""

import contextlib
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator

Monotonic = Callable[[], float]
"""Seconds on a clock that only goes forward."""

_MOST_KEYS = 10_000


class Rate:
    """Token buckets: each key may do `burst` at once and `per_s` in the long run."""

    def __init__(self, per_s: float, burst: int, monotonic: Monotonic = time.monotonic) -> None:
        self._per_s = per_s
        self._burst = burst
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()  # tokens, when

    def take(self, key: str) -> float:
        """Take one; 0 when there was one, else the seconds until there is."""
        now = self._monotonic()
        with self._lock:
            tokens, since = self._buckets.pop(key, (float(self._burst), now))
            tokens = min(float(self._burst), tokens + (now - since) * self._per_s)
            wait_s = 0.0 if tokens >= 1 else (1 - tokens) / self._per_s
            self._buckets[key] = (tokens - 1 if wait_s == 0 else tokens, now)
            if len(self._buckets) > _MOST_KEYS:
                self._buckets.popitem(last=False)  # the one not seen for longest: its bucket is full again, or soon
        return wait_s

    def give_back(self, key: str) -> None:
        """Give back what was taken for something that shall not count."""
        with self._lock:
            if (bucket := self._buckets.get(key)) is not None:
                self._buckets[key] = (min(float(self._burst), bucket[0] + 1), bucket[1])


class Room:
    """Bytes that may be in memory at once."""

    def __init__(self, most: int) -> None:
        self._free = most
        self._lock = threading.Lock()

    @contextlib.contextmanager
    def hold(self, size: int) -> Iterator[bool]:
        """Keep `size` bytes; False when there is no room now."""
        with self._lock:
            fits = size <= self._free
            if fits:
                self._free -= size
        try:
            yield fits
        finally:
            if fits:
                with self._lock:
                    self._free += size
