"""The simulated crowd: habits as they were written down, seats taken one after the other, visits in the real booth."""

import random
import statistics
from pathlib import Path

import pytest

from kiosk.core.session.state import State
from sim.crowd.habits import CHOOSE, LAY_CARD, READ, TIDY, WALK_IN, Seconds, crowd_person
from sim.crowd.rehearsal import Visit, visit
from sim.crowd.report import BEGIN, END, chart, figures, renew
from sim.crowd.seats import CLOSES_S, an_hour, deadline_day


@pytest.mark.parametrize("seconds", [WALK_IN, READ, LAY_CARD, TIDY, CHOOSE])
def test_times_have_their_median_and_90th_percentile(seconds: Seconds) -> None:
    luck = random.Random(1)
    drawn = sorted(seconds.draw(luck) for _ in range(20_000))
    assert statistics.median(drawn) == pytest.approx(seconds.median, rel=0.05)
    assert drawn[18_000] == pytest.approx(seconds.p90, rel=0.05)


def test_a_crowd_is_the_same_for_the_same_seed_and_has_its_shares() -> None:
    people = [crowd_person(number, 1) for number in range(4_000)]
    assert people[:50] == [crowd_person(number, 1) for number in range(50)]
    assert people[0] != crowd_person(0, 2)
    seen = [one.graduate for one in people]
    assert sum(one.brings == ("student_card",) for one in seen) == pytest.approx(160, abs=40)
    assert sum(one.pose.smile > 0 or one.pose.mouth > 0 for one in seen) == pytest.approx(1_400, abs=100)
    assert sum(State.CHOOSE in one.does for one in seen) == pytest.approx(480, abs=70)


def test_a_booth_serves_one_after_the_other_and_three_serve_three_times_as_many() -> None:
    assert an_hour(lambda _: 60.0, 1, 1) == pytest.approx(60)
    assert an_hour(lambda _: 60.0, 3, 1) == pytest.approx(180)


def test_on_the_deadline_day_nobody_waits_before_quick_booths_and_slow_ones_leave_people_unserved() -> None:
    quick = deadline_day(lambda _: 0.0, 3, 1)
    assert quick.unserved == 0
    assert len(quick.waited_s) == 600
    slow = deadline_day(lambda _: 600.0, 1, 1)
    assert slow.unserved == 600 - len(slow.waited_s) > 500
    assert max(slow.waited_s) < CLOSES_S


def test_a_visit_in_the_real_booth_ends_with_a_photo_and_its_seconds_are_reported(tmp_path: Path) -> None:
    person = crowd_person(3, 1)
    seen = visit(person, tmp_path)
    assert seen.photo
    assert seen.takes >= 1
    assert seen.seconds["identify"] > person.graduate.pace.fetch_s
    assert seen.seconds["prepare"] > person.graduate.pace.tidy_s
    assert 0 < seen.waited_s < seen.total_s


def test_the_report_is_renewed_between_its_marks(tmp_path: Path) -> None:
    visits = [Visit("touch", {"read": 10.0, "pose": 20.0}, 2.0, 1, first_try=True, photo=True)]
    page = tmp_path / "crowd.md"
    page.write_text(f"above\n{BEGIN}\nold\n{END}\nbelow\n", encoding="utf-8")
    renew(page, figures(visits, 100, 3, 1), visits)
    renewed = page.read_text(encoding="utf-8")
    assert renewed.startswith("above\n")
    assert renewed.endswith("below\n")
    assert "old" not in renewed
    assert "1 of 1" in renewed
    assert "20.0 s" in chart(visits)
    assert (tmp_path / "pictures" / "crowd.svg").is_file()
