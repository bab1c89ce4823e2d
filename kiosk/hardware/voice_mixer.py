"""The sound device, used through SDL's mixer with one channel, so that two prompts are never heard at once."""

import ctypes
from pathlib import Path

from kiosk.ports.voice import NoSoundDevice

RATE_HZ = 24_000  # rate of the recordings; SDL converts the sound to a rate of the device
BUFFER = 1024  # samples; a stop is heard after 43 ms at most


SDL_INIT_AUDIO = 0x10
SDL_LIBRARY = "libSDL2-2"
MAPS = Path("/proc/self/maps")


class SdlMixer:
    """A `Mixer`. `wanted`: a part of the device's name; None: the system's default device. Raises `NoSoundDevice`."""

    def __init__(self, wanted: str | None) -> None:
        import pygame
        from pygame._sdl2 import audio

        self._pygame, self._names = pygame, audio.get_audio_device_names
        self._wanted = wanted
        self._open = False
        try:
            self._start(None if wanted is None else _named(wanted, device_names()))
            self._channel = pygame.mixer.Channel(0)
        except pygame.error as error:
            self.close()
            raise NoSoundDevice(f"{error}") from error

    def _start(self, name: str | None) -> None:
        mixer = self._pygame.mixer
        mixer.init(RATE_HZ, -16, 1, BUFFER, devicename=name, allowedchanges=0)
        mixer.set_num_channels(1)
        self._open = True

    def names(self) -> list[str]:
        """The names of the sound devices."""
        return list(self._names(False))

    def play(self, path: Path, loudness: float) -> None:
        try:
            sound = self._pygame.mixer.Sound(path)
        except (self._pygame.error, FileNotFoundError) as error:
            raise OSError(f"{error}") from error
        self._channel.stop()
        self._channel.set_volume(loudness)
        self._channel.play(sound)
        self._channel.set_volume(loudness)  # after `play`, because playing resets the volume

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


def device_names() -> list[str]:
    """The names of the sound devices; to be called while no mixer is open. Raises `NoSoundDevice` if SDL finds no sound
    system.

    pygame lists devices only while a mixer is open. It can't open a mixer if the system's default device refuses, for
    example the device of a panel without sound; then the booth would never find a named USB card. So this function asks
    SDL itself, which lists devices without opening one.
    """
    sdl = _sdl()
    if sdl.SDL_InitSubSystem(SDL_INIT_AUDIO) != 0:
        raise NoSoundDevice("SDL finds no sound system")
    try:
        sdl.SDL_GetAudioDeviceName.restype = ctypes.c_char_p
        names = (sdl.SDL_GetAudioDeviceName(index, 0) for index in range(sdl.SDL_GetNumAudioDevices(0)))
        return [name.decode(errors="replace") for name in names if name is not None]
    finally:
        sdl.SDL_QuitSubSystem(SDL_INIT_AUDIO)  # otherwise pygame would believe that its mixer is open


def _sdl() -> ctypes.CDLL:
    """The SDL library that pygame has loaded. Its file has a different name in each build of pygame."""
    lines = MAPS.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    paths = (line.split(maxsplit=5)[-1] for line in lines)
    path = next((path for path in paths if Path(path).name.startswith(SDL_LIBRARY)), None)
    if path is None:
        raise NoSoundDevice(f"pygame has loaded no {SDL_LIBRARY}")
    return ctypes.CDLL(path)


def _named(wanted: str, names: list[str]) -> str:
    found = next((name for name in names if wanted.lower() in name.lower()), None)
    if found is None:
        raise NoSoundDevice(f"there are: {', '.join(names) or 'none'}")
    return found
