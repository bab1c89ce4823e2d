"""Does the work of a plan with several processes, and shows the progress on stderr."""

import multiprocessing as mp
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing.connection import wait
from pathlib import Path
from typing import Any, TypeVar

from bench.accuracy.bars import percent
from bench.accuracy.kept import Kept
from bench.accuracy.outcome import Outcome
from bench.accuracy.plan import Plan, Task
from bench.accuracy.work import Desk

TOLD_EVERY_S = 15.0

Given = TypeVar("Given")
Found = TypeVar("Found")

_DESK: list[Desk] = []
"""The desk of this worker process."""


def worked(plan: Plan, profile: str, out: Path, jobs: int, kept: Kept) -> list[Outcome]:
    """All outcomes in the plan's order, whichever process finishes first."""
    began = reported = time.monotonic()
    outcomes: list[Outcome] = []
    fresh = 0
    names = [f"task {number}" for number in range(len(plan.tasks))]
    setup = (_set_up, (profile, out))
    for known, found in kept.each(names, plan.tasks, lambda tasks: side_by_side(_done, tasks, jobs, *setup)):
        outcomes += found
        fresh += 0 if known else len(found)
        now = time.monotonic()
        if fresh and (now - reported >= TOLD_EVERY_S or len(outcomes) == plan.pictures):
            reported = now
            left = (now - began) / fresh * (plan.pictures - len(outcomes))
            share = percent(len(outcomes) / plan.pictures, 0)
            sys.stderr.write(f"{len(outcomes)} of {plan.pictures} pictures ({share}), {left / 60:.0f} min left\n")
    return outcomes


def side_by_side(
    work: Callable[[Given], Found],
    given: Sequence[Given],
    jobs: int,
    setup: Callable[..., None] | None = None,
    using: tuple[Any, ...] = (),
) -> Iterator[Found]:
    """The results of `work` for each item of `given`, in their order, made by `jobs` processes. Each process begins
    with `setup(*using)`.
    """
    if not given:
        return
    if jobs == 1:
        if setup is not None:
            setup(*using)
        yield from map(work, given)
        return
    # Each process gets a new interpreter, because the networks' threads do not survive a fork.
    with ProcessPoolExecutor(jobs, mp.get_context("spawn"), _begin, (setup, using)) as pool:
        yield from pool.map(work, given)


def _begin(setup: Callable[..., None] | None, using: tuple[Any, ...]) -> None:
    threading.Thread(target=_end_with_parent, daemon=True).start()
    if setup is not None:
        setup(*using)


def _set_up(profile: str, out: Path) -> None:
    _DESK[:] = [Desk.set_up(profile, out)]


def _end_with_parent() -> None:
    """End this worker when its parent is killed; otherwise it would wait for work for ever."""
    parent = mp.parent_process()
    assert parent is not None, "runs in a worker process"
    wait([parent.sentinel])
    os._exit(1)


def _done(task: Task) -> list[Outcome]:
    return _DESK[0].done(task)
