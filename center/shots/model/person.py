"""The identity of a shot's person, as far as the office needs it to recognise the person again."""

from rules.names import clean_code, clean_name, fold_code
from wire.manifest import Person

_LONGEST_SCHOOL = 200


def lookup_text(person: Person) -> str | None:
    """The person's strongest identifier; None if there is none (then each such shot counts as another person).

    The caller hashes it with a key before storing it. A student number is unique only within a school.
    """
    if person.id_number and (number := fold_code(person.id_number)):
        return f"id {number}"
    if person.student_no and (number := fold_code(person.student_no)):
        return f"student {school_of(person) or ''} {number}"
    return None


def school_of(person: Person) -> str | None:
    """The school's name as the office files it; None if the booth sent none."""
    return clean_name(person.school or "")[:_LONGEST_SCHOOL] or None


def year_of(person: Person) -> str | None:
    """The year of graduation as the office files it; None if the booth sent none."""
    return clean_code(person.year or "")[:20] or None


def receipt_text(code: str) -> str:
    """A receipt's code in the form used to compare codes: upper case, without spaces and hyphens."""
    return fold_code(code).replace("-", "")
