"""What several bring at the same moment, done in one batch.

A commit costs the disk and the database the same whether it holds one row or twenty. Who comes while nothing is being
done is served at once and alone; who comes meanwhile waits for that to end, and is then served together with all the
others who waited. Where several came together, they are likely to come together again, one a moment before the others:
then the next batch waits for as many, for two milliseconds at most. So who is alone never waits for company, and the
busier it is, the less each costs.
"""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Generic, TypeVar

_AT_ONCE = 64
_COMPANY_S = 0.002
"""So long a batch waits for as many as came to the last one: less than one of its syncs takes."""

Item = TypeVar("Item")
Result = TypeVar("Result")


class Batcher(Generic[Item, Result]):
    """Collects what comes while `do` is busy. `do` gives one result for each item, in order, or what its asker gets
    raised.

    The work is done in `threads` threads of its own, which end with `close`: whoever brings an item may wait for the
    future (a thread) or be told (a coroutine).
    """

    def __init__(self, do: Callable[[Sequence[Item]], Sequence[Result | Exception]], threads: int = 1) -> None:
        """Nothing is done yet. `threads`: so many batches may be under way side by side."""
        self._do = do
        self._waiting: deque[tuple[Item, Future[Result]]] = deque()
        self._last = 0  # so many were served at the last batch
        self._changed = threading.Condition()  # guards both
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="batch")

    def submit(self, item: Item) -> Future[Result]:
        """The item's result to be; what `do` raised for the batch it was in, the others in it get, too."""
        mine: Future[Result] = Future()
        with self._changed:
            self._waiting.append((item, mine))
            first = len(self._waiting) == 1  # else a batch is on its way that will take this one along
            if len(self._waiting) == self._last:
                self._changed.notify()
        if first:
            self._threads.submit(self._run_batch)
        return mine

    def close(self) -> None:
        """Once nobody brings anything any more: do what was brought, and end the threads; idempotent."""
        self._threads.shutdown()

    def _run_batch(self) -> None:
        with self._changed:
            if self._last > 1:
                self._changed.wait_for(lambda: len(self._waiting) >= self._last, _COMPANY_S)
            self._last = min(_AT_ONCE, len(self._waiting))
            batch = [self._waiting.popleft() for _ in range(self._last)]
            more = bool(self._waiting)
        if more:
            self._threads.submit(self._run_batch)
        # Nobody waits any more for one that was cancelled before its turn: its asker has gone.
        batch = [(item, future) for item, future in batch if future.set_running_or_notify_cancel()]
        if not batch:
            return
        try:
            results = self._do([item for item, _ in batch])
            for (_, future), result in zip(batch, results, strict=True):
                if isinstance(result, Exception):
                    future.set_exception(result)
                else:
                    future.set_result(result)
        except BaseException as fault:  # whatever it is, nobody may be left waiting; each raises it in its own thread
            for _, future in batch:
                if not future.done():
                    future.set_exception(fault)
