"""Decides which finger counts. Pure: time is an argument."""

LOST_NS = 3_000_000_000
"""If the panel reports nothing of a finger for this long, the finger no longer blocks others: the panel did not report
that it was lifted, or a hand rests there."""


class OneFinger:
    """The first finger that touches, until it is lifted, touches again or is lost; others do not count meanwhile."""

    def __init__(self) -> None:
        self._id: int | None = None
        self._seen_ns = 0

    def down(self, finger: int, now_ns: int) -> bool:
        """A finger touched the panel; returns whether this finger counts."""
        if self._id not in (None, finger) and now_ns - self._seen_ns < LOST_NS:
            return False
        self._id, self._seen_ns = finger, now_ns
        return True

    def move(self, finger: int, now_ns: int) -> bool:
        """A finger slides; returns whether this finger counts."""
        if finger == self._id:
            self._seen_ns = now_ns
        return finger == self._id

    def up(self, finger: int) -> bool:
        """A finger is lifted, or no longer matters; returns whether this finger counted."""
        was = finger == self._id
        if was:
            self._id = None
        return was
