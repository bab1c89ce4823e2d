"""Measures how long a device has been silent while it could have answered.

On a machine that is too busy, or was suspended, the clock runs while programs do not. In that time the device was not
silent; the program did not ask it. So silence is added up from check to check, and each interval counts as `most_ns` at
most.
"""


class Patience:
    """The silence of one device. Times are monotonic ns."""

    def __init__(self, limit_ns: int, most_ns: int) -> None:
        """`limit_ns`: a longer silence is too long. `most_ns`: how much of the time between two checks counts at
        most; a little more than the interval of the checks on an idle machine."""
        self._limit_ns = limit_ns
        self._most_ns = most_ns
        self._looked_ns = 0
        self.silent_ns = 0

    @property
    def is_over(self) -> bool:
        """Whether the silence has lasted too long."""
        return self.silent_ns > self._limit_ns

    def heard(self, now_ns: int) -> None:
        """The device answered."""
        self._looked_ns = now_ns
        self.silent_ns = 0

    def listened(self, now_ns: int) -> None:
        """The device has not answered since the last check."""
        self.silent_ns += min(max(0, now_ns - self._looked_ns), self._most_ns)
        self._looked_ns = now_ns
