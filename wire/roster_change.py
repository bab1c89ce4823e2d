"""Changes of the roster, and the feed with which a booth updates its copy of the roster."""

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from wire.model import MOST_ITEMS, Count, Message, RowId, WireModel

Text = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class RosterRow(WireModel):
    """The nine fields of the notice (Bynd xxmc Zymc Bjmc Xh Sfzh Xm Xb Ksh), all text."""

    year: Text
    school: Text
    major: Text
    class_name: Text
    student_no: Text
    id_number: Text
    name: Text
    sex: Text
    exam_no: Text


class RowSet(WireModel):
    """A new row, or new content of the row with this id.

    `photographed`: whether this graduate was already photographed on campus (已有照片).
    """

    kind: Literal["set"] = "set"
    sequence: Annotated[Count, Field(ge=1)]
    row_id: RowId
    row: RosterRow
    photographed: bool = False


class RowRemoved(WireModel):
    """A row was removed. If the booth does not have this row, nothing happens."""

    kind: Literal["removed"] = "removed"
    sequence: Annotated[Count, Field(ge=1)]
    row_id: RowId


RosterChange = Annotated[RowSet | RowRemoved, Field(discriminator="kind")]


class RosterPage(Message):
    """The changes after a place in the feed, oldest first. It does no harm to apply a page twice.

    `reset` says that the office no longer knows the booth's place in the feed: the booth forgets all rows and then
    applies the page.
    """

    reset: bool = False
    changes: Annotated[tuple[RosterChange, ...], Field(max_length=MOST_ITEMS)]
    next: Count
    more: bool  # whether there are more changes; then the booth asks for the next page at once

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        places = [change.sequence for change in self.changes]
        if places != sorted(set(places)) or (places and self.next != places[-1]):
            raise ValueError("changes come in rising sequence, and next is the last one's")
        return self
