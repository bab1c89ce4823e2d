"""The voice as the loop uses it, and the sound card as the adapter does."""

from pathlib import Path
from typing import Protocol


class Voice(Protocol):
    """A `Worker` too. SHALL never play two prompts at once, and SHALL not wait: orders are queued.

    Without a sound device it SHALL be silent and keep nothing: no order is said late.
    """

    def say(self, prompts: tuple[str, ...], language: str, *, at_once: bool) -> None:
        """Play these prompts one after the other, at once or after the one that runs; what waited is dropped."""
        ...

    def pending(self) -> tuple[str, ...]:
        """The prompts not yet played to their end, the running one first."""
        ...

    def loudness(self, share: float) -> None:
        """Play at this share (0..1) of full scale from now on."""
        ...


class Mixer(Protocol):
    """An open sound device that plays one file at a time."""

    def play(self, path: Path, loudness: float) -> None:
        """Begin to play an Ogg file; what runs is stopped. Raises `OSError` for a file that can't be played."""
        ...

    def busy(self) -> bool:
        """Whether a file is being played."""
        ...

    def set_loudness(self, loudness: float) -> None:
        """Change the share of full scale of what runs."""
        ...

    def stop(self) -> None:
        """Be silent at once."""
        ...

    def present(self) -> bool:
        """Whether the device is still there; may take some milliseconds."""
        ...

    def names(self) -> list[str]:
        """The sound devices there are."""
        ...

    def close(self) -> None:
        """Let go of the device; again is harmless."""
        ...


class NoSoundDevice(OSError):
    """No sound device, or not the one that was named. The message lists what there is."""


class OpenMixer(Protocol):
    """Opens the device whose name holds `wanted`, or, with None, the system's own. Raises `NoSoundDevice`."""

    def __call__(self, wanted: str | None) -> Mixer: ...
