"""One booth on a day of an unattended season: its visits, its faults, and how long it could not serve."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from kiosk.core.events import Action
from kiosk.core.session.state import State
from sim.office.served import ServedOffice
from sim.play.breakdown import BREAKDOWNS
from sim.play.record import Record
from sim.play.scenario import Expect, Scenario
from sim.play.world import TURN_NS
from sim.season.clock import SeasonClock
from sim.season.visitors import drawn_button
from sim.soak.accounts import ASKS, Visit
from sim.soak.eye import Seat
from sim.soak.grey import SeatedStage
from sim.soak.outages import Outage, Trouble, Unattended
from sim.soak.season_world import OwnClock, SeasonWorld
from sim.soak.undrawn_panel import UndrawnPanel
from sim.soak.visits import CATALOGUE, Plan

SECOND_NS = 1_000_000_000
_QUICK_NS, _READING_NS, _TROUBLED_NS = 400_000_000, 800_000_000, SECOND_NS
_OPEN_NS, _SHUT_NS, _MINUTE_NS = 20 * SECOND_NS, 1_800 * SECOND_NS, 60 * SECOND_NS
_QUICK = frozenset({State.IDENTIFY, State.POSE, State.CAPTURE, State.SAVING})
_PATIENCE_NS = 240 * SECOND_NS
_WAITS_NS = 600 * SECOND_NS
"""A person who can't sit down within this time goes home and is not counted as a visit."""
_BOOTS_NS = 40 * SECOND_NS
"""The time from the return of the power to the start of the booth's program."""
_STARTS_NS = 8 * SECOND_NS
"""The time from the end of a program until systemd has started it again."""
_EYE_NS = 30 * SECOND_NS
"""When the simulation changes a booth's eye, at most this much of the following time does not count."""
_IN_VAIN_NS = 60 * SECOND_NS
"""If somebody can't begin for this long although the seat is empty, the booth does not serve, whatever its screen
says."""
_UNSYNCED_BY_S = -3 * 3600.0

Hours = Sequence[tuple[int, int]]
"""The times of a day at which the booth is open: (from, to) in nanoseconds of the season."""


class SeasonStage(SeatedStage):
    """The booth's stage. Buttons are touched by name, if the panel would draw them."""

    def touch(self, action: Action, arg: str) -> bool:
        """See `Stage`."""
        booth = self.world.booth
        if booth.loop.view is None or not drawn_button(booth.loop.view, action, arg):
            return False
        assert isinstance(booth.shell, UndrawnPanel)
        booth.shell.press(action, arg)
        return True


@dataclass(slots=True)
class _Coming:
    at_ns: int
    number: int
    plan: Plan


class SeasonBooth:
    """One booth of the season, which adds what it sees to `found`. `due_ns`: when it needs its next turn."""

    def __init__(
        self, folder: Path, booth_id: str, season: SeasonClock, office: ServedOffice, found: Unattended
    ) -> None:
        self.booth_id, self._season, self._found = booth_id, season, found
        self._seat = Seat(photos=found.accounts.photos)
        self.world = SeasonWorld(folder, booth_id, OwnClock(season), office, self._seat)
        scenario = Scenario(name="unattended", summary="", graduate=(), expect=Expect(outcome="photo", states=()))
        self.stage = SeasonStage(scenario, self.world, folder)
        self.due_ns = self._looked_ns = season.now_ns()
        self._hours: Hours = ()
        self._coming: deque[_Coming] = deque()
        self._troubles: list[Trouble] = []
        self._sitting: tuple[_Coming, Record] | None = None
        self._power_ns: int | None = None  # when the power returns, or when the program is started again
        self._off_by = ""
        self._gone_ns = 0  # when the last fault ended
        self._updater_ns = 0
        self._outage: Outage | None = None
        self._eye_until_ns = 0
        self._in_vain_ns: int | None = None  # since when somebody has waited although the screen invites

    def plan_day(self, hours: Hours, visits: Sequence[tuple[int, int, Plan]], troubles: Sequence[Trouble]) -> None:
        """Set the plan of a day: opening hours, visits (moment, number, plan), faults."""
        self._hours = hours
        self._coming.extend(_Coming(*one) for one in visits)
        self._troubles += troubles
        self.due_ns = self._season.now_ns()

    @property
    def is_open(self) -> bool:
        """Whether the booth should serve now."""
        return any(opens <= self._season.now_ns() < closes for opens, closes in self._hours)

    def turn(self) -> None:
        """Do everything that is due now."""
        now_ns = self._season.now_ns()
        self._account(now_ns)
        self._break_and_repair(now_ns)
        if self._power_ns is not None and now_ns >= self._power_ns:
            self._power_ns = None
            self.world.switch_on()
        if self.world.is_on:
            self._live(now_ns)
        self.due_ns = self._next_ns(self._season.now_ns())

    def _live(self, now_ns: int) -> None:
        self._seat_and_stand(now_ns)
        self.world.turn_ns = 0
        self.stage.turn()
        if now_ns >= self._updater_ns:
            self._updater_ns = now_ns + _MINUTE_NS
            self.world.minute()
        if self.world.must_change_release():
            died = self.world.change_release()
            self._stay_off(now_ns + (1 + died) * _STARTS_NS, "release that dies" if died else "change of release")

    def _stay_off(self, until_ns: int, why: str) -> None:
        self._power_ns, self._off_by = until_ns, why

    # The visits.

    def _seat_and_stand(self, now_ns: int) -> None:
        if self._sitting is not None:
            coming, record = self._sitting
            if self.stage.is_occupied and now_ns - coming.at_ns > _PATIENCE_NS:
                self.stage.stand_up()
            if not self.stage.is_occupied:
                self._found.accounts.visits[coming.number] = Visit.of(coming.plan, record, self.stage.starts)
                self._sitting = None
                self.world.reader.take()
                if strangers := record.strangers - ASKS:
                    self._found.broken.append(f"visit {coming.number}: {sorted(strangers)} showed somebody else")
        if self._sitting is not None or not self._coming or now_ns < self._coming[0].at_ns:
            self._in_vain_ns = None
            return
        coming = self._coming[0]
        self._in_vain_ns = (self._in_vain_ns or now_ns) if self.stage.serves else None
        if self.stage.serves and self.world.look_with(vision=coming.plan.by_vision):
            self._eye_until_ns = now_ns + _EYE_NS
            self._found.eye_changes += 1
        if self.stage.rests:
            self._in_vain_ns, self._eye_until_ns = None, 0
            self._coming.popleft()
            coming.at_ns = now_ns
            self._sitting = coming, self.stage.begin(coming.number, coming.plan)
        elif now_ns - coming.at_ns > _WAITS_NS:
            self._coming.popleft()
            self._found.turned_away += 1

    # The faults.

    def _break_and_repair(self, now_ns: int) -> None:
        for trouble in self._troubles:
            if not trouble.holds and now_ns >= trouble.begins_ns:
                trouble.holds = True
                self._found.troubles[trouble.rate.what] += 1
                self._apply(trouble, begins=True)
        for trouble in [one for one in self._troubles if one.holds and now_ns >= one.ends_ns]:
            self._troubles.remove(trouble)
            self._apply(trouble, begins=False)
            self._gone_ns = now_ns

    def _apply(self, trouble: Trouble, *, begins: bool) -> None:
        what = trouble.rate.what
        if what == "power_cut":
            if begins and self.world.is_on:
                self.stage.stand_up()
                self.world.switch_off()
                self._stay_off(trouble.ends_ns + _BOOTS_NS, what)
        elif what == "clock_unsynced":
            self.world.clock.synced = not begins
            self.world.clock.jump_wall(_UNSYNCED_BY_S if begins else -_UNSYNCED_BY_S)
        elif what == "office_lost":
            BREAKDOWNS["office_down"][not begins](self.world)
        elif what == "program_starts_anew":
            if begins and self.world.is_on:
                self.world.restart()
        else:
            CATALOGUE[what][not begins](self.world)

    # What is counted.

    def _account(self, now_ns: int) -> None:
        """Count the time since the last call as served or as not served."""
        passed_s, self._looked_ns = (now_ns - self._looked_ns) / 1e9, now_ns
        if not any(opens <= now_ns - 1 < closes for opens, closes in self._hours):
            self._outage = None
            return
        if now_ns <= self._eye_until_ns:
            self._found.eye_s += passed_s
            return
        self._found.open_s += passed_s
        in_vain = self._in_vain_ns is not None and now_ns - self._in_vain_ns > _IN_VAIN_NS
        if self.world.is_on and self.stage.serves and not in_vain:
            self._outage = None
            return
        if self._outage is None:
            self._outage = Outage(self.booth_id, self._season.now)
            self._found.outages.append(self._outage)
        self._note(self._outage, passed_s, now_ns)

    def _note(self, outage: Outage, passed_s: float, now_ns: int) -> None:
        outage.seconds += passed_s
        holding = [trouble.rate for trouble in self._troubles if trouble.holds]
        stopping = [rate for rate in holding if rate.may_stop]
        outage.causes |= {rate.what for rate in stopping}
        outage.hands = outage.hands or any(rate.hands for rate in stopping)
        if not self.world.is_on:
            outage.causes.add(self._off_by)
            return
        loop = self.world.booth.loop
        if loop.begun and loop.session.state is State.CLOSED and not outage.causes:
            outage.causes.add("opens late")
        if loop.begun and self.stage.serves:
            outage.causes.add(f"nobody can begin at {loop.session.state.value}")
        if not stopping and now_ns - self._gone_ns < 120 * SECOND_NS:
            outage.after_s += passed_s
        view = loop.view
        if view is not None and view.screen is State.OUT_OF_SERVICE and view.fault:
            outage.shown_faults.add(view.fault)

    def _next_ns(self, now_ns: int) -> int:
        """When the booth needs its next turn: soon while somebody sits there or something is broken."""
        if not self.world.is_on:
            assert self._power_ns is not None
            return max(now_ns + 1, min(self._power_ns, now_ns + _TROUBLED_NS * 10))
        if self._sitting is not None:
            if self._seat.by_vision:
                return now_ns + TURN_NS
            return now_ns + (_QUICK_NS if self.world.booth.loop.session.state in _QUICK else _READING_NS)
        is_open = self.is_open
        waiting = bool(self._coming) and now_ns >= self._coming[0].at_ns
        if (
            (is_open and not self.stage.rests)
            or waiting
            or any(one.holds and is_open and one.rate.may_stop for one in self._troubles)
        ):
            return now_ns + _TROUBLED_NS
        step_ns = now_ns + (_OPEN_NS if is_open else _SHUT_NS)
        edges = [edge for part in self._hours for edge in part] + [one.at_ns for one in list(self._coming)[:1]]
        edges += [one.ends_ns if one.holds else one.begins_ns for one in self._troubles]
        return min([step_ns, *(edge for edge in edges if edge > now_ns)])
