"""The possible mistakes in a roster file and its rows, each with its text and remedy.

A finding is a kind with values, so that commands print it in English and pages in the reader's language. Values about a
person are masked.
"""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from center.platform.faults import WrongRequest
from rules.idnumber import IdFault

UNKNOWN = "未知"
"""The text for a value that nobody knew, because the roster has no empty fields."""


class Weight(StrEnum):
    """What a finding means for its row."""

    REFUSED = "refused"
    WARNING = "warning"


class Kind(StrEnum):
    """What is wrong in a row."""

    TOO_LONG = "too_long"
    NEEDED = "needed"  # empty, though a person can't be found without it
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
    ERROR_CELL = "error_cell"
    DATE_CELL = "date_cell"
    YEAR_OF_DATE = "year_of_date"
    NO_YEAR = "no_year"
    YEAR_FAR = "year_far"
    YEAR_BEFORE = "year_before"  # concerns all of a school's rows
    SCHOOL_KNOWN = "school_known"  # half or more of a school's people are on another school's roster
    NO_NAME = "no_name"
    NO_SCHOOL = "no_school"
    NO_STUDENT_NO = "no_student_no"
    EXAM_NO_UNUSUAL = "exam_no_unusual"
    COLUMN_TWICE = "column_twice"  # this kind and those down to `MARKS_UNKNOWN` concern a sheet, not a row
    TABLES_BESIDE = "tables_beside"
    SECOND_TABLE = "second_table"
    NO_COLUMN = "no_column"
    HEADER_AGAIN = "header_again"
    HIDDEN_ROWS = "hidden_rows"
    HIDDEN_COLUMNS = "hidden_columns"
    MARKS_UNKNOWN = "marks_unknown"
    STUDENT_KNOWN = "student_known"  # only for a row that staff make, never for a row of a file


_REFUSED, _WARNING = Weight.REFUSED, Weight.WARNING

MESSAGES: dict[Kind, tuple[Weight, str]] = {
    Kind.TOO_LONG: (_REFUSED, "has {count} characters, at most {most} are kept: shorten it"),
    Kind.NEEDED: (_REFUSED, "is empty: nobody can be found by this row; fill it in"),
    Kind.EMPTY: (_WARNING, "is empty: {unknown} is kept in its place"),
    Kind.DIGITS_LOST: (
        _REFUSED,
        "was typed as a number, its last digits are lost ({who}, student {student}): set the column to text, type anew",
    ),
    Kind.ZEROS_LOST: (_WARNING, "was typed as a number: zeros at its beginning or end would be lost; look"),
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
    Kind.ERROR_CELL: (
        _REFUSED,
        "is an error of the spreadsheet, or a formula nobody has computed: repair it, or type what belongs there",
    ),
    Kind.DATE_CELL: (_REFUSED, "was turned into a date by the spreadsheet: set the column to text, type it anew"),
    Kind.YEAR_OF_DATE: (_WARNING, "is a date: its year {kept} is kept"),
    Kind.NO_YEAR: (_REFUSED, "is no year: give it in four digits, such as 2026"),
    Kind.YEAR_BEFORE: (
        _WARNING,
        (
            "all rows of {school} are of {year}, its roster here is of {newest}: is this last year's file? "
            "It would be kept beside the other one"
        ),
    ),
    Kind.SCHOOL_KNOWN: (
        _WARNING,
        (
            "{count} of {rows} people of {school} are on the roster of {other}: if the school has a new name, import "
            "it for {other}; else they belong to both and choose at the booth"
        ),
    ),
    Kind.YEAR_FAR: (_WARNING, "is far from the present year: whoever has another year is another student; look"),
    Kind.NO_NAME: (_REFUSED, "is no name: type the name as the ID card has it"),
    Kind.NO_SCHOOL: (_REFUSED, "is no school's name: type it in full"),
    Kind.NO_STUDENT_NO: (_REFUSED, "is no student number (letters, digits, at most 30): copy it from the student card"),
    Kind.EXAM_NO_UNUSUAL: (_WARNING, "does not look like other exam numbers: it is kept unchanged; please check it"),
    Kind.COLUMN_TWICE: (
        _REFUSED,
        "stands in columns {columns}: nobody can tell which is right; rename or delete the wrong one",
    ),
    Kind.TABLES_BESIDE: (_REFUSED, "a second table begins in column {column}: move it to a sheet of its own"),
    Kind.SECOND_TABLE: (_REFUSED, "a second table with other columns begins here: move it to a sheet of its own"),
    Kind.NO_COLUMN: (_REFUSED, "this row of names lacks the column {columns}: add it here, as text"),
    Kind.HEADER_AGAIN: (_WARNING, "the columns' names stand here again: this row is left out"),
    Kind.HIDDEN_ROWS: (_WARNING, "{count} hidden rows, the first is {first}: they are read like the others; look"),
    Kind.HIDDEN_COLUMNS: (_WARNING, "columns {columns} are hidden: they are read like the others; look"),
    Kind.MARKS_UNKNOWN: (
        _WARNING,
        "hidden rows, hidden columns and failed formulas can't be seen in this kind of file: save it as .xlsx",
    ),
    Kind.STUDENT_KNOWN: (_REFUSED, "the roster has this student number in this school and year: search for it instead"),
}
"""Kind -> what it means for its row, and its text."""


ID_FAULTS: dict[IdFault, Kind] = {
    IdFault.EMPTY: Kind.NEEDED,
    IdFault.OLD_FORM: Kind.ID_OLD_FORM,
    IdFault.LENGTH: Kind.ID_LENGTH,
    IdFault.CHARACTERS: Kind.ID_CHARACTERS,
    IdFault.BIRTH: Kind.ID_BIRTH,
    IdFault.BIRTH_IN_FUTURE: Kind.ID_BIRTH,
    IdFault.CHECK_DIGIT: Kind.ID_CHECK_DIGIT,
}
"""Faults of an ID number -> their findings."""


class RowFault(WrongRequest):
    """A row that staff want to make is invalid. `field`: the field's name in code; the message never has its value."""

    def __init__(self, field: str, kind: Kind, **values: str) -> None:
        super().__init__(f"the provisional row's {field}: {MESSAGES[kind][1].format_map(values)}")
        self.field = field
        self.kind = kind
        self.values = values


@dataclass(frozen=True, slots=True)
class Finding:
    """A mistake in one row or, with `row` 0, in a whole sheet; `field` is empty if no single field is concerned.

    `row` counts as the spreadsheet does, from 1; `shown` and `values` are masked.
    """

    sheet: str
    row: int
    field: str
    kind: Kind
    shown: str = ""
    values: Mapping[str, str] = dataclasses.field(default_factory=dict)

    @property
    def weight(self) -> Weight:
        """What the finding means for its row."""
        return MESSAGES[self.kind][0]

    @property
    def what(self) -> str:
        """The mistake and the remedy."""
        return MESSAGES[self.kind][1].format_map(self.values)

    def __str__(self) -> str:
        """The finding in one line."""
        place = " ".join(word for word in (self.sheet, f"row {self.row}" if self.row else "") if word) or "file"
        words = " ".join(word for word in (self.field, self.shown) if word)
        return (
            f"{place}: {self.weight.value}: {words}: {self.what}"
            if words
            else f"{place}: {self.weight.value}: {self.what}"
        )


class NoRoster(StrEnum):
    """Why a readable file contains no roster."""

    NO_HEADER = "no_header"
    NO_COLUMN = "no_column"
    ONLY_HIDDEN = "only_hidden"


NO_ROSTER: dict[NoRoster, str] = {
    NoRoster.NO_HEADER: "no sheet has a row with the columns' names among its first {within}: {columns}",
    NoRoster.NO_COLUMN: "the roster has no column {columns} in the row of the others' names: add it there, as text",
    NoRoster.ONLY_HIDDEN: "only hidden sheets hold a roster ({sheets}): show them in Excel, or ask for hidden sheets",
}


class RosterFault(WrongRequest):
    """A file without a roster."""

    def __init__(self, kind: NoRoster, **values: str) -> None:
        super().__init__(NO_ROSTER[kind].format_map(values))
        self.kind = kind
        self.values = values
