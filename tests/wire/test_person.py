"""The person of a manifest, with a roster row and without one. All people are made up."""

import re
from pathlib import Path

import pytest

from tests.roster_rows import roster_row
from wire.manifest import Person

ROOT = Path(__file__).parents[2]


def test_the_person_of_a_row_has_all_fields_of_the_row_but_the_sex() -> None:
    row = roster_row()
    assert Person.of_row(row).model_dump() == row.model_dump(exclude={"sex"})


@pytest.mark.parametrize(("known", "number"), [("320106200001010010", "320106200001010010"), (None, "1"), ("", "1")])
def test_a_number_known_without_the_row_takes_the_place_of_the_rows(known: str | None, number: str) -> None:
    row = roster_row(id_number="1")
    person = Person.of_row(row, known)
    assert person == Person.of_row(row).model_copy(update={"id_number": number})


def test_of_a_person_without_a_row_only_name_and_numbers_are_known() -> None:
    person = Person.without_row("张三", "1", "2")
    known = {field: value for field, value in person.model_dump().items() if value is not None}
    assert known == {"name": "张三", "id_number": "1", "student_no": "2"}


def test_nobody_else_builds_a_person_field_by_field() -> None:
    sources = (path for folder in ("center", "kiosk", "sim") for path in (ROOT / folder).rglob("*.py"))
    texts = {path.relative_to(ROOT).as_posix(): path.read_text("utf-8") for path in sources}
    users = {path: text for path, text in texts.items() if re.search(r"from wire\.manifest import .*\bPerson\b", text)}
    assert users
    assert [path for path, text in users.items() if re.search(r"(?<![\w.])Person\(", text)] == []
