"""Scanned codes: every chunking of key events and bytes, every end, what is lost on the way, and what a code may be."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.core.events import CodeKind
from kiosk.core.scan.codes import Repeats, Scan, classify
from kiosk.core.scan.framing import LONGEST_CODE, QUIET_MS, Framer
from kiosk.core.scan.keys import EVENT, TYPING_PAUSE_MS, KeyDecoder
from sim.twins.input_node import End, dropped, typed, typed_by_number

MS = 1_000_000
TYPEABLE = st.text("0123456789ABCDEFXYZabcxyz-_:/?=+.", min_size=1, max_size=40)
NUMBERS = st.text("0123456789", min_size=8, max_size=12)
CUTS = st.lists(st.integers(1, 400), max_size=30)


def in_pieces(data: bytes, cuts: list[int]) -> list[bytes]:
    pieces, start = [], 0
    for cut in cuts:
        pieces.append(data[start : start + cut])
        start += cut
    return [*pieces, data[start:]]


class Listening:
    """A decoder that is asked every 10 ms, as the booth's worker does."""

    def __init__(self, decoder: KeyDecoder | Framer) -> None:
        self.decoder = decoder
        self.codes: list[bytes] = []
        self.now_ms = 0

    def hear(self, data: bytes, cuts: list[int] | None = None) -> None:
        """Take one transmission in pieces, and the silence after it."""
        for piece in in_pieces(data, cuts or []):
            self.codes += self.decoder.feed(piece, self.now_ms * MS)
            self.now_ms += 1
        self.wait(TYPING_PAUSE_MS + 10)

    def wait(self, ms: int) -> None:
        for _ in range(0, ms, 10):
            self.now_ms += 10
            self.codes += self.decoder.feed(b"", self.now_ms * MS)


def key(code: int, value: int = 1) -> bytes:
    return EVENT.pack(0, 0, 1, code, value)


@given(st.lists(TYPEABLE, min_size=1, max_size=3), st.sampled_from(End), CUTS)
def test_typed_codes_are_read_in_every_chunking_with_every_end(texts: list[str], end: End, cuts: list[int]) -> None:
    scanner = Listening(KeyDecoder())
    for text in texts:
        scanner.hear(typed(text, end), cuts)
    assert scanner.codes == [text.encode() for text in texts]


@given(st.binary(min_size=1, max_size=20).filter(lambda data: not set(data) & set(b"\r\n\t\2\3\4\0")), CUTS)
def test_codes_typed_by_their_numbers_are_read(data: bytes, cuts: list[int]) -> None:
    scanner = Listening(KeyDecoder())
    scanner.hear(typed_by_number(data), cuts)
    assert scanner.codes == [data]


def test_an_enter_typed_by_its_number_ends_a_code_and_gbk_is_two_bytes() -> None:
    scanner = Listening(KeyDecoder())
    alt_53947 = key(56) + b"".join(key(code) for code in (6, 4, 10, 5, 8)) + key(56, 0)
    scanner.hear(alt_53947 + typed_by_number(b"12345\r", End.PAUSE))
    assert scanner.codes == ["一".encode("gbk") + b"12345"]


@given(st.binary(max_size=500))
def test_the_key_decoder_never_raises(data: bytes) -> None:
    scanner = Listening(KeyDecoder())
    scanner.hear(data)
    assert all(0 < len(code) <= LONGEST_CODE for code in scanner.codes)


@given(
    st.lists(NUMBERS, min_size=1, max_size=4),
    st.sampled_from([end for end in End if end is not End.PAUSE]),
    st.booleans(),
    st.data(),
)
def test_events_the_kernel_dropped_never_make_another_number(
    numbers: list[str], end: End, by_number: bool, data: st.DataObject
) -> None:
    scanner = Listening(KeyDecoder())
    for number in numbers:
        events = typed_by_number(number.encode(), end) if by_number else typed(number, end)
        count = len(events) // EVENT.size
        start = data.draw(st.integers(0, count))
        stop = data.draw(st.integers(start, count))
        broken = events[: start * EVENT.size] + dropped() + events[stop * EVENT.size :]
        scanner.hear(broken, data.draw(CUTS))
        scanner.hear(events)
    assert [code.decode() for code in scanner.codes] == numbers


def test_after_dropped_events_no_key_counts_as_held() -> None:
    scanner = Listening(KeyDecoder())
    scanner.hear(key(42) + key(29) + key(56) + dropped() + typed("12345"))
    scanner.hear(typed("a1234"))
    assert scanner.codes == [b"a1234"]


@given(st.lists(st.tuples(NUMBERS, st.integers(1, 11)), min_size=1, max_size=4), st.sampled_from([End.ENTER, End.TAB]))
def test_a_number_that_is_cut_off_is_nobodys(broken: list[tuple[str, int]], end: End) -> None:
    """A scanner that has ended codes with a mark has not finished one that ends without."""
    scanner = Listening(KeyDecoder())
    scanner.hear(typed("20210101234", end))
    told: list[bytes] = []
    for number, keys in broken:
        half = typed(number[:keys], End.PAUSE)
        if not told or told[-1] != half:
            scanner.hear(half)
        told.append(half)
    assert scanner.codes == [b"20210101234"]


def test_a_scanner_that_was_set_to_no_end_mark_is_understood_at_the_second_scan() -> None:
    scanner = Listening(KeyDecoder())
    scanner.hear(typed("11111"))
    for _ in range(3):
        scanner.hear(typed("22222", End.PAUSE))
    assert scanner.codes == [b"11111", b"22222", b"22222"]


def test_what_came_while_nobody_looked_is_not_put_together() -> None:
    for decoder in (KeyDecoder(), Framer()):
        send = typed if isinstance(decoder, KeyDecoder) else lambda text, end: text.encode()
        assert decoder.feed(send("2021", End.PAUSE), 0) == []
        assert decoder.feed(send("12345", End.PAUSE), 2_000 * MS) == []
        assert decoder.feed(b"", 3_000 * MS) == []
        decoder.feed(send("67890", End.PAUSE), 4_000 * MS)
        assert decoder.feed(b"", 4_400 * MS) == [b"67890"]


def test_a_held_key_that_repeats_is_one_character() -> None:
    scanner = Listening(KeyDecoder())
    scanner.hear(key(2) + key(2, 2) * 5 + key(2, 0) + typed("2345"))
    assert scanner.codes == [b"12345"]


def test_keypad_digits_are_digits_and_num_lock_types_nothing() -> None:
    scanner = Listening(KeyDecoder())
    scanner.hear(b"".join(key(code) for code in (69, 79, 80, 81, 82, 96)))
    assert scanner.codes == [b"1230"]


def test_capitals_may_come_by_caps_lock() -> None:
    scanner = Listening(KeyDecoder())
    scanner.hear(key(58) + typed("ab", End.PAUSE) + key(58) + typed("ab-1"))
    scanner.hear(key(58) + typed("ab1"))  # what was not switched back
    scanner.hear(typed("ab1"))
    assert scanner.codes == [b"ABab-1", b"AB1", b"ab1"]


@pytest.mark.parametrize("unknown", [key(59), key(56) + key(30) + key(56, 0), key(86)])
def test_a_key_that_stands_for_nothing_makes_the_code_a_damaged_one(unknown: bytes) -> None:
    scanner = Listening(KeyDecoder())
    scanner.hear(typed("1234", End.PAUSE) + unknown + typed("5678"))
    scanner.hear(typed("12345"))
    assert scanner.codes == [b"12345"]


def test_control_characters_are_no_letters() -> None:
    stx, etx = key(29) + key(48) + key(29, 0), key(29) + key(46) + key(29, 0)
    scanner = Listening(KeyDecoder())
    scanner.hear(stx + typed("12345", End.PAUSE) + etx)
    assert scanner.codes == [b"12345"]


def test_what_is_longer_than_any_code_is_dropped_and_the_next_is_read() -> None:
    keys, line = Listening(KeyDecoder()), Listening(Framer())
    for scanner, send in ((keys, typed), (line, lambda text: text.encode() + b"\r")):
        scanner.hear(send("9" * 5000))
        scanner.hear(send("12345"))
        assert scanner.codes == [b"12345"]


@given(
    st.lists(st.binary(min_size=1, max_size=30).filter(lambda b: b.strip(b"\r\n\t\2\3\4\0") == b), max_size=4),
    st.sampled_from([b"\r", b"\n", b"\r\n", b"\t", b"\x03", b"\x04", b"\x00", b"\x03\r\n", b"\r\x00"]),
    st.sampled_from([b"", b"\x02"]),
    CUTS,
)
def test_bytes_are_read_in_every_chunking_and_framing(
    codes: list[bytes], end: bytes, start: bytes, cuts: list[int]
) -> None:
    scanner = Listening(Framer())
    for code in codes:
        scanner.hear(start + code + end, cuts)
    assert scanner.codes == codes


def test_a_code_without_an_end_is_over_after_a_pause() -> None:
    framer = Framer()
    assert framer.feed(b"2021", 0) == []
    assert framer.feed(b"0001", 50 * MS) == []
    assert framer.feed(b"", 149 * MS) == []
    assert framer.feed(b"", 150 * MS) == [b"20210001"]
    assert framer.feed(b"", 900 * MS) == []


def test_a_code_behind_a_silence_is_a_new_one() -> None:
    scanner = Listening(Framer())
    scanner.hear(b"11111")
    scanner.hear(b"22222\r")
    assert scanner.codes == [b"11111", b"22222"]


@given(
    st.lists(st.sampled_from(["20210101234", "B19010203", "name", ""]), min_size=2, max_size=5),
    st.sampled_from(["\r", "\n", "\r\n", "\t"]),
    st.sampled_from(["", "]Q1"]),
    CUTS,
)
def test_a_line_of_a_qr_code_is_nobodys_number(lines: list[str], between: str, mark: str, cuts: list[int]) -> None:
    content = between.join(lines).strip()
    scanner = Listening(Framer())
    scanner.hear(f"{mark}{content}\r".encode(), cuts)
    scans = [classify(code) for code in scanner.codes]
    if len(set(lines) - {""}) > 1 or mark:
        assert scans in ([], [None], [Scan(CodeKind.OPAQUE, content.encode())])
    assert len(scans) <= 1


def test_lines_that_come_slowly_are_one_code() -> None:
    framer = Framer()
    codes = framer.feed(b"]Q120210101234\r", 0) + framer.feed(b"", 90 * MS) + framer.feed(b"20210105678\r", 95 * MS)
    codes += framer.feed(b"", (95 + QUIET_MS) * MS)
    assert [classify(code) for code in codes] == [Scan(CodeKind.OPAQUE, b"20210101234\r20210105678")]


def test_the_same_code_twice_in_one_go_is_one() -> None:
    assert classify(b"20210101234\r20210101234") == Scan(CodeKind.STUDENT_OR_EXAM_NUMBER, "20210101234")
    assert classify(b"]C020210101234\r\n]C020210101234") == Scan(CodeKind.STUDENT_OR_EXAM_NUMBER, "20210101234")


@pytest.mark.parametrize("number", ["20210101234", "B19010203", "12345678901234", "123456789012345", "2021-01-7"])
def test_student_and_exam_numbers_are_candidates(number: str) -> None:
    assert classify(number.encode() + b" ") == Scan(CodeKind.STUDENT_OR_EXAM_NUMBER, number)


@pytest.mark.parametrize("data", [b"https://example.invalid/a?b=c", b"\x01\x05\xff\xfe", b"A" * 21, "学号".encode()])
def test_everything_else_is_opaque_bytes(data: bytes) -> None:
    assert classify(data) == Scan(CodeKind.OPAQUE, data)


def test_an_aim_identifier_says_what_kind_a_code_is() -> None:
    assert classify(b"]C020210101234") == Scan(CodeKind.STUDENT_OR_EXAM_NUMBER, "20210101234")
    assert classify(b"]Q120210101234") == Scan(CodeKind.OPAQUE, b"20210101234")
    assert classify(b"]Q1a\r]C020210101234") == Scan(CodeKind.OPAQUE, b"a\r]C020210101234")


@pytest.mark.parametrize("data", [b"", b"  ", b"]C0", b"]Q1", b"\r\n"])
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
