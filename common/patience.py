"""Measures how long a device has been silent while it could have answered.

On a machine that is too busy, or was suspended, the clock runs while programs do not. That time must not count as
silence of the device, because the program did not ask the device. So silence is added up from check to check, and each
interval between two checks counts as at most `most_ns`.
"""


class Patience:
    """The silence of one device. Times are monotonic ns."""

    def __init__(self, limit_ns: int, most_ns: int) -> None:
        """`limit_ns`: the longest silence that is still allowed. `most_ns`: the most that the time between two checks
        counts; choose a little more than the interval of the checks on an idle machine."""
        self._limit_ns = limit_ns
        self._most_ns = most_ns
        self._looked_ns = 0
        self.silent_ns = 0

    @property
    def is_over(self) -> bool:
        """Whether the silence has lasted too long."""
        return self.silent_ns > self._limit_ns

    def answered(self, now_ns: int) -> None:
        """The device answered."""
        self._looked_ns = now_ns
        self.silent_ns = 0

    def listened(self, now_ns: int) -> None:
        """The device has not answered since the last check."""
        self.silent_ns += min(max(0, now_ns - self._looked_ns), self._most_ns)
        self._looked_ns = now_ns
