"""Turns a bouncing contact into single changes."""


class Debounce:
    """Accepts a level only after it was stable for `stable_ms`; the first level is False. Uses no clock: the time is an
    argument."""

    def __init__(self, stable_ms: int) -> None:
        self._stable_ns = stable_ms * 1_000_000
        self._believed = False
        self._seen = False
        self._since_ns: int | None = None

    def feed(self, level: bool, now_ns: int) -> bool | None:
        """The new level if it is accepted now, else None. Call it often, because it does not see changes between two
        calls."""
        if level != self._seen or self._since_ns is None:
            self._seen, self._since_ns = level, now_ns
        if level == self._believed or now_ns - self._since_ns < self._stable_ns:
            return None
        self._believed = level
        return level
