"""Where lines break."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.ui.painter.wrap import NEVER_FIRST, NEVER_LAST, wrap


def wide(text: str) -> float:
    """Ideographs are 2 wide, all else 1."""
    return sum(2 if ord(char) >= 0x2E80 else 1 for char in text)


def test_latin_breaks_between_words_only() -> None:
    assert wrap("Move a little to your left", wide, 14) == ["Move a little", "to your left"]


def test_lines_are_as_even_as_can_be() -> None:
    assert wrap("一二三四五六七", wide, 12) == ["一二三四", "五六七"]


def test_a_line_never_begins_with_a_closing_mark() -> None:
    assert wrap("一二三四五，六七", wide, 10) == ["一二三四", "五，六七"]


def test_a_break_after_a_pause_wins_over_a_torn_word() -> None:
    assert wrap("请放低发髻，再拍一张", wide, 18) == ["请放低发髻，", "再拍一张"]


@pytest.mark.parametrize("width", range(22, 37, 2))
@pytest.mark.parametrize(
    "name", ["南京信息工程大学滨江学院（继续教育）", "江苏科技大学苏州理工学院", "南京航空航天大学金城学院（吴中）"]
)
def test_a_schools_name_is_broken_between_its_parts(name: str, width: int) -> None:
    for line in wrap(name, wide, width)[:-1]:
        assert line.endswith(("大学", "学院", "）")), wrap(name, wide, width)


def test_the_last_line_may_be_short_but_not_lonely() -> None:
    assert wrap("aa bb cc dd ee f", wide, 14, last_free=True) == ["aa bb cc", "dd ee f"]


def test_a_newline_always_breaks() -> None:
    assert wrap("再拍一张\n最后一次", wide, 99) == ["再拍一张", "最后一次"]


def test_a_word_too_long_keeps_a_line_of_its_own() -> None:
    assert wrap("a incomprehensible b", wide, 6) == ["a", "incomprehensible", "b"]


@given(st.text(alphabet="一二三，。（）abc", max_size=40), st.integers(4, 40))
def test_nothing_is_lost_and_marks_stay_where_they_belong(text: str, width: int) -> None:
    lines = wrap(text, wide, width)
    assert "".join(lines) == text
    for before, after in pairwise(lines):
        assert after[0] not in NEVER_FIRST
        assert before[-1] not in NEVER_LAST
