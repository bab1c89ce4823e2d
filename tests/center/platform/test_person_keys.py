"""The look-up keys of people: they never change, and one module knows how they are made. All people are made up."""

import re
from pathlib import Path

import pytest

import center
from center.platform.office_keys import OfficeKeys
from center.platform.person_keys import bare_code_key, id_key, student_key

KEYS = OfficeKeys(bytes(range(32)))
ID = "629ec8cac63e83023aab4c113b01282479e95df9eedeea4ef3d077b7ce97fbab"
STUDENT = "dccbbd86f62de37894b3437f3939ec6ca202ddd83fbbd1b1b10e837291d25aba"
BARE = "30f4be102fad172e5445e2e5809abd8cdb6c8d4e692dc491ae7c192602466520"

BY_HAND = re.compile(r"""lookup\(\s*["']person["']|["'](id|student) +(\{|["'])""")


@pytest.mark.parametrize("number", ["11010519491231002X", " 1101051949１２３１002x\u200b"])
def test_the_key_of_an_id_number_is_the_stored_one(number: str) -> None:
    assert id_key(KEYS, number).hex() == ID


@pytest.mark.parametrize("school", ["示范大学", "\u3000示范\u200b大学 "])
@pytest.mark.parametrize("number", ["2026000001A", "２０２６ 000001a"])
def test_the_key_of_a_student_number_is_the_stored_one(school: str, number: str) -> None:
    assert student_key(KEYS, school, number).hex() == STUDENT
    assert bare_code_key(KEYS, number).hex() == BARE


def test_of_a_long_school_200_characters_count() -> None:
    assert (
        student_key(KEYS, "示" * 201, "1") == student_key(KEYS, "示" * 200, "1") != student_key(KEYS, "示" * 199, "1")
    )


def test_no_other_module_of_the_office_makes_such_a_key() -> None:
    sources = Path(center.__file__).parent.rglob("*.py")
    found = [path.name for path in sources if BY_HAND.search(path.read_text("utf-8"))]
    assert found == ["person_keys.py"]
