"""A slot for the newest item: passes data between threads if only the newest item counts."""

import threading
from typing import Generic, TypeVar

T = TypeVar("T")


class LatestSlot(Generic[T]):
    """One item, the newest wins. Any number of readers; each gets an item once."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._item: T | None = None
        self._seq = 0

    def put(self, item: T) -> None:
        """Replace the item; never waits for a reader."""
        with self._changed:
            self._item = item
            self._seq += 1
            self._changed.notify_all()

    def clear(self) -> None:
        """Delete the item, so that no picture of a person outlives the session."""
        with self._changed:
            self._item = None

    def reader(self) -> "SlotReader[T]":
        """A new reader that has seen nothing yet."""
        return SlotReader(self)

    def newer_than(self, seq: int, timeout_s: float) -> tuple[int, T | None]:
        """The sequence number and item newer than `seq`, waiting at most `timeout_s`; the item may be None."""
        with self._changed:
            if self._seq == seq and timeout_s > 0:
                self._changed.wait_for(lambda: self._seq != seq, timeout_s)
            return (self._seq, self._item) if self._seq != seq else (seq, None)


class SlotReader(Generic[T]):
    """One reader's place at a slot."""

    def __init__(self, slot: LatestSlot[T]) -> None:
        self._slot = slot
        self._seq = 0

    def next(self, timeout_s: float = 0.0) -> T | None:
        """The newest item not yet seen by this reader, or None within `timeout_s` seconds."""
        seq, item = self._slot.newer_than(self._seq, timeout_s)
        self._seq = seq
        return item
