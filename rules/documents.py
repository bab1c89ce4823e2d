"""The documents that prove who a person is, and the form of each one's number.

Booths read a citizen's ID card, the residence permit of people from Hong Kong, Macao and Taiwan, and the permanent
residence card of foreigners. Staff photograph people with other documents at the staff desk and type the number there.
"""

import re
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from rules.idnumber import IdNumberError, Sex, parse_id_number
from rules.names import fold_code

RESIDENT_2017 = re.compile(r"[A-Z]{3}[0-9]{12}")
"""The number of a foreigner's permanent residence card of 2017: nationality and twelve digits. The number does not
contain the sex or the date of birth."""


class DocumentKind(StrEnum):
    """The kinds of documents."""

    # the resident card of a citizen, of a resident of Hong Kong, Macao or Taiwan, or of a foreigner
    ID_CARD = "id_card"
    PASSPORT = "passport"
    HM_PERMIT = "hm_permit"  # 港澳居民来往内地通行证
    TAIWAN_PERMIT = "taiwan_permit"  # 台湾居民来往大陆通行证


_FORMS = {
    # ICAO Doc 9303, part 4: at most nine letters and digits. At least one digit is demanded, so that a word typed by
    # mistake is no number.
    DocumentKind.PASSPORT: re.compile(r"(?=.*[0-9])[A-Z0-9]{5,9}"),
    # The holder keeps this number for life. A permit issued before 2013 shows two more digits: how often it was
    # renewed.
    DocumentKind.HM_PERMIT: re.compile(r"([HM][0-9]{8})(?:[0-9]{2})?"),
    DocumentKind.TAIWAN_PERMIT: re.compile(r"[0-9]{8}"),
}


@dataclass(frozen=True, slots=True)
class Document:
    """A document with its number in the form in which it is stored. `sex` is None if the number does not contain the
    sex."""

    kind: DocumentKind
    number: str = field(repr=False)
    sex: Sex | None = None
    region_known: bool = True


class DocumentError(ValueError):
    """A text can't be the number of a document of the given kind. `fault`: a `rules.idnumber.IdFault` for an ID card,
    otherwise "form"."""

    def __init__(self, kind: DocumentKind, fault: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind
        self.fault = fault


def parse_document(kind: DocumentKind, text: str, today: date | None = None) -> Document:
    """The document of kind `kind` with the number in `text`. Full-width characters, spaces and lower case are
    corrected.

    `today` is used to check dates of birth; None (the clock can't be trusted) skips this check. Raises `DocumentError`,
    whose message never contains the number.
    """
    code = fold_code(text)
    if kind is not DocumentKind.ID_CARD:
        found = _FORMS[kind].fullmatch(code)
        if found is None:
            raise DocumentError(kind, "form", f"this is no number of a {kind.value}: copy it from the document")
        return Document(kind, found[1] if found.groups() else code)
    if RESIDENT_2017.fullmatch(code):
        return Document(kind, code)
    try:
        number = parse_id_number(code, today)
    except IdNumberError as error:
        raise DocumentError(kind, error.fault.value, str(error)) from None
    return Document(kind, number.number, number.sex, number.region_known)
