"""A sound card that nobody hears: it plays as long as a recording lasts, and remembers what was played. The lengths are
those of the real Ogg files; any other file is refused, as SDL's mixer does.
"""

import struct
from collections.abc import Callable
from pathlib import Path

from kiosk.ports.voice import NoSoundDevice
from kiosk.text.speech import FOLDER

PAGE = b"OggS"
OPUS = b"OpusHead"
RATE_HZ = 48_000  # of an Opus stream, whatever was recorded


class Speaker:
    """The device. `heard`: each prompt that began, by its file's name without the ending, and the loudness."""

    def __init__(self, now_ns: Callable[[], int]) -> None:
        self._now_ns = now_ns
        self.plugged_in = True
        self.heard: list[tuple[str, float]] = []
        self.languages: list[str] = []  # of the prompts, each change once
        self.cut_off: list[str] = []  # stopped before the end
        self._until_ns = 0

    def mixer(self, wanted: str | None) -> "Speaker":
        """Open the device, as SDL's mixer is opened."""
        if not self.plugged_in:
            raise NoSoundDevice(f"there are: none, wanted is {wanted!r}")
        return self

    def play(self, path: Path, loudness: float) -> None:
        self.stop()
        length_ns = round(length_s(path) * 1e9)
        self.heard.append((path.stem, loudness))
        if path.parent.name not in (FOLDER.name, *self.languages[-1:]):  # sounds belong to no language
            self.languages.append(path.parent.name)
        self._until_ns = self._now_ns() + length_ns

    def busy(self) -> bool:
        return self._now_ns() < self._until_ns

    def set_loudness(self, loudness: float) -> None:
        """Set the loudness of what plays now; `heard` keeps the loudness at which each prompt began."""

    def stop(self) -> None:
        if self.busy():
            self.cut_off.append(self.heard[-1][0])
        self._until_ns = 0

    def present(self) -> bool:
        return self.plugged_in

    def names(self) -> list[str]:
        return ["USB Audio"] if self.plugged_in else []

    def close(self) -> None:
        self.stop()


def length_s(path: Path) -> float:
    """How long an Ogg Opus file lasts: the last page's position minus what decoders skip. Raises `OSError`."""
    data = path.read_bytes()
    head, last = data.find(OPUS), data.rfind(PAGE)
    if not data.startswith(PAGE) or head < 0:
        raise OSError(f"{path.name} is no Ogg Opus file")
    (skipped,) = struct.unpack_from("<H", data, head + 10)
    (samples,) = struct.unpack_from("<q", data, last + 6)
    return float(samples - skipped) / RATE_HZ
