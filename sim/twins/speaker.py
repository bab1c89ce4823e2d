"""A sound card that nobody hears. It plays for as long as a recording lasts, and notes what was played. The lengths are
those of the real Ogg files. Any other file is refused, as by SDL's mixer.
"""

import struct
from collections.abc import Callable
from pathlib import Path

from kiosk.ports.voice import NoSoundDevice
from kiosk.text.speech import FOLDER

PAGE = b"OggS"
OPUS = b"OpusHead"
RATE_HZ = 48_000  # the rate of an Opus stream, whatever the recording's own rate was


class Speaker:
    """The device. `played`: each prompt that began, by its file's name without the ending, with its loudness."""

    def __init__(self, now_ns: Callable[[], int]) -> None:
        self._now_ns = now_ns
        self.plugged_in = True
        self.played: list[tuple[str, float]] = []
        self.languages: list[str] = []  # the languages of the prompts, one entry for each change
        self.cut_off: list[str] = []  # the prompts that were stopped before their end
        self._until_ns = 0

    def mixer(self, wanted: str | None) -> "Speaker":
        """Open the device, as SDL's mixer is opened."""
        if not self.plugged_in:
            raise NoSoundDevice(f"there are: none, wanted is {wanted!r}")
        return self

    def play(self, path: Path, loudness: float) -> None:
        self.stop()
        length_ns = round(length_s(path) * 1e9)
        self.played.append((path.stem, loudness))
        # the folder of the tones belongs to no language
        if path.parent.name not in (FOLDER.name, *self.languages[-1:]):
            self.languages.append(path.parent.name)
        self._until_ns = self._now_ns() + length_ns

    def busy(self) -> bool:
        return self._now_ns() < self._until_ns

    def set_loudness(self, loudness: float) -> None:
        """Set the loudness of the sound that plays now; `played` keeps the loudness with which each prompt began."""

    def stop(self) -> None:
        if self.busy():
            self.cut_off.append(self.played[-1][0])
        self._until_ns = 0

    def present(self) -> bool:
        return self.plugged_in

    def names(self) -> list[str]:
        return ["USB Audio"] if self.plugged_in else []

    def close(self) -> None:
        self.stop()


def length_s(path: Path) -> float:
    """How long an Ogg Opus file plays: the position of its last page, without the part that decoders skip. Raises
    `OSError`."""
    data = path.read_bytes()
    head, last = data.find(OPUS), data.rfind(PAGE)
    if not data.startswith(PAGE) or head < 0:
        raise OSError(f"{path.name} is no Ogg Opus file")
    (skipped,) = struct.unpack_from("<H", data, head + 10)
    (samples,) = struct.unpack_from("<q", data, last + 6)
    return float(samples - skipped) / RATE_HZ
