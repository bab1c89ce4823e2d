"""Frames and records of the ID-card reader: every chunking, any garbage, no wrong record, never an exception."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.core.idcard.protocol import (
    OUTCOMES,
    PREAMBLE,
    Command,
    Damaged,
    FrameDecoder,
    Outcome,
    Reply,
    frame,
    outcome,
    request,
)
from kiosk.core.idcard.text import RecordError, holder_of, number_is_plausible, valid_on
from kiosk.core.identity import CardHolder, CardKind
from sim.twins.cards import MadeUpCard, made_up_card

WHOLE_FRAMES = {
    Command.RESET: "00 03 10 FF EC",
    Command.STATUS: "00 03 11 FF ED",
    Command.MODULE_ID: "00 03 12 FF EE",
    Command.FIND: "00 03 20 01 22",
    Command.SELECT: "00 03 20 02 21",
    Command.READ: "00 03 30 01 32",
}


def replies(items: list[Reply | Damaged]) -> list[Reply]:
    return [item for item in items if isinstance(item, Reply)]


def read_reply(card: MadeUpCard) -> bytes:
    return frame(bytes.fromhex("000090") + card.record())


@pytest.mark.parametrize("command", Command)
def test_each_request_is_the_protocols_frame(command: Command) -> None:
    assert request(command) == PREAMBLE + bytes.fromhex(WHOLE_FRAMES[command])


def test_the_protocols_find_and_no_card_replies_are_decoded() -> None:
    line = PREAMBLE + bytes.fromhex("0008 00009F 00000000 97") + PREAMBLE + bytes.fromhex("0004 000080 84")
    assert FrameDecoder().feed(line) == [Reply(0x9F, bytes(4)), Reply(0x80, b"")]


def test_a_read_reply_has_1295_bytes() -> None:
    assert len(read_reply(made_up_card())) == 1295


@given(st.lists(st.integers(1, 1300), max_size=40))
def test_every_chunking_gives_the_same_replies(cuts: list[int]) -> None:
    line = read_reply(made_up_card(3)) + frame(bytes.fromhex("000080")) + read_reply(made_up_card(4))
    decoder, items, start = FrameDecoder(), [], 0
    for cut in [*cuts, len(line)]:
        items += decoder.feed(line[start : start + cut])
        start += cut
    assert items == FrameDecoder().feed(line)
    assert [reply.status for reply in replies(items)] == [0x90, 0x80, 0x90]


@given(st.binary(max_size=60).filter(lambda noise: PREAMBLE not in noise))
def test_noise_before_and_between_frames_is_skipped(noise: bytes) -> None:
    answer = frame(bytes.fromhex("00009F00000000"))
    decoder = FrameDecoder()
    items = decoder.feed(noise + answer + noise + answer) + decoder.give_up()
    assert len(replies(items)) == 2


@given(st.binary(max_size=40), st.integers(0, 0xFFFF))
def test_a_true_frame_behind_a_false_preamble_is_found_at_the_latest_on_giving_up(noise: bytes, length: int) -> None:
    answer = frame(bytes.fromhex("000080"))
    decoder = FrameDecoder()
    items = decoder.feed(PREAMBLE + length.to_bytes(2, "big") + noise + answer) + decoder.give_up()
    good = replies(items)
    # noise may make a frame of its own that swallows the true one: one chance in 256 for each false preamble
    assert Reply(0x80, b"") in good or good


@given(st.integers(5, 1294), st.integers(1, 255))
def test_a_damaged_byte_never_gives_a_record(place: int, flip: int) -> None:
    line = bytearray(read_reply(made_up_card(5)))
    line[place] ^= flip
    decoder = FrameDecoder()
    items = decoder.feed(bytes(line)) + decoder.give_up()
    assert replies(items) == []
    assert items


@given(st.lists(st.binary(max_size=300), max_size=8))
def test_the_decoder_never_raises(chunks: list[bytes]) -> None:
    decoder = FrameDecoder()
    for chunk in chunks:
        decoder.feed(chunk)
    decoder.give_up()
    assert not decoder.pending


@given(st.binary(max_size=1400))
def test_a_record_of_any_bytes_is_a_holder_or_a_record_error(data: bytes) -> None:
    try:
        holder = holder_of(data)
    except RecordError:
        return
    assert isinstance(holder, CardHolder)


@given(st.integers(4, 259), st.integers(1, 255))
def test_a_changed_text_byte_gives_a_record_of_right_form_or_an_error(place: int, flip: int) -> None:
    data = bytearray(made_up_card(6).record())
    data[place] ^= flip
    try:
        holder = holder_of(bytes(data))
    except RecordError:
        return
    assert len(holder.number) in (15, 18)
    assert holder.sex in (0, 1, 2, 9)


@pytest.mark.parametrize(
    ("code", "meaning"),
    [
        (0x90, Outcome.GO_ON), (0x9F, Outcome.GO_ON), (0x91, Outcome.EMPTY), (0x80, Outcome.NO_CARD),
        (0x81, Outcome.RETRY), (0x41, Outcome.RETRY), (0x47, Outcome.RETRY), (0x24, Outcome.RETRY),
        (0x10, Outcome.RESEND), (0x11, Outcome.RESEND), (0x21, Outcome.PROGRAM_ERROR), (0x23, Outcome.PROGRAM_ERROR),
        (0x31, Outcome.DAMAGED), (0x32, Outcome.DAMAGED), (0x33, Outcome.DAMAGED), (0x40, Outcome.NOT_ID_CARD),
        (0x60, Outcome.DEVICE_FAULT), (0x66, Outcome.DEVICE_FAULT), (0x77, Outcome.UNKNOWN),
    ],
)  # fmt: skip
def test_each_status_code_has_its_meaning(code: int, meaning: Outcome) -> None:
    assert outcome(code) is meaning


def test_every_byte_is_a_status() -> None:
    assert {outcome(code) for code in range(256)} == set(Outcome)
    assert len(OUTCOMES) == 18


@pytest.mark.parametrize(
    ("version", "kind"),
    [(" ", CardKind.CITIZEN), ("J", CardKind.HMT), ("I", CardKind.FOREIGNER), ("Y", CardKind.FOREIGNER)],
)
def test_each_layout_gives_name_sex_number_and_dates(version: str, kind: CardKind) -> None:
    card = made_up_card(7, version)
    holder = holder_of(card.record())
    assert holder == CardHolder(card.name, int(card.sex), card.number, kind, card.valid_from, card.valid_to)


@pytest.mark.parametrize("version", ["I", "Y"])
def test_a_foreigner_without_a_chinese_name_has_the_foreign_one(version: str) -> None:
    card = MadeUpCard("", made_up_card(8, version).number, version=version, foreign_name="SMITH, ALEX")
    assert holder_of(card.record()).name == "SMITH, ALEX"


def test_half_a_rare_character_at_the_end_of_a_full_name_is_dropped() -> None:
    name = "古" * 14 + "\U00020bb7"
    assert holder_of(MadeUpCard(name, "11010519491231002X").record()).name == "古" * 14


def test_a_lower_case_check_letter_is_stored_upper() -> None:
    assert holder_of(MadeUpCard("王明", "11010519491231002x").record()).number == "11010519491231002X"


def test_padding_of_zeros_is_stripped_like_spaces() -> None:
    data = bytearray(MadeUpCard("王明", "11010519491231002X").record())
    data[4 + 4 : 4 + 30] = bytes(26)
    assert holder_of(bytes(data)).name == "王明"


def test_a_longer_text_block_is_read_by_its_length() -> None:
    card = made_up_card(9)
    data = bytes.fromhex("01040400") + card.text() + bytes(4) + bytes(1024)
    assert holder_of(data).number == card.number


def test_long_term_cards_never_expire() -> None:
    holder = holder_of(MadeUpCard("王明", "11010519491231002X", valid_to="长期").record())
    assert holder.valid_to is None
    assert valid_on(holder, date(2099, 1, 1))
    assert not valid_on(holder, date(2019, 1, 1))


def test_first_and_last_day_are_valid() -> None:
    holder = holder_of(made_up_card(1).record())
    assert valid_on(holder, date(2020, 1, 15))
    assert valid_on(holder, date(2040, 1, 15))
    assert not valid_on(holder, date(2020, 1, 14))
    assert not valid_on(holder, date(2040, 1, 16))


@pytest.mark.parametrize("field", ["name", "number", "sex", "version"])
def test_a_bad_field_is_named_and_its_content_is_not_shown(field: str) -> None:
    values = {"name": "王明", "number": "11010519491231002X"} | {field: "" if field == "name" else "QQ"}
    if field == "version":
        values["version"] = "Q"
    with pytest.raises(RecordError) as caught:
        holder_of(MadeUpCard(**values).record())
    assert "QQ" not in str(caught.value)


@pytest.mark.parametrize("nonsense", ["QQ", "", "20230230", "2023011", "有效期限", "２０２３０１１５", "00000000"])
@pytest.mark.parametrize("version", [" ", "J", "I", "Y"])
def test_a_validity_that_is_no_date_is_unknown_and_the_card_is_read(nonsense: str, version: str) -> None:
    number = "CHN310098010109" if version == "I" else "11010519491231002X"
    no_end = holder_of(MadeUpCard("王明", number, valid_to=nonsense[:8], version=version).record())
    assert (no_end.name, no_end.number) == ("王明", number)
    assert valid_on(no_end, date(2026, 9, 1)) is None
    assert valid_on(no_end, date(2019, 9, 1)) is False, "not yet valid, whenever it ends"
    no_beginning = holder_of(MadeUpCard("王明", number, valid_from=nonsense[:8], version=version).record())
    assert valid_on(no_beginning, date(2026, 9, 1)) is None
    assert valid_on(no_beginning, date(2041, 9, 1)) is False, "it ended, whenever it began"


def test_long_term_may_be_said_with_more_words() -> None:
    assert holder_of(MadeUpCard("王明", "11010519491231002X", valid_to="长期有效").record()).valid_to is None


def test_the_standards_specimen_number_is_plausible_and_its_neighbour_is_not() -> None:
    assert number_is_plausible("11010519491231002X")
    assert not number_is_plausible("110105194912310021")
    assert number_is_plausible("GBR123456789012")


def test_no_repr_shows_a_person() -> None:
    card = made_up_card(2)
    holder = holder_of(card.record())
    reply = FrameDecoder().feed(read_reply(card))[0]
    assert card.name not in repr(holder) + repr(reply)
    assert card.number not in repr(holder) + repr(reply)
