"""A case from a photo: told by the graduate at the booth, or found in review."""

import hashlib
from typing import Any

import pytest
from sqlalchemy import select

from center.accounts.model.roles import Role
from center.audit.tables import AuditRow
from center.corrections.model import CaseKind, CaseState
from center.platform.faults import Conflict, NotThere, WrongRequest
from center.wiring.office import Office
from tests.center.conftest import file_shot, sent
from tests.center.delivery.test_deliveries import SCHOOL, YEAR, enter, person_of
from tests.center.factories import shot_id, somebody
from tests.center.office_server import OfficeServer
from tests.center.office_server import file_shot as file_on


def again(number: int, **changes: Any) -> tuple[bytes, bytes]:
    """The digest and bytes of a shot that a booth sends once more."""
    data = sent(number, **changes)
    return hashlib.sha256(data).digest(), data


def test_a_photo_opens_one_case_of_its_person(office: Office) -> None:
    enter(office, 1, 2)
    file_shot(office, 1, person=person_of(1), flags=("data_wrong",))
    number = office.corrections.open_of_shot("anna", shot_id(1), CaseKind.DATA, "", "the major is another one")
    (case,) = office.corrections.cases("test", SCHOOL, YEAR)
    assert (case.case_id, case.kind, case.state, case.shot_id) == (number, CaseKind.DATA, CaseState.OPEN, shot_id(1))
    assert case.row is not None
    assert (case.row.student_no, case.remark) == (somebody(1).student_no, "the major is another one")
    assert office.corrections.of_shot("bert", shot_id(1)).case_id == number
    with pytest.raises(Conflict):
        office.corrections.open_of_shot("bert", shot_id(1), CaseKind.WRONG_IMAGE, "", "")
    office.corrections.close("sue", number, CaseState.DONE, "asked the school")
    assert [one.state for one in office.corrections.cases("test", SCHOOL, YEAR)] == [CaseState.DONE]


def test_a_wrong_number_needs_the_right_one(office: Office) -> None:
    enter(office, 1)
    file_shot(office, 1, person=person_of(1))
    for wrong in ("", "12", "110105194912310021"):
        with pytest.raises(WrongRequest):
            office.corrections.open_of_shot("anna", shot_id(1), CaseKind.WRONG_ID, wrong, "")
    office.corrections.open_of_shot("anna", shot_id(1), CaseKind.WRONG_ID, "11010519491231002x", "")
    (case,) = office.corrections.cases("test", SCHOOL, YEAR)
    assert case.right_id == "11010519491231002X"


def test_a_photo_of_nobody_on_the_roster_opens_none(office: Office) -> None:
    file_shot(office, 1)
    for one in (shot_id(1), shot_id(9)):
        with pytest.raises(NotThere):
            office.corrections.open_of_shot("anna", one, CaseKind.DATA, "", "")


def test_a_photo_under_a_bare_code_opens_a_case_when_its_row_is_attached(office: Office) -> None:
    enter(office, 1)
    nothing = dict.fromkeys(("id_number", "exam_no", "school", "major", "class_name", "year"))
    file_shot(office, 1, person=somebody(1, **nothing, name=""), flags=("provisional_row", "data_wrong"))
    with pytest.raises(NotThere, match="attach its row first"):
        office.corrections.open_of_shot("anna", shot_id(1), CaseKind.DATA, "", "")
    assert office.corrections.cases("test", SCHOOL, YEAR) == []
    shot = office.queue.claim("anna", shot_id(1))
    with office.database.read() as session:
        (found,) = office.roster.find(session, [str(somebody(1).student_no)], 2)
    office.identity_answers.attach("anna", shot.shot_id, shot.version, found.row_id)
    office.corrections.open_of_shot("anna", shot_id(1), CaseKind.DATA, "", "")
    assert [one.shot_id for one in office.corrections.cases("test", SCHOOL, YEAR)] == [shot_id(1)]


def test_what_a_graduate_says_at_the_booth_opens_a_case_by_itself(office: Office) -> None:
    enter(office, 1, 2)
    file_shot(office, 1, person=person_of(1), flags=("data_wrong",))
    (case,) = office.corrections.cases("test", SCHOOL, YEAR)
    assert (case.kind, case.state, case.shot_id, case.remark) == (CaseKind.DATA, CaseState.OPEN, shot_id(1), "")
    with office.database.read() as session:
        entries = session.execute(
            select(AuditRow.actor, AuditRow.subject, AuditRow.detail).where(AuditRow.action == "correction.opened")
        ).all()
    assert [tuple(one) for one in entries] == [
        ("booth:booth-1", str(case.case_id), {"kind": "data", "shot": shot_id(1)})
    ], "and nothing about the person"
    office.intake.receive("booth-1", shot_id(1), *again(1, person=person_of(1), flags=("data_wrong",)))
    file_shot(office, 3, person=person_of(1), flags=("data_wrong",))
    assert len(office.corrections.cases("test", SCHOOL, YEAR)) == 1, "neither the same shot nor another one doubles it"
    file_shot(office, 4, person=person_of(2))
    file_shot(office, 5, person=somebody(5), flags=("data_wrong",))
    assert len(office.corrections.cases("test", SCHOOL, YEAR)) == 1, (
        "no word, no case; on no roster the review asks first"
    )
    office.corrections.close("sue", case.case_id, CaseState.DONE, "学校已更正")
    file_shot(office, 6, person=person_of(1), flags=("data_wrong",))
    assert len(office.corrections.cases("test", SCHOOL, YEAR)) == 2, "said again after it was closed"


def test_staff_say_what_is_wrong_in_the_case_that_the_graduate_opened(office: Office) -> None:
    enter(office, 1)
    file_shot(office, 1, person=person_of(1), flags=("data_wrong",))
    (opened,) = office.corrections.cases("test", SCHOOL, YEAR)
    assert office.corrections.of_shot("anna", shot_id(1)).case_id is None, "nobody has said what is wrong"
    right = "11010519491231002X"
    assert office.corrections.open_of_shot("anna", shot_id(1), CaseKind.WRONG_ID, right, "") == opened.case_id
    (case,) = office.corrections.cases("test", SCHOOL, YEAR)
    assert (case.kind, case.right_id) == (CaseKind.WRONG_ID, right)


def test_staff_open_the_case_from_the_flagged_photo(office_server: OfficeServer) -> None:
    enter(office_server.office, 1)
    file_on(office_server.office, 1, person=person_of(1), flags=("data_wrong",))
    anna = office_server.client("anna")
    address = f"/corrections/new/{shot_id(1)}"
    anna.post("/review", {})
    page = anna.get(f"/review/{shot_id(1)}").text
    assert "The graduate says the data are wrong" in page
    assert address in page
    assert str(somebody(1).id_number) not in anna.get(address).text
    assert "18 characters" in anna.post(address, kind="wrong_id", right_id="12").text
    assert "is open" in anna.post(address, kind="data", right_id="", remark="another major").text
    assert "opened from this photo before" in anna.post(address, kind="data", right_id="", remark="").text
    sue = office_server.client("sue", Role.SUPERVISOR)
    assert "another major" in sue.get(f"/corrections?of={YEAR}%20{SCHOOL}").text
