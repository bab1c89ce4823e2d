"""A body on a slow line: it is taken as long as it goes on, and dropped soon when it stands."""

import asyncio
import selectors
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from typing import cast

import pytest
from fastapi import Request

from center.api.bodies import read_body
from center.api.problems import Refused
from center.platform.configuration import LimitsConfig
from kiosk.ports.config import OfficeConfig

LIMITS = LimitsConfig()
PIECE = 16 << 10
"""The pieces in which a booth sends; its time-out counts for each."""


class Loop(asyncio.SelectorEventLoop):
    """An event loop in which waiting takes no time: its clock jumps to the next thing to do."""

    def __init__(self) -> None:
        self.now_s = 0.0
        super().__init__(Jumping(self))

    def time(self) -> float:
        return self.now_s


class Jumping(selectors.SelectSelector):
    def __init__(self, loop: Loop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        self._loop.now_s += timeout or 0
        return super().select(0)


class SlowLine:
    """A request whose body comes in pieces, each after some seconds."""

    def __init__(self, *pieces: tuple[float, bytes]) -> None:
        self.pieces = pieces

    async def stream(self) -> AsyncIterator[bytes]:
        for wait_s, piece in self.pieces:
            await asyncio.sleep(wait_s)  # on the loop's own clock
            yield piece


def read(line: SlowLine, length: int) -> tuple[bytes | Refused, float]:
    """What comes of it, and after how many seconds. On a thread of its own: the browser of other tests leaves an event
    loop that runs on this one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(_read, line, length).result()


def _read(line: SlowLine, length: int) -> tuple[bytes | Refused, float]:
    loop = Loop()
    try:
        body = read_body(cast("Request", line), length, LIMITS.body_timeout_s, LIMITS.body_idle_s)
        said: bytes | Refused = loop.run_until_complete(body)
    except Refused as fault:
        said = fault
    finally:
        loop.close()
    return said, loop.now_s


def test_the_slowest_line_that_a_booth_bears_is_not_cut_by_the_office() -> None:
    data = bytes(100) * 10_000
    pieces = [data[begin : begin + PIECE] for begin in range(0, len(data), PIECE)]
    wait_s = OfficeConfig().connect_timeout_ms / 1_000
    said, took_s = read(SlowLine(*((wait_s, piece) for piece in pieces)), len(data))
    assert said == data
    assert took_s == pytest.approx(len(pieces) * wait_s)
    assert took_s > 120


@pytest.mark.parametrize("rest", [[(1e6, b"x")], [(0.1, b"x")] * 1_000], ids=["stands", "drips"])
def test_a_connection_that_brings_nothing_worth_waiting_for_is_dropped_soon(rest: list[tuple[float, bytes]]) -> None:
    said, took_s = read(SlowLine((1, b"x" * 5_000), *rest), 200_000)
    assert isinstance(said, Refused)
    assert said.status == 503
    assert took_s == pytest.approx(1 + LIMITS.body_idle_s)


def test_no_body_takes_for_ever() -> None:
    said, took_s = read(SlowLine(*[(LIMITS.body_idle_s - 1, b"x" * 1_024)] * 1_000), 200_000_000)
    assert isinstance(said, Refused)
    assert took_s == pytest.approx(LIMITS.body_timeout_s)
