"""The voice as the main loop uses it, and the sound device as the voice's adapter uses it."""

from pathlib import Path
from typing import Protocol


class Voice(Protocol):
    """The voice; it is a `Worker`, too. It SHALL never play two prompts at once. Its methods SHALL not wait: orders are
    put into a queue.

    Without a sound device it SHALL drop its orders, so that no prompt is said too late.
    """

    def say(self, prompts: tuple[str, ...], language: str, *, at_once: bool) -> None:
        """Play these prompts in order, at once or after the running prompt. Prompts of earlier orders that still wait
        are dropped."""
        ...

    def is_there(self) -> bool:
        """Whether a sound device is open."""
        ...

    def pending(self) -> tuple[str, ...]:
        """The prompts that were not yet played to their end, the running one first."""
        ...

    def loudness(self, share: float) -> None:
        """Play at this share (0..1) of full scale from now on."""
        ...


class Mixer(Protocol):
    """An open sound device that plays one file at a time."""

    def play(self, path: Path, loudness: float) -> None:
        """Begin to play an Ogg file. A file that is being played is stopped. Raises `OSError` for a file that can't be
        played."""
        ...

    def busy(self) -> bool:
        """Whether a file is being played."""
        ...

    def set_loudness(self, loudness: float) -> None:
        """Continue to play the running file at this share of full scale."""
        ...

    def stop(self) -> None:
        """Be silent at once."""
        ...

    def present(self) -> bool:
        """Whether the device is still there. The call may take some milliseconds."""
        ...

    def names(self) -> list[str]:
        """The names of the sound devices."""
        ...

    def close(self) -> None:
        """Release the device. It does no harm to call this again."""
        ...


class NoSoundDevice(OSError):
    """There is no sound device, or the named device is missing. The message lists the existing devices."""


class OpenMixer(Protocol):
    """Opens the device whose name contains `wanted`; None: the system's default device. Raises `NoSoundDevice`."""

    def __call__(self, wanted: str | None) -> Mixer: ...
