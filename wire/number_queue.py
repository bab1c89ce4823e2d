"""The queue of numbers (取号) as a booth shows it: the numbers that are called now. Nothing in it is about a person."""

from typing import Annotated

from pydantic import Field

from wire.model import Count, Message

MOST_CALLED = 3
"""A booth gets at most this many called numbers: the ones called last."""

WaitingNumber = Annotated[int, Field(ge=1, le=99_999)]


class NumberQueue(Message):
    """Today's queue at this moment. `called`: the numbers called last whose holders have not come yet, the newest last;
    `waiting`: how many numbers wait to be called; `given`: whether anybody can take a number now.
    """

    called: Annotated[tuple[WaitingNumber, ...], Field(max_length=MOST_CALLED)] = ()
    waiting: Count
    given: bool
