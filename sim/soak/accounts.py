"""Compares what screens promised with what the office has: it must have each accepted shot once, with the right bytes
and name."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from kiosk.core.session.state import State
from sim.office.served import ServedOffice
from sim.play.record import Record
from sim.play.register import documents
from sim.soak.visits import Plan

_AT_ONCE = 200
ASKS = frozenset({State.CONFIRM})
"""Screens on which a booth asks whether the person in the seat is still the same person."""
ENDINGS = (
    (State.DONE, "photo saved"),
    (State.APPROVED, "was approved already"),
    (State.OUT_OF_SERVICE, "out of service"),
    (State.STAFF_HELP, "sent to the desk"),
)
"""How a visit ended: by the first of these screens that was shown; if none was shown, the graduate left."""


@dataclass(frozen=True, slots=True)
class Visit:
    """What was seen of one visit. `chosen`: how often the graduate chose a take to be saved; `saved`: how often the
    screen said that a take was saved. `starts`: how often the booth's program was started again during the visit."""

    person: str = field(repr=False)  # the ID number
    ending: str
    chosen: int
    saved: int
    starts: int
    by_vision: bool

    @classmethod
    def of(cls, plan: Plan, record: Record, starts: int) -> "Visit":
        """Make the visit's entry from its plan and its record."""
        states = record.states[1:]  # the first screen is left out: it was shown when the person sat down
        ending = next((name for state, name in ENDINGS if state in states), "left")
        chosen, saved = states.count(State.SAVING), states.count(State.DONE)
        return cls(documents(plan.graduate).card.number, ending, chosen, saved, starts, plan.by_vision)


@dataclass(slots=True)
class Accounts:
    """`photos`: for the SHA-256 of each photo, the visits in which it was taken. There can be several, because real
    vision makes the same bytes for people who are drawn alike. `broken`: the promises that were broken."""

    photos: dict[str, set[int]] = field(default_factory=dict)
    visits: dict[int, Visit] = field(default_factory=dict)
    arrived: Counter[int] = field(default_factory=Counter)  # for each visit, how many shots arrived at the office
    broken: list[str] = field(default_factory=list)
    _seen: set[str] = field(default_factory=set)

    @property
    def shots(self) -> int:
        """How many shots the office has."""
        return len(self._seen)

    @property
    def endings(self) -> Counter[str]:
        """For each kind of ending, how many visits ended in this way."""
        return Counter(visit.ending for visit in self.visits.values())

    def count(self, office: ServedOffice, spools: Sequence[Path], *, sent: bool) -> None:
        """Compare what came to the office since the last call with the copies that the booths still have in `spools`.

        `sent`: everything should have arrived.
        """
        kept = {path.stem: path for spool in spools for path in spool.glob("*.envelope")}
        new = [shot_id for shot_id in office.shot_ids() if shot_id not in self._seen]
        for start in range(0, len(new), _AT_ONCE):
            for one in office.received(new[start : start + _AT_ONCE]):
                shot_id = one.manifest.shot_id
                self._seen.add(shot_id)
                if shot_id not in kept or kept[shot_id].read_bytes() != one.path.read_bytes():
                    self.broken.append(f"shot {shot_id} has other bytes at the office than at the booth")
                self._enter(shot_id, sha256(one.photo).hexdigest(), one.manifest.person.id_number)
        if sent:
            self.broken += [f"shot {shot_id} is not at the office" for shot_id in sorted(kept.keys() - self._seen)]

    def _enter(self, shot_id: str, photo: str, id_number: str | None) -> None:
        visits = sorted(self.photos.get(photo, ()))
        if not visits:
            self.broken.append(f"shot {shot_id} holds a photo that nobody made")
            return
        own = [one for one in visits if id_number is None or id_number == self.visits[one].person]
        if not own:
            self.broken.append(f"visit {visits[0]}: the photo stands under somebody else's name")
        self.arrived[min(own or visits, key=lambda one: self.arrived[one])] += 1

    def compare(self) -> None:
        """Find visits of which the office has fewer shots than the screen said, or more shots than the graduate
        chose."""
        for number, visit in self.visits.items():
            least = visit.saved if visit.starts or not visit.chosen else max(1, visit.saved)
            if not least <= self.arrived[number] <= visit.chosen:
                self.broken.append(
                    f"visit {number}: chosen {visit.chosen}, saved on the screen {visit.saved}, "
                    f"at the office {self.arrived[number]}"
                )
