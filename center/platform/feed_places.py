"""Places in the feeds that booths read, and the generation of the office that assigned them.

A booth stores the newest place it has read. The database of an office that was restored from a backup does not know the
newest places that the office had assigned, for example 31 to 41. The office would assign these places again, to other
items, and a booth that asks "after 41" would miss these items. So a restored office has a generation of its own, drawn
at random, and the places it sends to booths contain the generation. If a booth asks after a place of another
generation, the feed starts from the beginning, with `reset`. To a booth, a place is a number without meaning.

An office that was never restored has generation 0: there, the places on the wire are those in the database.
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
"""Generations are 0 (never restored) to this number, exclusive: so places stay below 2^53, and every JSON reader
represents them exactly.
"""

_COUNTER = "feed_generation"


@dataclass(frozen=True, slots=True)
class FeedPlaces:
    """Translates places of this office's feeds between the database and the wire."""

    generation: int

    def wire_place(self, place: int) -> int:
        """The place in the form that is sent to booths."""
        return self.generation * PLACES + place

    def stored_place(self, place_on_wire: int) -> int | None:
        """The place that a booth means.

        None if another generation assigned it: then the feed starts from the beginning.
        """
        generation, place = divmod(place_on_wire, PLACES)
        return place if generation == self.generation or place_on_wire == 0 else None


def feed_places(session: Session) -> FeedPlaces:
    """The places of the present generation."""
    found = session.execute(select(CounterRow.value).where(CounterRow.name == _COUNTER)).scalar_one_or_none()
    return FeedPlaces(found or 0)


def begin_generation(session: Session) -> int:
    """Give the office another generation, in the caller's transaction; returns it."""
    before = feed_places(session).generation
    generation = before
    while generation == before:
        generation = 1 + secrets.randbelow(GENERATIONS - 1)
    adding = upsert(session, CounterRow).values(name=_COUNTER, value=generation)
    session.execute(
        adding.on_conflict_do_update(index_elements=[CounterRow.name], set_={"value": adding.excluded.value})
    )
    return generation
