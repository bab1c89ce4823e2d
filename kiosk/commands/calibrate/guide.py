"""Asks a person to prepare each step of a calibration, and waits for the answer."""

import sys
from enum import StrEnum
from typing import Protocol


class Step(StrEnum):
    """The parts of a calibration, in their order."""

    GREY_CARD = "grey_card"
    SEATED = "seated"
    EMPTY = "empty"


ASKED = {
    Step.GREY_CARD: "Hold a grey card where the face will be, facing the lens, so that it fills the middle of the "
    "picture.",
    Step.SEATED: "Sit down as a graduate does: upright, eyes level with the lens, look straight into it. Keep still "
    "for ten seconds.",
    Step.EMPTY: "Leave the booth: nobody and nothing before the backdrop. The lamps go on and off by themselves.",
}


class Guide(Protocol):
    """The person or simulator that prepares the booth for a step."""

    def ask(self, step: Step) -> None:
        """Say what to do and wait until it is done."""
        ...

    def tell(self, words: str) -> None:
        """Say what was found."""
        ...

    def go_on(self) -> None:
        """Called often while a step measures. It raises an exception if the calibration is to end."""
        ...


class Terminal:
    """A person at the keyboard. Messages are written on standard error; answers are read from standard input."""

    def ask(self, step: Step) -> None:
        """Say what to do and wait for Enter. Raises `EOFError` if nobody can press it."""
        number = list(Step).index(step) + 1
        sys.stderr.write(f"\nStep {number} of {len(Step)}. {ASKED[step]}\nPress Enter when ready. ")
        sys.stderr.flush()
        input()

    def tell(self, words: str) -> None:
        """Say what was found."""
        sys.stderr.write(f"  {words}\n")

    def go_on(self) -> None:
        """Do nothing: a person who wants the calibration to end presses Ctrl+C."""
