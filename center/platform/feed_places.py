"""Places in the feeds that booths read, and the generation of the office that gave them.

A booth keeps the newest place it has read. An office that came back from a backup has given places that its database
no longer knows, and would give some of them again, to other items: a booth that asks "after 41" would then miss what
stands at 31 to 41 now. So a restored office has a generation of its own, drawn at random, and places on the wire hold
it. A place of another generation is answered from the beginning, with `reset`. To a booth a place is a number without
meaning.
An office that was never restored has generation 0: its places are what they always were.
"""

import secrets
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from center.platform.database import upsert
from center.platform.tables import CounterRow

PLACES = 1 << 32
"""A place on the wire is `generation * PLACES + place`."""

GENERATIONS = 1 << 20
"""Generations are 0 (never restored) to this, exclusive: places stay below 2^53, which every JSON reader keeps."""

_COUNTER = "feed_generation"


@dataclass(frozen=True, slots=True)
class FeedPlaces:
    """How places of this office's feeds are told to booths."""

    generation: int

    def told(self, place: int) -> int:
        """The place as the wire has it."""
        return self.generation * PLACES + place

    def asked(self, told: int) -> int | None:
        """The place behind the one a booth asks after; None: another generation gave it, the feed begins anew."""
        generation, place = divmod(told, PLACES)
        return place if generation == self.generation or told == 0 else None


def feed_places(session: Session) -> FeedPlaces:
    """The present generation's."""
    found = session.execute(select(CounterRow.value).where(CounterRow.name == _COUNTER)).scalar_one_or_none()
    return FeedPlaces(found or 0)


def begin_generation(session: Session) -> int:
    """Give the office another generation, in the caller's transaction; which."""
    before = feed_places(session).generation
    generation = before
    while generation == before:
        generation = 1 + secrets.randbelow(GENERATIONS - 1)
    adding = upsert(session, CounterRow).values(name=_COUNTER, value=generation)
    session.execute(
        adding.on_conflict_do_update(index_elements=[CounterRow.name], set_={"value": adding.excluded.value})
    )
    return generation
