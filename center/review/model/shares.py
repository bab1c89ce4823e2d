"""A share with its uncertainty."""

import math
from dataclasses import dataclass

_Z95 = 1.959963984540054


@dataclass(frozen=True, slots=True)
class Share:
    """A share: `count` of `of`. `value`, `low` and `high` (Wilson's 95 % interval) are None if `of` is 0."""

    count: int
    of: int

    def __post_init__(self) -> None:
        """Refuse values that are no share."""
        if not 0 <= self.count <= self.of:
            raise ValueError(f"{self.count} of {self.of} is no share: give 0 <= count <= of")

    @property
    def value(self) -> float | None:
        """The share, 0 to 1."""
        return self.count / self.of if self.of else None

    @property
    def low(self) -> float | None:
        """The interval's lower end."""
        return self._interval[0] if self.of else None

    @property
    def high(self) -> float | None:
        """The interval's upper end."""
        return self._interval[1] if self.of else None

    @property
    def _interval(self) -> tuple[float, float]:
        """Wilson's interval (1927): also right near 0 and 1, where counts are small."""
        share, z2 = self.count / self.of, _Z95 * _Z95
        middle = (share + z2 / (2 * self.of)) / (1 + z2 / self.of)
        half = _Z95 / (1 + z2 / self.of) * math.sqrt(share * (1 - share) / self.of + z2 / (4 * self.of * self.of))
        return max(0.0, middle - half), min(1.0, middle + half)
