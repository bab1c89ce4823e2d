"""Swaps of faces that people cause: with a neighbour's card, a friend's image-collection code, or a change of person in
the seat.

Neither the booth nor the office ever compares faces. So this simulation lets such people use a real session that sends
to a real office, and counts what reveals a swap: the booth's own questions, a sex on the review page that differs from
that of the person in the photo, or the owner of the card, who comes later and finds the photo. The other swaps can only
be found by the school, which compares faces with names (校对). People with their own papers come in between, and none
of their photos may be held back.
"""

import random
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path

from center.shots.model.staff_decision import Approve, Reject
from center.web.render import sex_of
from kiosk.core.session.state import State
from rules.profile import load_profile
from sim.office.served import ServedOffice
from sim.season.clock import SeasonClock
from sim.season.days import SETTLE, TURN
from sim.season.photos import scripted
from sim.season.schools import made_schools
from sim.season.scripted_booth import ScriptedBooth
from sim.season.visitors import SeasonVisitor
from wire.roster_change import RosterRow

_MORNINGS = tuple(datetime(2026, 9, day, 1, 0, tzinfo=UTC) for day in (1, 2, 3, 4, 7, 8, 9, 10, 11, 14, 15, 16))
_MORNING = timedelta(hours=2)
_A_SCHOOL = 50
# the share of lent cards whose owner was photographed on campus; such an owner lends the card more easily
_ON_CAMPUS = 0.15
# Of the swaps that neither booth nor staff notice: after this share of them, the person comes to the booth under whose
# name the photo is filed.
_COMES_TOO = 0.7
_HONEST = 0.5  # the share of people who say no when the booth asks "is this you?" and shows another person's name
_GAPS_S = (1.0, 2.0, 4.0, 8.0)  # how long the seat is empty before the next person sits down
_BENDS_S = 4.0  # how long the seat is empty when a person picks up a bag and then continues


class Swap(StrEnum):
    """The kinds of swap."""

    CARD = "a neighbour's card"
    CODE = "a friend's code"
    SEAT = "the next one in the seat"


class Sign(StrEnum):
    """What revealed a swap first."""

    BOOTH_KNEW = "the booth: the owner was photographed on campus"
    BOOTH_ASKED = "the booth asked whether it is them"
    SEX = "staff: another sex than the ID number says"
    OWNER = "the owner came and met the photo"
    NOTHING = "nothing: only the school's 校对"
    CODE_ALONE = "nothing: face and name are right, the code is another one's"


@dataclass(frozen=True, slots=True)
class Seen:
    """The result of one swap: its kind, and the first sign of it."""

    kind: Swap
    sign: Sign


@dataclass(frozen=True, slots=True)
class _Visit:
    """The result of a visit: its shot, and the screens that were shown."""

    shot: str | None
    states: frozenset[State]


class WorldSwaps:
    """A booth and an office, where `swaps` people swap and `good` people do not."""

    def __init__(self, folder: Path, swaps: int, good: int) -> None:
        self._chance = random.Random(1)
        self._clock = SeasonClock(_MORNINGS[0])
        people = 2 * swaps + good
        schools = made_schools(-(-people // _A_SCHOOL), _A_SCHOOL)
        rows = [row for school in schools for row in school.rows]
        self._pairs, self._others = list(self._paired(rows[: 2 * swaps])), rows[2 * swaps :]
        self._swaps, self._good = swaps, good
        self._photos = 0
        self.good = self.held = 0
        self._kinds = [list(Swap)[at % len(Swap)] for at in range(swaps)]
        self._chance.shuffle(self._kinds)
        lenders = [other for kind, (_, other) in zip(self._kinds, self._pairs, strict=True) if kind is Swap.CARD]
        self._on_campus = [row for row in lenders if self._chance.random() < _ON_CAMPUS]
        with ExitStack() as opened:
            self._office = ServedOffice(
                folder.absolute() / "office",
                self._clock,
                lambda: self._clock.now_ns() / 1e9,
                undo_s=1,
                second_reviews=0,
            )
            opened.callback(self._office.close)
            self._office.give_roster(rows, self._on_campus)
            self._booth = ScriptedBooth(
                folder.absolute() / "booth-2", "booth-2", self._office, self._office.url, load_profile("jiangsu-2019"),
                self._clock, self._photo,
            )  # fmt: skip
            opened.callback(self._booth.close)
            self._opened = opened.pop_all()

    def close(self) -> None:
        """Close booth and office."""
        self._opened.close()

    def play(self) -> Iterator[Seen]:
        """Play all swaps and yield the result of each. `good` counts the people with their own papers, and `held` those
        of them whose photo was held back."""
        for at, (kind, (one, other)) in enumerate(zip(self._kinds, self._pairs, strict=True), start=1):
            yield Seen(kind, self._swap(kind, one, other))
            for row in self._others[self.good : at * self._good // self._swaps]:
                self._honest(row)

    def _paired(self, rows: Sequence[RosterRow]) -> Iterator[tuple[RosterRow, RosterRow]]:
        """Two pairs from each four rows. The sexes alternate in the rows, so neighbours differ in sex. In half of the
        fours, at random, the first row is paired with the third and the second with the fourth: these pairs are of one
        sex."""
        for start in range(0, len(rows), 4):
            first, second, *more = rows[start : start + 4]
            if len(more) == 2 and self._chance.random() < 0.5:
                yield from ((first, more[0]), (second, more[1]))
            else:
                yield first, second
                if more:
                    yield more[0], more[1]

    def _swap(self, kind: Swap, one: RosterRow, other: RosterRow) -> Sign:
        """Play a swap: `one` sits there, or sat there before; `other` owns the card or code, or sits down next."""
        match kind:
            case Swap.CARD:
                visitor = SeasonVisitor(other, face=one.student_no)
                if other in self._on_campus:  # the screen says 已有照片 and has no button to continue
                    visitor = visitor.doing(does={State.CONFIRM: ("leave",)})
                return self._judged(self._visit(visitor), shown=other, sits=one)
            case Swap.CODE:
                made = self._visit(SeasonVisitor(one, code_of=other.student_no).doing(brings=("qr", "card")))
                self._review(made.shot, one)
                return Sign.CODE_ALONE
            case Swap.SEAT:
                where = self._chance.choice((State.POSE, State.POSE, State.PREPARE))
                self._until(one, where)
                self._wait(self._chance.choice(_GAPS_S))
                honest = self._chance.random() < _HONEST
                does = {State.CONFIRM: ("not_me",)} if honest else {}
                return self._judged(self._visit(SeasonVisitor(other).doing(does=does)), shown=one, sits=other)

    def _judged(self, made: _Visit, *, shown: RosterRow, sits: RosterRow) -> Sign:
        """What reveals the swap of a visit. `shown`: the roster row whose name the photo may get; `sits`: who sits
        there."""
        if made.shot is None:
            return Sign.BOOTH_KNEW
        named = self._named(made.shot)
        if named == sits.student_no:
            self._review(made.shot, sits)
            return Sign.BOOTH_ASKED
        assert named == shown.student_no, "nobody else was there"
        if not self._review(made.shot, sits):
            return Sign.SEX
        if self._chance.random() < _COMES_TOO:
            again = self._visit(SeasonVisitor(shown))
            if again.shot is not None:
                self._review(again.shot, shown)
            assert again.shot is not None or State.APPROVED in again.states, again
            return Sign.OWNER
        return Sign.NOTHING

    def _honest(self, row: RosterRow) -> None:
        """A visit of a person with their own papers; one person in twenty picks up a bag in the middle of it."""
        self.good += 1
        if self.good % 20 == 0:
            self._until(row, State.POSE)
            self._wait(_BENDS_S)
            made = self._visit(SeasonVisitor(row))
        else:
            made = self._visit(SeasonVisitor(row))
        self.held += made.shot is None or not self._review(made.shot, row)

    # The booth.

    def _photo(self, visitor: SeasonVisitor) -> bytes:
        self._photos += 1
        return scripted(visitor.looks, self._photos)

    def _until(self, row: RosterRow, state: State) -> None:
        """Let somebody sit down, stay until this screen has been shown for a moment, and leave."""
        self._next_morning()
        self._booth.seat(SeasonVisitor(row))
        while self._booth.loop.session.state is not state:
            self._turn()
        self._turn()
        self._booth.get_up()

    def _visit(self, visitor: SeasonVisitor) -> _Visit:
        """Let somebody sit down, react to the screens and leave; the booth then sends what it has."""
        before = self._booth.shot_ids()
        if self._booth.is_inviting:
            self._next_morning()
        self._booth.seat(visitor)
        states = self._until_empty()
        while not self._booth.has_sent_all or not self._booth.is_inviting:
            self._turn()
        new = self._booth.shot_ids() - before
        return _Visit(new.pop() if new else None, states)

    def _until_empty(self) -> frozenset[State]:
        states: set[State] = set()
        while not self._booth.is_empty:
            self._turn()
            states.add(self._booth.loop.session.state)
        return frozenset(states)

    def _wait(self, seconds: float) -> None:
        end = self._clock.now + timedelta(seconds=seconds)
        while self._clock.now < end:
            self._turn()

    def _turn(self) -> None:
        self._clock.to(self._clock.now + TURN)
        self._booth.turn()

    def _next_morning(self) -> None:
        """If this morning is over, go on to the next one."""
        morning = max(one for one in _MORNINGS if one <= self._clock.now)
        if self._clock.now > morning + _MORNING:
            self._clock.to(min(one for one in _MORNINGS if one > self._clock.now))
            self._wait(SETTLE.total_seconds())

    # The office.

    def _named(self, shot_id: str) -> str:
        (received,) = self._office.received([shot_id])
        return received.manifest.person.student_no or ""

    def _review(self, shot_id: str | None, sits: RosterRow) -> bool:
        """Let staff look at a photo, and approve it unless the sex on the page differs from that of the person in it;
        returns whether they approved it."""
        assert shot_id is not None
        (received,) = self._office.received([shot_id])
        words = {"男": "male", "女": "female"}
        agrees = sex_of(received.manifest.person.id_number) in ("", words[sits.sex])
        shot = self._office.office.queue.claim("anna", shot_id)
        decision = Approve() if agrees else Reject(("other",), "照片与性别不符")
        self._office.office.queue.decide("anna", shot_id, shot.version, decision)
        self._wait(5)
        return agrees


def world_swaps(folder: Path, count: int) -> None:
    """Play `count` swaps and twice as many people with their own papers in `folder` (new), and print the results."""
    sys.stderr.write(f"sim: {count} swaps are brought to a booth, among {2 * count} people with their own papers\n")
    world = WorldSwaps(folder, count, 2 * count)
    try:
        seen = list(world.play())
    finally:
        world.close()
    sys.stdout.writelines(f"{line}\n" for line in sentences(seen, world.good, world.held))


def sentences(seen: Sequence[Seen], good: int, held: int) -> Iterator[str]:
    """The figures as sentences."""
    for kind in Swap:
        mine = [one for one in seen if one.kind is kind]
        counts = Counter(one.sign for one in mine)
        said = ", ".join(f"{counts[sign]} {sign.value}" for sign in Sign if counts[sign])
        yield f"{kind.value}: {len(mine)}: {said}"
    yield f"{held} of {good} good photos were held"
