"""Money in fen: read, shown, and in the words of Chinese paper."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from center.billing.money import MOST_FEN, in_words, read_yuan, show_yuan
from center.platform.faults import WrongRequest

AMOUNTS = st.integers(-MOST_FEN + 1, MOST_FEN - 1)
DIGITS = "零壹贰叁肆伍陆柒捌玖"
PLACES = {"拾": 10, "佰": 100, "仟": 1000}


def spoken(words: str) -> int:
    """The fen that words say, by a reader of its own."""
    sign = -1 if words.startswith("负") else 1
    words = words.removeprefix("负").removesuffix("整")
    yuan, parted, rest = words.partition("元")
    if not parted:
        yuan, rest = "", words
    total = group = digit = 0
    for sign_of in yuan:
        if sign_of in DIGITS:
            digit = DIGITS.index(sign_of)
        elif sign_of in PLACES:
            group, digit = group + digit * PLACES[sign_of], 0
        elif sign_of == "万":
            total, group, digit = total + (group + digit) * 10_000, 0, 0
        else:
            assert sign_of == "亿"
            total, group, digit = (total + group + digit) * 100_000_000, 0, 0
    fen = (total + group + digit) * 100
    for place, worth in (("角", 10), ("分", 1)):
        before, found, rest = rest.partition(place) if place in rest else ("", "", rest)
        if found:
            fen += DIGITS.index(before.removeprefix("零") or "零") * worth
    return sign * fen


@given(AMOUNTS)
def test_what_is_shown_reads_back_to_the_fen(fen: int) -> None:
    if abs(fen) < 10**12:
        assert read_yuan(show_yuan(fen)) == fen


@given(AMOUNTS)
def test_the_words_say_the_same_amount(fen: int) -> None:
    words = in_words(fen)
    assert spoken(words) == fen
    assert "零零" not in words
    assert words.endswith(("整", "分"))


@pytest.mark.parametrize(
    ("fen", "words"),
    [
        (0, "零元整"),
        (1, "壹分"),
        (10, "壹角整"),
        (1_200, "壹拾贰元整"),
        (216_000, "贰仟壹佰陆拾元整"),
        (10_050, "壹佰元伍角整"),
        (10_005, "壹佰元零伍分"),
        (1_000_100, "壹万零壹元整"),
        (100_010_000, "壹佰万零壹佰元整"),
        (10_000_000_100, "壹亿零壹元整"),
        (-1_250, "负壹拾贰元伍角整"),
    ],
)
def test_words_as_a_clerk_writes_them(fen: int, words: str) -> None:
    assert in_words(fen) == words


@pytest.mark.parametrize("text", ["", "abc", "1.234", "1.2.3", "--1", "1e3", "９9999999999", "12345678901"])
def test_what_is_no_amount_is_refused_with_the_way_it_is_written(text: str) -> None:
    with pytest.raises(WrongRequest, match=r"1234\.50"):
        read_yuan(text)


@pytest.mark.parametrize(("text", "fen"), [("1,234.5", 123_450), ("¥12", 1_200), ("12元", 1_200), (" 0.05 ", 5)])
def test_amounts_are_read_as_people_write_them(text: str, fen: int) -> None:
    assert read_yuan(text) == fen
