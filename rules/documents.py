"""The documents that prove who a person is, and the form of each one's number.

Booths read a citizen's ID card, the residence permit of people from Hong Kong, Macao and Taiwan, and the permanent
residence card of foreigners. Staff photograph people with other documents at the staff desk and type the number there.
"""

import re
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from rules.idnumber import IdNumberError, Sex, parse_id_number
from rules.names import clean_code

RESIDENT_2017 = re.compile(r"[A-Z]{3}[0-9]{12}")
"""A foreigner's permanent residence card of 2017: nationality and twelve digits, without sex or date of birth."""


class DocumentKind(StrEnum):
    """The documents, by their title."""

    ID_CARD = "id_card"  # every resident card: citizens, Hong Kong/Macao/Taiwan, foreigners
    PASSPORT = "passport"
    HM_PERMIT = "hm_permit"  # 港澳居民来往内地通行证
    TAIWAN_PERMIT = "taiwan_permit"  # 台湾居民来往大陆通行证


_FORMS = {
    # ICAO Doc 9303, part 4: at most nine letters and digits. The digit that is demanded distinguishes a number from a
    # word typed by mistake.
    DocumentKind.PASSPORT: re.compile(r"(?=.*[0-9])[A-Z0-9]{5,9}"),
    # The holder keeps this number for life; permits issued before 2013 show two more digits, the number of the issue.
    DocumentKind.HM_PERMIT: re.compile(r"([HM][0-9]{8})(?:[0-9]{2})?"),
    DocumentKind.TAIWAN_PERMIT: re.compile(r"[0-9]{8}"),
}


@dataclass(frozen=True, slots=True)
class Document:
    """A document by its number, as it is stored. `sex`: None where the number does not contain it."""

    kind: DocumentKind
    number: str = field(repr=False)
    sex: Sex | None = None
    region_known: bool = True


class DocumentError(ValueError):
    """A text that can't be the number of such a document. `fault`: for an ID card a `rules.idnumber.IdFault`, otherwise
    "form"."""

    def __init__(self, kind: DocumentKind, fault: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind
        self.fault = fault


def parse_document(kind: DocumentKind, text: str, today: date | None = None) -> Document:
    """The document of `kind` whose number `text` is; full-width characters, spaces and lower case are corrected.

    `today` is used to check dates of birth; None (the clock can't be trusted) skips that. Raises `DocumentError`, which
    never names the number.
    """
    code = clean_code(text).upper()
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
