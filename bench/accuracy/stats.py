"""Shares with their uncertainty."""

import math
from typing import TypedDict

Z95 = 1.959963984540054


class Share(TypedDict):
    """A share: `count` of `of`, with its 95 % confidence interval; None if nothing was counted."""

    count: int
    of: int
    share: float | None
    low: float | None
    high: float | None


def wilson(count: int, of: int) -> tuple[float, float]:
    """Wilson's 95 % interval of a share (E. B. Wilson 1927). It is right also near 0 and 1, where counts are small."""
    if of <= 0 or not 0 <= count <= of:
        raise ValueError(f"{count} of {of} is no share: give 0 <= count <= of, of > 0")
    share, z2 = count / of, Z95 * Z95
    middle = (share + z2 / (2 * of)) / (1 + z2 / of)
    half = Z95 / (1 + z2 / of) * math.sqrt(share * (1 - share) / of + z2 / (4 * of * of))
    return max(0.0, middle - half), min(1.0, middle + half)


def share(count: int, of: int) -> Share:
    """The share `count` of `of`, with its interval."""
    if of == 0:
        return {"count": 0, "of": 0, "share": None, "low": None, "high": None}
    low, high = wilson(count, of)
    return {"count": count, "of": of, "share": round(count / of, 4), "low": round(low, 4), "high": round(high, 4)}


def gap(shares: list[Share]) -> float | None:
    """The largest share minus the smallest; None if there are fewer than two groups."""
    known = [one["share"] for one in shares if one["share"] is not None]
    return round(max(known) - min(known), 4) if len(known) > 1 else None
