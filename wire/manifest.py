"""What an envelope says of its photo: schema version 1."""

from typing import Literal

from pydantic import Field, JsonValue

from wire.model import BoothId, Moment, ShotId, WireModel


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
    checks: tuple[dict[str, JsonValue], ...] = ()  # the check report's `checks`
    finish: dict[str, JsonValue] = Field(default_factory=dict)  # the finish report
    versions: dict[str, str] = Field(default_factory=dict)
