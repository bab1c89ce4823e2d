"""Names and codes: cleaned, folded, masked, shown. All names are made up."""

import re
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.names import clean_code, clean_name, fold_code, fold_name, mask_name, same_name, show_name

ROOT = Path(__file__).parents[2]
HIDDEN = "\u200b\ufeff\u200e\u202d\u00ad\u200d\u0000\t"
SEPARATORS = "\u00b7\u2022\u30fb\u2027\u2219\u22c5\uff0e\u002e\u25cf"
RARE = "𠮷"  # beyond the basic plane: two UTF-16 units


@pytest.mark.parametrize("hidden", HIDDEN)
def test_hidden_characters_are_deleted_from_names_and_codes(hidden: str) -> None:
    assert clean_name(f"王{hidden}芳{hidden}") == "王芳"
    assert clean_code(f"32{hidden}01") == "3201"


def test_a_name_keeps_everything_people_see() -> None:
    assert clean_name("  阿依古丽\u2022买买提\u3000") == "阿依古丽\u2022买买提"
    assert clean_name("JOHN SMITH") == "JOHN SMITH"


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=30))
def test_a_name_is_never_normalised(text: str) -> None:
    visible = [char for char in text if unicodedata.category(char) not in ("Cf", "Cc")]
    assert clean_name(text) == "".join(visible).strip()


@pytest.mark.parametrize("name", ["王\ufa10", "\u2f00丁", "㈱", "ﬁ", RARE])
def test_compatibility_characters_stay_as_they_are(name: str) -> None:
    assert clean_name(name) == name
    normalised = unicodedata.normalize("NFKC", name)
    assert same_name(name, normalised) == (name == normalised)


@pytest.mark.parametrize("separator", SEPARATORS)
def test_every_separator_compares_as_the_middle_dot(separator: str) -> None:
    assert same_name(f"阿依古丽{separator}买买提", "阿依古丽·买买提")
    assert fold_name(f"阿依古丽{separator}买买提") == "阿依古丽·买买提"


def test_spaces_and_case_do_not_tell_names_apart() -> None:
    assert same_name("王　芳", "王芳")
    assert same_name("John Smith", "JOHN SMITH")
    assert not same_name("王芳", "王方")


def test_a_name_that_fills_the_card_is_compared_by_prefix() -> None:
    long = "ABCDEFG HIJKLMN OPQ"
    assert same_name(long, long[:15])
    assert same_name(long, long[:15].strip())
    assert not same_name(long, "ABCDEFG HIJKLMX")
    assert not same_name(long, "ABCDEFG"), "a short card name was not cut, so it must agree whole"


def test_a_rare_character_cut_in_half_at_the_end_of_the_card_still_agrees() -> None:
    roster = "阿" * 14 + RARE + "提"  # the card's fifteenth unit would be half of the rare character
    assert same_name(roster, "阿" * 14)
    assert not same_name(roster, "阿" * 13)


@given(st.text(alphabet="王李小·A 芳𠮷", min_size=1, max_size=25))
def test_a_roster_name_agrees_with_itself_cut_to_the_card(name: str) -> None:
    cut = clean_name(name).encode("utf-16-le")[:30].decode("utf-16-le", errors="ignore")
    assert same_name(name, cut) == bool(fold_name(name))


@pytest.mark.parametrize(("roster", "card"), [("", "王芳"), ("王芳", ""), ("", ""), ("\u200b", "\u200b")])
def test_an_empty_name_agrees_with_nothing(roster: str, card: str) -> None:
    assert not same_name(roster, card)


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("王小明", "王*"),
        ("\ufeff 王小明", "王*"),
        ("阿依古丽·买买提", "阿*"),
        ("JOHN SMITH", "J*"),
        (f"{RARE}野", f"{RARE}*"),
        ("\ue863小明", "□(U+E863)*"),
        ("葛\U000e0100小明", "葛\U000e0100*"),
        ("e\u0301mile", "e\u0301*"),
        ("", "*"),
        ("\u200b", "*"),
    ],
)
def test_a_mask_shows_the_first_character_only(name: str, masked: str) -> None:
    assert mask_name(name) == masked


def test_characters_without_a_glyph_are_shown_by_number() -> None:
    assert show_name("王\ue863明") == "王□(U+E863)明"
    assert show_name("\U000f0001") == "□(U+F0001)"
    assert show_name("\ud842") == "□(U+D842)"
    assert show_name(f"王{RARE}") == f"王{RARE}"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("２０２６ＡＢ", "2026AB"),
        (" 2026 0001 ", "20260001"),
        ("2026\u30000001", "20260001"),
        ("０１－２３", "01-23"),
        ("320102\u200b19990101001x", "32010219990101001x"),
    ],
)
def test_a_code_is_ascii_without_spaces(text: str, code: str) -> None:
    assert clean_code(text) == code
    assert fold_code(text) == fold_code(text.lower()) == code.upper()


@given(st.text(max_size=40))
def test_cleaning_twice_changes_nothing_more(text: str) -> None:
    assert clean_code(clean_code(text)) == clean_code(text)
    assert clean_name(clean_name(text)) == clean_name(text)
    assert fold_code(fold_code(text)) == fold_code(text)
    assert fold_name(fold_name(text)) == fold_name(text)


def test_no_other_module_folds_a_code_by_hand() -> None:
    sources = [path for folder in ("center", "kiosk", "rules", "sim") for path in (ROOT / folder).rglob("*.py")]
    by_hand = re.compile(r"clean_code\(.*\)\.upper\(\)")
    assert [path.name for path in sources if by_hand.search(path.read_text("utf-8"))] == ["names.py"]
