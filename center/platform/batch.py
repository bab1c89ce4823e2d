"""What several threads bring at the same moment, done at one stroke.

A commit costs the disk and the database the same whether it holds one row or twenty. Who comes while nothing is being
done is served at once and alone; who comes meanwhile waits for that to end, and is then served together with all the
others who waited. So nobody waits for company, and the busier it is, the less each costs.
"""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Generic, TypeVar

_AT_ONCE = 64  # more than the threads of a server that could wait
Item = TypeVar("Item")
Result = TypeVar("Result")


class Batcher(Generic[Item, Result]):
    """Collects what threads bring while `do` is busy. `do` gives one result for each item, in order."""

    def __init__(self, do: Callable[[Sequence[Item]], Sequence[Result]]) -> None:
        """Nothing is done yet."""
        self._do = do
        self._waiting: deque[tuple[Item, Future[Result]]] = deque()  # appending and popping are atomic
        self._turn = threading.Lock()

    def submit(self, item: Item) -> Result:
        """The item's result. Raises what `do` raised for the stroke it was in: the others in it get the same."""
        mine: Future[Result] = Future()
        self._waiting.append((item, mine))
        with self._turn:
            while not mine.done():
                self._stroke()
        return mine.result()

    def _stroke(self) -> None:
        batch = [self._waiting.popleft() for _ in range(min(_AT_ONCE, len(self._waiting)))]
        try:
            results = self._do([item for item, _ in batch])
            for (_, future), result in zip(batch, results, strict=True):
                future.set_result(result)
        except BaseException as fault:  # whatever it is, nobody may be left waiting; each raises it in its own thread
            for _, future in batch:
                if not future.done():
                    future.set_exception(fault)
