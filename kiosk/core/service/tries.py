"""How wrong PINs are slowed down: pure, time is an argument.

After each wrong PIN the next one is taken only after a wait that doubles; after `MOST` of them none is taken for
`LOCKED_S`, again and again until a right one comes. Guessing a six-digit PIN takes some decades at that pace.
"""

from dataclasses import dataclass, replace

MOST = 5
FIRST_WAIT_S = 1
LOCKED_S = 600
SECOND_NS = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Tries:
    """`wrong`: PINs since the last right one; `until_ns`: before this moment none is taken."""

    wrong: int = 0
    until_ns: int = 0

    @classmethod
    def of_start(cls, wrong: int, now_ns: int) -> "Tries":
        """After the booth was switched off and on with `wrong` of them: a lock begins anew, so that it can't be
        switched off."""
        return cls(wrong, now_ns + LOCKED_S * SECOND_NS if wrong >= MOST else 0)

    @property
    def locked(self) -> bool:
        """Whether so many were wrong that the wait is a lock."""
        return self.wrong >= MOST

    def seconds_left(self, now_ns: int) -> int:
        """The whole seconds until a PIN is taken; 0: now."""
        return max(0, -(-(self.until_ns - now_ns) // SECOND_NS))

    def after_wrong(self, now_ns: int) -> "Tries":
        """One more was wrong."""
        wrong = self.wrong + 1
        wait_s = LOCKED_S if wrong >= MOST else FIRST_WAIT_S << (wrong - 1)
        return replace(self, wrong=wrong, until_ns=now_ns + wait_s * SECOND_NS)
