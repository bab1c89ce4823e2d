"""The voice's player: on the simulator's sound card, and on SDL's own mixer without one."""

from pathlib import Path
from typing import Any

import pytest

from kiosk.core.events import Device, DeviceFailed, DeviceRecovered, Event
from kiosk.hardware.voice_mixer import SdlMixer, device_names
from kiosk.hardware.voice_player import VoicePlayer
from kiosk.ports.config import VoiceConfig
from kiosk.ports.voice import NoSoundDevice
from kiosk.runtime.supervise import Supervisor
from kiosk.text.speech import number_prompt, recording
from sim.twins.clock import VirtualClock
from sim.twins.speaker import Speaker, length_s

ONE, TWO = "guide.too_far", "guide.too_near"
MS = 1_000_000


class Rig:
    """A player on the simulator's sound card."""

    def __init__(self, clock: VirtualClock, config: VoiceConfig | None = None) -> None:
        self.clock = clock
        self.speaker = Speaker(clock.now_ns)
        self.player = VoicePlayer(config or VoiceConfig(), self.speaker.mixer, clock)

    def say(self, *prompts: str, at_once: bool = True, language: str = "zh_CN") -> None:
        self.player.say(prompts, language, at_once=at_once)

    def run(self, seconds: float) -> None:
        for _ in range(round(seconds * 20)):
            self.clock.advance(50 * MS)
            self.player.poll(0)

    @property
    def heard(self) -> list[str]:
        return [prompt for prompt, _ in self.speaker.played]


@pytest.fixture
def rig(clock: VirtualClock) -> Rig:
    rig = Rig(clock)
    rig.player.open()
    return rig


def test_prompts_are_played_one_after_the_other_to_their_end(rig: Rig) -> None:
    rig.say(ONE, TWO)
    rig.run(0.1)
    assert rig.player.pending() == (ONE, TWO)
    rig.run(10)
    assert rig.heard == [ONE, TWO]
    assert rig.speaker.cut_off == []
    assert rig.player.pending() == ()


def test_an_order_at_once_cuts_off_what_runs(rig: Rig) -> None:
    rig.say(ONE)
    rig.run(0.2)
    rig.say(TWO)
    rig.run(0.1)
    assert (rig.heard, rig.speaker.cut_off) == ([ONE, TWO], [ONE])


def test_a_number_is_played_digit_by_digit_and_is_one_prompt(rig: Rig) -> None:
    number = number_prompt(("011", "12"))
    rig.say(number, TWO)
    rig.run(0.1)
    assert rig.player.pending() == (number, TWO)
    rig.run(2.5)
    assert rig.player.pending() == (number, TWO), "its digits are being played"
    rig.say(ONE, at_once=False)
    rig.run(20)
    assert rig.heard == ["number.called", *(f"digit.{digit}" for digit in "01112"), ONE]
    assert rig.speaker.cut_off == []
    rig.say(number)
    rig.run(2.5)
    rig.say(TWO)
    rig.run(20)
    assert rig.heard[-1] == TWO
    assert rig.heard.count("digit.2") == 1, "the rest of the number is dropped"


def test_an_order_for_later_waits_and_takes_the_place_of_what_waited(rig: Rig) -> None:
    rig.say(ONE, "guide.hold_still")
    rig.run(0.1)
    rig.say(TWO, at_once=False)
    rig.run(10)
    assert (rig.heard, rig.speaker.cut_off) == ([ONE, TWO], [])


@pytest.mark.parametrize("said", [(), (ONE,), (ONE, TWO)], ids=["silent", "one plays", "one plays, one waits"])
def test_each_turn_with_nothing_to_do_yet_waits_for_it(
    rig: Rig, monkeypatch: pytest.MonkeyPatch, said: tuple[str, ...]
) -> None:
    rig.say(*said)
    rig.player.poll(0)
    waits: list[float] = []
    monkeypatch.setattr(rig.player._changed, "wait", waits.append)
    for _ in range(3):
        rig.player.poll(0.05)
    assert len(waits) == 3
    assert all(0.01 <= wait <= 0.05 for wait in waits)
    assert rig.heard == list(said[:1])


def test_no_turn_with_something_to_do_waits_first(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []
    monkeypatch.setattr(rig.player._changed, "wait", waits.append)
    rig.say(ONE)
    rig.player.poll(0.05)
    rig.say(TWO)
    rig.player.poll(0.05)
    assert (rig.heard, rig.speaker.cut_off, waits) == ([ONE, TWO], [ONE], [])


def test_silence_comes_at_once(rig: Rig) -> None:
    rig.say(ONE, TWO)
    rig.run(0.1)
    rig.say()
    rig.run(0.05)
    assert not rig.speaker.busy()
    assert rig.player.pending() == ()


def test_loudness_is_that_of_the_moment(rig: Rig) -> None:
    rig.player.loudness(0.25)
    rig.say(ONE)
    rig.run(0.1)
    assert rig.speaker.played == [(ONE, 0.25)]


def test_ones_own_recording_is_played_instead(clock: VirtualClock, tmp_path: Path) -> None:
    own = tmp_path / "zh_CN" / f"{ONE}.ogg"
    own.parent.mkdir()
    own.write_bytes(recording("zh_CN", TWO).read_bytes())
    assert recording("zh_CN", ONE, tmp_path) == own
    assert recording("zh_CN", TWO, tmp_path) == recording("zh_CN", TWO)
    rig = Rig(clock, VoiceConfig(folder=tmp_path))
    rig.player.open()
    rig.say(ONE)
    rig.run(length_s(own) - 0.1)
    assert rig.speaker.busy()
    rig.run(0.2)
    assert not rig.speaker.busy()


def test_a_recording_that_is_none_is_left_out_and_the_next_is_played(clock: VirtualClock, tmp_path: Path) -> None:
    (tmp_path / "zh_CN").mkdir()
    (tmp_path / "zh_CN" / f"{ONE}.ogg").write_bytes(b"no sound at all")
    rig = Rig(clock, VoiceConfig(folder=tmp_path))
    rig.player.open()
    rig.say(ONE, TWO)
    rig.run(5)
    assert rig.heard == [TWO]


def test_no_sound_device_is_no_fault_and_nothing_is_said_late(clock: VirtualClock) -> None:
    rig = Rig(clock)
    rig.speaker.plugged_in = False
    rig.player.open()
    rig.say(ONE)
    assert rig.player.pending() == ()
    rig.run(20)
    rig.speaker.plugged_in = True
    rig.run(31)
    assert rig.heard == []
    rig.say(TWO)
    rig.run(1)
    assert rig.heard == [TWO]


def test_a_device_that_goes_leaves_a_silent_booth(rig: Rig) -> None:
    rig.say(ONE)
    rig.run(0.1)
    rig.speaker.plugged_in = False
    rig.run(3)
    assert rig.player.pending() == ()


def test_a_named_device_that_is_missing_is_reported_and_its_return_too(
    clock: VirtualClock, events: list[Event]
) -> None:
    rig = Rig(clock, VoiceConfig(device="USB"))
    supervisor = Supervisor(rig.player, events.append, clock)
    rig.speaker.plugged_in = False
    supervisor.poll(0)
    rig.speaker.plugged_in = True
    clock.advance(1_000 * MS)
    supervisor.poll(0)
    rig.speaker.plugged_in = False
    clock.advance(3_000 * MS)
    supervisor.poll(0)
    assert [(type(event), event.device) for event in events if isinstance(event, (DeviceFailed, DeviceRecovered))] == [
        (DeviceFailed, Device.SPEAKER),
        (DeviceRecovered, Device.SPEAKER),
        (DeviceFailed, Device.SPEAKER),
    ]


def test_sdl_plays_every_kind_of_file_into_its_driver(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """SDL's disk driver writes what would be heard: it is no silence, and a stop ends it."""
    out = tmp_path / "heard.raw"
    monkeypatch.setenv("SDL_AUDIODRIVER", "disk")
    monkeypatch.setenv("SDL_DISKAUDIOFILE", str(out))
    monkeypatch.setenv("SDL_DISKAUDIODELAY", "0")
    mixer = SdlMixer(None)
    try:
        mixer.play(recording("zh_CN", ONE), 0.5)
        while mixer.busy():
            pass
        assert any(out.read_bytes())
        with pytest.raises(OSError, match="nothing"):
            mixer.play(tmp_path / "nothing.ogg", 0.5)
        mixer.play(recording("en", ONE), 0.5)
        mixer.stop()
        assert not mixer.busy()
        assert mixer.present()
    finally:
        mixer.close()
        mixer.close()


def test_a_device_that_sdl_does_not_know_is_refused_with_those_it_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SDL_AUDIODRIVER", "dummy")
    with pytest.raises(NoSoundDevice, match="there are: "):
        SdlMixer("no such card")


def test_a_named_card_is_opened_though_the_default_device_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a panel without sound: the default is its HDMI, and opening that fails."""
    import pygame

    opened: list[str | None] = []
    real: Any = pygame.mixer.init

    def refusing(*given: Any, devicename: str | None, **named: Any) -> None:
        opened.append(devicename)
        if devicename is None:
            raise pygame.error("ALSA: Couldn't open audio device: Unknown error 524")
        real(*given, **named, devicename=devicename)

    monkeypatch.setenv("SDL_AUDIODRIVER", "dummy")
    monkeypatch.setattr(pygame.mixer, "init", refusing)
    with pytest.raises(NoSoundDevice, match="524"):
        SdlMixer(None)
    (name,) = device_names()
    for _ in range(2):  # a second time as after a fault
        mixer = SdlMixer(name[:6].upper())
        assert mixer.present()
        assert mixer.names() == [name]
        mixer.play(recording("zh_CN", ONE), 0.5)
        assert mixer.busy()
        mixer.close()
    assert opened == [None, name, name]
