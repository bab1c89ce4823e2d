"""A slot passes items between threads if only the newest item counts."""

import threading
from typing import Generic, TypeVar

T = TypeVar("T")


class LatestSlot(Generic[T]):
    """Holds one item; a newer item replaces it. Any number of readers can wait for items; each reader gets an item
    once."""

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
        """Wait at most `timeout_s` seconds for an item newer than `seq`. Returns the sequence number of the newest
        item, and the item; None in place of the item if no newer one has come or the newest was deleted."""
        with self._changed:
            if self._seq == seq and timeout_s > 0:
                self._changed.wait_for(lambda: self._seq != seq, timeout_s)
            return (self._seq, self._item) if self._seq != seq else (seq, None)


class SlotReader(Generic[T]):
    """One reader of a slot; it remembers which item it read last."""

    def __init__(self, slot: LatestSlot[T]) -> None:
        self._slot = slot
        self._seq = 0

    def next(self, timeout_s: float = 0.0) -> T | None:
        """Wait at most `timeout_s` seconds for an item that this reader has not had. Returns the newest item, or
        None."""
        seq, item = self._slot.newer_than(self._seq, timeout_s)
        self._seq = seq
        return item
