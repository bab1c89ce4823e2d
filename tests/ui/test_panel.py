"""What a panel can show, from its size and height."""

import pytest

from kiosk.ports.config import DisplayConfig
from kiosk.ui.panel import Panel


def panel(inches: float, edge_mm: int | None = None, size: tuple[int, int] = (720, 1280)) -> Panel:
    return Panel.of(DisplayConfig(size=size, diagonal_inch=inches, lower_edge_mm=edge_mm))


def test_targets_measure_15_mm_from_7_inches_on() -> None:
    assert panel(7.0).target_mm == pytest.approx(14.9, abs=0.06)
    assert panel(7.0).large
    assert not panel(6.5).large


def test_a_panel_of_other_proportions_shows_a_narrower_page() -> None:
    tall, wide = panel(15.6, size=(1080, 1920)), panel(15.6, size=(1200, 1920))
    assert wide.unit_mm < tall.unit_mm * 1.0
    assert wide.unit_mm == pytest.approx(1.5 * 15.6 * 25.4 / (1200**2 + 1920**2) ** 0.5)


def test_without_a_known_height_there_is_no_low_reach() -> None:
    assert panel(21.5).low is None


def test_the_page_is_moved_down_to_between_800_and_1100_mm() -> None:
    low = panel(21.5, 850).low
    assert low is not None
    assert low.bottom == 1280
    assert low.scale == pytest.approx(250 / (1280 * panel(21.5).unit_mm))


def test_a_panel_that_begins_below_800_mm_is_used_from_there_on() -> None:
    low = panel(32.0, 600).low
    assert low is not None
    assert low.bottom == pytest.approx(1280 - 200 / panel(32.0).unit_mm)


def test_a_panel_that_lies_within_reach_needs_no_low_reach() -> None:
    assert panel(7.0, 820).low is None


def test_a_small_panel_high_up_cannot_be_brought_within_reach() -> None:
    assert panel(7.0, 1_050).low is None
    assert panel(10.1, 1_200).low is None


def test_each_session_begins_with_large_text_where_only_that_is_read_at_70_cm() -> None:
    assert not panel(7.0).readable
    assert not panel(7.0).begins_large, "large text is too small there, too"
    assert panel(10.1).readable
    assert panel(10.1).begins_large
    assert panel(15.6).readable
    assert not panel(15.6).begins_large
