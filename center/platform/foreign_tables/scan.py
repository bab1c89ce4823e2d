"""What a sheet's file says about the sheet, but the reading library does not report."""

from dataclasses import dataclass, field


@dataclass
class Scan:
    """One sheet's extents and marks. Rows and columns count from 0; -1 means that there is no cell, or that none was
    searched for. `known` is False if we can't read these marks in the file's format.
    """

    first_row: int = -1
    last_row: int = -1
    first_column: int = -1
    last_column: int = -1
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    errors: dict[tuple[int, int], str] = field(default_factory=dict)  # (row, column) -> what the spreadsheet shows
    known: bool = True

    @property
    def box(self) -> int:
        """The number of cells in the box around all cells."""
        if self.last_row < 0:
            return 0
        return (self.last_row - self.first_row + 1) * (self.last_column - self.first_column + 1)
