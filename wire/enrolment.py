"""Enrolment: a booth exchanges a one-time code for its credential."""

from pydantic import Field

from wire.model import BoothId, Message


class Enrolment(Message):
    """The request of a booth that has no credential yet. Hyphens, spaces and case in the code don't matter."""

    booth_id: BoothId
    code: str = Field(min_length=1, max_length=80)


class Enrolled(Message):
    """The office's answer: the booth's credential. The booth stores it in a file that only the file's owner can read,
    and sends it as `Authorization: Bearer ...`."""

    booth_id: BoothId
    credential: str = Field(pattern=r"^[A-Za-z0-9._~+/=-]{20,200}$")
