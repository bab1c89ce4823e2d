"""Limits how much one booth, one stranger and all together may request. They are kept in this process's memory, so a
restart forgets them.
"""

import contextlib
import ipaddress
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator

Monotonic = Callable[[], float]
"""A function that gives the seconds on a clock that never goes back."""

_MOST_KEYS = 10_000


def network_of(address: str) -> str:
    """What counts as one address in a limit: an IPv4 address, or the /64 network of an IPv6 address, because one
    customer has all 2**64 addresses of that network. Text that is no IP address is returned as it is.
    """
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(ipaddress.ip_network((int(found), 64), strict=False).network_address) + "/64"


class Rate:
    """Token buckets: each key may make `burst` requests at once, and `per_s` on average."""

    def __init__(self, per_s: float, burst: int, monotonic: Monotonic = time.monotonic) -> None:
        self._per_s = per_s
        self._burst = burst
        self._monotonic = monotonic
        self._lock = threading.Lock()
        # key -> its tokens, and when they were counted
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, key: str) -> float:
        """Take a token; returns 0 if there was one, else the seconds until there is one."""
        now = self._monotonic()
        with self._lock:
            tokens, since = self._buckets.pop(key, (float(self._burst), now))
            tokens = min(float(self._burst), tokens + (now - since) * self._per_s)
            wait_s = 0.0 if tokens >= 1 else (1 - tokens) / self._per_s
            self._buckets[key] = (tokens - 1 if wait_s == 0 else tokens, now)
            if len(self._buckets) > _MOST_KEYS:
                # the key that was unseen for longest: its bucket is (nearly) full again
                self._buckets.popitem(last=False)
        return wait_s

    def give_back(self, key: str) -> None:
        """Give a token back, because its request shall not count."""
        with self._lock:
            if (bucket := self._buckets.get(key)) is not None:
                self._buckets[key] = (min(float(self._burst), bucket[0] + 1), bucket[1])


class ByteBudget:
    """Limits how many bytes may be in memory at once."""

    def __init__(self, most: int) -> None:
        self._free = most
        self._lock = threading.Lock()

    @contextlib.contextmanager
    def reserve(self, size: int) -> Iterator[bool]:
        """Reserve `size` bytes; False if there is no room now."""
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
