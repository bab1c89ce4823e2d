"""A bouncing contact gives one change."""

from hypothesis import given
from hypothesis import strategies as st

from kiosk.hardware.debounce import Debounce

MS = 1_000_000


def test_a_level_counts_after_it_held() -> None:
    contact = Debounce(50)
    assert contact.feed(True, 0) is None
    assert contact.feed(True, 49 * MS) is None
    assert contact.feed(True, 50 * MS) is True
    assert contact.feed(True, 60 * MS) is None


def test_a_second_press_within_bounce_is_ignored() -> None:
    contact = Debounce(50)
    changes = [contact.feed(level, at * MS) for at, level in [(0, True), (10, False), (20, True), (60, True)]]
    assert changes == [None, None, None, None]
    assert contact.feed(True, 70 * MS) is True


@given(st.lists(st.tuples(st.booleans(), st.integers(1, 200)), max_size=50))
def test_believed_changes_alternate(levels: list[tuple[bool, int]]) -> None:
    contact, now_ms, told = Debounce(50), 0, []
    for level, wait_ms in levels:
        now_ms += wait_ms
        told.append(contact.feed(level, now_ms * MS))
    changes = [level for level in told if level is not None]
    assert changes == [bool((i + 1) % 2) for i in range(len(changes))]
