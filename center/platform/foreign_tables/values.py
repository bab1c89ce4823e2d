"""A foreign table as sheets of typed cells, and what can be wrong with its file.

The type of a cell is kept, because the program that reads a code from it must know whether the code was typed as text,
typed as a number, or turned into a date by a spreadsheet.
"""

from dataclasses import dataclass, field
from enum import StrEnum

from center.platform.faults import WrongRequest


@dataclass(frozen=True, slots=True)
class DateCell:
    """A cell that a spreadsheet stores as a date, a time or a duration. `text`: the value in ISO form."""

    text: str


@dataclass(frozen=True, slots=True)
class ErrorCell:
    """A formula that has no value. `code`: what the spreadsheet shows, such as `#N/A`; `=` if no program has computed
    the formula."""

    code: str


Cell = str | float | bool | DateCell | ErrorCell | None
"""Text, a number as a spreadsheet stores it, true or false, a date, a failed formula, or nothing."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row with content. `number`: the spreadsheet's row number, from 1; the cells begin with column A."""

    number: int
    cells: tuple[Cell, ...] = field(repr=False)

    def cell(self, column: int) -> Cell:
        """The cell in a column counted from 0; None beyond the last cell."""
        return self.cells[column] if column < len(self.cells) else None


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet. A CSV file has one, without a name. Rows without content are left out.

    `marks_known` False: hidden rows, hidden columns and failed formulas are unknown, because the program does not read
    them in the format of this file (.xlsb).
    """

    name: str
    rows: tuple[Row, ...] = field(repr=False)
    hidden: bool = False
    hidden_rows: tuple[int, ...] = ()  # numbers of hidden rows with content, at most `MOST_HIDDEN_LISTED`
    hidden_columns: tuple[int, ...] = ()  # hidden columns with content, counted from 0
    marks_known: bool = True


def column_name(column: int) -> str:
    """A column's name in spreadsheets: 0 is A, 26 is AA."""
    name = ""
    column += 1
    while column:
        column, letter = divmod(column - 1, 26)
        name = chr(ord("A") + letter) + name
    return name


class Unreadable(StrEnum):
    """Why a file can't be read as a table."""

    EMPTY = "empty"
    TOO_LARGE = "too_large"
    ENCRYPTED = "encrypted"  # encrypted, and no password was given
    WRONG_KEY = "wrong_key"  # the given password is wrong
    STRANGE_ENCRYPTION = "strange_encryption"
    SLOW_ENCRYPTION = "slow_encryption"
    DAMAGED = "damaged"
    DAMAGED_SHEET = "damaged_sheet"
    TOO_SLOW = "too_slow"
    WEB_PAGE = "web_page"
    FAR_CELL = "far_cell"
    TOO_MANY_ROWS = "too_many_rows"
    NO_TABLE = "no_table"
    NO_TEXT = "no_text"


UNREADABLE: dict[Unreadable, str] = {
    Unreadable.EMPTY: "the file is empty: choose the right one",
    Unreadable.TOO_LARGE: "the file, or what is packed in it, has more than {most} MB: send it in parts",
    Unreadable.ENCRYPTED: "the file is encrypted: give its password",
    Unreadable.WRONG_KEY: "this is not the file's password",
    Unreadable.STRANGE_ENCRYPTION: "the file is encrypted in a way that can't be opened: open it in Excel, set its "
    "password again (Encrypt with Password) and save it as .xlsx",
    Unreadable.SLOW_ENCRYPTION: "the file's encryption asks for {count} rounds, at most {most} are done: open it in "
    "Excel, set its password again (Encrypt with Password) and save it as .xlsx",
    Unreadable.DAMAGED: "the file is damaged or no workbook: open it in Excel, save it as .xlsx and send it again",
    Unreadable.DAMAGED_SHEET: "the file is damaged in sheet {sheet}: open it in Excel, save it as .xlsx and send it "
    "again",
    Unreadable.TOO_SLOW: "the file could not be read within {most} seconds: copy the table into a new workbook, "
    "save it as .xlsx and send that",
    Unreadable.WEB_PAGE: "the file is a web page, XML or another format under a spreadsheet's name: open it in "
    "Excel, save it as .xlsx and send it again",
    Unreadable.FAR_CELL: "sheet {sheet} has something in cell {cell}, far from its table: delete that row and column "
    "and save the file again",
    Unreadable.TOO_MANY_ROWS: "the file has more than {most} rows: send it in parts",
    Unreadable.NO_TABLE: "the file is no table (line {line}: a quotation mark in the wrong place, or a field without "
    "end): save it as .xlsx",
    Unreadable.NO_TEXT: "the file is neither Excel nor text in UTF-8 or GB18030: save it as .xlsx",
}
"""Kind -> its text with the remedy. The values that are put into a text are no personal data."""


class TableFault(WrongRequest):
    """A file that can't be read as a table. `name`: what its reader calls the file."""

    def __init__(self, kind: Unreadable, name: str = "", **values: str) -> None:
        said = UNREADABLE[kind].format_map(values)
        super().__init__(f"{name}: {said}" if name else said)
        self.kind = kind
        self.values = values
