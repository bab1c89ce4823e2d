"""A student number that a school gives to somebody else takes no photo along: the name filed with the photo counts."""

import io
import json
import zipfile
from collections.abc import Callable

import pytest

from center.graduates.service import GraduateSearch
from center.platform.faults import Conflict, NotThere, WrongRequest
from center.retention.model import RequestKind
from center.shots.model.staff_decision import Reject
from center.wiring.office import Office
from tests.center.conftest import file_shot
from tests.center.delivery.test_deliveries import SCHOOL, YEAR, decide, enter
from tests.center.factories import HandClock, shot_id, somebody
from tests.center.retention.test_retention import kept, named
from wire.manifest import Person

ONE, TWO = 1, 2
NAMES = {ONE: "欧阳娜娜", TWO: "司马光"}
NUMBERS = {one: str(somebody(one).id_number) for one in NAMES}
STUDENT_NOS = {one: str(somebody(one).student_no) for one in NAMES}


def rows(office: Office, student_nos: dict[int, str]) -> None:
    for one, student_no in student_nos.items():
        enter(office, one, name=NAMES[one], student_no=student_no)


def photographed(office: Office, clock: HandClock, photos: dict[int, Person]) -> None:
    for number, person in photos.items():
        file_shot(office, number, person=person, receipt=f"RECE-{number}")
        decide(office, clock, number, Reject(("glasses",)))


def by_number(one: int, name: str, year: str | None = YEAR) -> Person:
    return somebody(one, id_number=None, name=name, school=SCHOOL, year=year)


def swap(office: Office) -> None:
    rows(office, {ONE: STUDENT_NOS[TWO], TWO: STUDENT_NOS[ONE]})


def give_on(office: Office) -> None:
    """The first one's row goes; the second one's gets the number. Its own old row is still there."""
    rows(office, {TWO: STUDENT_NOS[ONE]})


def give_on_and_forget(office: Office) -> None:
    """A photo was filed under the new owner of the number, too, and then the school's roster goes."""
    give_on(office)
    with office.database.read() as session:
        found = office.roster.find(session, list(STUDENT_NOS.values()), 5)
    office.roster.remove("sue", [one.row_id for one in found])


CHANGES = pytest.mark.parametrize("change", [swap, give_on, give_on_and_forget])


@CHANGES
@pytest.mark.parametrize("kind", RequestKind)
def test_a_photo_stays_with_whom_it_was_filed_for(
    office: Office, clock: HandClock, change: Callable[[Office], None], kind: RequestKind
) -> None:
    rows(office, STUDENT_NOS)
    photographed(office, clock, {1: by_number(ONE, NAMES[ONE])})
    change(office)
    photographed(office, clock, {3: by_number(ONE, NAMES[TWO])})
    of_two = office.data_cases.open("sue", kind, "RECE-3" if change is give_on_and_forget else NUMBERS[TWO])
    with pytest.raises((WrongRequest, NotThere)):
        office.data_cases.open("sue", kind, STUDENT_NOS[ONE], SCHOOL)
    of_one = office.data_cases.open("sue", kind, "RECE-1")
    assert [one.photos for one in office.data_cases.requests()] == [1, 1]
    if kind is RequestKind.DELETE:
        assert office.data_cases.delete("sue", of_two) == 1
        assert kept(office) == named(office) == {shot_id(1)}
        assert office.data_cases.delete("sue", of_one) == 1
        return
    with zipfile.ZipFile(io.BytesIO(office.data_cases.export("sue", of_one))) as archive:
        said = archive.read("data.json").decode()
    assert [one["photo"] for one in json.loads(said)["photos"]] == [shot_id(1)]
    assert NAMES[TWO] not in said


def test_a_copy_after_the_deletion_is_nobody_else_s(office: Office, clock: HandClock) -> None:
    """The name that told whose the photo was is gone."""
    rows(office, STUDENT_NOS)
    photographed(office, clock, {1: by_number(ONE, NAMES[ONE])})
    swap(office)
    see = office.data_cases.open("sue", RequestKind.SEE, "RECE-1")
    office.data_cases.delete("sue", office.data_cases.open("sue", RequestKind.DELETE, "RECE-1"))
    with pytest.raises(Conflict, match="refuse the request"):
        office.data_cases.export("sue", see)


def test_the_search_shows_such_a_photo_under_no_row(office: Office, clock: HandClock) -> None:
    rows(office, STUDENT_NOS)
    photographed(office, clock, {1: by_number(ONE, NAMES[ONE])})
    swap(office)
    search = GraduateSearch(office.database, office.office_keys, office.audit, office.roster, clock)
    assert [len(one.shots) for one in search.find("anna", NUMBERS[TWO])] == [0]
    (found,) = search.find("anna", "RECE-1")
    assert (found.name, found.on_roster, len(found.shots)) == (NAMES[ONE], False, 1)


@pytest.mark.parametrize("name", ["", " 欧阳　娜娜 ", "欧阳娜娜"])
@pytest.mark.parametrize("year", [YEAR, None])
def test_a_name_that_is_missing_or_written_otherwise_tells_nothing(
    office: Office, clock: HandClock, name: str, year: str | None
) -> None:
    rows(office, STUDENT_NOS)
    photographed(
        office, clock, {1: by_number(ONE, name, year), 3: somebody(ONE, name="别名", school=SCHOOL, year=YEAR)}
    )
    office.data_cases.open("sue", RequestKind.SEE, NUMBERS[ONE])
    assert [one.photos for one in office.data_cases.requests()] == [2]
    assert office.data_cases.open("sue", RequestKind.SEE, STUDENT_NOS[ONE], SCHOOL) == 1
