"""One hour of an unattended season, with one booth: what is counted as served, and what as an outage.

A lamp is dead when the first of three people comes, and is replaced before the second. While the third waits, the booth
shows its usual screen and lets nobody begin.
"""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

import pytest

from rules.season import CHINA
from sim.soak import season
from sim.soak.grey import SeatedStage
from sim.soak.outages import RATES, Trouble, Unattended
from sim.soak.season import AVAILABLE, unattended
from sim.soak.season_booth import SeasonStage
from sim.soak.season_report import MARKS, lines

_LAMP = next(rate for rate in RATES if rate.what == "lamp_left_dead")
_COME = (5, 20, 36)  # minutes after opening
_MINUTE_NS = 60_000_000_000


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Unattended]:
    opens_ns = 0

    def hours(self: season._Season, day: date) -> list[tuple[int, int]]:
        nonlocal opens_ns
        opens_ns = self._ns(datetime.combine(day, time(9), CHINA))
        return [(opens_ns, opens_ns + 60 * _MINUTE_NS)]

    def rests(self: SeasonStage) -> bool:
        return bool(usual.__get__(self)) and self.world.clock.now_ns() < opens_ns + 35 * _MINUTE_NS

    usual = vars(SeatedStage)["rests"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(season, "BOOTHS", 1)
        patch.setattr(season, "_MOST_ROWS", 20)
        patch.setattr(season, "_SENT", timedelta(hours=1))
        patch.setattr(season._Season, "_hours", hours)
        patch.setattr(season._Season, "_arrivals", lambda *_: [opens_ns + at * _MINUTE_NS for at in _COME])
        patch.setattr(season, "troubles_of_a_day", lambda *_: [Trouble(_LAMP, opens_ns, opens_ns + 10 * _MINUTE_NS)])
        patch.setattr(SeasonStage, "rests", property(rests))
        yield unattended(tmp_path_factory.mktemp("unattended") / "season", 1, 1, lambda *_: None)


def test_what_was_promised_is_at_the_office_and_little_time_is_left_out(found: Unattended) -> None:
    assert found.accounts.broken == []
    assert found.accounts.shots >= 1
    assert found.open_s + found.eye_s == pytest.approx(3_600, abs=2)
    assert found.eye_s == 0, "nobody sat before real vision"


def test_a_dead_lamp_is_an_outage_with_its_remedy_on_the_screen(found: Unattended) -> None:
    told = [one for one in found.outages if "fault.lamp_dead" in one.shown_faults]
    assert told
    assert all(one.hands for one in told)
    assert not any("did not say so" in one for one in found.broken)
    page = "\n".join(lines(found))
    assert "| lamp_left_dead | A lamp does not light |" in page
    assert MARKS[0] not in page


def test_a_booth_that_lets_nobody_begin_does_not_serve_whatever_its_screen_says(found: Unattended) -> None:
    assert found.turned_away == 1
    vain = [one for one in found.outages if "nobody can begin at attract" in one.causes]
    assert sum(one.seconds for one in vain) == pytest.approx(540, abs=30), "ten minutes, of which one is granted"
    assert found.availability < AVAILABLE
    assert any("less than" in one for one in found.broken)


def test_the_release_that_dies_at_each_start_is_left(found: Unattended) -> None:
    assert found.versions == {"booth-2": ("0.2.0", (season.BAD,))}
