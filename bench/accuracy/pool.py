"""Working a plan off with several processes, with progress on stderr."""

import multiprocessing as mp
import os
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing.connection import wait
from pathlib import Path

from bench.accuracy.bars import percent
from bench.accuracy.outcome import Outcome
from bench.accuracy.plan import Plan, Task
from bench.accuracy.work import Desk

TOLD_EVERY_S = 5.0

_DESK: list[Desk] = []
"""This worker process's desk."""


def worked(plan: Plan, profile: str, out: Path, jobs: int) -> list[Outcome]:
    """All outcomes, in the plan's order whoever finishes first."""
    began = reported = time.monotonic()
    outcomes: list[Outcome] = []
    for found in _results(plan.tasks, profile, out, jobs):
        outcomes += found
        now = time.monotonic()
        if now - reported >= TOLD_EVERY_S or len(outcomes) == plan.pictures:
            reported = now
            left = (now - began) / len(outcomes) * (plan.pictures - len(outcomes))
            share = percent(len(outcomes) / plan.pictures, 0)
            sys.stderr.write(f"{len(outcomes)} of {plan.pictures} pictures ({share}), {left / 60:.0f} min left\n")
    return outcomes


def _results(tasks: Sequence[Task], profile: str, out: Path, jobs: int) -> Iterator[list[Outcome]]:
    if jobs == 1:
        desk = Desk.set_up(profile, out)
        yield from map(desk.done, tasks)
        return
    # A fresh interpreter each: the networks' threads do not survive a fork.
    with ProcessPoolExecutor(jobs, mp.get_context("spawn"), _set_up, (profile, out)) as pool:
        yield from pool.map(_done, tasks)


def _set_up(profile: str, out: Path) -> None:
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _DESK.append(Desk.set_up(profile, out))


def _end_with_parent() -> None:
    """A parent that is killed tells nobody: its workers would wait for work for ever."""
    parent = mp.parent_process()
    assert parent is not None, "runs in a worker process"
    wait([parent.sentinel])
    os._exit(1)


def _done(task: Task) -> list[Outcome]:
    return _DESK[0].done(task)
