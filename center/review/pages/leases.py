"""The shots leased to a reviewer: the one on the screen, and the next few whose photos are already loaded.

The page itself names its leases (`id.version`, separated by commas), so that any process of the office can handle the
next key press without searching for them. The list is not trusted: a shot is shown only after its lease was renewed for
this account and version.
"""

from collections.abc import Iterable, Sequence

from center.platform.faults import MovedOn, NotThere
from center.review.pages.filters import filters_of
from center.review.queue import Queue
from center.shots.model.leased import LeasedShot, read_leased
from center.web.page_request import PageRequest

AHEAD = 2
"""How many photos are loaded in advance. Usually one photo loads while the reviewer looks at another; the second one
helps if loading is slow.
"""

_MOST = 8


def read_leases(request: PageRequest, name: str) -> list[LeasedShot]:
    """The leased shots in the form's field `name`, each once. Raises `WrongRequest`."""
    words = [word for word in request.word(name, "").split(",") if word]
    return list(dict.fromkeys(read_leased(word) for word in words[:_MOST]))


def written(hand: Iterable[LeasedShot]) -> str:
    """The leases as the value of a form's field."""
    return ",".join(map(str, hand))


def next_of(request: PageRequest, ahead: Sequence[LeasedShot]) -> tuple[LeasedShot | None, list[LeasedShot]]:
    """The shot to show next, and the remaining leases. The shot is taken from the page's leases, else from the queue;
    None if there is no shot in either.
    """
    queue = request.service(Queue)
    rest = list(ahead)
    while rest:
        first = rest.pop(0)
        try:
            return LeasedShot.of(queue.renew(request.who, first.shot_id, first.version)), rest
        except (MovedOn, NotThere):
            continue  # the lease ran out and another reviewer has the shot: continue with the next one
    claimed = queue.claim_next(request.who, filters_of(request), 1)
    return (LeasedShot.of(claimed[0]), []) if claimed else (None, [])


def fill(request: PageRequest, here: str, ahead: Sequence[LeasedShot]) -> list[LeasedShot]:
    """`ahead`, filled up with shots from the queue."""
    missing = AHEAD - len(ahead)
    if missing <= 0:
        return list(ahead)
    but = (here, *(held.shot_id for held in ahead))
    claimed = request.service(Queue).claim_next(request.who, filters_of(request), missing, but=but)
    return [*ahead, *(LeasedShot.of(shot) for shot in claimed)]


def keep(request: PageRequest, hand: Iterable[LeasedShot]) -> list[LeasedShot]:
    """Renew all leases; returns those that are still the reviewer's."""
    kept = []
    for held in hand:
        try:
            kept.append(LeasedShot.of(request.service(Queue).renew(request.who, held.shot_id, held.version)))
        except (MovedOn, NotThere):
            continue
    return kept


def give_back(request: PageRequest, hand: Iterable[LeasedShot]) -> None:
    """Give all leased shots back: they return to the queue."""
    for held in hand:
        try:
            request.service(Queue).give_back(request.who, held.shot_id, held.version)
        except (MovedOn, NotThere):
            continue
