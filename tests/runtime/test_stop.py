"""Being told to stop, at whatever moment."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from types import FrameType
from typing import TYPE_CHECKING, Any

import pytest

from kiosk.runtime.stop import StopSignal, stop_signal

if TYPE_CHECKING:
    from _typeshed import TraceFunction


@pytest.fixture
def stop() -> Iterator[StopSignal]:
    with stop_signal() as stop:
        yield stop


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_after_a_stop_signal_every_wait_ends_at_once(stop: StopSignal, number: signal.Signals) -> None:
    assert not stop.wait(0)
    signal.raise_signal(number)
    assert stop.wait(3600)
    assert stop.wait()


def test_a_signal_between_any_two_steps_of_waiting_is_heard() -> None:
    steps = 0
    while _told_at_step(steps):
        steps += 1
    assert steps > 3


def _told_at_step(number: int) -> bool:
    """Whether a wait got to step `number`, was told to stop there, and heard it."""
    left = number

    def trace(frame: FrameType, event: str, _: Any) -> TraceFunction:
        nonlocal left
        frame.f_trace_opcodes = True
        if event == "opcode":
            if left == 0:
                signal.raise_signal(signal.SIGTERM)
            left -= 1
        return trace

    tracing = sys.gettrace()
    with stop_signal() as stop:
        sys.settrace(trace)
        try:
            stop.wait(0)
        finally:
            sys.settrace(tracing)
        return left < 0 and stop.wait(3600)


def test_the_handlers_of_before_are_back_afterwards() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with stop_signal():
        assert signal.getsignal(signal.SIGTERM) != before
    assert signal.getsignal(signal.SIGTERM) == before
