"""The sound device through SDL's mixer: one channel, so that two prompts are never heard at once."""

from pathlib import Path

from kiosk.ports.voice import NoSoundDevice

RATE_HZ = 24_000  # of the recordings; SDL converts it to what the device takes
BUFFER = 1024  # samples: 43 ms until a stop is heard


class SdlMixer:
    """A `Mixer`. Raises `NoSoundDevice`; `wanted` is a part of the device's name, None takes the system's own."""

    def __init__(self, wanted: str | None) -> None:
        import pygame
        from pygame._sdl2 import audio

        self._pygame, self._names = pygame, audio.get_audio_device_names
        self._wanted = wanted
        self._open = False
        try:
            self._start(None)
            if wanted is not None:
                self._start(self._named(wanted))
            self._channel = pygame.mixer.Channel(0)
        except pygame.error as error:
            self.close()
            raise NoSoundDevice(f"{error}") from error
        except NoSoundDevice:
            self.close()
            raise

    def _start(self, name: str | None) -> None:
        """Open the device; SDL tells the names of devices only once one is open."""
        self.close()
        mixer = self._pygame.mixer
        mixer.init(RATE_HZ, -16, 1, BUFFER, devicename=name, allowedchanges=0)
        mixer.set_num_channels(1)
        self._open = True

    def names(self) -> list[str]:
        """The sound devices there are."""
        return list(self._names(False))

    def _named(self, wanted: str) -> str:
        names = self.names()
        found = next((name for name in names if wanted.lower() in name.lower()), None)
        if found is None:
            raise NoSoundDevice(f"there are: {', '.join(names) or 'none'}")
        return found

    def play(self, path: Path, loudness: float) -> None:
        try:
            sound = self._pygame.mixer.Sound(path)
        except (self._pygame.error, FileNotFoundError) as error:
            raise OSError(f"{error}") from error
        self._channel.stop()
        self._channel.set_volume(loudness)
        self._channel.play(sound)
        self._channel.set_volume(loudness)  # playing sets it back

    def busy(self) -> bool:
        return bool(self._channel.get_busy())

    def set_loudness(self, loudness: float) -> None:
        self._channel.set_volume(loudness)

    def stop(self) -> None:
        self._channel.stop()

    def present(self) -> bool:
        names = self.names()
        return bool(names) if self._wanted is None else any(self._wanted.lower() in name.lower() for name in names)

    def close(self) -> None:
        if self._open:
            self._open = False
            self._pygame.mixer.quit()
