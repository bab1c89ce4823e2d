"""Live help: what staff see of a session that asked for help, and what they want of it. Nothing names the person."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from wire.help_call import CallId
from wire.model import BoothId, Message, WireModel

CheckName = Annotated[str, Field(pattern=r"^[a-z_]{1,40}$")]
"""The name of a check (`rules.checks.CheckId`)."""

MOST_WORDS = 120
Instruction = Annotated[str, StringConstraints(max_length=MOST_WORDS, pattern=r"^[^\x00-\x1f\x7f]*$")]
"""The words of one instruction."""

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
    """The session of an open call as it is now. Sending another one replaces it."""

    booth_id: BoothId
    call_id: CallId
    screen: str = Field(pattern=r"^[a-z_]{1,40}$")  # the screen that the session shows
    instruction: Instruction  # as the graduate's screen shows it; empty: none
    checks: tuple[LiveCheck, ...] = Field(max_length=MOST_CHECKS)
    released: CheckName | None = None  # the check that the booth no longer requires


class HelpDirection(Message):
    """What staff want of the session of an open call."""

    call_id: CallId
    release: CheckName | None = None  # the check that staff released
