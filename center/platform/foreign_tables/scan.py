"""What a sheet's file says of it that the reading library does not tell."""

from dataclasses import dataclass, field


@dataclass
class Scan:
    """One sheet's extents and marks. Rows and columns count from 0; -1: no cell at all, or not looked for.

    `known` False: nothing of this was looked for, since the format keeps it where we do not read.
    """

    first_row: int = -1
    last_row: int = -1
    first_column: int = -1
    last_column: int = -1
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    errors: dict[tuple[int, int], str] = field(default_factory=dict)  # place -> what the spreadsheet shows there
    known: bool = True

    @property
    def box(self) -> int:
        """How many cells the box around all cells has."""
        if self.last_row < 0:
            return 0
        return (self.last_row - self.first_row + 1) * (self.last_column - self.first_column + 1)
