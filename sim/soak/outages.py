"""What breaks in a season, how often, and how it ends; and the result, with the times in which a booth could not
serve."""

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sim.soak.accounts import Accounts

MINUTE_S, HOUR_S = 60.0, 3_600.0


@dataclass(frozen=True, slots=True)
class Rate:
    """At one booth `what` happens on one working day in `days`, and lasts for a time within `lasts_s` (from, to).

    `hands`: only a person can repair it, and needs a time within `lasts_s` for this. Otherwise the fault ends by
    itself, or the booth recovers without help.
    """

    what: str
    days: float
    lasts_s: tuple[float, float]
    hands: bool = False

    @property
    def may_stop(self) -> bool:
        """Whether the booth may have to stop serving because of this fault. A booth continues without the office, the
        voice, a scanner or the right time.
        """
        return not self.what.startswith(("office_", "speaker", "scanner", "clock_unsynced"))


_SHORT, _MINUTES, _A_WHILE = (10.0, 60.0), (MINUTE_S, 10 * MINUTE_S), (5 * MINUTE_S, 40 * MINUTE_S)
_LINE = ("slow", "error", "cut", "cut_answer", "answers_twice", "wrong_digest", "busy", "portal")
RATES = (
    Rate("camera_stalls", 8, _SHORT),
    Rate("camera_never_returns", 20, _SHORT),
    Rate("camera_hangs_in_close", 40, (MINUTE_S, 3 * MINUTE_S)),
    Rate("camera_unplugged", 150, _A_WHILE, hands=True),
    Rate("reader_unplugged", 20, _A_WHILE, hands=True),
    Rate("reader_silent", 30, _MINUTES, hands=True),
    Rate("reader_garbled", 30, _MINUTES),
    Rate("scanner_unplugged", 30, _A_WHILE, hands=True),
    Rate("speaker_unplugged", 40, _A_WHILE, hands=True),
    Rate("lamp_left_dead", 150, _A_WHILE, hands=True),
    Rate("lamp_right_dead", 150, _A_WHILE, hands=True),
    Rate("disk_full", 75, _MINUTES),
    Rate("disk_read_only", 150, _MINUTES, hands=True),
    Rate("disk_slow", 20, _MINUTES),
    Rate("office_down", 5, (10 * MINUTE_S, 3 * HOUR_S)),
    Rate("office_lost", 75, (20 * HOUR_S, 30 * HOUR_S)),
    *(Rate(f"office_{how}", 15, (MINUTE_S, 30 * MINUTE_S)) for how in _LINE),
    Rate("office_revoked", 150, _A_WHILE, hands=True),
    Rate("clock_unsynced", 20, (HOUR_S, 5 * HOUR_S)),
    Rate("clock_jumps", 75, _SHORT),
    Rate("program_starts_anew", 15, (0.0, 0.0)),
    Rate("power_cut", 15, (MINUTE_S, 2 * MINUTE_S)),
)
"""Everything that breaks in a season. The figures are assumed, because nobody has run such booths for a season. They
are meant to be worse than reality."""


@dataclass(slots=True)
class Trouble:
    """One thing that breaks at one booth, with its begin and its end. `holds`: whether it is broken now."""

    rate: Rate
    begins_ns: int
    ends_ns: int
    holds: bool = False


def troubles_of_a_day(luck: random.Random, opens_ns: int, closes_ns: int) -> list[Trouble]:
    """What breaks at one booth on a working day while it is open, in order."""
    found = []
    for rate in RATES:
        if luck.random() < 1 / rate.days:
            begins_ns = luck.randrange(opens_ns, closes_ns)
            found.append(Trouble(rate, begins_ns, begins_ns + round(luck.uniform(*rate.lasts_s) * 1e9)))
    return sorted(found, key=lambda one: one.begins_ns)


@dataclass(slots=True)
class Outage:
    """A time in which a booth should have served and did not. `causes`: what was broken; `shown_faults`: the faults
    that the screen showed to staff, each with its remedy."""

    booth: str
    begun: datetime
    causes: set[str] = field(default_factory=set)
    shown_faults: set[str] = field(default_factory=set)
    seconds: float = 0.0
    after_s: float = 0.0  # how long the outage lasted after its last cause had ended
    hands: bool = False


@dataclass(slots=True)
class Unattended:
    """The result of an unattended season, to which each of its booths adds.

    `open_s`: how many seconds the booths should have served; `outages`: the times in which they did not. `eye_s`: the
    seconds that do not count because the simulation was changing a booth's eye, in `eye_changes` restarts. `versions`:
    the release that each booth runs at the end, and the releases it will never start again.
    """

    seed: int
    days: int = 0
    accounts: Accounts = field(default_factory=Accounts)
    troubles: Counter[str] = field(default_factory=Counter)
    outages: list[Outage] = field(default_factory=list)
    open_s: float = 0.0
    eye_s: float = 0.0
    eye_changes: int = 0
    versions: dict[str, tuple[str, tuple[str, ...]]] = field(default_factory=dict)
    turned_away: int = 0
    broken: list[str] = field(default_factory=list)
    real_s: float = 0.0
    processor_s: float = 0.0

    @property
    def availability(self) -> float:
        """In which share of their opening hours the booths served, 0..1."""
        return 1 - sum(one.seconds for one in self.outages) / self.open_s


def by_cause(outages: Sequence[Outage]) -> dict[str, list[Outage]]:
    """The outages grouped by cause; the group with the longest total comes first. Several causes at once are a group of
    their own."""
    found: dict[str, list[Outage]] = {}
    for one in outages:
        found.setdefault(" + ".join(sorted(one.causes)) or "nothing broken", []).append(one)
    return dict(sorted(found.items(), key=lambda pair: -sum(one.seconds for one in pair[1])))


def words(seconds: float) -> str:
    """A time as hours, minutes and seconds."""
    return str(timedelta(seconds=round(seconds)))
