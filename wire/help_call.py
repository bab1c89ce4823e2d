"""A booth's call for help, and the line with which staff answer. Neither contains anything about the person."""

from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from wire.model import HEX_ID, BoothId, Message, Moment

CallId = Annotated[str, Field(pattern=f"^{HEX_ID}$")]
"""The random identifier of a call."""

AnswerLine = Annotated[str, StringConstraints(min_length=1, max_length=120, pattern=r"^[^\x00-\x1f\x7f]*$")]
"""One line of text for the booth's screen."""


class HelpCall(Message):
    """Somebody at a booth asks for help, or (`ended`) no longer needs help. Sending the same call again is harmless."""

    booth_id: BoothId
    call_id: CallId
    at: Moment  # the time of the call, by the booth's clock
    screen: str = Field(pattern=r"^[a-z_]{1,40}$")  # the screen on which help was asked for
    ended: bool = False


class HelpState(StrEnum):
    """The state of a call."""

    WAITING = "waiting"  # staff see the call and have not answered
    ANSWERED = "answered"
    ENDED = "ended"  # the booth ended the call, or staff did


class HelpAnswer(Message):
    """The office's answer to a call. It contains `line` as soon as staff have written one."""

    call_id: CallId
    state: HelpState
    line: AnswerLine | None = None

    @model_validator(mode="after")
    def _answered_has_a_line(self) -> Self:
        if (self.state is HelpState.ANSWERED) != (self.line is not None):
            raise ValueError("an answered call has a line, and only that one")
        return self
