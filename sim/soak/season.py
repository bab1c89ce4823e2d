"""Plays an unattended season: three booths, every working day, with all kinds of faults."""

import random
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import date, datetime, timedelta
from datetime import time as clock_time
from pathlib import Path

from kiosk.uplink.shared.paths import BoothPaths
from kiosk.uplink.storage.outbox import Outbox
from kiosk.uplink.storage.outbox_rows import ShotState
from rules.profile import load_profile
from rules.season import CHINA, SeasonTable, load_season
from sim.office.served import ServedOffice
from sim.play.register import roster
from sim.play.scenario import Graduate
from sim.season.clock import SeasonClock
from sim.soak.outages import Unattended, troubles_of_a_day
from sim.soak.season_booth import Hours, SeasonBooth
from sim.soak.season_world import PROFILE
from sim.soak.visits import Plans
from sim.twins.programs import FIRST, archive, release

YEAR = 2026
BOOTHS, VISITS = 3, 20  # how many booths there are, and how many visits each has on a day
GOOD, BAD = "0.3.0", "0.4.0"  # the version of a good release, and of a release that ends at each start
AVAILABLE = 0.995  # the share of their opening hours in which the booths must serve
_LAST_ARRIVAL = timedelta(minutes=20)  # the last visit begins this long before a part of the day ends
_BEGINS = clock_time(8)  # a day is played from this time on
_EVENING = timedelta(hours=2)
_SENT = timedelta(hours=8)
_SHOWN_AFTER_S = 60.0
"""An outage shorter than this may end before the screen names a fault."""
_MOST_ROWS = 900
"""How many people are on the roster: one page of the feed. They come again and again, because nobody approves their
photos."""


def unattended(folder: Path, seed: int, days: int | None, each_day: Callable[[date, Unattended], None]) -> Unattended:
    """Play the first `days` working days of the season in `folder` (new); None: all of them."""
    table = load_season(load_profile(PROFILE).season)
    play_days = table.window_days(YEAR)[:days]
    found, begun, processor = Unattended(seed, len(play_days)), time.monotonic(), time.process_time()
    with ExitStack() as opened:
        clock = SeasonClock(datetime.combine(play_days[0], _BEGINS, CHINA))
        office = ServedOffice(folder / "office", clock, lambda: clock.now_ns() / 1e9)
        opened.callback(office.close)
        office.give_roster(roster(tuple(Graduate(seed=number) for number in range(2, _MOST_ROWS + 1))))
        booths = []
        for number in range(2, BOOTHS + 2):  # the booth with which the office was made is not used
            name = f"booth-{number}"
            booths.append(SeasonBooth(folder / name, name, clock, office, found))
            opened.callback(booths[-1].world.close)
        season = _Season(found, clock, office, booths, table, folder)
        for at, day in enumerate(play_days):
            season.day(at, day)
            each_day(day, found)
        season.end()
    found.real_s, found.processor_s = time.monotonic() - begun, time.process_time() - processor
    return found


class _Season:
    def __init__(
        self,
        found: Unattended,
        clock: SeasonClock,
        office: ServedOffice,
        booths: list[SeasonBooth],
        table: SeasonTable,
        folder: Path,
    ) -> None:
        self._found, self._clock, self._office, self._booths = found, clock, office, booths
        self._table, self._folder = table, folder
        self._plans = Plans(found.seed, _MOST_ROWS, faulty=0.0)
        self._luck = random.Random(f"season {found.seed}")
        self._number = 0
        office.office.releases.trust("sim", FIRST.encode())

    def day(self, at: int, day: date) -> None:
        """Play one working day, until two hours after closing."""
        self._go_on_until(datetime.combine(day, _BEGINS, CHINA))
        hours = self._hours(day)
        for booth in self._booths:
            visits = []
            for moment in self._arrivals(hours):
                self._number += 1
                visits.append((moment, self._number, self._plans.next()))
            booth.plan_day(hours, visits, troubles_of_a_day(self._luck, hours[0][0], hours[-1][1]))
        self._give_releases(at)
        self._go_on_until(self._clock.now + timedelta(seconds=(hours[-1][1] - self._clock.now_ns()) / 1e9) + _EVENING)
        self._found.accounts.count(self._office, self._spools, sent=False)

    def end(self) -> None:
        """Go on until every shot was sent (the faults end in the meantime), compare what was promised with what is
        there, and judge the rules."""
        end = self._clock.now + _SENT
        while self._clock.now < end and not all(self._has_sent_all(booth) for booth in self._booths):
            self._go_on_until(self._clock.now + timedelta(minutes=30))
        found = self._found
        found.accounts.count(self._office, self._spools, sent=True)
        found.accounts.compare()
        for booth in self._booths:
            state = booth.world.machine.state
            back = tuple(one.version for one in state.refusals if one.went_back)
            found.versions[booth.booth_id] = booth.world.machine.runs(), back
        found.broken += found.accounts.broken
        if found.availability < AVAILABLE:
            found.broken.append(f"the booths served {found.availability:.3%} of their time, less than {AVAILABLE:.1%}")
        found.broken += [
            f"{one.booth} {one.begun:%m-%d %H:%M}: {sorted(one.causes)} needed a person and the screen did not say so"
            for one in found.outages
            if one.hands and not one.shown_faults and one.seconds > _SHOWN_AFTER_S
        ]

    def _hours(self, day: date) -> Hours:
        return [
            (self._ns(datetime.combine(day, part.opens, CHINA)), self._ns(datetime.combine(day, part.closes, CHINA)))
            for part in self._table.hours_of(day)
        ]

    def _arrivals(self, hours: Hours) -> list[int]:
        """The moments of a day's visits. They are spread over its hours, so longer parts of the day have more
        visits."""
        last_ns = round(_LAST_ARRIVAL.total_seconds() * 1e9)
        parts = [(opens, closes - last_ns) for opens, closes in hours]
        chosen = self._luck.choices(parts, [closes - opens for opens, closes in parts], k=VISITS)
        return sorted(self._luck.randrange(opens, closes) for opens, closes in chosen)

    def _give_releases(self, at: int) -> None:
        """After a quarter of the season give out a good release, and after half of it a release that ends at each
        start."""
        days = self._found.days
        for version, on in ((GOOD, days // 4), (BAD, days // 2)):
            if at != on:
                continue
            path = self._folder / f"{version}.release"
            packed = archive({"bin/kiosk": b"#!/bin/sh\n", "lib/version": version.encode()})
            path.write_bytes(release(version, packed))
            self._office.office.releases.add("sim", path)
            self._office.office.releases.give("sim", version, [booth.booth_id for booth in self._booths])
            for booth in self._booths:
                booth.world.starts_badly.add(BAD)

    def _go_on_until(self, moment: datetime) -> None:
        end_ns = self._ns(moment)
        while (now_ns := self._clock.now_ns()) < end_ns:
            due_ns = min(booth.due_ns for booth in self._booths)
            if due_ns > now_ns:
                self._clock.advance(min(due_ns, end_ns) - now_ns)
            for booth in self._booths:
                if booth.due_ns <= self._clock.now_ns():
                    booth.turn()

    @property
    def _spools(self) -> list[Path]:
        return [BoothPaths(booth.world.config.storage.folder).spool for booth in self._booths]

    @staticmethod
    def _has_sent_all(booth: SeasonBooth) -> bool:
        with Outbox(BoothPaths(booth.world.config.storage.folder).outbox) as outbox:
            counts = outbox.counts()
        return counts[ShotState.KEPT] + counts[ShotState.RECEIVED] == 0

    def _ns(self, moment: datetime) -> int:
        return self._clock.now_ns() + (moment - self._clock.now) // timedelta(microseconds=1) * 1000
