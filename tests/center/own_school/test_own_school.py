"""What a school sees and does by itself: its classes, photos beside names, packs, corrections, colleges."""

import re

import pytest
import requests
from sqlalchemy import update

from center.accounts.model.roles import College, Role, may
from center.corrections.model import CaseKind, CaseState
from center.own_school.model import Scope, fingerprint
from center.own_school.pages import PAGES as OWN_PAGES
from center.own_school.tables import ClassCheckRow
from center.shots.model.staff_decision import Approve
from rules.idnumber import check_digit
from tests.center.delivery.test_deliveries import SCHOOL, YEAR, approve, enter, person_of, work
from tests.center.factories import shot_id, somebody
from tests.center.office_server import Client, OfficeServer, file_shot
from tests.center.roster.roster_files import HEADER

OTHER = "另一大学"
RIGHT_ID = "11010519491231002X"


@pytest.fixture
def stocked(office_server: OfficeServer) -> OfficeServer:
    """Two majors of a school, three approved photos and a graduate without one; another school with its own."""
    office, clock = office_server.office, office_server.clock
    enter(office, 1, 2)
    enter(office, 3, 4, major="物理", class_name="2班")
    for number in (1, 2, 3):
        approve(office, clock, number)
    enter(office, 11, school=OTHER)
    file_shot(office, 11, person=somebody(11, school=OTHER, year=YEAR))
    shot = office.queue.claim("anna", shot_id(11))
    office.queue.decide("anna", shot.shot_id, shot.version, Approve())
    clock.move(seconds=11)
    return office_server


def school(stocked: OfficeServer) -> Client:
    return stocked.client("shifan", Role.SCHOOL, SCHOOL)


def keys(client: Client) -> list[str]:
    """The classes' keys as the page has them, the mathematicians' first."""
    return list(dict.fromkeys(re.findall(r"class=([0-9a-f]{16,})", client.get("/checking").text)))


def confirm(client: Client, of: str) -> requests.Response:
    """Confirm a class as it is shown now."""
    return client.post("/checking/confirm", {"class": of, "seen": seen_of(client, of)})


def seen_of(client: Client, of: str) -> str:
    return str(re.findall(r'name="seen" value="([^"]+)"', client.get(f"/checking?class={of}").text)[0])


def rows(page: str) -> list[str]:
    return re.findall(r'name="row" value="([^"]+)"', page)


def test_a_school_comes_to_its_progress_and_is_told_what_to_do_next(stocked: OfficeServer) -> None:
    client = school(stocked)
    assert client.get("/").headers["location"] == "/progress"
    page = client.get("/progress").text
    assert "classes left 2" in page
    assert "数学" in page
    assert OTHER not in page
    assert somebody(1).name not in page, "progress opens nobody's name"


def test_photos_stand_beside_the_names_of_the_class_and_each_look_is_in_the_audit(stocked: OfficeServer) -> None:
    client = school(stocked)
    page = client.get(f"/checking?class={keys(client)[0]}").text
    photos = re.findall(r'src="(/checking/[^"]+)"', page)
    assert len(photos) == 2
    for path in photos:
        answer = client.get(path)
        assert answer.headers["content-type"] == "image/jpeg"
        assert len(answer.content) < 40_000, "a small copy"
    for number in (1, 2):
        assert str(somebody(number).student_no) in page
        assert str(somebody(number).id_number) not in page
    assert str(somebody(3).student_no) not in page
    shown = stocked.client("root", Role.ADMINISTRATOR).get("/audit").text
    assert "a school looked at a class" in shown


def test_a_mark_opens_a_case_and_can_be_taken_back_until_the_office_settles_it(stocked: OfficeServer) -> None:
    client, office = school(stocked), stocked.office
    of = keys(client)[0]
    row = rows(client.get(f"/checking?class={of}").text)[0]
    form = {"class": of, "row": row}
    assert client.post("/checking/mark", form, kind="wrong_id", right_id="123").status_code == 400
    assert "will deal with it" in client.post("/checking/mark", form, kind="wrong_image", remark="是同班同学").text
    assert client.post("/checking/mark", form, kind="wrong_image").status_code == 409
    (case,) = office.corrections.cases("test", SCHOOL, YEAR)
    assert (case.kind, case.state, case.remark) == (CaseKind.WRONG_IMAGE, CaseState.OPEN, "是同班同学")
    client.post("/checking/mark", {"class": of, "case": case.case_id, "do": "take_back"})
    assert [one.state for one in office.corrections.cases("test", SCHOOL, YEAR)] == [CaseState.REFUSED]
    assert ">Refused</span>" in client.get("/feedback").text
    assert client.post("/checking/mark", form, kind="wrong_id", right_id=RIGHT_ID).status_code == 200
    (marked,) = office.corrections.open_kinds(SCHOOL, YEAR)
    office.corrections.close("sue", marked.case_id, CaseState.DONE, "已更正")
    assert "已更正" in client.get("/feedback").text
    assert client.post("/checking/mark", {"class": of, "case": marked.case_id, "do": "take_back"}).status_code == 409


def test_only_what_the_page_showed_is_confirmed(stocked: OfficeServer) -> None:
    client = school(stocked)
    of = keys(client)[0]
    before = seen_of(client, of)
    file_shot(stocked.office, 21, person=person_of(1))
    shot = stocked.office.queue.claim("anna", shot_id(21))
    stocked.office.queue.decide("anna", shot.shot_id, shot.version, Approve(replaces=shot_id(1)))
    stocked.clock.move(seconds=11)
    answer = client.post("/checking/confirm", {"class": of, "seen": before})
    assert answer.status_code == 409
    assert "has changed since it was shown" in answer.text
    assert f"/checking/{shot_id(21)}/" in answer.text, "the class as it is now"
    assert "classes left 2" in client.get("/progress").text
    assert confirm(client, of).status_code == 200
    assert client.post("/checking/confirm", {"class": of}).status_code == 400


REPORTED_BY = ("the school", "its college", "another college", "the graduate", "the office", "the school's form")


@pytest.mark.parametrize("by", REPORTED_BY)
@pytest.mark.parametrize("role", [Role.SCHOOL, Role.COLLEGE])
def test_who_reported_a_mistake_may_withdraw_it_and_nobody_else(stocked: OfficeServer, by: str, role: Role) -> None:
    office = stocked.office
    maths = stocked.client("maths", Role.COLLEGE, SCHOOL, College("数学学院", ("数学",)))
    other = stocked.client("other", Role.COLLEGE, SCHOOL, College("理学院", ("数学", "物理")))
    of = keys(maths)[0]
    row = rows(maths.get(f"/checking?class={of}").text)[0]
    opener = {"the school": school(stocked), "its college": maths, "another college": other}.get(by)
    if opener is not None:
        opener.post("/checking/mark", {"class": of, "row": row, "kind": "caption"})
    else:
        office.corrections.open_case("booth:booth-1" if by == "the graduate" else "sue", row, CaseKind.CAPTION)
    client = maths if role is Role.COLLEGE else school(stocked)
    may_withdraw = by == "its college" or (opener is not None and role is Role.SCHOOL)
    (case,) = office.corrections.open_kinds(SCHOOL, YEAR)
    page = client.get(f"/checking?class={of}").text
    assert ('value="take_back"' in page) == may_withdraw
    assert ("Somebody else reported this" in page) != may_withdraw
    answer = client.post("/checking/mark", {"class": of, "case": case.case_id, "do": "take_back"})
    assert answer.status_code == (200 if may_withdraw else 409)
    assert bool(office.corrections.open_kinds(SCHOOL, YEAR)) != may_withdraw


def test_a_class_is_confirmed_and_open_again_when_a_photo_in_it_changes(stocked: OfficeServer) -> None:
    client = school(stocked)
    of = keys(client)[0]
    assert "is checked" in confirm(client, of).text
    assert "classes left 1" in client.get("/progress").text
    file_shot(stocked.office, 21, person=person_of(1))
    shot = stocked.office.queue.claim("anna", shot_id(21))
    stocked.office.queue.decide("anna", shot.shot_id, shot.version, Approve(replaces=shot_id(1)))
    stocked.clock.move(seconds=11)
    page = client.get("/progress").text
    assert "changed since" in page
    assert "classes left 2" in page


@pytest.mark.parametrize("changes", [{"name": "王晓明"}, {"id_number": RIGHT_ID}])
def test_a_class_is_open_again_when_a_row_in_it_is_corrected(stocked: OfficeServer, changes: dict[str, str]) -> None:
    client = school(stocked)
    maths, physics = keys(client)
    for of in (maths, physics):
        assert confirm(client, of).status_code == 200
    before = seen_of(client, maths)
    enter(stocked.office, 2, **changes)
    page = client.get("/progress").text
    assert "changed since" in page
    assert "classes left 1" in page, "the other class stays confirmed"
    assert client.post("/checking/confirm", {"class": maths, "seen": before}).status_code == 409


def test_a_class_that_an_earlier_version_confirmed_stays_confirmed(stocked: OfficeServer) -> None:
    client, office = school(stocked), stocked.office
    of = keys(client)[0]
    confirm(client, of)
    rows = office.own_school.school_class(Scope(SCHOOL), YEAR, of).rows
    with office.database.write() as session:
        session.execute(update(ClassCheckRow).values(fingerprint=fingerprint(rows, with_rows=False)))
    assert "classes left 1" in client.get("/progress").text


def test_a_pack_is_taken_confirmed_and_answered_for(stocked: OfficeServer) -> None:
    client, office = school(stocked), stocked.office
    made, password = office.deliveries.make("sue", SCHOOL, YEAR)
    assert "The file is being made" in client.get("/packs").text
    work(office)
    page = client.get("/packs").text
    assert password not in page, "it is told apart"
    answer = client.post("/packs/take", delivery=made.delivery_id)
    assert answer.content.startswith(b"PK")
    assert client.post("/feedback", images="满意", organisation="满意", head_count="3").status_code == 409
    assert "Receipt is confirmed" in client.post("/packs/confirm", delivery=made.delivery_id).text
    assert client.post("/packs/confirm", delivery=made.delivery_id).status_code == 409
    assert office.deliveries.all(SCHOOL)[0].receiver == "shifan（网上确认）", "it is on the Chinese slip"
    assert "Please send your feedback by 2026-09-29" in client.get("/feedback").text
    sent = client.post("/feedback", images="满意", organisation="比较满意", head_count="3", opinion="好")
    assert "The feedback is sent" in sent.text
    (progress,) = office.correction_overview.all()
    assert progress.forms == 1
    assert (SCHOOL, YEAR) in office.print_locks.unlocked()
    said = stocked.client("root", Role.ADMINISTRATOR).get("/audit").text
    assert "delivery" in said


def table(*lines: tuple[str, ...]) -> bytes:
    return "\n".join(",".join(line) for line in (tuple(HEADER), *lines)).encode()


def line(number: int, of: str = SCHOOL) -> tuple[str, ...]:
    student, name = somebody(number).student_no, somebody(number).name
    return (YEAR, of, "化学", "3班", str(student), id_number(number), name, "女", "26320102150001")


def id_number(number: int) -> str:
    """One that holds: its check digit is right."""
    digits = f"32010220000101{number * 2:03d}"
    return digits + check_digit(digits)


def test_a_school_sends_its_own_roster_and_nobody_elses(stocked: OfficeServer) -> None:
    client, office = school(stocked), stocked.office
    with office.database.read() as session:
        before = len(office.roster.of_school(session, SCHOOL))
    answer = client.upload("/own-roster", table(line(31), line(32, OTHER)), do="import")
    assert answer.status_code == 400
    assert OTHER in answer.text
    client.upload("/own-roster", table(line(31)), do="look")
    with office.database.read() as session:
        assert len(office.roster.of_school(session, SCHOOL)) == before
    assert client.upload("/own-roster", table(line(31)), do="import").status_code == 200
    with office.database.read() as session:
        assert len(office.roster.of_school(session, SCHOOL)) == before + 1
        assert len(office.roster.of_school(session, OTHER)) == 1


def test_sending_a_roster_tells_nothing_of_numbers_on_other_rosters(stocked: OfficeServer) -> None:
    client = school(stocked)
    enter(stocked.office, 12, school=OTHER, id_number=id_number(12))
    known = (*line(31)[:5], id_number(12), *line(31)[6:])
    pages = [client.upload("/own-roster", table(one), do="look").text for one in (known, line(31))]
    # A sealed table and a form's number are another text each time; the table is what the page shows.
    shown = [re.sub(r'name="(table|once)" value="[^"]+"', "", page) for page in pages]
    assert shown[0] == shown[1]
    assert len(pages[0]) == len(pages[1])
    assert "0 <" not in pages[0]


def test_a_school_makes_accounts_for_its_colleges_which_see_their_majors_only(stocked: OfficeServer) -> None:
    client = school(stocked)
    assert client.post("/colleges", name="math", college="数学学院").status_code == 400
    assert client.post("/colleges", name="math", college="数学学院", majors="医学").status_code == 400
    page = client.post("/colleges", name="math", college="数学学院", majors="数学").text
    assert "shifan.math" in page
    assert "otpauth://" in page
    assert client.post("/colleges", name="math", college="数学学院", majors="数学").status_code == 409
    account = next(one for one in stocked.office.accounts.all() if one.name == "shifan.math")
    assert (account.role, account.school, account.majors, account.must_change) == (
        Role.COLLEGE,
        SCHOOL,
        ("数学",),
        True,
    )
    for do in ("password", "app", "disable", "reopen"):
        assert client.post("/colleges/change", name="shifan.math", do=do).status_code in (200, 303)
    for name in ("shifan", "anna", "nobody"):
        assert client.post("/colleges/change", name=name, do="disable").status_code == 404
    assert client.post("/colleges/change", name="shifan.math", do="x").status_code == 400


def college(stocked: OfficeServer) -> Client:
    """An account for the mathematicians."""
    return stocked.client("shifan.math", Role.COLLEGE, SCHOOL, College("数学学院", ("数学",)))


def test_a_college_sees_its_majors_and_neither_packs_nor_other_classes(stocked: OfficeServer) -> None:
    client, whole = college(stocked), school(stocked)
    mathematicians, physicists = keys(whole)
    assert keys(client) == [mathematicians]
    assert "物理" not in client.get("/progress").text
    assert client.get(f"/checking?class={physicists}").status_code == 404
    row = rows(whole.get(f"/checking?class={physicists}").text)[0]
    assert client.post("/checking/mark", {"class": mathematicians, "row": row}, kind="caption").status_code == 404
    assert client.post("/checking/confirm", {"class": physicists, "seen": "x"}).status_code == 404
    (photo,) = re.findall(r'src="/checking/([0-9a-f]{32})', whole.get(f"/checking?class={physicists}").text)
    assert client.get(f"/checking/{photo}/{ticket(stocked, client, photo)}.jpg").status_code == 404
    for page in OWN_PAGES:
        if page.right is not None and not may(Role.COLLEGE, page.right):
            answer = client.get(page.path) if page.method == "GET" else client.post(page.path)
            assert answer.status_code in (303, 403)


def ticket(stocked: OfficeServer, client: Client, of: str) -> str:
    """The ticket this session's pages would hold for a photo, so that only the scope is in its way."""
    return stocked.office.office_keys.lookup("photo ticket", f"{client.csrf_token}\0{of}").hex()[:32]
