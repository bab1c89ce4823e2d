"""The half days of the season: people sit down at the booths, things break, staff decide, and two people sign for
each booth."""

from collections import Counter, deque
from collections.abc import Collection, Iterator, Sequence
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path

from center.identity.model import OpenQuestions
from center.reconciliation.model import DifferenceKind, half_day_of
from center.shots.model.staff_decision import Approve, Reject, StaffDecision
from kiosk.core.session.state import State
from rules.profile import Profile
from sim.office.fault_proxy import FaultProxy, OfficeFault
from sim.office.served import Received, ServedOffice
from sim.season.clock import SeasonClock
from sim.season.photos import scripted
from sim.season.scripted_booth import ScriptedBooth
from sim.season.vision_booth import photograph
from sim.season.visitors import SeasonVisitor
from wire.roster_change import RosterRow

TURN = timedelta(milliseconds=500)
SETTLE = timedelta(seconds=30)  # in this time devices open, and what was saved is sent
_LONGEST = timedelta(hours=2, minutes=25)  # the longest time for which the booths are open without a break
_AT_ONCE = 200
_REASONS = ("glasses", "top_contrast", "eyes_open")
SCRIPTS: dict[int, dict[str, object]] = {
    3: {"card": "unreadable", "brings": ("card", "student_card")},
    6: {"brings": ("qr", "card")},
    9: {"does": {State.CHOOSE: ("retake", "accept")}},
    12: {"does": {State.CONSENT: ("language",)}},
    15: {"does": {State.POSE: ("leave",)}},  # this graduate leaves and comes again
    17: {"brings": ("exam_slip",)},
}
"""By the number of a visitor among twenty: what this visitor does in place of the usual things."""


class HalfDays:
    """Booths and staff on the half days of the season. `shots`: for each shot, the person in front of the camera.

    `faults` counts the things that were broken on purpose.
    """

    def __init__(
        self, office: ServedOffice, clock: SeasonClock, folder: Path, profile: Profile, booths: int, vision: int
    ) -> None:
        self.shots: dict[str, SeasonVisitor] = {}
        self.faults: Counter[str] = Counter()
        self.half_days: dict[str, int] = {}
        self.by_vision = 0
        self._office, self._clock, self._folder, self._profile = office, clock, folder, profile
        self._vision = vision
        self._photos = 0
        self._served = 0  # how many visitors have been seated
        with ExitStack() as opened:
            self._line = FaultProxy(office.url)
            self._line.start()
            opened.callback(self._line.stop)
            self._booths = []
            for number in range(2, booths + 2):  # booth 1 is the booth with real vision
                name = f"booth-{number}"
                booth = ScriptedBooth(folder / name, name, office, self._line.url, profile, clock, self._photo)
                opened.callback(booth.close)
                self._booths.append(booth)
            self._opened = opened.pop_all()

    def close(self) -> None:
        """Close the booths."""
        self._opened.close()

    def half_day(self, begin: datetime, visitors: Sequence[SeasonVisitor], *, last: bool) -> list[RosterRow]:
        """Let everybody sit down, staff decide and two people sign. Returns the roster rows of those who must come
        again."""
        self._clock.to(begin)
        before = set(self.shots)
        counted: Counter[str] = Counter()
        visitors = list(visitors)
        if self._vision:
            with_vision, visitors = visitors[: self._vision], visitors[self._vision :]
            self._vision = 0
            seen = photograph(self._office, self._clock, self._folder / "booth-1", with_vision)
            self.by_vision = len(seen)
            counted[self._office.booth_id] = len(seen)
            self.shots |= seen
            left = Counter(visitor.sits for visitor in with_vision) - Counter(visitor.sits for visitor in seen.values())
            visitors += [visitor for visitor in with_vision if visitor.sits in left]
        counted += self._sessions(begin, visitors)
        good: list[str] = []
        while new := [shot for shot in self.shots if shot not in before]:
            before |= set(new)
            received = {one.manifest.shot_id for one in self.received(new)}
            good += [shot for shot in new if shot in received]
            spoilt = sorted(set(new) - received)
            if spoilt:  # the office could not use these files, so the people are called back at once
                counted += self._sessions(begin, [self.shots[shot].doing(does={}) for shot in spoilt])
        again = self._review(good, last=last)
        self._sign(begin, counted)
        return again

    def received(self, shots: Sequence[str]) -> Iterator[Received]:
        """The envelopes of these shots that the office has; they are read in parts."""
        for start in range(0, len(shots), _AT_ONCE):
            yield from self._office.received(shots[start : start + _AT_ONCE])

    def _photo(self, visitor: SeasonVisitor) -> bytes:
        self._photos += 1
        return scripted(visitor.looks, self._photos)

    def _sessions(self, begin: datetime, visitors: Sequence[SeasonVisitor]) -> Counter[str]:
        """Let `visitors` sit down, in order, wherever a booth is free; ends when the office has all saved shots.
        Returns how many shots each booth has counted."""
        waiting, counted = deque(visitors), Counter[str]()
        seated: dict[str, SeasonVisitor] = {}
        open_from = self._clock.now + SETTLE
        settled = timedelta()
        down_at, up_at = self._served + len(visitors) // 3, self._served + len(visitors) // 2
        while waiting or seated or settled < SETTLE or not self._has_sent_all():
            assert self._clock.now < begin + _LONGEST, self._what_waits(waiting)
            self._clock.to(self._clock.now + TURN)
            for booth in self._booths:
                if booth.is_empty and booth.booth_id in seated:
                    self._leaves(booth, seated.pop(booth.booth_id), waiting, counted)
                if booth.is_inviting and waiting and self._clock.now > open_from:
                    seated[booth.booth_id] = waiting.popleft()
                    self._sits_down(booth, seated[booth.booth_id], down_at, up_at)
                booth.turn()
            settled = timedelta() if waiting or seated else settled + TURN
            if settled:
                self._line.heal()
        return counted

    def _has_sent_all(self) -> bool:
        return all(booth.has_sent_all for booth in self._booths)

    def _what_waits(self, waiting: Collection[SeasonVisitor]) -> str:
        """A description of what still prevents the half day from ending."""
        booths = [
            f"{booth.booth_id} on {booth.loop.session.state.value} with {booth.uplink.counts()}"
            for booth in self._booths
        ]
        return f"the half day does not end: {len(waiting)} wait; {'; '.join(booths)}"

    def _sits_down(self, booth: ScriptedBooth, visitor: SeasonVisitor, down_at: int, up_at: int) -> None:
        self._served += 1
        at = self._served
        booth.seat(visitor)
        if at == down_at and up_at > down_at + 2:
            self._line.break_with(OfficeFault.DOWN)
            self.faults["office_down"] += 1
        if at == up_at:
            self._line.heal()
        if at % 25 == 3:
            self._line.next_faults.append(OfficeFault.CUT_BODY)
            self.faults["torn"] += 1
        if at % 30 == 5:
            self._line.next_faults.append(OfficeFault.CUT_ANSWER)
            self.faults["sent_twice"] += 1
        if at % 40 == 7:
            booth.devices.spoils = True
            self.faults["spoilt"] += 1
        if at % 60 == 31:
            booth.switch_off_and_on()
            self.faults["power_cut"] += 1

    def _leaves(
        self, booth: ScriptedBooth, visitor: SeasonVisitor, waiting: deque[SeasonVisitor], counted: Counter[str]
    ) -> None:
        new = booth.shot_ids() - self.shots.keys()
        assert len(new) <= 1, "one visit saves one shot"
        if new:
            self.shots[new.pop()] = visitor
            counted[booth.booth_id] += 1
        else:
            self.faults["came_again"] += 1
            waiting.append(visitor.doing(does={}))

    def _review(self, shots: Sequence[str], *, last: bool) -> list[RosterRow]:
        rejected = []
        for at, shot_id in enumerate(shots):
            reject = at % 15 == 4 and not (last and at % 2)
            self._decide(shot_id, Reject((_REASONS[at % 3],)) if reject else Approve())
            if reject:
                rejected.append(self.shots[shot_id].row)
        self._clock.to(self._clock.now + timedelta(minutes=5))
        return rejected

    def _decide(self, shot_id: str, decision: StaffDecision) -> None:
        office = self._office.office
        shot = office.queue.claim("anna", shot_id)
        try:
            office.queue.decide("anna", shot_id, shot.version, decision)
        # this person showed only a student card, so staff compare the photo with the school's papers
        except OpenQuestions:
            shot = office.identity_answers.confirm("anna", shot_id, shot.version)
            office.queue.decide("anna", shot_id, shot.version, decision)

    def _sign(self, begin: datetime, counted: Counter[str]) -> None:
        """Anna enters the count that the booth's own files give and explains the damaged shots; she and Ben sign."""
        reconciliations = self._office.office.reconciliations
        for booth in sorted({*counted, *(one.booth_id for one in self._booths)}):
            half_day = half_day_of(booth, begin)
            self._clock.to(half_day.end)
            reconciliations.count("anna", half_day, counted[booth])
            for one in reconciliations.of(half_day).differences:
                assert one.kind is DifferenceKind.SPOILT, one
                reconciliations.explain("anna", half_day, one.key, "图像文件损坏，已重拍")
            sheet = reconciliations.of(half_day)
            assert not reconciliations.sign("anna", half_day, sheet.digest)
            assert reconciliations.sign("ben", half_day, sheet.digest)
            self.half_days[half_day.subject] = len(sheet.shots)
