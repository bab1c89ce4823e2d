"""The set-up of a booth on its own screen: the steps, and the rules for a new PIN. Pure."""

from dataclasses import dataclass, field

FEWEST_DIGITS, MOST_DIGITS = 6, 12
ANSWER_S = 90
"""If the answers have not been taken after this time, the menu says so. Taking them lasts 35 s if the office does not
answer."""


@dataclass(frozen=True, slots=True)
class Setup:
    """The state of the present step. `outcome`: the id of the text in which the page says what became of the last
    answer, "" for none; `why`: why the answer was not taken, in technical words."""

    waits: bool = False  # the answers were given and are not taken yet
    outcome: str = ""
    why: str = ""
    seen: bool = False  # the card reader or scanner has read something on this page
    chosen: int = 0  # which of the offered devices staff chose
    pin: str = field(default="", repr=False)  # the new PIN, until it was typed again


def is_pin(text: str) -> bool:
    """Whether the text has the form of a PIN: 6 to 12 digits."""
    return text.isascii() and text.isdigit() and FEWEST_DIGITS <= len(text) <= MOST_DIGITS


def fit_for_pin(pin: str) -> bool:
    """Whether a new PIN is not among the first that anybody tries: runs, and one or two different digits."""
    return is_pin(pin) and len(set(pin)) >= 3 and pin not in "01234567890123" and pin not in "98765432109876"
