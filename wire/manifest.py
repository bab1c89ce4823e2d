"""What an envelope says of its photo: schema version 1."""

import math
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, JsonValue, ValidationInfo

from wire.model import BoothId, Moment, ShotId, WireModel

_GREATEST = 2.0**53


def _check_numbers(report: dict[str, JsonValue], info: ValidationInfo) -> dict[str, JsonValue]:
    """A report that came may say anything, but its numbers must be ones that can be computed with."""
    if info.mode == "json":
        _plain_numbers(report)
    return report


def _plain_numbers(value: JsonValue) -> None:
    match value:
        case bool() | str() | None:
            pass
        case int() | float():
            if not (math.isfinite(value) if isinstance(value, float) else abs(value) <= _GREATEST):
                raise ValueError("a number is infinite or beyond 2**53")
        case list():
            for item in value:
                _plain_numbers(item)
        case dict():
            for item in value.values():
                _plain_numbers(item)


Report = Annotated[dict[str, JsonValue], AfterValidator(_check_numbers)]


class Person(WireModel):
    """Who is on the photo, as the booth knows it. Rows of the roster may be missing (provisional)."""

    name: str
    id_number: str | None
    student_no: str | None
    exam_no: str | None
    school: str | None
    major: str | None
    class_name: str | None
    year: str | None


class Times(WireModel):
    """When; aware times, with whether the booth's clock was synchronised."""

    consented: Moment
    shot: Moment
    accepted: Moment
    clock_synced: bool


class Manifest(WireModel):
    """`manifest.json` of an envelope."""

    REFUSES_NUL = False  # no shot is lost for a character: the office deletes what can't be kept before it keeps it

    schema_version: Literal[1] = 1
    shot_id: ShotId
    booth_id: BoothId
    receipt: str  # the code the graduate photographs
    profile: str
    consent_version: str
    person: Person
    identified_by: Literal["card", "code", "both"]
    opaque_codes: tuple[str, ...] = ()  # base64 of image-collection QR bytes
    flags: tuple[str, ...] = ()  # why staff should look first
    times: Times
    checks: tuple[Report, ...] = ()  # the check report's `checks`
    finish: Report = Field(default_factory=dict)  # the finish report
    versions: dict[str, str] = Field(default_factory=dict)
