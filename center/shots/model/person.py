"""The identity of a shot's person, as far as the office needs it to recognise the person again."""

from center.platform.office_keys import OfficeKeys
from center.platform.person_keys import filed_school, id_key, student_key
from rules.names import clean_code, fold_code
from wire.manifest import Person


def key_of(office_keys: OfficeKeys, person: Person) -> bytes | None:
    """The look-up key of the person's strongest identifier. None if there is none: then each such shot is of another
    person."""
    if number := fold_code(person.id_number or ""):
        return id_key(office_keys, number)
    if number := fold_code(person.student_no or ""):
        return student_key(office_keys, person.school or "", number)
    return None


def school_of(person: Person) -> str | None:
    """The school's name as the office files it; None if the booth sent none."""
    return filed_school(person.school or "") or None


def year_of(person: Person) -> str | None:
    """The year of graduation as the office files it; None if the booth sent none."""
    return clean_code(person.year or "")[:20] or None


def receipt_text(code: str) -> str:
    """A receipt's code in the form used to compare codes: upper case, without spaces and hyphens."""
    return fold_code(code).replace("-", "")
