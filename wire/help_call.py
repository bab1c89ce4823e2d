"""A booth's call for help, and the line that staff answer with. Nothing in either is about the person."""

from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from wire.model import BoothId, Message, Moment

CallId = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
"""The random name of a call."""

AnswerLine = Annotated[str, StringConstraints(min_length=1, max_length=120, pattern=r"^[^\x00-\x1f\x7f]*$")]
"""One line of text for the booth's screen."""


class HelpCall(Message):
    """Somebody at a booth asks for help, or (`ended`) no longer does. Sending it again is harmless."""

    booth_id: BoothId
    call_id: CallId
    at: Moment  # the booth's clock
    screen: str = Field(pattern=r"^[a-z_]{1,40}$")  # the screen on which help was asked for
    ended: bool = False


class HelpState(StrEnum):
    """How far a call is."""

    WAITING = "waiting"  # staff see it
    ANSWERED = "answered"
    ENDED = "ended"  # the booth has ended it; nobody else can


class HelpAnswer(Message):
    """The office's answer to a call; it contains `line` once staff wrote one."""

    call_id: CallId
    state: HelpState
    line: AnswerLine | None = None

    @model_validator(mode="after")
    def _answered_has_a_line(self) -> Self:
        if (self.state is HelpState.ANSWERED) != (self.line is not None):
            raise ValueError("an answered call has a line, and only that one")
        return self
