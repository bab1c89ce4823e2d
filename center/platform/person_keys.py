"""The look-up keys of people: keyed hashes by which the office finds a person's record, rows and photos.

They are stored. A person whose key is computed in another way is somebody else to attendance, holds, copies of own data
and the purge. So only this module knows the hashed texts, and they never change.
"""

from center.platform.office_keys import OfficeKeys
from rules.names import clean_name, fold_code

_KIND = "person"
_LONGEST_SCHOOL = 200


def filed_school(school: str) -> str:
    """A school's name as the office files it: cleaned, at most 200 characters."""
    return clean_name(school)[:_LONGEST_SCHOOL]


def id_key(office_keys: OfficeKeys, number: str) -> bytes:
    """The key of the person with this ID number."""
    return office_keys.lookup(_KIND, f"id {fold_code(number)}")


def student_key(office_keys: OfficeKeys, school: str, number: str) -> bytes:
    """The key of the person with this student number, which is unique only within its school."""
    return office_keys.lookup(_KIND, f"student {filed_school(school)} {fold_code(number)}")


def bare_code_key(office_keys: OfficeKeys, code: str) -> bytes:
    """The key of a code whose school is not known. Graduates of several schools may share it."""
    return student_key(office_keys, "", code)
