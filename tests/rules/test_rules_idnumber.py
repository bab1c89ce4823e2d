"""ID numbers. Every number here is made up, but for the standard's own specimen."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.idnumber import IdFault, IdNumberError, Sex, check_digit, mask_id_number, parse_id_number

SPECIMEN = "11010519491231002X"  # GB 11643 prints it as its example
TODAY = date(2026, 9, 20)

births = st.dates(date(1900, 1, 1), TODAY)
regions = st.sampled_from(["110105", "320102", "654325", "710000", "810000", "820000", "830000", "931156"])


def number(region: str, birth: date, order: int) -> str:
    """A valid number."""
    body = f"{region}{birth:%Y%m%d}{order:03d}"
    return body + check_digit(body)


numbers = st.builds(number, regions, births, st.integers(0, 999))


def fault_of(text: str, today: date | None = TODAY) -> IdFault:
    """Why `text` is refused."""
    with pytest.raises(IdNumberError) as refused:
        parse_id_number(text, today)
    return refused.value.fault


def test_the_specimen_of_the_standard_is_read() -> None:
    parsed = parse_id_number(SPECIMEN, TODAY)
    assert parsed.number == SPECIMEN
    assert parsed.birth == date(1949, 12, 31)
    assert parsed.sex is Sex.FEMALE
    assert parsed.region_known


@given(regions, births, st.integers(0, 999))
def test_a_valid_number_gives_back_what_it_was_made_of(region: str, birth: date, order: int) -> None:
    parsed = parse_id_number(number(region, birth, order), TODAY)
    assert parsed.birth == birth
    assert parsed.sex is (Sex.MALE if order % 2 else Sex.FEMALE)
    assert parsed.region_known


@given(numbers, st.integers(0, 17), st.sampled_from("0123456789"))
def test_any_single_wrong_digit_is_noticed(valid: str, place: int, digit: str) -> None:
    wrong = valid[:place] + digit + valid[place + 1 :]
    if wrong == valid:
        return
    assert fault_of(wrong) in {IdFault.CHECK_DIGIT, IdFault.BIRTH, IdFault.CHARACTERS}


@given(numbers, st.integers(0, 16))
def test_any_two_swapped_neighbours_are_noticed(valid: str, place: int) -> None:
    swapped = valid[:place] + valid[place + 1] + valid[place] + valid[place + 2 :]
    if swapped == valid:
        return
    assert fault_of(swapped) in {IdFault.CHECK_DIGIT, IdFault.BIRTH, IdFault.CHARACTERS}


@pytest.mark.parametrize(
    "text",
    [
        SPECIMEN.lower(),
        f"  {SPECIMEN} ",
        "110105 19491231 002X",
        "\ufeff" + SPECIMEN + "\u200b",
        "１１０１０５１９４９１２３１００２Ｘ",
        "１１０１０５１９４９１２３１００２ｘ",
    ],
)
def test_a_small_x_full_width_digits_and_spaces_are_put_right(text: str) -> None:
    assert parse_id_number(text, TODAY).number == SPECIMEN


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", IdFault.EMPTY),
        ("\u200b ", IdFault.EMPTY),
        ("110105491231002", IdFault.OLD_FORM),
        ("1101051949123100", IdFault.LENGTH),
        ("H1234567890123A", IdFault.LENGTH),  # 15 characters, but no old number
        ("1101051949123100X2", IdFault.CHARACTERS),
        ("११०१०५१९४९१२३१००२", IdFault.LENGTH),
        ("११०१०५१९४९१२३१००२१", IdFault.CHARACTERS),  # digits, but not ASCII's
        ("110105194913310021", IdFault.BIRTH),
        ("110105000002290021", IdFault.BIRTH),
        ("110105194912310021", IdFault.CHECK_DIGIT),
    ],
)
def test_what_is_no_number_is_refused_with_its_reason(text: str, fault: IdFault) -> None:
    assert fault_of(text) is fault


def test_the_old_form_gets_a_clear_refusal() -> None:
    with pytest.raises(IdNumberError, match="old form of 15 digits; give the 18 characters"):
        parse_id_number("110105491231002", TODAY)


def test_a_birth_in_the_future_is_refused_when_the_clock_can_be_trusted() -> None:
    future = number("110105", date(2026, 9, 21), 1)
    assert fault_of(future) is IdFault.BIRTH_IN_FUTURE
    assert parse_id_number(future, date(2026, 9, 21)).number == future
    assert parse_id_number(future, None).number == future


@pytest.mark.parametrize("region", ["009999", "390000", "560000", "810001", "840000"])
def test_an_unknown_region_is_only_noted(region: str) -> None:
    assert not parse_id_number(number(region, date(2003, 5, 6), 1), TODAY).region_known


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("320102199901010017", "320102********0017"),
        ("110105491231002", "11010********02"),
        ("12345678", "********"),
        ("123", "***"),
        ("", ""),
        ("1" * 5000, "111111********1111"),
    ],
)
def test_a_mask_shows_region_and_tail_only(text: str, masked: str) -> None:
    assert mask_id_number(text) == masked


@given(st.text(max_size=40))
def test_a_mask_hides_eight_characters_or_all_and_is_short(text: str) -> None:
    masked = mask_id_number(text)
    shown = len(masked) - 8
    assert len(masked) <= 18
    assert (shown <= len(text) - 8) if len(text) > 8 else masked == "*" * len(text)


@given(st.text(max_size=40))
def test_any_text_is_a_number_or_a_refusal_that_does_not_quote_it(text: str) -> None:
    try:
        parsed = parse_id_number(text, TODAY)
    except IdNumberError as refused:
        told = str(refused)
    else:
        told = repr(parsed)
    assert len(text) < 9 or text not in told


@given(numbers)
def test_a_number_is_in_no_repr_and_no_error(valid: str) -> None:
    parsed = parse_id_number(valid, TODAY)
    assert valid not in repr(parsed)
    assert mask_id_number(parsed.number) == f"{valid[:6]}********{valid[-4:]}"
    wrong = valid[:-1] + ("1" if valid[-1] != "1" else "2")
    with pytest.raises(IdNumberError) as refused:
        parse_id_number(wrong, TODAY)
    assert wrong not in str(refused.value)
    assert wrong[6:14] not in str(refused.value)
