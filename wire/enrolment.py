"""Enrolment: a booth exchanges a one-time code for its credential."""

from pydantic import Field

from wire.model import BoothId, Message


class Enrolment(Message):
    """The request of a booth without a credential. Hyphens, spaces and case of the code don't matter."""

    booth_id: BoothId
    code: str = Field(min_length=1, max_length=80)


class Enrolled(Message):
    """The booth's credential, to be kept in a file only its owner can read, and sent as `Authorization: Bearer ...`."""

    booth_id: BoothId
    credential: str = Field(pattern=r"^[A-Za-z0-9._~+/=-]{20,200}$")
