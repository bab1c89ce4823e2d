"""What an envelope says of its photo: schema version 1."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, JsonValue


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")


class Person(_Model):
    """Who is on the photo, as the booth knows it. Rows of the roster may be missing (provisional)."""

    name: str
    id_number: str | None
    student_no: str | None
    exam_no: str | None
    school: str | None
    major: str | None
    class_name: str | None
    year: str | None


class Times(_Model):
    """When; aware times, with whether the booth's clock was synchronised."""

    consented: datetime
    shot: datetime
    accepted: datetime
    clock_synced: bool


class Manifest(_Model):
    """`manifest.json` of an envelope."""

    schema_version: Literal[1] = 1
    shot_id: str  # 32 hex digits, random
    booth_id: str
    receipt: str  # the code the graduate photographs
    profile: str
    consent_version: str
    person: Person
    identified_by: Literal["card", "code", "both"]
    opaque_codes: tuple[str, ...] = ()  # base64 of image-collection QR bytes
    flags: tuple[str, ...] = ()  # why staff should look first
    times: Times
    checks: tuple[dict[str, JsonValue], ...] = ()  # the check report's `checks`
    finish: dict[str, JsonValue] = {}  # the finish report
    versions: dict[str, str] = {}
