"""Whom a school pays for, what its letters have charged, and the three-way check of photos, deliveries and letters.

Pure. Three equations must be true for the numbers of people. Each exception is listed as a difference, with its photo:

1. photographed = approved + waiting + to retake
2. delivered = approved - not delivered yet + to be withdrawn
3. billed = counted by the profile's rule - not billed yet + to be credited

A roster row is charged only once in all letters of its school and year. If a row was charged and should not be (any
more), the next letter credits it; a letter itself never changes.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from center.attendance.model import AttendanceState, Photographed, PhotographedRow, PhotographedRows, best
from center.delivery.model import Change, LeftOut, Plan
from center.platform.faults import WrongRequest
from rules.profile import Billed

MOST_FEE_FEN = 100_000
MOST_WORDS = 200


class BillDifference(StrEnum):
    """The kinds of differences. Each is listed with the photo that it concerns."""

    RECORDS = "records"  # a photo whose person is counted nowhere: the office's records are wrong
    NO_ROW = "no_row"  # photographed, but not on the roster: nobody is billed for the photo
    DOUBLE = "double"  # two persons of the office's records claim one row: the row is billed once
    NOT_DELIVERED = "not_delivered"  # approved, not delivered; with the reason if the photo can't be delivered
    OUTDATED = "outdated"  # delivered, and the photo or its row has changed since
    TO_WITHDRAW = "to_withdraw"  # delivered, and not approved any more
    CAMPUS = "campus"  # photographed on campus, too; the school has paid for that photo
    OUR_FAULT = "our_fault"  # all photos of the person were rejected for faults of the booth: nobody pays for them
    NO_PHOTO = "no_photo"  # the rule counts the person, who has no approved photo (yet)
    NO_FEE = "no_fee"  # neither profile nor staff set a fee, or the school's fee is 0
    AFTER_CUT_OFF = "after_cut_off"  # photographed after the last day that the letter bills
    NOT_BILLED = "not_billed"  # the rule counts the person, but no letter has billed the person so far
    TO_CREDIT = "to_credit"  # a letter has charged the person, whom the rule does not count any more


@dataclass(frozen=True, slots=True)
class Difference:
    """A difference. `shot_id`: the photo it is about; `why`: why that photo can't be delivered."""

    kind: BillDifference
    shot_id: str
    why: LeftOut | None = None


@dataclass(frozen=True, slots=True)
class Price:
    """What a person costs. `rule`: which photos make the person count; `fen`: the fee, None if there is none."""

    rule: Billed | None
    fen: int | None


@dataclass(frozen=True, slots=True)
class Charged:
    """What the letters so far have charged for a row. A row whose charges and credits add up to 0 has no `Charged`."""

    person_id: str
    shot_id: str
    fen: int


@dataclass(frozen=True, slots=True)
class Item:
    """A line of a letter: a row that is charged, or credited with a negative amount."""

    row_id: str
    class_key: bytes
    person_id: str
    shot_id: str
    fen: int


@dataclass(frozen=True, slots=True)
class Check:
    """The three-way check of a school's year, in people. `items`: the lines of a letter if it were made now."""

    photographed: int
    approved: int
    waiting: int
    retake: int
    delivered: int
    counted: int  # how many people the profile's rule counts
    billed: int
    items: tuple[Item, ...] = field(repr=False)
    differences: tuple[Difference, ...] = field(repr=False)

    def of(self, kind: BillDifference) -> int:
        """How many differences of a kind there are."""
        return sum(one.kind is kind for one in self.differences)

    @property
    def agree(self) -> tuple[bool, bool, bool]:
        """For each of the three equations, whether it is true with the differences that are listed."""
        kinds = Counter(one.kind for one in self.differences)
        return (
            self.photographed == self.approved + self.waiting + self.retake and not kinds[BillDifference.RECORDS],
            self.delivered == self.approved - kinds[BillDifference.NOT_DELIVERED] + kinds[BillDifference.TO_WITHDRAW],
            self.billed == self.counted - kinds[BillDifference.NOT_BILLED] + kinds[BillDifference.TO_CREDIT],
        )

    @property
    def fen(self) -> int:
        """The amount of a letter if it were made now."""
        return sum(item.fen for item in self.items)


@dataclass(frozen=True, slots=True)
class Counted:
    """The data that the check compares. `taken`: when each photo was taken; `prices`: the price by photo."""

    photographed: PhotographedRows
    delivered: Mapping[str, str]  # person -> the photo that the school holds
    plan: Plan  # the delivery that could be made now
    prices: Mapping[str, Price]
    taken: Mapping[str, datetime]
    charged: Mapping[str, Charged]  # row -> what letters have charged for it
    cut_off: datetime  # the next letter does not bill people photographed at or after this time
    our_fault: frozenset[str] = frozenset()  # photos rejected for reasons that their profile calls the booth's


def check(known: Counted) -> Check:
    """Make the three-way check."""
    found: list[Difference] = []
    persons = _by_person(known.photographed)
    states = {person: best(photos) for person, photos in persons.items()}
    found += [Difference(BillDifference.RECORDS, photos[-1].shot_id) for person, photos in persons.items()
              if states[person] is None]  # fmt: skip
    by_shot = {photo.shot_id: photo.person_id for photos in persons.values() for photo in photos}
    found += [
        Difference(BillDifference.NO_ROW, photos[-1].shot_id)
        for photos in persons.values()
        if {photo.shot_id for photo in photos} <= {photo.shot_id for photo in known.photographed.unplaced}
    ]
    approved = {person for person, where in states.items() if where is AttendanceState.APPROVED}
    found += _undelivered(known, persons, approved, by_shot)
    items, differences, counted = _bill(known, approved)
    found += differences
    counts = Counter(states.values())
    return Check(
        photographed=len(persons),
        approved=counts[AttendanceState.APPROVED],
        waiting=counts[AttendanceState.WAITING],
        retake=counts[AttendanceState.RETAKE],
        delivered=len(known.delivered),
        counted=counted,
        billed=len(known.charged),
        items=tuple(items),
        differences=tuple(sorted(found, key=lambda one: (list(BillDifference).index(one.kind), one.shot_id))),
    )


def _by_person(photographed: PhotographedRows) -> dict[str, list[Photographed]]:
    """The photos of everybody photographed, grouped by the persons of the office's records."""
    persons: dict[str, list[Photographed]] = {}
    for photo in (*(photo for row in photographed.rows for photo in row.photos), *photographed.unplaced):
        persons.setdefault(photo.person_id, []).append(photo)
    return persons


def _undelivered(
    known: Counted, persons: Mapping[str, Sequence[Photographed]], approved: set[str], by_shot: Mapping[str, str]
) -> list[Difference]:
    why = {by_shot.get(shot): reason for reason, shot in known.plan.left_out}
    found = [
        Difference(BillDifference.NOT_DELIVERED, persons[person][-1].shot_id, why.get(person))
        for person in approved - known.delivered.keys()
    ]
    found += [
        Difference(BillDifference.TO_WITHDRAW, shot)
        for person, shot in known.delivered.items()
        if person not in approved
    ]
    replaced = (item for item in known.plan.items if item.change is Change.REPLACED)
    return found + [Difference(BillDifference.OUTDATED, item.shot_id) for item in replaced]


def _bill(known: Counted, approved: set[str]) -> tuple[list[Item], list[Difference], int]:
    """The items of the next letter, the differences, and how many people the rule counts."""
    items: list[Item] = []
    found: list[Difference] = []
    counted: set[str] = set()
    billed_persons: set[str] = set()
    # Rows charged before come first: a person who is on the roster twice stays charged under the same row.
    for row in sorted(known.photographed.rows, key=lambda one: one.row_id not in known.charged):
        photo = next((one for one in reversed(row.photos) if one.state is row.state), row.photos[-1])
        if len({one.person_id for one in row.photos}) > 1:
            found.append(Difference(BillDifference.DOUBLE, photo.shot_id))
        price = known.prices.get(photo.shot_id, Price(None, None))
        if not _counts(price.rule, row.photos, approved, known.delivered) or photo.person_id in billed_persons:
            continue
        if row.on_campus:
            found.append(Difference(BillDifference.CAMPUS, photo.shot_id))
            continue
        if price.rule is Billed.PHOTOGRAPHED and _by_our_fault(row, known.our_fault):
            found.append(Difference(BillDifference.OUR_FAULT, photo.shot_id))
            continue
        if not price.fen:
            found.append(Difference(BillDifference.NO_FEE, photo.shot_id))
            continue
        billed_persons.add(photo.person_id)
        counted.add(row.row_id)
        if row.state is not AttendanceState.APPROVED:
            found.append(Difference(BillDifference.NO_PHOTO, photo.shot_id))
        if row.row_id in known.charged:
            continue
        found.append(Difference(BillDifference.NOT_BILLED, photo.shot_id))
        if min(known.taken[one.shot_id] for one in row.photos) >= known.cut_off:
            found.append(Difference(BillDifference.AFTER_CUT_OFF, photo.shot_id))
        else:
            items.append(Item(row.row_id, row.class_key, photo.person_id, photo.shot_id, price.fen))
    classes = {row.row_id: row.class_key for row in known.photographed.rows}
    for row_id, charged in known.charged.items():
        if row_id not in counted:
            found.append(Difference(BillDifference.TO_CREDIT, charged.shot_id))
            items.append(Item(row_id, classes.get(row_id, b""), charged.person_id, charged.shot_id, -charged.fen))
    return items, found, len(counted)


def _by_our_fault(row: PhotographedRow, ours: frozenset[str]) -> bool:
    """Whether all photos of this person were rejected for faults of the booth."""
    return row.state is AttendanceState.RETAKE and ours.issuperset(one.shot_id for one in row.photos)


def _counts(
    rule: Billed | None, photos: Sequence[Photographed], approved: set[str], delivered: Mapping[str, str]
) -> bool:
    match rule:
        case Billed.DELIVERED:
            return any(photo.person_id in delivered for photo in photos)
        case Billed.APPROVED:
            return any(photo.state is AttendanceState.APPROVED and photo.person_id in approved for photo in photos)
        case _:  # PHOTOGRAPHED, or no rule: a person without a rule has no fee, and is listed under `NO_FEE`
            return True


class LetterState(StrEnum):
    """The state of a letter."""

    OPEN = "open"
    LATE = "late"
    PART = "part"  # a part was paid
    PAID = "paid"
    CREDIT = "credit"  # the office owes the school
    CANCELLED = "cancelled"


def letter_state(total_fen: int, paid_fen: int, due: date, today: date, *, cancelled: bool) -> LetterState:
    """The state of a letter whose amount is `total_fen`."""
    if cancelled:
        return LetterState.CANCELLED
    if paid_fen == total_fen:
        return LetterState.PAID
    if paid_fen > total_fen:
        return LetterState.CREDIT
    if today > due:
        return LetterState.LATE
    return LetterState.PART if paid_fen else LetterState.OPEN


def due_on(made: date, last_day: date, soonest: date) -> date:
    """The date by which a letter must be paid: the season's last day, or `soonest` if that is later."""
    return max(last_day, soonest) if made <= last_day else soonest


@dataclass(frozen=True, slots=True)
class ClassLine:
    """A class in a letter: how many people are charged, how many credited, and the amount."""

    major: str
    class_name: str
    charged: int
    credited: int
    fen: int


@dataclass(frozen=True, slots=True)
class FeeLine:
    """How many people are charged (or credited: a negative fee) at one price."""

    fen: int
    heads: int


def fee_lines(items: Sequence[Item]) -> tuple[FeeLine, ...]:
    """The items by price, charges first."""
    often = Counter(item.fen for item in items)
    return tuple(FeeLine(fen, often[fen]) for fen in sorted(often, reverse=True))


def check_fee(fen: int) -> int:
    """Check a school's fee and return it. Raises `WrongRequest`."""
    if not 0 <= fen <= MOST_FEE_FEN:
        raise WrongRequest("a fee is between 0 and 1000 yuan a head")
    return fen
