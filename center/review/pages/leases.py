"""The shots a reviewer holds: the one on the screen, and a few behind it whose photos are loaded already.

The page itself carries which they are (`id.version`, by commas), so that any process of the office can answer the next
key without looking for them. Nothing here is believed: a shot is only given on after its lease was renewed for the very
account and version.
"""

from collections.abc import Iterable, Sequence

from center.platform.faults import MovedOn, NotThere
from center.review.pages.filters import filters_of
from center.review.queue import Queue
from center.shots.model.leased import LeasedShot, read_leased
from center.web.page_request import PageRequest

AHEAD = 2
"""So many photos are loaded before they are needed: the time of one look is enough for one, two forgive a slow one."""

_MOST = 8


def read_leases(call: PageRequest, name: str) -> list[LeasedShot]:
    """Those in the form's field `name`, each once. Raises `WrongRequest`."""
    words = [word for word in call.word(name, "").split(",") if word]
    return list(dict.fromkeys(read_leased(word) for word in words[:_MOST]))


def written(hand: Iterable[LeasedShot]) -> str:
    """For a form's field."""
    return ",".join(map(str, hand))


def next_of(call: PageRequest, ahead: Sequence[LeasedShot]) -> tuple[LeasedShot | None, list[LeasedShot]]:
    """The shot to show next, and those still ahead of it: out of the hand, else from the queue; None: there is none."""
    queue = call.service(Queue)
    rest = list(ahead)
    while rest:
        first = rest.pop(0)
        try:
            return LeasedShot.of(queue.renew(call.who, first.shot_id, first.version)), rest
        except (MovedOn, NotThere):
            continue  # its lease ran out and a colleague has it: on with the next
    claimed = queue.claim_next(call.who, filters_of(call), 1)
    return (LeasedShot.of(claimed[0]), []) if claimed else (None, [])


def fill(call: PageRequest, here: str, ahead: Sequence[LeasedShot]) -> list[LeasedShot]:
    """`ahead`, filled up from the queue."""
    missing = AHEAD - len(ahead)
    if missing <= 0:
        return list(ahead)
    but = (here, *(held.shot_id for held in ahead))
    claimed = call.service(Queue).claim_next(call.who, filters_of(call), missing, but=but)
    return [*ahead, *(LeasedShot.of(shot) for shot in claimed)]


def keep(call: PageRequest, hand: Iterable[LeasedShot]) -> list[LeasedShot]:
    """Renew every lease of the hand; those that are still one's own."""
    kept = []
    for held in hand:
        try:
            kept.append(LeasedShot.of(call.service(Queue).renew(call.who, held.shot_id, held.version)))
        except (MovedOn, NotThere):
            continue
    return kept


def let_go(call: PageRequest, hand: Iterable[LeasedShot]) -> None:
    """Give every shot of the hand back to the queue."""
    for held in hand:
        try:
            call.service(Queue).release(call.who, held.shot_id, held.version)
        except (MovedOn, NotThere):
            continue
