"""The events that schools are told of, when a failed message is tried again, and what a messenger must do. Pure."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from center.platform.sentence import Sentence
from center.schools.model import Contact


class Occasion(StrEnum):
    """The event of which a school is told."""

    DELIVERY = "delivery"  # a pack can be downloaded
    CORRECTION = "correction"  # the office has decided on something that the school marked
    LETTER = "letter"  # a settlement letter was made


class MailState(StrEnum):
    """The state of a message."""

    WAITING = "waiting"
    SENT = "sent"  # the school's server accepted it, or the next server on the way
    FAILED = "failed"  # refused permanently, or tried in vain for `GIVEN_UP_AFTER`


WAITS = (timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=1), timedelta(hours=4), timedelta(hours=8))
"""The wait after each try in turn; the last one is repeated. Greylisting accepts mail after minutes; a server that is
down needs hours.
"""
GIVEN_UP_AFTER = timedelta(days=3)


def next_try(tries: int, made_at: datetime, now: datetime) -> datetime | None:
    """When a message that was tried `tries` times is tried again; None: it is not tried any more."""
    if now - made_at >= GIVEN_UP_AFTER:
        return None
    return now + WAITS[min(tries, len(WAITS)) - 1]


@dataclass(frozen=True, slots=True)
class Message:
    """A message to be sent. Its subject has no personal data; `key` is the same each time the same message is sent."""

    key: str
    to: Contact = field(repr=False)
    subject: str = ""
    text: str = ""


class Messenger(Protocol):
    """A way to send messages: mail here; SMS or WeChat need an adapter of their own (docs/mail.md).

    It SHALL return only when the message was accepted for delivery, within a bounded time; raise `Refused` if another
    try would fail the same way, and `TryAgain` otherwise. What it raises SHALL contain nothing about the receiver. Any
    other exception counts as `TryAgain`.
    """

    def send(self, message: Message) -> None:
        """Send the message. Raises `Refused`, `TryAgain`, `OutOfReach`."""


class NotTaken(Exception):
    """The message was not accepted; the sentence says why, without addresses. It is translated like a refusal."""

    def __init__(self, message: str, /, **values: object) -> None:
        self.sentence = Sentence(message, values)
        super().__init__(str(self.sentence))


class Refused(NotTaken):
    """Another try would fail the same way."""


class TryAgain(NotTaken):
    """Another try may succeed."""


class OutOfReach(TryAgain):
    """The connection failed before the server received the message, so the server would accept no other message now,
    either.
    """
