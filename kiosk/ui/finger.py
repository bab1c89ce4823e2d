"""Decides which finger counts if several touch the panel. Pure: the time is an argument."""

LOST_NS = 3_000_000_000
"""If the panel reports nothing about a finger for this long, this finger no longer blocks other fingers. Either the
panel did not report that the finger was lifted, or a hand rests on the panel."""


class OneFinger:
    """Follows the first finger that touches the panel, until it is lifted, touches again or is lost. Until then no
    other finger counts."""

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
        """A finger is lifted, or the caller ignores it from now on; returns whether this finger counted."""
        was = finger == self._id
        if was:
            self._id = None
        return was
