"""A graduate's copy has everything that names the person or says something about the person, and nobody else's."""

import inspect
import io
import json
import zipfile
from datetime import date, timedelta
from typing import Any

import pytest

from center.attendance.model import AbsenceReason
from center.corrections.model import CaseKind, CaseState
from center.passes.model import PassReason
from center.platform.faults import Conflict
from center.platform.tables import Base
from center.retention import own_data
from center.retention.model import RequestKind, RequestState
from center.shots.model.staff_decision import Reject
from center.wiring.office import Office
from tests.center.billing.test_billing import payable
from tests.center.campus.test_campus import by_student, import_list
from tests.center.conftest import file_shot
from tests.center.delivery.test_deliveries import SCHOOL, YEAR, approve, decide, enter, person_of
from tests.center.factories import HandClock, shot_id, somebody
from tests.center.roster.roster_files import sheets_of


@pytest.fixture(autouse=True)
def _valid_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests' people have numbers without a check digit."""
    monkeypatch.setattr("center.roster.model.fields._CHECKS", {})


NOT_IN_THE_COPY = {
    "holds": "the office's own reasons to keep data",
    "findings": "the report's checks once more, for counting",
    "skips": "what reviewers left to others",
    "verdicts": "the decisions once more, as booths are told",
    "mended_photos": "digests of the photos in the archive",
}
"""Tables that name a person, a roster row or a photo, and are not read for the copy -> why."""


def copy_of(office: Office, number: int) -> tuple[dict[str, Any], list[str]]:
    request = office.data_cases.open("sue", RequestKind.SEE, str(somebody(number).id_number))
    with zipfile.ZipFile(io.BytesIO(office.data_cases.export("sue", request))) as archive:
        return json.loads(archive.read("data.json")), archive.namelist()


def row_of(office: Office, number: int) -> str:
    with office.database.read() as session:
        (found,) = office.roster.find(session, [str(somebody(number).id_number)], 5)
    return found.row_id


def test_a_graduate_gets_everything_the_office_has(office: Office, clock: HandClock) -> None:
    payable(office)
    enter(office, 1, 2)
    one = somebody(1)
    office.attendances.note("sue", row_of(office, 1), AbsenceReason.ILL, "住院")
    file_shot(office, 3, person=person_of(1))
    decide(office, clock, 3, Reject(("glasses",), "镜片反光"))
    for number in (1, 2):
        approve(office, clock, number)
    office.deliveries.make("sue", SCHOOL, YEAR)
    office.billing.issue("sue", SCHOOL, YEAR)
    import_list(office, sheets_of({"": [["姓名", "身份证号"], [one.name, one.id_number]]}))
    case = office.corrections.open_of_shot("sue", shot_id(1), CaseKind.WRONG_IMAGE, "", "是同班同学")
    office.corrections.close("sue", case, CaseState.REFUSED, "核对无误")
    today = clock.now.date()
    office.passes.issue("sue", row_of(office, 1), PassReason.CORRECTION, today, today + timedelta(days=3))
    said, names = copy_of(office, 1)
    assert {part: len(found) for part, found in said.items()} == {
        "photos": 2, "roster": 1, "campus": 1, "absences": 1, "passes": 1, "corrections": 1, "deliveries": 1,
        "letters": 1, "requests": 1,
    }  # fmt: skip
    assert {f"{shot_id(number)}-photo.jpg" for number in (1, 3)} <= set(names)
    rejected, _ = said["photos"]
    assert rejected["person"]["id_number"] == one.id_number
    assert rejected["decisions"][0][1:] == ["rejected", ["glasses"], "镜片反光"]
    assert said["roster"][0]["student_no"] == one.student_no
    assert said["campus"][0]["name"] == one.name
    assert said["absences"][0]["words"] == "住院"
    assert (said["corrections"][0]["remark"], said["corrections"][0]["done"]) == ("是同班同学", "核对无误")
    assert said["deliveries"][0]["row"]["id_number"] == one.id_number
    assert said["letters"][0]["fen"] == 1_200
    assert date.fromisoformat(said["passes"][0]["first"]) == today
    other = somebody(2)
    for word in (other.id_number, other.student_no, shot_id(2)):
        assert str(word) not in json.dumps(said, ensure_ascii=False)
    (request,) = office.data_cases.requests()
    assert request.state is RequestState.DONE
    with pytest.raises(Conflict, match="answered before"):
        office.data_cases.export("sue", request.request_id)


def test_a_graduate_known_by_a_student_number_gets_it_too(office: Office, clock: HandClock) -> None:
    enter(office, 1)
    one = somebody(1)
    import_list(office, sheets_of({"": [["姓名", "学号"], [one.name, one.student_no]]}))
    file_shot(office, 1, person=somebody(1, school=SCHOOL, year=YEAR, id_number=None))
    request = office.data_cases.open("sue", RequestKind.SEE, str(one.student_no), SCHOOL)
    with zipfile.ZipFile(io.BytesIO(office.data_cases.export("sue", request))) as archive:
        said = json.loads(archive.read("data.json"))
    assert [len(said[part]) for part in ("photos", "roster", "campus")] == [1, 1, 1]


@pytest.mark.parametrize("ends", [RequestKind.SEE, RequestKind.DELETE])
def test_after_a_number_was_corrected_lines_are_with_whom_they_name(
    office: Office, clock: HandClock, ends: RequestKind
) -> None:
    """The school gave one graduate the ID number of another one; both were photographed, one was delivered and billed
    under the wrong number.
    """
    payable(office)
    one, two = somebody(1), somebody(2)
    wrong = str(two.id_number)
    enter(office, 1, id_number=wrong)
    file_shot(office, 1, person=somebody(1, school=SCHOOL, year=YEAR, id_number=wrong))
    decide(office, clock, 1)
    office.deliveries.make("sue", SCHOOL, YEAR)
    office.billing.issue("sue", SCHOOL, YEAR)
    wrong_row = row_of(office, 2)
    enter(office, 2)
    file_shot(office, 2, person=person_of(2))
    office.corrections._number.correct("sue", wrong_row, wrong, str(one.id_number))
    if ends is RequestKind.DELETE:
        asked = office.data_cases.open("sue", RequestKind.DELETE, wrong)
        assert office.data_cases.delete("sue", asked) == 1
    else:
        said, _ = copy_of(office, 2)
        assert (said["deliveries"], said["letters"]) == ([], [])
        assert str(one.student_no) not in json.dumps(said)
    said, _ = copy_of(office, 1)
    ((delivered,), (charged,)) = said["deliveries"], said["letters"]
    assert (delivered["photo"], delivered["row"]["student_no"]) == (shot_id(1), one.student_no)
    assert charged["fen"] == 1_200


def test_a_copy_has_no_campus_row_of_another_year(office: Office) -> None:
    """In another year, a namesake can have the same student number."""
    enter(office, 1)
    for year in (YEAR, "2025"):
        import_list(office, by_student(1, somebody(1).name), year=year)
    file_shot(office, 1, person=person_of(1))
    said, _ = copy_of(office, 1)
    assert [one["year"] for one in said["campus"]] == [YEAR]


def test_every_table_about_people_is_read_for_the_copy_or_left_out_with_a_reason() -> None:
    about = {
        mapper.local_table.name: mapper.class_.__name__  # type: ignore[attr-defined]
        for mapper in Base.registry.mappers
        if {"person_id", "row_id", "shot_id"} & {column.name for column in mapper.local_table.columns}
    }
    source = inspect.getsource(own_data)
    by_service = {
        "campus_rows": "_campus.of_person",
        "campus_named": "_campus.of_person",  # which lists name a row that is read
        "absences": "_attendances.noted",
        "identities": "person_on(",
        "people": "subject.shots",  # the photos of every record
        "roster_rows": "subject.rows",
        "settlements": "_answers.of_shot_in",
    }
    read = {name for name, row in about.items() if row in source or by_service.get(name, row) in source}
    assert set(about) - read == set(NOT_IN_THE_COPY) - read
    assert set(NOT_IN_THE_COPY) <= set(about)
