"""Slows down guesses of the PIN. Pure: the time is an argument.

After each wrong PIN the menu accepts the next one only after a wait, which doubles each time. After `MOST` wrong PINs
the wait is `LOCKED_S`. After each further wrong PIN it is `LOCKED_S` again, until a right one comes. Guessing a
six-digit PIN takes some decades at that pace.
"""

from dataclasses import dataclass, replace

MOST = 5
FIRST_WAIT_S = 1
LOCKED_S = 600
SECOND_NS = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Tries:
    """`wrong`: how many wrong PINs were entered since the last right one; `until_ns`: until then no PIN is accepted."""

    wrong: int = 0
    until_ns: int = 0

    @classmethod
    def of_start(cls, wrong: int, now_ns: int) -> "Tries":
        """The state when the booth starts and `wrong` wrong PINs are on record. A lock begins again, so that switching
        the booth off does not end it."""
        return cls(wrong, now_ns + LOCKED_S * SECOND_NS if wrong >= MOST else 0)

    @property
    def locked(self) -> bool:
        """Whether so many wrong PINs were entered that the menu is locked."""
        return self.wrong >= MOST

    def seconds_left(self, now_ns: int) -> int:
        """The whole seconds until the menu accepts a PIN; 0: now."""
        return max(0, -(-(self.until_ns - now_ns) // SECOND_NS))

    def after_wrong(self, now_ns: int) -> "Tries":
        """The state after one more wrong PIN."""
        wrong = self.wrong + 1
        wait_s = LOCKED_S if wrong >= MOST else FIRST_WAIT_S << (wrong - 1)
        return replace(self, wrong=wrong, until_ns=now_ns + wait_s * SECOND_NS)
