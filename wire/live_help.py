"""Live help: what staff see of a session that asked for help, and what staff want the session to do. No message names
the person. A still shows the person, but only while the person agrees.
"""

import base64
import binascii
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from wire.help_call import CallId
from wire.model import BoothId, Message, WireModel

CheckName = Annotated[str, Field(pattern=r"^[a-z_]{1,40}$")]
"""The name of a check (`rules.checks.CheckId`)."""

MOST_CHARACTERS = 120
Instruction = Annotated[str, StringConstraints(max_length=MOST_CHARACTERS, pattern=r"^[^\x00-\x1f\x7f]*$")]
"""The words of one instruction."""

MOST_STILL_BYTES = 36 << 10
"""The most bytes of a still's JPEG. The still and the rest of its view must fit into one datagram between the booth's
processes."""
Still = Annotated[
    str, Field(min_length=4, max_length=(MOST_STILL_BYTES + 2) // 3 * 4, pattern=r"^[A-Za-z0-9+/]+={0,2}$")
]
"""A JPEG in base64."""
_JPEG_BEGIN, _JPEG_END = b"\xff\xd8\xff", b"\xff\xd9"

MOST_CHECKS = 60
GREATEST = 1e9
_Number = Annotated[float, Field(ge=-GREATEST, le=GREATEST)]


class LiveCheck(WireModel):
    """The newest result of one live check: what was measured, and the limits."""

    check: CheckName
    result: Literal["pass", "fail", "warn", "unknown", "off"]
    value: _Number | None
    min: _Number | None
    max: _Number | None


class HelpView(Message):
    """The present state of a session that has an open call. A newer view replaces an older one."""

    booth_id: BoothId
    call_id: CallId
    screen: str = Field(pattern=r"^[a-z_]{1,40}$")  # the screen that the session shows
    instruction: Instruction  # the instruction that the graduate's screen shows; empty: none
    checks: tuple[LiveCheck, ...] = Field(max_length=MOST_CHECKS)
    released: CheckName | None = None  # the check that the booth no longer requires
    agreement: Literal["none", "refused", "given", "ended"] = "none"  # whether the graduate lets staff see stills
    still: Still | None = None  # the present picture of the camera; only while the graduate agrees

    @model_validator(mode="after")
    def _still_only_as_agreed(self) -> Self:
        if self.still is not None and self.agreement != "given":
            raise ValueError("nobody is shown without an agreement")
        if self.still is not None and not _is_jpeg(self.still):
            raise ValueError("a still is one JPEG in base64")
        return self

    @property
    def jpeg(self) -> bytes | None:
        """The bytes of the still; None if the view has no still."""
        return None if self.still is None else base64.b64decode(self.still)


class HelpDirection(Message):
    """What staff want the session of an open call to do."""

    call_id: CallId
    release: CheckName | None = None  # the check that staff waived
    open: bool = True  # whether the call is open at the office; if not, the booth sends nothing more of the session


def still_of(jpeg: bytes) -> str:
    """A JPEG in the form that a view contains."""
    return base64.b64encode(jpeg).decode("ascii")


def _is_jpeg(still: str) -> bool:
    try:
        data = base64.b64decode(still, validate=True)
    except binascii.Error:
        return False
    return len(data) <= MOST_STILL_BYTES and data.startswith(_JPEG_BEGIN) and data.endswith(_JPEG_END)
