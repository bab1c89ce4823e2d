"""Scanned codes: every chunking of key events and bytes, ends of lines, repeats, and what a code may be."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.core.events import CodeKind
from kiosk.core.scan.codes import Repeats, Scan, classify
from kiosk.core.scan.decoders import EVENT, LONGEST_CODE, KeyDecoder, LineDecoder
from sim.twins.input_node import End, typed

MS = 1_000_000
TYPEABLE = st.text("0123456789ABCDEFXYZabcxyz-_:/?=+. ", min_size=1, max_size=40)


def in_pieces(data: bytes, cuts: list[int]) -> list[bytes]:
    pieces, start = [], 0
    for cut in cuts:
        pieces.append(data[start : start + cut])
        start += cut
    return [*pieces, data[start:]]


@given(TYPEABLE, st.sampled_from(End), st.lists(st.integers(1, 100), max_size=30))
def test_typed_codes_are_read_in_every_chunking(text: str, end: End, cuts: list[int]) -> None:
    decoder = KeyDecoder()
    lines = [line for piece in in_pieces(typed(text, end) * 2, cuts) for line in decoder.feed(piece, 0)]
    assert lines == [text.encode()] * 2


@given(st.binary(max_size=500))
def test_the_key_decoder_never_raises(data: bytes) -> None:
    assert all(0 < len(line) <= LONGEST_CODE for line in KeyDecoder().feed(data, 0))


def test_a_held_key_that_repeats_is_one_character() -> None:
    repeat = EVENT.pack(0, 0, 1, 2, 2)
    down, up = EVENT.pack(0, 0, 1, 2, 1), EVENT.pack(0, 0, 1, 2, 0)
    assert KeyDecoder().feed(down + repeat * 5 + up + typed("2"), 0) == [b"12"]


def test_a_code_broken_off_is_not_the_head_of_the_next_one() -> None:
    decoder = KeyDecoder()
    half = typed("2021")[: -len(typed(""))]
    assert decoder.feed(half, 0) == []
    assert decoder.feed(typed("12345"), 1_001 * MS) == [b"12345"]


def test_keypad_digits_are_digits() -> None:
    keys = b"".join(EVENT.pack(0, 0, 1, code, 1) for code in (79, 80, 81, 82, 96))
    assert KeyDecoder().feed(keys, 0) == [b"1230"]


def test_a_line_longer_than_any_code_is_dropped_and_the_next_is_read() -> None:
    assert KeyDecoder().feed(typed("9" * 5000) + typed("12345"), 0) == [b"12345"]
    assert LineDecoder().feed(b"9" * 5000 + b"\r12345\r", 0) == [b"12345"]


@given(
    st.lists(st.binary(min_size=1, max_size=30).filter(lambda b: not {10, 13} & set(b)), min_size=1, max_size=4),
    st.sampled_from([b"\r", b"\n", b"\r\n"]),
    st.lists(st.integers(1, 20), max_size=20),
)
def test_lines_are_read_in_every_chunking_with_every_end(codes: list[bytes], end: bytes, cuts: list[int]) -> None:
    decoder = LineDecoder()
    data = b"".join(code + end for code in codes)
    assert [line for piece in in_pieces(data, cuts) for line in decoder.feed(piece, 0)] == codes


def test_a_code_without_an_end_is_over_after_a_pause() -> None:
    decoder = LineDecoder()
    assert decoder.feed(b"2021", 0) == []
    assert decoder.feed(b"0001", 50 * MS) == []
    assert decoder.feed(b"", 149 * MS) == []
    assert decoder.feed(b"", 150 * MS) == [b"20210001"]
    assert decoder.feed(b"", 900 * MS) == []


def test_a_code_behind_a_pause_is_a_new_one() -> None:
    decoder = LineDecoder()
    decoder.feed(b"11111", 0)
    assert decoder.feed(b"22222\r", 200 * MS) == [b"11111", b"22222"]


@pytest.mark.parametrize("number", ["20210101234", "B19010203", "12345678901234", "123456789012345", "2021-01-7"])
def test_student_and_exam_numbers_are_candidates(number: str) -> None:
    assert classify(number.encode() + b" ") == Scan(CodeKind.STUDENT_OR_EXAM_NUMBER, number)


@pytest.mark.parametrize("data", [b"https://example.invalid/a?b=c", b"\x01\x02\xff\xfe", b"A" * 21, "学号".encode()])
def test_everything_else_is_opaque_bytes(data: bytes) -> None:
    assert classify(data) == Scan(CodeKind.OPAQUE, data)


def test_an_aim_identifier_says_what_kind_a_code_is() -> None:
    assert classify(b"]C020210101234") == Scan(CodeKind.STUDENT_OR_EXAM_NUMBER, "20210101234")
    assert classify(b"]Q120210101234") == Scan(CodeKind.OPAQUE, b"20210101234")


@pytest.mark.parametrize("data", [b"", b"  ", b"]C0"])
def test_nothing_is_no_code(data: bytes) -> None:
    assert classify(data) is None


def test_the_same_code_within_two_seconds_is_one_scan_and_another_is_not() -> None:
    repeats = Repeats()
    first, second = Scan(CodeKind.OPAQUE, b"1"), Scan(CodeKind.OPAQUE, b"2")
    assert not repeats.is_repeat(first, 0)
    assert repeats.is_repeat(first, 1999 * MS)
    assert not repeats.is_repeat(second, 2500 * MS)
    assert not repeats.is_repeat(first, 2600 * MS)
    assert not repeats.is_repeat(first, 4600 * MS)


def test_a_code_held_before_a_scanner_that_keeps_reading_is_one_scan() -> None:
    repeats, scan = Repeats(), Scan(CodeKind.OPAQUE, b"1")
    assert [repeats.is_repeat(scan, at * 1000 * MS) for at in range(5)] == [False, True, True, True, True]


def test_no_repr_shows_a_number() -> None:
    assert "20210101234" not in repr(classify(b"20210101234"))
