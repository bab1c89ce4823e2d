"""The numbers by which a roster may identify a person: those on the ID cards that booths read.

The cards of citizens, of residents of Hong Kong, Macao and Taiwan, and the permanent residence card of 2023 for
foreigners have numbers of 18 characters (`rules.idnumber`). A permanent residence card of 2017 has 15: three letters of
the nationality and twelve digits, which contain neither sex nor date of birth. A roster has no numbers of passports and
travel permits: no booth reads these, and the notice's form has no column for them.
"""

from dataclasses import dataclass, field

from rules.documents import RESIDENT_2017
from rules.idnumber import Sex, parse_id_number
from rules.names import fold_code

_SEXES = {Sex.MALE: "男", Sex.FEMALE: "女"}


@dataclass(frozen=True, slots=True)
class CardNumber:
    """A number as it is stored. `sex`: 男 or 女, None if the number does not contain it."""

    number: str = field(repr=False)
    sex: str | None
    region_known: bool


def parse_card_number(text: str) -> CardNumber:
    """The number in `text`. Raises `IdNumberError`, masked."""
    code = fold_code(text)
    if RESIDENT_2017.fullmatch(code):
        return CardNumber(code, None, region_known=True)
    number = parse_id_number(code, None)
    return CardNumber(number.number, _SEXES[number.sex], number.region_known)
