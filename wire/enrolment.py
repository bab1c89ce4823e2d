"""Enrolment: a booth exchanges a one-time code for its credential."""

from typing import Annotated

from pydantic import Field

from wire.model import BoothId, Message

Code = Annotated[str, Field(min_length=1, max_length=80)]
"""A one-time code. Hyphens, spaces and case in it don't matter."""


class Invitation(Message):
    """The content of the QR code that the office's page shows with a one-time code: what a new booth has to know of the
    office. `seal_to`: the public keys to which the booth seals photos, the office's and the escrow keys."""

    office: str = Field(min_length=8, max_length=2_000)  # the office's address
    booth_id: BoothId
    code: Code
    seal_to: Annotated[tuple[Annotated[str, Field(pattern=r"^age1[0-9a-z]{58}$")], ...], Field(max_length=8)]


class Enrolment(Message):
    """The request of a booth that has no credential yet."""

    booth_id: BoothId
    code: Code


class Enrolled(Message):
    """The office's answer: the booth's credential. The booth stores it in a file that only the file's owner can read,
    and sends it as `Authorization: Bearer ...`."""

    booth_id: BoothId
    credential: str = Field(pattern=r"^[A-Za-z0-9._~+/=-]{20,200}$")
