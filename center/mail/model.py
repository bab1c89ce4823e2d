"""What schools are told, when it is tried again, and what a way of telling must do. Pure."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from center.platform.sentence import Sentence
from center.schools.model import Contact


class Occasion(StrEnum):
    """What a school is told of."""

    DELIVERY = "delivery"  # a pack is there to be taken
    CORRECTION = "correction"  # the office has decided on something the school marked
    LETTER = "letter"  # a settlement letter is there


class MailState(StrEnum):
    """Where a message stands."""

    WAITING = "waiting"
    SENT = "sent"  # the school's server has it, or the next server on the way
    FAILED = "failed"  # refused for good, or tried for `GIVEN_UP_AFTER`


WAITS = (timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=1), timedelta(hours=4), timedelta(hours=8))
"""The wait after each try in turn; the last one is repeated. Greylisting accepts mail after minutes; a server that is
down needs hours.
"""
GIVEN_UP_AFTER = timedelta(days=3)


def next_try(tries: int, made_at: datetime, now: datetime) -> datetime | None:
    """When a message that was tried `tries` times is tried again; None: it is given up."""
    if now - made_at >= GIVEN_UP_AFTER:
        return None
    return now + WAITS[min(tries, len(WAITS)) - 1]


@dataclass(frozen=True, slots=True)
class Message:
    """What is sent. The subject says nothing of a person; `key`: the same for the same message, however often sent."""

    key: str
    to: Contact = field(repr=False)
    subject: str = ""
    text: str = ""


class Messenger(Protocol):
    """A way of telling: mail here; SMS or WeChat as an adapter of its own (docs/mail.md).

    It SHALL return only when the message is taken for delivery, within a bounded time; raise `Refused` where another
    try would end the same, and `TryAgain` otherwise. It SHALL put nothing about the receiver into what it raises.
    """

    def send(self, message: Message) -> None:
        """Send. Raises `Refused`, `TryAgain`."""


class NotTaken(Exception):
    """The message was not taken; the sentence says why, without addresses. It is translated as a refusal's is."""

    def __init__(self, message: str, /, **values: object) -> None:
        self.sentence = Sentence(message, values)
        super().__init__(str(self.sentence))


class Refused(NotTaken):
    """Another try would end the same."""


class TryAgain(NotTaken):
    """Another try may end well."""
