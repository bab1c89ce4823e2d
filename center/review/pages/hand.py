"""The shots a reviewer holds: the one on the screen, and a few behind it whose photos are loaded already.

The page itself carries which they are (`id.version`, by commas), so that any process of the office can answer the next
key without looking for them. Nothing here is believed: a shot is only given on after its lease was renewed for the very
account and version.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from center.platform.faults import MovedOn, NotThere, WrongRequest
from center.shots.model.shot import Shot
from center.web.call import Call

AHEAD = 2
"""So many photos are loaded before they are needed: the time of one look is enough for one, two forgive a slow one."""

_MOST = 8
_HELD = re.compile(r"([0-9a-f]{32})\.([0-9]{1,9})")


@dataclass(frozen=True, slots=True)
class Held:
    """A shot and the version of it that was seen."""

    shot_id: str
    version: int

    @classmethod
    def of(cls, shot: Shot) -> "Held":
        """What a shot is now."""
        return cls(shot.shot_id, shot.version)

    def __str__(self) -> str:
        """For a form."""
        return f"{self.shot_id}.{self.version}"


def read_held(text: str) -> Held:
    """One of them from a form. Raises `WrongRequest`."""
    found = _HELD.fullmatch(text)
    if found is None:
        raise WrongRequest("the form does not name a shot and its version: load the page again")
    return Held(found[1], int(found[2]))


def read_hand(call: Call, name: str) -> list[Held]:
    """Those in the form's field `name`, each once. Raises `WrongRequest`."""
    words = [word for word in call.word(name, "").split(",") if word]
    return list(dict.fromkeys(read_held(word) for word in words[:_MOST]))


def written(hand: Iterable[Held]) -> str:
    """For a form's field."""
    return ",".join(map(str, hand))


def next_of(call: Call, ahead: Sequence[Held]) -> tuple[Held | None, list[Held]]:
    """The shot to show next, and those still ahead of it: out of the hand, else from the queue; None: there is none."""
    queue = call.services.office.queue
    rest = list(ahead)
    while rest:
        first = rest.pop(0)
        try:
            return Held.of(queue.renew(call.who, first.shot_id, first.version)), rest
        except (MovedOn, NotThere):
            continue  # its lease ran out and a colleague has it: on with the next
    claimed = queue.claim_next(call.who, call.filters, 1)
    return (Held.of(claimed[0]), []) if claimed else (None, [])


def fill(call: Call, here: str, ahead: Sequence[Held]) -> list[Held]:
    """`ahead`, filled up from the queue."""
    missing = AHEAD - len(ahead)
    if missing <= 0:
        return list(ahead)
    but = (here, *(held.shot_id for held in ahead))
    claimed = call.services.office.queue.claim_next(call.who, call.filters, missing, but=but)
    return [*ahead, *(Held.of(shot) for shot in claimed)]


def keep(call: Call, hand: Iterable[Held]) -> list[Held]:
    """Renew every lease of the hand; those that are still one's own."""
    kept = []
    for held in hand:
        try:
            kept.append(Held.of(call.services.office.queue.renew(call.who, held.shot_id, held.version)))
        except (MovedOn, NotThere):
            continue
    return kept


def let_go(call: Call, hand: Iterable[Held]) -> None:
    """Give every shot of the hand back to the queue."""
    for held in hand:
        try:
            call.services.office.queue.release(call.who, held.shot_id, held.version)
        except (MovedOn, NotThere):
            continue
