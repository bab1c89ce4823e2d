"""Does in one batch what several threads submit at the same moment.

A commit costs the disk and the database the same whether it has one row or twenty. An item that arrives while nothing
is being done is served at once and alone. An item that arrives during a batch waits for that batch to end; then it is
served together with all the others that waited. Items that arrived together are likely to arrive together again, though
not at exactly the same moment. So the next batch waits until it is as large as the last one, but for two milliseconds
at most. A lone item never waits for others, and the more items arrive, the less each costs.
"""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Generic, TypeVar

_AT_ONCE = 64
_COMPANY_S = 0.002
"""The longest time for which a batch waits until it has as many items as the last batch. One sync takes longer than
this.
"""

Item = TypeVar("Item")
Result = TypeVar("Result")


class Batcher(Generic[Item, Result]):
    """Collects what arrives while `do` is busy. `do` returns, for each item in order, its result or the exception that
    its caller gets.

    The work is done in threads of the batcher's own, which `close` ends. A thread that submits an item can wait for the
    future; a coroutine can be woken by it.
    """

    def __init__(self, do: Callable[[Sequence[Item]], Sequence[Result | Exception]], threads: int = 1) -> None:
        """Starts no work yet. `threads`: how many batches may run at the same time."""
        self._do = do
        self._waiting: deque[tuple[Item, Future[Result]]] = deque()
        self._last = 0  # the size of the last batch
        self._changed = threading.Condition()  # guards `_waiting` and `_last`
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="batch")

    def submit(self, item: Item) -> Future[Result]:
        """The future result of the item. If `do` raises, every item of the batch gets the exception."""
        mine: Future[Result] = Future()
        with self._changed:
            self._waiting.append((item, mine))
            first = len(self._waiting) == 1  # if not, a batch that will include this item is already requested
            if len(self._waiting) == self._last:
                self._changed.notify()
        if first:
            self._threads.submit(self._run_batch)
        return mine

    def close(self) -> None:
        """Do what was submitted, and end the threads; idempotent. Nobody may submit any more."""
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
        # An item that was cancelled before its turn is left out: nobody waits for it any more.
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
        # This catches even `SystemExit`: no caller may be left waiting, so every caller gets the fault from its future.
        except BaseException as fault:
            for _, future in batch:
                if not future.done():
                    future.set_exception(fault)
