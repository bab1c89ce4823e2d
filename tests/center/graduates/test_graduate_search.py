"""Finding a graduate, one's own decisions of today, and reviews that nobody can have looked at."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page
from sqlalchemy import select

from center.accounts.model.roles import Role
from center.audit.tables import AuditRow
from center.graduates import service
from center.graduates.service import GraduateSearch
from center.review.figures import Figures
from center.review.own_decisions import OwnDecisions
from center.shots.model.staff_decision import Approve, Reject
from tests.center.factories import shot_id, somebody
from tests.center.office_server import OfficeServer, differ, file_shot, state_of
from tests.roster_rows import roster_row
from wire.manifest import Person
from wire.roster_change import RosterRow


def row_of(person: Person, **changes: str) -> RosterRow:
    numbers = {"student_no": person.student_no or "2026999999", "id_number": person.id_number or "", "exam_no": "1"}
    return roster_row(**(numbers | {"school": person.school or "示范大学", "name": person.name, "sex": "女"} | changes))


def search(office_server: OfficeServer) -> GraduateSearch:
    office = office_server.office
    return GraduateSearch(office.database, office.office_keys, office.audit, office.roster, office.clock)


@pytest.fixture
def filled(office_server: OfficeServer) -> OfficeServer:
    """Two photographed graduates, of whom the first is on the roster, and one of the roster who never came."""
    for number in (1, 2):
        file_shot(office_server.office, number)
    office_server.office.roster.import_rows(
        "test", [row_of(somebody(1), name="欧阳娜娜"), row_of(somebody(3, name="司马光"), name="司马光")]
    )
    return office_server


def test_a_graduate_is_found_by_each_whole_value_and_by_no_part_of_one(filled: OfficeServer) -> None:
    one, two = somebody(1), somebody(2)
    find = search(filled).find
    assert one.id_number
    assert one.student_no
    for typed in ("RECE-000001", "rece 000001", one.id_number, f" {one.id_number} ", one.student_no, "欧阳娜娜"):
        (found,) = find("anna", typed)
        assert (found.name, found.on_roster) == ("欧阳娜娜", True), typed
        assert [item.shot.shot_id for item in found.shots] == [shot_id(1)]
    (absent,) = find("anna", "司马光")
    assert (absent.on_roster, absent.shots) == (True, ())
    assert two.id_number
    (stranger,) = find("anna", two.id_number)
    assert (stranger.on_roster, len(stranger.shots)) == (False, 1)
    parts = (one.id_number[:-1], one.id_number[6:14], one.student_no[:-1], "欧阳", "RECE", "%", "*", "", "x" * 500)
    for part in parts:
        assert find("anna", part) == [], part


@pytest.mark.parametrize("changes", [{}, {"id_number": None, "school": None}])
def test_a_graduate_is_found_whatever_the_name_holds(
    office_server: OfficeServer, changes: dict[str, str | None]
) -> None:
    person = somebody(1, name="王\x00五", **changes)
    file_shot(office_server.office, 1, person=person)
    (found,) = search(office_server).find("anna", person.id_number or person.student_no or "")
    assert (found.name, len(found.shots)) == (person.name, 1)


def test_a_namesakes_many_photos_hide_nobody_elses(
    office_server: OfficeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Staff issue a pass to somebody without a photo."""
    monkeypatch.setattr(service, "_MOST_SHOTS", 2)
    for number, who in enumerate((1, 2, 2, 2), start=1):
        file_shot(office_server.office, number, person=somebody(who))
        office_server.clock.move(seconds=1)
    office_server.office.roster.import_rows("test", [row_of(somebody(who), name="张伟") for who in (1, 2)])
    found = search(office_server).find("anna", "张伟")
    assert [[item.shot.shot_id for item in one.shots] for one in found] == [[shot_id(4), shot_id(3)], [shot_id(1)]]


NOTHING = dict.fromkeys(("exam_no", "school", "major", "class_name", "year"))


def test_a_graduate_is_found_with_the_photos_of_every_record(office_server: OfficeServer) -> None:
    """By the ID number and by the student number. The photo under the bare code of a booth that had no row is shown,
    too, but not as this graduate's: somebody of a school without a roster may have the same number.
    """
    office, one = office_server.office, somebody(1)
    other = somebody(1, name="", id_number=None, **NOTHING)
    people = {1: somebody(1, student_no=None, **NOTHING), 2: somebody(1, id_number=None), 3: other}
    for number, person in people.items():
        file_shot(office, number, person=person, receipt=f"RECE-{number}")
        office_server.clock.move(seconds=1)
    office.roster.import_rows("test", [row_of(one, year=str(one.year))])
    for typed in (one.id_number, one.student_no, one.name, "RECE-1", "RECE-2", "RECE-3"):
        by_code, found = search(office_server).find("anna", str(typed))
        assert [each.shot.shot_id for each in by_code.shots] == [shot_id(3)], typed
        assert [each.shot.shot_id for each in found.shots] == [shot_id(2), shot_id(1)], typed
        assert (by_code.on_roster, by_code.name, found.on_roster) == (False, "", True)
    office.roster.import_rows("test", [row_of(somebody(5, student_no=one.student_no), school="远方学院")])
    (found,) = search(office_server).find("anna", str(one.id_number))
    assert len(found.shots) == 2, "two schools have this number: nobody knows whose the code is"


def test_who_is_on_two_years_rosters_has_each_photo_under_its_year(office_server: OfficeServer) -> None:
    office = office_server.office
    for number, year in ((1, "2025"), (2, "2026")):
        file_shot(office, number, person=somebody(1, year=year))
    rows = [row_of(somebody(1), year=year, class_name=year, student_no=year) for year in ("2025", "2026", "2027")]
    office.roster.import_rows("test", rows)
    found = search(office_server).find("anna", str(somebody(1).id_number))
    shown = {one.class_name: [each.shot.shot_id for each in one.shots] for one in found}
    assert shown == {"2025": [shot_id(1)], "2026": [shot_id(2)], "2027": []}


def test_a_photo_of_a_year_without_a_roster_is_under_no_row_of_another_year(office_server: OfficeServer) -> None:
    """A student number is unique within a year only."""
    office, one = office_server.office, somebody(1)
    for number, year in ((1, "2024"), (2, "2026")):
        file_shot(office, number, person=somebody(1, id_number=None, year=year), receipt=f"RECE-{number}")
    office.roster.import_rows(
        "test", [row_of(somebody(7, student_no=one.student_no), year="2026", school=str(one.school))]
    )
    find = search(office_server).find
    for typed in (somebody(7).id_number, one.student_no, "RECE-2"):
        (found,) = find("anna", str(typed))
        assert (found.on_roster, [each.shot.shot_id for each in found.shots]) == (True, [shot_id(2)]), typed
    (found,) = find("anna", "RECE-1")
    assert (found.on_roster, found.name) == (False, one.name)
    assert [each.shot.shot_id for each in found.shots] == [shot_id(1)]


def test_a_search_is_in_the_audit_without_what_was_typed(filled: OfficeServer) -> None:
    anna = filled.client("anna")
    number = somebody(1).id_number or ""
    page = anna.post("/find", what=number)
    assert page.status_code == 200
    assert shot_id(1) in page.text
    # Masked: neither the whole number nor the whole name is on the page.
    assert number not in page.text
    assert "欧阳娜娜" not in page.text
    assert anna.post("/find", what="nobody at all").status_code == 200
    with filled.office.database.read() as session:
        entries = session.scalars(
            select(AuditRow).where(AuditRow.action == "graduate.searched").order_by(AuditRow.place)
        ).all()
    assert [entry.detail for entry in entries] == [{"found": 1, "shots": [shot_id(1)]}, {"found": 0, "shots": []}]
    assert all(entry.actor == filled.colleague("anna").user_id for entry in entries)


def test_why_somebody_has_no_photo_is_noted_where_they_are_found(filled: OfficeServer) -> None:
    anna = filled.client("anna")
    (row,) = re.findall(r'name="row" value="([0-9a-f]+)"', anna.post("/find", what="司马光").text)
    assert 'name="row"' not in anna.post("/find", what="欧阳娜娜").text, "who has a photo needs none"
    assert "Noted for the memo: ill" in anna.post("/find/absence", row=row, reason="ill", words="住院").text
    assert anna.post("/find/absence", row=row, reason="bored").status_code == 400
    assert anna.post("/find/absence", row="f" * 32, reason="ill").status_code == 404
    wanted = row_of(somebody(3, name="司马光"))
    lines = filled.office.attendances.memo("sue", wanted.school, wanted.year)
    (absence,) = [line.absence for line in lines if line.absence is not None]
    assert (absence.reason.value, absence.words) == ("ill", "住院")


def test_the_box_is_on_every_page_of_those_with_the_right_only(filled: OfficeServer) -> None:
    box = 'action="/find"'
    for path in ("/queue", "/mine", "/school", "/account", f"/review/{shot_id(1)}"):
        assert box in filled.client("anna").get(path).text, path
    for name, role, school in (("root", Role.ADMINISTRATOR, None), ("eve", Role.SCHOOL, "示范大学")):
        client = filled.client(name, role, school)
        assert box not in client.get("/account").text
        assert client.post("/find", what="RECE-000001").status_code == 403
    # Loaded again, the page asks anew: what was looked for stands in no address.
    again = filled.client("anna").get("/find")
    assert (again.status_code, shot_id(1) in again.text) == (200, False)


def test_who_looks_a_second_time_learns_nothing_from_a_search(office_server: OfficeServer) -> None:
    differ(office_server, 1)  # anna approved; bob looked a second time and rejected
    anna, bob = (office_server.colleague(name).user_id for name in ("anna", "bob"))
    find = search(office_server).find
    ((seen,),) = [one.shots for one in find(anna, "RECE-000001")]
    assert seen.shot.decision == "approved"
    ((seen,),) = [one.shots for one in find(bob, "RECE-000001")]
    assert seen.shot.decision != "approved"
    (own,) = OwnDecisions(office_server.office.database, office_server.clock).today(bob, 10)
    assert (own.decision, own.reasons) == ("rejected", ("glasses",))


def test_a_decision_of_today_is_taken_back_while_it_is_open(office_server: OfficeServer) -> None:
    client = office_server.client("anna")
    anna, queue = office_server.colleague("anna").user_id, office_server.office.queue
    for number in (1, 2):
        file_shot(office_server.office, number)
        shot = queue.claim(anna, shot_id(number))
        queue.decide(anna, shot.shot_id, shot.version, Reject(("glasses",)) if number == 1 else Approve())
        office_server.clock.move(seconds=8)
    page = client.get("/mine").text
    assert page.index(shot_id(2)) < page.index(shot_id(1))  # the newest first
    forms = re.findall(r'hx-post="(/review/\w+/undo)".*?name="undo_version" value="(\d+)"', page)
    assert [path for path, _ in forms] == [f"/review/{shot_id(2)}/undo"]  # eight of ten seconds are over for it
    assert "data-left>2<" in page
    ((path, version),) = forms
    assert client.post(path, undo_version=version).status_code == 200
    assert state_of(office_server, 2).value == "claimed"
    page = client.get("/mine").text
    assert "taken back" in page
    assert "/undo" not in page
    office_server.clock.move(days=1)
    assert "No decisions yet today" in office_server.client("anna").get("/mine").text


def test_a_day_begins_at_midnight_in_china(office_server: OfficeServer) -> None:
    anna, queue = office_server.colleague("anna").user_id, office_server.office.queue
    own = OwnDecisions(office_server.office.database, office_server.clock)
    file_shot(office_server.office, 1)
    office_server.clock.now = office_server.clock.now.replace(hour=15, minute=59)  # 23:59 in Beijing
    shot = queue.claim(anna, shot_id(1))
    queue.decide(anna, shot.shot_id, shot.version, Approve())
    assert len(own.today(anna, 10)) == 1
    assert own.today("somebody else", 10) == []
    office_server.clock.move(minutes=1)
    assert own.today(anna, 10) == []


def test_reviews_under_a_second_are_shown_as_such(office_server: OfficeServer) -> None:
    anna, queue = office_server.colleague("anna").user_id, office_server.office.queue
    for number, seconds in ((1, 0.999), (2, 1.0), (3, 5.0)):
        file_shot(office_server.office, number)
        shot = queue.claim(anna, shot_id(number))
        office_server.clock.move(seconds=seconds)
        queue.decide(anna, shot.shot_id, shot.version, Approve())
    (work,) = Figures(office_server.office.database, office_server.clock).work(1)
    assert (work.approved, work.hasty) == (3, 1)
    page = office_server.client("sue", Role.SUPERVISOR).get("/numbers").text
    assert '<span class="tag tag-no">1</span>' in page
    assert "nobody has looked" in page


def test_staff_find_a_graduate_from_the_page_they_are_on(
    filled: OfficeServer, browser_window: Callable[..., Page]
) -> None:
    page = browser_window("anna")
    page.goto(f"{filled.address}/queue")
    page.locator(".find [name=what]").fill("司马光")
    page.keyboard.press("Enter")
    page.wait_for_url("**/find")
    assert "Not photographed yet" in page.locator("main").inner_text()
    assert "司马光" not in page.content()
