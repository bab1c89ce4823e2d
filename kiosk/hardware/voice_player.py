"""The voice: plays recorded prompts one after the other on a sound device.

A booth without a sound card has no voice, but it is not broken: a missing sound device is a fault only if the
configuration names the device. With or without a fault, the player looks for a device again while the booth runs.
"""

import logging
import threading
from collections import deque
from typing import NamedTuple

from kiosk.core.events import Device
from kiosk.ports.clock import Clock
from kiosk.ports.config import VoiceConfig
from kiosk.ports.faults import TemporaryFault
from kiosk.ports.voice import Mixer, NoSoundDevice, OpenMixer
from kiosk.text.speech import parts, recording

log = logging.getLogger(__name__)

LOOK_NS = 2_000_000_000
"""The interval at which the player checks whether the device is still there."""
AGAIN_NS = 30_000_000_000
"""The interval at which the player looks for a device while there is none."""
ENDED_S = 0.02
"""The interval at which the player checks whether a recording has ended, while another one waits. Nobody hears such a
short pause."""


class _Part(NamedTuple):
    """A recording to play: a whole prompt, or one part of a prompt that has several."""

    prompt: str
    name: str
    language: str


class VoicePlayer:
    """A `Voice` and a `Worker`."""

    device = Device.SPEAKER

    def __init__(self, config: VoiceConfig, open_mixer: OpenMixer, clock: Clock) -> None:
        self._config = config
        self._open_mixer = open_mixer
        self._clock = clock
        self._mixer: Mixer | None = None
        self._changed = threading.Condition()
        self._loudness = config.volume
        self._stop = False
        self._running: _Part | None = None
        self._waiting: deque[_Part] = deque()
        self._look_ns = 0

    # called by the main loop

    def say(self, prompts: tuple[str, ...], language: str, *, at_once: bool) -> None:
        with self._changed:
            if self._mixer is None:
                return
            if at_once:
                self._stop, self._running = True, None
            rest = [part for part in self._waiting if self._running and part.prompt == self._running.prompt]
            said = (_Part(prompt, name, language) for prompt in prompts for name in parts(prompt))
            self._waiting = deque((*rest, *said))
            self._changed.notify()

    def is_there(self) -> bool:
        return self._mixer is not None

    def pending(self) -> tuple[str, ...]:
        with self._changed:
            running = () if self._running is None else (self._running,)
            return tuple(dict.fromkeys(part.prompt for part in (*running, *self._waiting)))

    def loudness(self, share: float) -> None:
        with self._changed:
            self._loudness = share

    # called on the worker's thread

    def open(self) -> None:
        mixer = self._look_for_mixer()
        with self._changed:
            self._mixer, self._running = mixer, None
            self._waiting.clear()
        self._look_ns = self._clock.now_ns() + (LOOK_NS if mixer is not None else AGAIN_NS)

    def poll(self, timeout_s: float) -> None:
        with self._changed:
            if timeout_s > 0 and not self._stop:
                if not self._waiting:
                    self._changed.wait(timeout_s)
                elif self._running is not None:
                    self._changed.wait(min(timeout_s, ENDED_S))
        if self._clock.now_ns() >= self._look_ns:
            self._look()
        if self._mixer is not None:
            self._play(self._mixer)

    def close(self) -> None:
        with self._changed:
            mixer, self._mixer, self._running = self._mixer, None, None
            self._waiting.clear()
        if mixer is not None:
            mixer.close()

    def _look(self) -> None:
        if self._mixer is None:
            self.open()
            return
        self._look_ns = self._clock.now_ns() + LOOK_NS
        if self._mixer.present():
            return
        if self._config.device is not None:
            raise self._missing("it was unplugged")
        log.warning("the sound device is gone: the booth goes on without a voice")
        self.close()

    def _play(self, mixer: Mixer) -> None:
        """Carry out the orders: stop, change the loudness, or play the next prompt when the last one has ended."""
        with self._changed:
            stop, self._stop = self._stop, False
            loudness = self._loudness
        if stop:
            mixer.stop()
        mixer.set_loudness(loudness)
        if mixer.busy():
            return
        with self._changed:
            self._running = self._waiting.popleft() if self._waiting else None
            following = self._running
        if following is None:
            return
        path = recording(following.language, following.name, self._config.folder)
        try:
            mixer.play(path, loudness)
        except OSError as error:
            log.error("the recording %s can't be played: %s", path, error)

    def _look_for_mixer(self) -> Mixer | None:
        try:
            return self._open_mixer(self._config.device)
        except NoSoundDevice as fault:
            if self._config.device is not None:
                raise self._missing(str(fault)) from fault
            return None

    def _missing(self, how: str) -> TemporaryFault:
        return TemporaryFault(
            Device.SPEAKER,
            "fault.speaker_missing",
            f"the sound device {self._config.device!r} is not there ({how})",
            "Plug it in, or name another one under [voice] device (kiosk doctor sound lists them)",
        )
