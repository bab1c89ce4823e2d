"""Names of people and codes on cards: how they are cleaned, compared and shown.

Names are never normalised by NFKC: that would replace rare characters by others and so change a person's name.
"""

import unicodedata

_SEPARATOR = "·"  # U+00B7, between the parts of a minority name
_SEPARATORS = "•・‧∙⋅．.●･"  # characters that roster files use instead of the separator
_FOLD = str.maketrans(dict.fromkeys(_SEPARATORS, _SEPARATOR))

_CARD_NAME_UNITS = 15  # UTF-16 units of the card's name field
# A card's name that fills the field may have been cut. The code that reads a card deletes a space at the end of the
# field, and also half of a rare character, which has two units. So a name that is one unit shorter than the field may
# have been cut, too.
_MAY_BE_CUT_UNITS = _CARD_NAME_UNITS - 1

_HIDDEN = {"Cf", "Cc"}  # zero-width characters, direction marks, soft hyphen, byte-order mark; control characters
_MARKS = {"Mn", "Mc", "Me"}  # accents and variant selectors, which belong to the character before them
_UNSHOWABLE = {"Co", "Cs", "Cn"}  # private use, half a surrogate pair, unassigned: no font is sure to show them

_FULL_WIDTH = str.maketrans({code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)})


def delete_hidden(text: str) -> str:
    """`text` without invisible characters (categories Cf and Cc), which `str.strip` leaves in."""
    return "".join(char for char in text if unicodedata.category(char) not in _HIDDEN)


def clean_name(text: str) -> str:
    """A name in the form in which it is stored: without hidden characters and surrounding spaces. Nothing else
    changes."""
    return delete_hidden(text).strip()


def clean_code(text: str) -> str:
    """A code (ID number, student number, examinee number) in the form in which it is stored: full-width characters
    become ASCII, and spaces are deleted."""
    return "".join(delete_hidden(text).translate(_FULL_WIDTH).split())


def fold_code(text: str) -> str:
    """The form of a code for comparisons and keyed hashes: cleaned, in upper case. ID numbers are also stored in it."""
    return clean_code(text).upper()


def fold_name(text: str) -> str:
    """The form of a name for comparisons only, never stored or shown: one kind of separator, no spaces, lower case."""
    return "".join(delete_hidden(text).translate(_FOLD).split()).lower()


def same_name(roster: str, card: str) -> bool:
    """Whether a name in a roster and a name on a card can belong to the same person.

    A card holds at most 15 UTF-16 units of a name. If a card's name fills these units, the roster's name may be longer:
    it only has to begin with the card's name.
    """
    roster_folded, card_folded = fold_name(roster), fold_name(card)
    if not card_folded or not roster_folded:
        return False
    if card_folded in (roster_folded, fold_name(_as_on_card(roster))):
        return True
    return _utf16_units(clean_name(card)) >= _MAY_BE_CUT_UNITS and roster_folded.startswith(card_folded)


def mask_name(text: str) -> str:
    """A name as a screen may show it: its first character, `王*`."""
    name = clean_name(text)
    if not name:
        return "*"
    first = 1
    while first < len(name) and unicodedata.category(name[first]) in _MARKS:
        first += 1
    return f"{show_name(name[:first])}*"


def mask_code(code: str) -> str:
    """A code with its middle hidden; a code of up to six characters is hidden completely."""
    return f"{code[:4]}{'*' * (len(code) - 6)}{code[-2:]}" if len(code) > 6 else "*" * len(code)


def show_name(text: str) -> str:
    """A name for a screen. A character that perhaps no font has is shown by its number: `□(U+E863)`."""
    return "".join(f"□(U+{ord(char):04X})" if unicodedata.category(char) in _UNSHOWABLE else char for char in text)


def _as_on_card(name: str) -> str:
    cut = clean_name(name).encode("utf-16-le", "surrogatepass")[: 2 * _CARD_NAME_UNITS]
    return cut.decode("utf-16-le", "ignore")


def _utf16_units(text: str) -> int:
    return sum(2 if ord(char) > 0xFFFF else 1 for char in text)
