"""Print sheets as numbers: where each picture is on which page, and what its caption says. Pure.

All pictures of a person are the same and are placed together; people follow each other in class order, so that the
pictures are already sorted when a school cuts the sheets.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from rules.profile import Prints
from wire.roster_change import RosterRow

CUT_MARK_MM = 1.2
"""The length in mm of the marks at the corners of a picture, along which schools cut."""


class CaptionField(StrEnum):
    """What a caption can contain: a field of the roster row."""

    SCHOOL = "school"
    MAJOR = "major"
    CLASS = "class_name"
    STUDENT_NO = "student_no"
    ID_NUMBER = "id_number"
    NAME = "name"


Millimetres = Annotated[float, Field(gt=0, le=2_000)]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class FormatTitle(_Model):
    """A format's name for people to read."""

    zh: str = Field(min_length=1)
    en: str = Field(min_length=1)


class PrintFormat(_Model):
    """A sheet: the paper, the positions of the pictures, the caption below each. `name`: the name of its table in
    `formats.toml`.
    """

    name: str
    title: FormatTitle
    paper_mm: tuple[Millimetres, Millimetres]
    columns: int = Field(ge=1, le=50)
    rows: int = Field(ge=1, le=50)
    left_mm: float = Field(ge=0)
    top_mm: float = Field(ge=0)
    pitch_mm: tuple[Millimetres, Millimetres]
    person_on: Literal["page", "row"]
    caption_mm: Millimetres
    caption_pt: float = Field(ge=3, le=30)
    caption: tuple[tuple[CaptionField, ...], ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _captions_fit(self) -> "PrintFormat":
        needed = len(self.caption) * self.line_mm
        if needed > self.caption_mm:
            raise ValueError(f"{len(self.caption)} lines need {needed:.1f} mm, caption_mm is {self.caption_mm}")
        return self

    @property
    def line_mm(self) -> float:
        """The height of a caption line."""
        return self.caption_pt * 25.4 / 72 * 1.05

    def fault(self, prints: Prints) -> str:
        """Why pictures of this size and number do not fit; empty if they fit."""
        height = prints.height_mm + self.caption_mm
        right = self.left_mm + (self.columns - 1) * self.pitch_mm[0] + prints.width_mm
        bottom = self.top_mm + (self.rows - 1) * self.pitch_mm[1] + height
        if prints.width_mm > self.pitch_mm[0] or height > self.pitch_mm[1]:
            return f"the pictures of {self.name} lie over each other"
        if right > self.paper_mm[0] or bottom > self.paper_mm[1]:
            return f"the pictures of {self.name} reach over the paper's edge ({right:.1f} x {bottom:.1f} mm)"
        if self.person_on == "page" and prints.count > self.columns * self.rows:
            return f"{prints.count} pictures do not fit on a sheet of {self.name}"
        return ""


@dataclass(frozen=True, slots=True)
class Spot:
    """The position of a picture on a page: its top left corner, in millimetres."""

    page: int
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class PrintedPerson:
    """Somebody whose pictures are printed."""

    shot_id: str
    row: RosterRow = field(repr=False)


def in_class_order(printed: Sequence[PrintedPerson]) -> list[PrintedPerson]:
    """Sorted by major, class and student number, the order in which schools hand pictures out."""
    return sorted(printed, key=lambda one: (one.row.major, one.row.class_name, one.row.student_no, one.shot_id))


def spots(layout: PrintFormat, prints: Prints, people: int) -> Iterator[tuple[Spot, ...]]:
    """For each of `people` persons, the positions of the person's pictures."""
    per_row, rows_each = layout.columns, -(-prints.count // layout.columns)
    rows_each = layout.rows if layout.person_on == "page" else rows_each
    row = 0
    for _ in range(people):
        if row % layout.rows + rows_each > layout.rows:
            row += layout.rows - row % layout.rows  # a person's pictures are never split over two pages
        yield tuple(
            Spot(
                (row + at // per_row) // layout.rows,
                layout.left_mm + at % per_row * layout.pitch_mm[0],
                layout.top_mm + (row + at // per_row) % layout.rows * layout.pitch_mm[1],
            )
            for at in range(prints.count)
        )
        row += rows_each


def caption_lines(layout: PrintFormat, row: RosterRow) -> list[str]:
    """The lines of the caption below a picture of this person."""
    fields = row.model_dump()
    return ["  ".join(fields[name.value] for name in line) for line in layout.caption]


def cut_marks(spot: Spot, prints: Prints, caption_mm: float) -> Iterator[tuple[float, float, float, float]]:
    """Lines outside the corners of picture and caption; the school cuts along them."""
    left, top = spot.x, spot.y
    right, bottom = left + prints.width_mm, top + prints.height_mm + caption_mm
    for x, outwards in ((left, -1), (right, 1)):
        for y, away in ((top, -1), (bottom, 1)):
            yield x, y + away * 0.2, x, y + away * CUT_MARK_MM
            yield x + outwards * 0.2, y, x + outwards * CUT_MARK_MM, y


CHECKLIST_COLUMNS: tuple[tuple[str, float], ...] = (
    ("序号", 11),
    ("照片", 16),
    ("姓名", 30),
    ("性别", 10),
    ("学号", 34),
    ("身份证号", 40),
    ("图像相符", 17),
    ("信息无误", 17),
    ("备注", 19),
)
"""Title and width in millimetres of each column of the checklist with which schools check the pictures."""
