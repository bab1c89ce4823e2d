"""The citizen's ID number (GB 11643). It has 6 digits for the region, 8 for the date of birth, 3 for a sequence number
(odd: male), and 1 check digit (ISO 7064 MOD 11-2).

Numbers of residents of Hong Kong, Macao and Taiwan (region 810000, 820000, 830000) and of foreigners with a permanent
residence card (first digit 9) have the same form and are equally valid.
"""

import re
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from rules.names import fold_code

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK_DIGITS = "10X98765432"

# GB/T 2260: the first digit is a part of the country, the second one a province in it, counted from 1.
_PROVINCE_COUNTS = {10: 5, 20: 3, 30: 7, 40: 6, 60: 5, 70: 1}
_PROVINCES = frozenset(
    [str(part + place) for part, count in _PROVINCE_COUNTS.items() for place in range(1, count + 1)]
    + [str(code) for code in range(50, 55)]  # in the south-west, provinces count from 0 (Chongqing)
)
_WHOLE_REGIONS = frozenset({"810000", "820000", "830000"})
_FOREIGNER = "9"

_LENGTH = 18
_OLD_LENGTH = 15

_SHOWN_HEAD, _SHOWN_TAIL, _HIDDEN = 6, 4, 8


class Sex(StrEnum):
    """The sex as an ID number states it, in the last digit of the sequence number."""

    MALE = "male"
    FEMALE = "female"


class IdFault(StrEnum):
    """Why something is not an ID number."""

    EMPTY = "empty"
    OLD_FORM = "old_form"  # the form with 15 digits, which was withdrawn in 2013
    LENGTH = "length"
    CHARACTERS = "characters"
    BIRTH = "birth"
    BIRTH_IN_FUTURE = "birth_in_future"
    CHECK_DIGIT = "check_digit"


_WORDS = {
    IdFault.EMPTY: ("is empty", "give the 18 characters of the card"),
    IdFault.OLD_FORM: ("has the old form of 15 digits", "give the 18 characters of the present card"),
    IdFault.LENGTH: ("has {length} characters instead of 18", "copy it from the card, as text"),
    IdFault.CHARACTERS: ("holds something else than digits, or X before its end", "copy it from the card, as text"),
    IdFault.BIRTH: ("holds no date of birth", "compare digits 7 to 14 with the card"),
    IdFault.BIRTH_IN_FUTURE: ("holds a date of birth in the future", "compare digits 7 to 14 with the card"),
    IdFault.CHECK_DIGIT: ("does not fit its check digit: a digit is wrong", "compare every digit with the card"),
}


class IdNumberError(ValueError):
    """A text is not an ID number. The message says what was read (masked), what is wrong, and what to do."""

    def __init__(self, fault: IdFault, number: str) -> None:
        wrong, remedy = _WORDS[fault]
        name = f"the ID number {mask_id_number(number)}" if number else "the ID number"
        super().__init__(f"{name} {wrong.format(length=len(number))}; {remedy}")
        self.fault = fault
        self.remedy = remedy


@dataclass(frozen=True, slots=True)
class IdNumber:
    """A valid ID number. If `region_known` is False, staff look at the shot first, but nobody refuses the number:
    regions are added and removed."""

    number: str = field(repr=False)  # 18 characters, upper case
    birth: date = field(repr=False)
    sex: Sex
    region_known: bool


def parse_id_number(text: str, today: date | None) -> IdNumber:
    """The ID number in `text`; full-width digits, spaces, hidden characters and a lower-case x are corrected.

    `today` is used to check dates of birth; None (the clock cannot be trusted) skips this check. Raises
    `IdNumberError`.
    """
    number = fold_code(text)
    if not number:
        raise IdNumberError(IdFault.EMPTY, number)
    if len(number) == _OLD_LENGTH and number.isdecimal():
        raise IdNumberError(IdFault.OLD_FORM, number)
    if len(number) != _LENGTH:
        raise IdNumberError(IdFault.LENGTH, number)
    if re.fullmatch(r"[0-9]{17}[0-9X]", number) is None:
        raise IdNumberError(IdFault.CHARACTERS, number)
    birth = _birth(number)
    if birth is None:
        raise IdNumberError(IdFault.BIRTH, number)
    if number[-1] != check_digit(number[:-1]):
        raise IdNumberError(IdFault.CHECK_DIGIT, number)
    if today is not None and birth > today:
        raise IdNumberError(IdFault.BIRTH_IN_FUTURE, number)
    sex = Sex.MALE if int(number[16]) % 2 else Sex.FEMALE
    return IdNumber(number, birth, sex, _region_known(number[:6]))


def check_digit(body: str) -> str:
    """The 18th character of the number that begins with these 17 digits."""
    return _CHECK_DIGITS[sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, body, strict=True)) % 11]


def mask_id_number(text: str) -> str:
    """A number as a screen, a list or an error may show it: `320102********0017`.

    At least eight characters are hidden. Eight stars replace them, however many they are. A text that is too short for
    this is hidden entirely.
    """
    shown = max(0, len(text) - _HIDDEN)
    tail = min(_SHOWN_TAIL, shown * _SHOWN_TAIL // (_SHOWN_HEAD + _SHOWN_TAIL))
    head = min(_SHOWN_HEAD, shown - tail)
    return text[:head] + "*" * min(_HIDDEN, len(text)) + text[len(text) - tail :]


def _birth(number: str) -> date | None:
    try:
        return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None


def _region_known(region: str) -> bool:
    return region[:2] in _PROVINCES or region in _WHOLE_REGIONS or region.startswith(_FOREIGNER)
