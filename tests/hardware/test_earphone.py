"""The earphone socket's switch on its twin: only changes are told, in whatever pieces the events come."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kiosk.commands.doctor.earphone import examine_earphone
from kiosk.core.events import EarphoneChanged, Event
from kiosk.core.scan.keys import EVENT
from kiosk.hardware.earphone_switch import EV_SW, SW_HEADPHONE_INSERT, EarphoneSwitch
from kiosk.ports.config import EarphoneConfig
from kiosk.ports.faults import PermanentFault, TemporaryFault
from sim.twins.clock import VirtualClock
from sim.twins.earphone import EarphoneSocket


@pytest.fixture
def socket(tmp_path: Path) -> Iterator[EarphoneSocket]:
    made = EarphoneSocket(tmp_path)
    yield made
    made.close()


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(datetime(2026, 9, 1, tzinfo=UTC))


def opened(socket: EarphoneSocket, clock: VirtualClock) -> tuple[EarphoneSwitch, list[Event]]:
    events: list[Event] = []
    switch = EarphoneSwitch(socket.path, events.append, clock)
    switch.open()
    return switch, events


def test_plugging_in_and_pulling_out_are_told(socket: EarphoneSocket, clock: VirtualClock) -> None:
    switch, events = opened(socket, clock)
    switch.poll(0)
    assert events == []
    socket.plug_in()
    switch.poll(0)
    socket.pull_out()
    socket.plug_in()
    switch.poll(0)
    now_ns = clock.now_ns()
    assert events == [EarphoneChanged(now_ns, plugged) for plugged in (True, False, True)]
    switch.close()
    switch.close()


def test_events_come_in_any_pieces_and_other_switches_and_keys_are_not_meant(
    socket: EarphoneSocket, clock: VirtualClock
) -> None:
    switch, events = opened(socket, clock)
    microphone, key = EVENT.pack(0, 0, EV_SW, 4, 1), EVENT.pack(0, 0, 1, SW_HEADPHONE_INSERT, 1)
    whole = microphone + key + EVENT.pack(0, 0, EV_SW, SW_HEADPHONE_INSERT, 1) + EVENT.pack(0, 0, 0, 0, 0)
    writer = os.open(socket.path, os.O_WRONLY | os.O_NONBLOCK)
    for i in range(len(whole)):
        os.write(writer, whole[i : i + 1])
        switch.poll(0)
    os.close(writer)
    switch.close()
    assert [event.plugged for event in events if isinstance(event, EarphoneChanged)] == [True]


def test_a_socket_that_is_not_there_is_looked_for_again_and_a_wrong_path_needs_a_person(
    tmp_path: Path, clock: VirtualClock
) -> None:
    with pytest.raises(TemporaryFault) as missing:
        EarphoneSwitch(tmp_path / "none", lambda _: None, clock).open()
    assert missing.value.text_id == "fault.earphone_missing"
    (tmp_path / "file").touch()
    with pytest.raises(PermanentFault) as wrong:
        EarphoneSwitch(tmp_path / "file", lambda _: None, clock).open()
    assert wrong.value.text_id == "fault.earphone_not_a_port"


def test_a_socket_that_is_pulled_off_is_told(socket: EarphoneSocket, clock: VirtualClock) -> None:
    switch, _ = opened(socket, clock)
    socket.close()
    with pytest.raises(TemporaryFault) as gone:
        switch.poll(0)
    assert gone.value.text_id == "fault.earphone_unplugged"
    switch.close()


class Looking:
    """A clock on which a look takes 50 ms; at the third one somebody plugs in."""

    def __init__(self, clock: VirtualClock, socket: EarphoneSocket | None) -> None:
        self._clock, self._socket, self._looks = clock, socket, 0

    def now_ns(self) -> int:
        self._looks += 1
        if self._looks == 3 and self._socket is not None:
            self._socket.plug_in()
        self._clock.advance(50_000_000)
        return self._clock.now_ns()

    def wall(self):  # type: ignore[no-untyped-def]
        return self._clock.wall()


def test_the_doctor_sees_an_earphone_plugged_in_or_says_what_may_be_wrong(
    socket: EarphoneSocket, clock: VirtualClock, tmp_path: Path
) -> None:
    config = EarphoneConfig(input_path=socket.path)
    assert examine_earphone(config, Looking(clock, socket), poll_s=0).line().startswith("earphone: ok")
    nothing = examine_earphone(config, Looking(clock, None), poll_s=0)
    assert (nothing.ok, nothing.status) == (False, "no_change")
    assert str(socket.path) in nothing.message
    assert examine_earphone(EarphoneConfig(), clock).status == "none"
    gone = examine_earphone(EarphoneConfig(input_path=tmp_path / "gone"), clock)
    assert (gone.ok, gone.details["fault"]) == (False, "fault.earphone_missing")
