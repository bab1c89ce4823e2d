"""The manifest: what an envelope says about its photo.

The manifest is kept with its photo for years. So it has a version of its own (1), which does not depend on the version
of the protocol. An envelope that waited at a booth while booth and office were updated can still be read.
"""

import math
from collections.abc import Iterable
from typing import Annotated, Literal, Self, TypeVar

from pydantic import AfterValidator, Field, JsonValue, ValidationInfo

from wire.model import BoothId, Moment, ShotId, WireModel
from wire.roster_change import RosterRow

_GREATEST = 2.0**53

Report = dict[str, JsonValue]
Reports = TypeVar("Reports", Report, tuple[Report, ...])


def _check_numbers(report: Reports, info: ValidationInfo) -> Reports:
    """Check a received report: it may contain any values, but its numbers must be finite and at most 2**53."""
    if info.mode == "json":
        _plain_numbers(report if isinstance(report, tuple) else (report,))
    return report


def _plain_numbers(values: Iterable[JsonValue]) -> None:
    # The JSON parser returns exactly these types. Comparing types is the fastest way, and a report has hundreds of
    # values.
    for value in values:
        kind = type(value)
        if kind is str:
            continue
        if kind is dict:
            _plain_numbers(value.values())  # type: ignore[union-attr]
        elif kind is list:
            _plain_numbers(value)  # type: ignore[arg-type]
        elif kind is float:
            if not math.isfinite(value):  # type: ignore[arg-type]
                raise ValueError("a number is infinite")
        elif kind is int and abs(value) > _GREATEST:  # type: ignore[arg-type]
            raise ValueError("a number is beyond 2**53")


class Person(WireModel):
    """What the booth knows about the person on the photo. For a provisional row, fields of the roster row are
    missing."""

    name: str
    id_number: str | None
    student_no: str | None
    exam_no: str | None
    school: str | None
    major: str | None
    class_name: str | None
    year: str | None

    @classmethod
    def of_row(cls, row: RosterRow, id_number: str | None = None) -> Self:
        """The person of a roster row. `id_number`: the number that is known without the row, for example from the card;
        None or empty: the number of the row."""
        return cls(**row.model_dump(exclude={"id_number", "sex"}), id_number=id_number or row.id_number)

    @classmethod
    def without_row(cls, name: str, id_number: str | None, student_no: str | None) -> Self:
        """A person who is on no roster: nothing else is known."""
        unknown = dict.fromkeys(("exam_no", "school", "major", "class_name", "year"))
        return cls(name=name, id_number=id_number, student_no=student_no, **unknown)


class Times(WireModel):
    """The times of the shot (with time zone), and whether the booth's clock was synchronised."""

    consented: Moment
    shot: Moment
    accepted: Moment
    clock_synced: bool


class Manifest(WireModel):
    """`manifest.json` of an envelope."""

    # no shot may be lost because of one character: the office deletes characters that it can't store
    REFUSES_NUL = False

    schema_version: Literal[1] = 1
    shot_id: ShotId
    booth_id: BoothId
    receipt: str  # the code of the receipt, which the graduate photographs
    profile: str
    consent_version: str
    person: Person
    identified_by: Literal["card", "code", "both"]
    opaque_codes: tuple[str, ...] = ()  # bytes of image-collection codes in base64
    flags: tuple[str, ...] = ()  # the reasons why a person must look at the shot first
    times: Times
    checks: Annotated[tuple[Report, ...], AfterValidator(_check_numbers)] = ()  # `checks` of the check report
    finish: Annotated[Report, AfterValidator(_check_numbers)] = Field(default_factory=dict)  # the finish report
    versions: dict[str, str] = Field(default_factory=dict)
