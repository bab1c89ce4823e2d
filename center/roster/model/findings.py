"""What can be wrong with a roster's file and with one of its rows, each with its words and its remedy.

A finding is a kind with values, so that commands say it in English and pages in the language of who reads them. No
value is a person's: numbers and names come masked.
"""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from center.platform.faults import WrongRequest
from rules.idnumber import IdFault

UNKNOWN = "未知"
"""Stands in a row where nobody knew better: the roster has no empty fields."""


class Weight(StrEnum):
    """What a finding means for its row."""

    REFUSED = "refused"
    WARNING = "warning"


class Kind(StrEnum):
    """What is wrong in a row."""

    TOO_LONG = "too_long"
    NEEDED = "needed"  # empty, and nobody can be found without it
    EMPTY = "empty"
    DIGITS_LOST = "digits_lost"
    ZEROS_LOST = "zeros_lost"
    ID_OLD_FORM = "id_old_form"
    ID_LENGTH = "id_length"
    ID_CHARACTERS = "id_characters"
    ID_BIRTH = "id_birth"
    ID_CHECK_DIGIT = "id_check_digit"
    REGION_UNKNOWN = "region_unknown"
    SEX_UNCLEAR = "sex_unclear"
    SEX_DIFFERS = "sex_differs"
    RARE_CHARACTER = "rare_character"
    STUDENT_TWICE = "student_twice"
    NUMBER_TWICE = "number_twice"
    NUMBER_ELSEWHERE = "number_elsewhere"
    STUDENT_KNOWN = "student_known"  # of a row staff make, never of a file's


_REFUSED, _WARNING = Weight.REFUSED, Weight.WARNING

SAID: dict[Kind, tuple[Weight, str]] = {
    Kind.TOO_LONG: (_REFUSED, "has {count} characters, at most {most} are kept: shorten it"),
    Kind.NEEDED: (_REFUSED, "is empty: nobody can be found by this row; fill it in"),
    Kind.EMPTY: (_WARNING, "is empty: {unknown} is kept in its place"),
    Kind.DIGITS_LOST: (
        _REFUSED,
        "was typed as a number, its last digits are lost ({who}, student {student}): set the column to text, type anew",
    ),
    Kind.ZEROS_LOST: (_WARNING, "was typed as a number: zeros at its beginning would be lost; look"),
    Kind.ID_OLD_FORM: (_REFUSED, "has the old form of 15 digits: give the 18 characters of the present card"),
    Kind.ID_LENGTH: (_REFUSED, "has {count} characters instead of 18: copy it from the card, as text"),
    Kind.ID_CHARACTERS: (
        _REFUSED,
        "holds something else than digits, or X before its end: copy it from the card, as text",
    ),
    Kind.ID_BIRTH: (_REFUSED, "holds no date of birth: compare digits 7 to 14 with the card"),
    Kind.ID_CHECK_DIGIT: (_REFUSED, "does not fit its check digit: compare every digit with the card"),
    Kind.REGION_UNKNOWN: (_WARNING, "begins with a region nobody knows: compare it with the card"),
    Kind.SEX_UNCLEAR: (_WARNING, "is neither 男 nor 女: {kept} is kept"),
    Kind.SEX_DIFFERS: (_WARNING, "differs from the ID number's 17th digit: one of the two is wrong; look"),
    Kind.RARE_CHARACTER: (_WARNING, "holds a character no font has: it is kept as it is"),
    Kind.STUDENT_TWICE: (_REFUSED, "the same student with other words is in row {place}: keep the right one"),
    Kind.NUMBER_TWICE: (_REFUSED, "the same ID number for another student is in row {place}: keep the right one"),
    Kind.NUMBER_ELSEWHERE: (
        _WARNING,
        "the roster has this ID number for another student too: look whether one of the two is wrong",
    ),
    Kind.STUDENT_KNOWN: (_REFUSED, "the roster has this student number in this school and year: search for it instead"),
}
"""Kind -> what it means for its row, and the words for it."""


ID_FAULTS: dict[IdFault, Kind] = {
    IdFault.EMPTY: Kind.NEEDED,
    IdFault.OLD_FORM: Kind.ID_OLD_FORM,
    IdFault.LENGTH: Kind.ID_LENGTH,
    IdFault.CHARACTERS: Kind.ID_CHARACTERS,
    IdFault.BIRTH: Kind.ID_BIRTH,
    IdFault.BIRTH_IN_FUTURE: Kind.ID_BIRTH,
    IdFault.CHECK_DIGIT: Kind.ID_CHECK_DIGIT,
}
"""What is wrong with an ID number, as a finding."""


class RowFault(WrongRequest):
    """A row that staff want to make is wrong. `field`: by our name; the message never holds its value."""

    def __init__(self, field: str, kind: Kind, **values: str) -> None:
        super().__init__(f"the provisional row's {field}: {SAID[kind][1].format_map(values)}")
        self.field = field
        self.kind = kind
        self.values = values


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong in one row. `row` counts as the spreadsheet does, from 1; `shown` and `values` are masked."""

    sheet: str
    row: int
    field: str
    kind: Kind
    shown: str = ""
    values: Mapping[str, str] = dataclasses.field(default_factory=dict)

    @property
    def weight(self) -> Weight:
        """What it means for its row."""
        return SAID[self.kind][0]

    @property
    def what(self) -> str:
        """What is wrong, and what to do."""
        return SAID[self.kind][1].format_map(self.values)

    def __str__(self) -> str:
        """One line."""
        place = f"{self.sheet} row {self.row}" if self.sheet else f"row {self.row}"
        shown = f" {self.shown}" if self.shown else ""
        return f"{place}: {self.weight.value}: {self.field}{shown}: {self.what}"


class NoRoster(StrEnum):
    """Why a whole file can't be read."""

    EMPTY = "empty"
    TOO_LARGE = "too_large"
    ENCRYPTED = "encrypted"  # and no password was given
    WRONG_KEY = "wrong_key"  # not its password
    STRANGE_ENCRYPTION = "strange_encryption"
    NO_WORKBOOK = "no_workbook"
    TOO_MANY_ROWS = "too_many_rows"
    NO_TABLE = "no_table"
    NO_TEXT = "no_text"
    NO_HEADER = "no_header"
    NO_COLUMN = "no_column"


NO_ROSTER: dict[NoRoster, str] = {
    NoRoster.EMPTY: "the file is empty: choose the roster",
    NoRoster.TOO_LARGE: "the file, or what is packed in it, has more than {most} MB: import it school by school",
    NoRoster.ENCRYPTED: "the file is encrypted: give its password",
    NoRoster.WRONG_KEY: "this is not the file's password",
    NoRoster.STRANGE_ENCRYPTION: "the file is encrypted in a way that can't be opened: open it in Excel, set its "
    "password again (Encrypt with Password) and save it as .xlsx",
    NoRoster.NO_WORKBOOK: "the file is no workbook that can be read: save it as .xlsx",
    NoRoster.TOO_MANY_ROWS: "the file has more than {most} rows: import it school by school",
    NoRoster.NO_TABLE: "the file is no table: save it again as CSV or .xlsx",
    NoRoster.NO_TEXT: "the file is neither Excel nor text in UTF-8 or GB18030: save it as .xlsx",
    NoRoster.NO_HEADER: "no sheet has a row with the columns' names: {columns}",
    NoRoster.NO_COLUMN: "the roster has no column {columns}: add it, as text",
}


class RosterFault(WrongRequest):
    """A file that can't be read as a roster. `name`: the file as its reader knows it."""

    def __init__(self, kind: NoRoster, name: str = "", **values: str) -> None:
        said = NO_ROSTER[kind].format_map(values)
        super().__init__(f"{name}: {said}" if name else said)
        self.kind = kind
        self.values = values
