"""How long something has been silent, counted in time in which it could have spoken.

On a machine that is too busy, or was stopped for a while, the clock runs on while nobody does anything: what is waited
for has not been silent, it has not been asked. So silence is counted from look to look, each look for `most_ns` at
most: whoever waits is late by as much as what is waited for.
"""


class Patience:
    """Counts the silence of one thing. Times are monotonic ns."""

    def __init__(self, limit_ns: int, most_ns: int) -> None:
        """`limit_ns`: more silence than this is too much. `most_ns`: what counts of the time between two looks; a
        little more than lies between them when the machine is not busy."""
        self._limit_ns = limit_ns
        self._most_ns = most_ns
        self._looked_ns = 0
        self.silent_ns = 0

    @property
    def is_over(self) -> bool:
        """Whether the silence has lasted too long."""
        return self.silent_ns > self._limit_ns

    def heard(self, now_ns: int) -> None:
        """It spoke."""
        self._looked_ns = now_ns
        self.silent_ns = 0

    def listened(self, now_ns: int) -> None:
        """It has said nothing since the last look."""
        self.silent_ns += min(max(0, now_ns - self._looked_ns), self._most_ns)
        self._looked_ns = now_ns
