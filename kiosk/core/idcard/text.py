"""Reads a card's holder from the card's text block. Everything that the booth may not store is dropped here.

The 256 bytes of UTF-16LE text have one of three layouts, and the character at byte 248 tells which. A space: a
citizen's card. J: a card of a resident of Hong Kong, Macao or Taiwan, in the citizen's layout. I: a foreigner's card of
2017, in a layout of its own. Y: a foreigner's card of 2023, in the citizen's layout but with the foreign name in the
address's place.
"""

from dataclasses import dataclass
from datetime import date
from unicodedata import category

from kiosk.core.identity import NO_DATE, CardHolder, CardKind
from rules.idnumber import check_digit

TEXT_BYTES = 256
LONG_TERM = "长期"

_TYPE = (248, 2)
_PADDING = " \x00\u3000"


@dataclass(frozen=True, slots=True)
class _Layout:
    """Where the fields lie that the booth uses: (offset, length) in bytes. `names`: the places of names, the preferred
    one first."""

    kind: CardKind
    names: tuple[tuple[int, int], ...]
    sex: tuple[int, int]
    number: tuple[int, int]
    valid_from: tuple[int, int]
    valid_to: tuple[int, int]


_CITIZEN = _Layout(CardKind.CITIZEN, ((0, 30),), (30, 2), (122, 36), (188, 16), (204, 16))
_HMT = _Layout(CardKind.HMT, ((0, 30),), (30, 2), (122, 36), (188, 16), (204, 16))
_FOREIGNER_2017 = _Layout(CardKind.FOREIGNER, ((158, 30), (0, 120)), (120, 2), (122, 30), (188, 16), (204, 16))
_FOREIGNER_2023 = _Layout(CardKind.FOREIGNER, ((0, 30), (52, 70)), (30, 2), (122, 36), (188, 16), (204, 16))

_LAYOUTS = {"": _CITIZEN, "J": _HMT, "I": _FOREIGNER_2017, "Y": _FOREIGNER_2023}


class RecordError(ValueError):
    """The bytes are no card record. The message names the field, never its content."""


def holder_of(data: bytes) -> CardHolder:
    """The holder from the data of a read reply: two big-endian lengths (text, photo), then the text, then the photo.

    The photo is dropped unread. Raises `RecordError`.
    """
    if len(data) < 4:
        raise RecordError("the reply holds no record")
    text_bytes = int.from_bytes(data[0:2], "big")
    photo_bytes = int.from_bytes(data[2:4], "big")
    if text_bytes < TEXT_BYTES:
        raise RecordError(f"the text has {text_bytes} bytes instead of {TEXT_BYTES}")
    if len(data) < 4 + text_bytes + photo_bytes:
        raise RecordError(f"the record promises {text_bytes} + {photo_bytes} bytes and holds {len(data) - 4}")
    return _holder_of_text(data[4 : 4 + text_bytes])


def _holder_of_text(text: bytes) -> CardHolder:
    layout = _LAYOUTS.get(_field(text, _TYPE, "type"))
    if layout is None:
        raise RecordError("the card is of an unknown type")
    name = next((name for place in layout.names if (name := _name(text, place))), "")
    if not name:
        raise RecordError("the name is missing")
    # private-use characters ("Co") are accepted, because a rare character may be one
    if any(category(character) == "Cc" for character in name):
        raise RecordError("the name is not text")
    return CardHolder(
        name=name,
        sex=_sex(_field(text, layout.sex, "sex")),
        number=_number(_field(text, layout.number, "number")),
        kind=layout.kind,
        valid_from=_date(text, layout.valid_from),
        valid_to=_valid_to(text, layout.valid_to),
    )


def _field(text: bytes, place: tuple[int, int], name: str) -> str:
    offset, size = place
    try:
        return text[offset : offset + size].decode("utf-16-le").strip(_PADDING)
    except UnicodeDecodeError:
        # With `from None`, because the cause would quote the card's bytes.
        raise RecordError(f"the {name} is not text") from None


def _name(text: bytes, place: tuple[int, int]) -> str:
    """A name. If it fills its field, the field may end with half of a rare character (which takes four bytes); that
    half is dropped."""
    offset, size = place
    last = int.from_bytes(text[offset + size - 2 : offset + size], "little")
    return _field(text, (offset, size - 2 if 0xD800 <= last < 0xDC00 else size), "name")


def _sex(field: str) -> int:
    if field == "":
        return 0
    if field not in {"0", "1", "2", "9"}:
        raise RecordError("the sex is not a code of GB/T 2261.1")
    return int(field)


def _number(field: str) -> str:
    number = field.upper()
    resident = len(number) == 18 and number[:17].isdigit() and (number[17].isdigit() or number[17] == "X")
    permanent_2017 = len(number) == 15 and number[:3].isalpha() and number[3:].isdigit()
    if not number.isascii() or not (resident or permanent_2017):
        raise RecordError("the number is not a card's number")
    return number


def _date(text: bytes, place: tuple[int, int]) -> str:
    """The date as YYYYMMDD, or `NO_DATE`: a card whose date has another form is accepted, and staff look at the
    shot."""
    try:
        field = _field(text, place, "date")
        date(int(field[:4]), int(field[4:6]), int(field[6:]))
    except ValueError:  # `RecordError` is a ValueError, too
        return NO_DATE
    return field if len(field) == 8 and field.isascii() and field.isdigit() else NO_DATE


def _valid_to(text: bytes, place: tuple[int, int]) -> str | None:
    try:
        return None if _field(text, place, "date").startswith(LONG_TERM) else _date(text, place)
    except RecordError:
        return NO_DATE


def valid_on(holder: CardHolder, day: date) -> bool | None:
    """Whether the card is valid on `day` (first and last day included); None if the card does not state its dates."""
    today = day.strftime("%Y%m%d")
    begins, ends = holder.valid_from, holder.valid_to
    if begins > today or (ends not in (None, NO_DATE) and ends < today):
        return False
    return None if NO_DATE in (begins, ends) else True


def number_is_plausible(number: str) -> bool:
    """Whether the check character fits (ISO 7064 MOD 11-2). A 15-character number of 2017 is not checked and always
    fits.

    The checksum of the reader's protocol does not notice two errors in the same bit. So if a number does not fit,
    the card is read a second time.
    """
    if len(number) != 18:
        return True
    return check_digit(number[:-1]) == number[-1]
