"""Decides whether to send requests to the office at all: a circuit breaker with full jitter.

    closed ──the office failed, or three shots in a row failed──> open, for a random time: nothing is sent
    open ──the time is over──> probing: a health request of a few bytes, no photo
    probing ──answered──> half open: one shot is sent; it succeeds: closed, it fails: open, for longer

The random time lies between zero and a limit that doubles with each opening (full jitter), so that booths which lost
the office in the same second do not return in the same second.
"""

import logging
import random

from kiosk.ports.clock import Clock
from kiosk.ports.config import OfficeConfig

log = logging.getLogger(__name__)

_FAILURES_IN_A_ROW = 3
_MOST_DOUBLINGS = 30


def jitter_s(config: OfficeConfig, failures: int, random: random.Random) -> float:
    """How many seconds to wait after `failures` failures (from 1): full jitter under a limit that doubles each time."""
    limit_ms = min(config.retry_most_ms, config.retry_first_ms << min(failures - 1, _MOST_DOUBLINGS))
    return random.uniform(0, limit_ms) / 1000


class CircuitBreaker:
    """The breaker between this process and the office. It starts open, so that a new process sends a probe first."""

    def __init__(self, config: OfficeConfig, clock: Clock, random: random.Random) -> None:
        self._config = config
        self._clock = clock
        self._random = random
        self._openings = 0
        self._by_shot = False  # whether a shot caused the last opening
        self._in_a_row = 0
        self._complaint: str | None = None
        self._probe_failed = False
        self.proved = False
        self.open_until_ns = clock.now_ns()

    @property
    def open(self) -> bool:
        """Whether nothing may be sent now."""
        return self._clock.now_ns() < self.open_until_ns

    def probe_answered(self) -> None:
        """Note that the probe was answered. After an opening, one shot may then be sent as a test."""
        self.proved = True
        self._in_a_row = _FAILURES_IN_A_ROW - 1 if self._openings else 0
        if self._probe_failed:  # if only shots failed before, an answered probe proves nothing about shots
            self._recovered()

    def shot_answered(self) -> None:
        """Note that a shot's request was answered correctly."""
        self._by_shot = False
        self.proved = True
        self._openings = 0
        self._in_a_row = 0
        self._recovered()

    def periodic_answered(self) -> None:
        """Note that a periodic request was answered correctly. It carries the credential, so the office accepts this
        booth's requests, and the breaker closes. But if shots caused the opening, this request proves nothing about
        shots."""
        if self._openings and not self._by_shot:
            self.shot_answered()

    def probe_failed(self, reason: str, after_s: float | None) -> None:
        """Note that the probe was not answered correctly."""
        self._probe_failed = True
        self.failed(reason, after_s, office_wide=True)

    def limit_rate(self, size: int) -> None:
        """Limit the bandwidth of photos (`most_kbit_s`): after `size` bytes were sent, send nothing for as long as
        these bytes take at that rate."""
        most = self._config.most_kbit_s
        if most is not None:
            self.open_until_ns = max(self.open_until_ns, self._clock.now_ns() + size * 8_000_000 // most)

    def failed(self, reason: str, after_s: float | None, *, office_wide: bool, of_shot: bool = False) -> float:
        """Note that a request failed (`of_shot`: it was about a shot). Returns for how many seconds the breaker is now
        open; 0.0: the failure does not open the breaker."""
        self._in_a_row += 1
        if not office_wide and self._in_a_row < _FAILURES_IN_A_ROW:
            return 0.0
        self._openings += 1
        self._by_shot = of_shot
        wait_s = jitter_s(self._config, self._openings, self._random) + (after_s or 0.0)
        self.open_until_ns = self._clock.now_ns() + round(wait_s * 1e9)
        self.proved = False
        # the first failure of a kind is logged, and the recovery, but nothing between them
        if self._complaint != reason:
            log.warning("%s: %s. Kept shots wait here; nothing is lost.", self._config.url, reason)
            self._complaint = reason
        return wait_s

    def _recovered(self) -> None:
        if self._complaint is not None:
            log.warning("the office answers again")
        self._complaint = None
        self._probe_failed = False
