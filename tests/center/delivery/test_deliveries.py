"""Deliveries from approved photos to what a school opens, on both databases."""

import hashlib
import io
import json
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import openpyxl
import pytest
from sqlalchemy import func, insert, select, text

from center.__main__ import main
from center.audit.tables import AuditRow
from center.commands.jobs import make_runner
from center.delivery import service
from center.delivery.model import MANIFEST, MANIFEST_COLUMNS, MORE_SIZES, SIZES_LIST, Change, LeftOut, size_path
from center.export.verifying import verify_folder
from center.platform.configuration import CenterConfig
from center.platform.documents.archive import INNER, NOTE
from center.platform.faults import Conflict, NotThere, WrongRequest
from center.print_sheets.sheets import CHECKLIST, formats
from center.recrop.tables import RecroppedRow
from center.retention.model import RequestKind
from center.shots.model.staff_decision import Approve, Reject
from center.shots.tables import DecisionRow, ShotRow
from center.wiring.office import Office
from rules.idnumber import check_digit
from rules.profile import MoreSize
from tests.center.conftest import file_shot, make_config, manifest
from tests.center.factories import PROFILE, HandClock, photo, shot_id, somebody
from tests.center.office_server import file_shot as file_shot_with_original
from tests.roster_rows import roster_row
from wire import envelope

SCHOOL, YEAR = "示范大学", "2026"


def enter(office: Office, *numbers: int, **changes: str) -> None:
    """Roster rows of the people of these numbers."""
    rows = []
    for number in numbers:
        person = somebody(number)
        assert person.id_number
        assert person.student_no
        fields = {"year": YEAR, "school": SCHOOL, "student_no": person.student_no, "id_number": person.id_number}
        rows.append(roster_row(**(fields | {"name": person.name, "sex": "女"} | changes)))
    office.roster.import_rows("test", rows)


def decide(office: Office, clock: HandClock, number: int, staff_decision: Approve | Reject | None = None) -> None:
    """Staff decide on a shot, for good."""
    shot = office.queue.claim("anna", shot_id(number))
    office.queue.decide("anna", shot.shot_id, shot.version, staff_decision or Approve())
    clock.move(seconds=11)


def approve(office: Office, clock: HandClock, number: int) -> None:
    file_shot(office, number, person=person_of(number))
    decide(office, clock, number)


def person_of(number: int) -> object:
    return somebody(number, school=SCHOOL, year=YEAR)


def built(office: Office, delivery_id: int) -> tuple[str, bytes]:
    """A delivery's file by the job that builds it: its name and bytes."""
    office.deliveries.build_again("sue", delivery_id)
    work(office)
    return taken(office, delivery_id)


def taken(office: Office, delivery_id: int) -> tuple[str, bytes]:
    """The file that was built before."""
    name, parts = office.deliveries.file("sue", delivery_id)
    return name, b"".join(parts)


def work(office: Office) -> None:
    """Do the jobs there are."""
    runner = make_runner(office)
    while runner.run_one():
        pass


def opened(data: bytes, password: str, folder: Path) -> dict[str, bytes]:
    """The inner archive's files, opened by 7-Zip as a school does."""
    program = shutil.which("7z") or shutil.which("7zz")
    if program is None:
        pytest.skip("NOT RUN: 7-Zip is not installed (p7zip-full)")
    folder.mkdir()
    (folder / "pack.zip").write_bytes(data)
    subprocess.run([program, "x", "-y", f"-p{password}", f"-o{folder}", folder / "pack.zip"], check=True, stdout=-3)
    with zipfile.ZipFile(folder / INNER) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def lines_of(files: dict[str, bytes]) -> list[dict[str, str]]:
    sheet = openpyxl.load_workbook(io.BytesIO(files[MANIFEST])).active
    assert sheet is not None
    titles, *rows = sheet.iter_rows(values_only=True)
    assert list(titles) == [title for title, _ in MANIFEST_COLUMNS]
    return [dict(zip(map(str, titles), (str(cell or "") for cell in row), strict=True)) for row in rows]


def test_a_school_opens_its_photos_with_the_password_and_finds_who_is_who(
    office: Office, clock: HandClock, tmp_path: Path
) -> None:
    enter(office, 1, 2)
    for number in (1, 2):
        approve(office, clock, number)
    made, password = office.deliveries.make("sue", SCHOOL, YEAR)
    assert (made.number, made.counts) == (1, {Change.NEW: 2})
    name, data = built(office, made.delivery_id)
    files = opened(data, password, tmp_path / "school")
    student = somebody(1).student_no
    path = f"{SCHOOL}/1班/{student}.jpg"
    assert files[path] == photo()
    (line,) = (line for line in lines_of(files) if line["文件"] == path)
    assert (line["变更"], line["学号"], line["身份证号"]) == ("新增", student, somebody(1).id_number)
    assert line["SHA-256"] == hashlib.sha256(photo()).hexdigest()
    with zipfile.ZipFile(io.BytesIO(data)) as outer:
        assert outer.namelist() == [NOTE, INNER]
        said = outer.read(NOTE).decode("utf-8-sig")
    for secret in (student, somebody(1).id_number, somebody(1).name, password):
        assert secret
        assert secret not in said + name


def test_the_same_delivery_gives_the_same_bytes_inside_each_time(
    plain_office: Office, clock: HandClock, tmp_path: Path
) -> None:
    enter(plain_office, 1)
    approve(plain_office, clock, 1)
    made, password = plain_office.deliveries.make("sue", SCHOOL, YEAR)
    inside = []
    for simulate in ("first", "second"):
        clock.move(seconds=100_000)
        opened(built(plain_office, made.delivery_id)[1], password, tmp_path / simulate)
        inside.append((tmp_path / simulate / INNER).read_bytes())
    assert inside[0] == inside[1]


def test_nothing_is_delivered_that_is_not_approved_for_good(office: Office, clock: HandClock) -> None:
    enter(office, 1, 2, 3, 4)
    for number in (1, 2, 3):
        file_shot(office, number, person=person_of(number))
    decide(office, clock, 2, Reject(("glasses",)))
    shot = office.queue.claim("anna", shot_id(3))
    office.queue.decide("anna", shot.shot_id, shot.version, Approve())  # its undo is still open
    of_school = office.deliveries.of_school(SCHOOL, YEAR)
    assert of_school.plan.items == ()
    assert (of_school.waiting, of_school.rejected, of_school.missing, of_school.rows) == (2, 1, 1, 4)
    with pytest.raises(Conflict, match="nothing to deliver"):
        office.deliveries.make("sue", SCHOOL, YEAR)
    clock.move(seconds=11)
    assert [item.shot_id for item in office.deliveries.of_school(SCHOOL, YEAR).plan.items] == [shot_id(3)]


def test_a_supplement_holds_what_changed_and_withdraws_what_lost_its_approval(
    office: Office, clock: HandClock, tmp_path: Path
) -> None:
    enter(office, 1, 2, 3)
    for number in (1, 2):
        approve(office, clock, number)
    office.deliveries.make("sue", SCHOOL, YEAR)
    with pytest.raises(Conflict):
        office.deliveries.make("sue", SCHOOL, YEAR)
    with office.database.read() as session:
        version = session.execute(
            text("select version from shots where shot_id = :id"), {"id": shot_id(1)}
        ).scalar_one()
    office.queue.reopen("sue", shot_id(1), version)
    decide(office, clock, 1, Reject(("glasses",)))
    enter(office, 2, class_name="2班")
    approve(office, clock, 3)
    made, password = office.deliveries.make("sue", SCHOOL, YEAR)
    assert (made.number, made.counts) == (2, {Change.NEW: 1, Change.REPLACED: 1, Change.WITHDRAWN: 1})
    files = opened(built(office, made.delivery_id)[1], password, tmp_path / "school")
    assert sorted(line["变更"] for line in lines_of(files)) == ["作废", "新增", "更换"]
    assert f"{SCHOOL}/2班/{somebody(2).student_no}.jpg" in files
    (gone,) = (line for line in lines_of(files) if line["变更"] == "作废")
    student = somebody(1).student_no
    assert (gone["文件"], gone["学号"], gone["姓名"]) == (f"{SCHOOL}/1班/{student}.jpg", student, somebody(1).name)
    assert gone["SHA-256"] == "", "what has to be deleted is named, and is not in the pack"
    assert len(files) == 4, "two photos, the manifest, the checklist"


def test_a_person_the_roster_does_not_have_is_named_and_not_delivered(office: Office, clock: HandClock) -> None:
    approve(office, clock, 1)
    of_school = office.deliveries.of_school(SCHOOL, YEAR)
    assert (of_school.plan.items, of_school.plan.left_out) == ((), ((LeftOut.NO_ROW, shot_id(1)),))


def test_a_photo_never_goes_to_another_school(office: Office, clock: HandClock) -> None:
    enter(office, 1)
    approve(office, clock, 1)
    assert office.deliveries.schools() == [(SCHOOL, YEAR)]
    assert office.deliveries.of_school("别的大学", YEAR).plan.items == ()
    assert office.deliveries.of_school(SCHOOL, "2025").plan.items == ()


def test_a_delivery_of_some_classes_leaves_the_others_for_the_next(office: Office, clock: HandClock) -> None:
    enter(office, 1, class_name="1班")
    enter(office, 2, class_name="2班")
    for number in (1, 2):
        approve(office, clock, number)
    first, second = office.deliveries.of_school(SCHOOL, YEAR).plan.by_class
    for wrong in ((), ("没有的班",)):
        with pytest.raises(WrongRequest):
            office.deliveries.make("sue", SCHOOL, YEAR, wrong)
    made, _ = office.deliveries.make("sue", SCHOOL, YEAR, [second])
    assert (made.number, made.counts) == (1, {Change.NEW: 1})
    of_school = office.deliveries.of_school(SCHOOL, YEAR)
    assert list(of_school.plan.by_class) == [first]
    assert of_school.plan.unchanged == 1
    made, _ = office.deliveries.make("sue", SCHOOL, YEAR)
    assert (made.number, made.counts) == (2, {Change.NEW: 1})
    with office.database.read() as session:
        held = office.delivery_items.delivered(session, SCHOOL, YEAR)
    assert {shot for shot, _ in held.values()} == {shot_id(1), shot_id(2)}


def test_two_who_make_a_delivery_at_once_make_one(office: Office, clock: HandClock) -> None:
    enter(office, 1)
    approve(office, clock, 1)

    def make(_: int) -> bool:
        try:
            office.deliveries.make("sue", SCHOOL, YEAR)
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(4) as several:
        assert sum(several.map(make, range(4))) == 1
    assert [one.number for one in office.deliveries.all()] == [1]


def test_who_took_it_is_noted_once_and_everything_is_in_the_audit(office: Office, clock: HandClock) -> None:
    enter(office, 1)
    approve(office, clock, 1)
    made, password = office.deliveries.make("sue", SCHOOL, YEAR)
    assert office.deliveries.password("sue", made.delivery_id) == password
    built(office, made.delivery_id)
    with pytest.raises(WrongRequest):
        office.deliveries.hand_over("sue", made.delivery_id, "  ")
    office.deliveries.hand_over("sue", made.delivery_id, "王老师，当面")
    with pytest.raises(Conflict):
        office.deliveries.hand_over("sue", made.delivery_id, "somebody else")
    with pytest.raises(NotThere):
        office.deliveries.hand_over("sue", 99, "nobody")
    (one,) = office.deliveries.all(SCHOOL)
    assert (one.receiver, one.handed_over_at) == ("王老师，当面", clock.now)
    with office.database.read() as session:
        actions = [action for action in session.scalars(select(AuditRow.action)) if action.startswith("delivery.")]
        stored = session.execute(text("select * from deliveries")).all()
    assert actions == ["delivery.made", "delivery.password", "delivery.taken", "delivery.handed_over"]
    for secret in (password, "王老师"):
        assert secret not in repr(stored)
        assert secret not in repr(one)


def test_the_command_does_what_the_page_does(
    plain_office: Office, clock: HandClock, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    enter(plain_office, 1)
    approve(plain_office, clock, 1)
    config = tmp_path / "center.toml"
    config.write_text(f'folder = "{plain_office.config.folder}"\n')

    def run(*words: str) -> dict[str, object]:
        code = main(["deliveries", *words, "--config", str(config), "--json"])
        said = capsys.readouterr()
        assert code == 0, said.err
        answer: dict[str, object] = json.loads(said.out) if said.out else {}
        return answer

    shown = run("show", SCHOOL, YEAR)
    assert shown["new"] == 1
    classes = shown["classes"]
    assert isinstance(classes, dict)
    made = run("make", SCHOOL, YEAR, *(word for name in classes for word in ("--class", name)))
    number = str(made["delivery"])
    taken = run("take", number, str(tmp_path))
    path = Path(str(taken["file"]))
    assert path.stat().st_mode & 0o077 == 0
    assert len(opened(path.read_bytes(), str(made["password"]), tmp_path / "school")) == 3
    assert main(["deliveries", "slip", number, str(tmp_path / "slip.pdf"), "--config", str(config)]) == 1, "not built"
    work(plain_office)
    (tmp_path / "built").mkdir()
    capsys.readouterr()
    path = Path(str(run("take", number, str(tmp_path / "built"))["file"]))
    assert path.stat().st_mode & 0o077 == 0
    assert hashlib.sha256(path.read_bytes()).hexdigest() == plain_office.deliveries.built(1)[1].file_sha256, (
        "the slip's"
    )
    assert main(["deliveries", "take", number, str(tmp_path), "--config", str(config)]) == 1
    capsys.readouterr()
    assert run("password", number)["password"] == made["password"]
    assert run("hand-over", number, "王老师")["handed_over"] is True
    assert run("list")["handed_over_at"] is not None


def test_an_office_that_can_not_read_a_photo_delivers_nothing_half(plain_office: Office, clock: HandClock) -> None:
    enter(plain_office, 1)
    approve(plain_office, clock, 1)
    made, _ = plain_office.deliveries.make("sue", SCHOOL, YEAR)
    (file,) = (plain_office.config.folder / "photos").rglob(f"{shot_id(1)}-*")
    file.unlink()
    with pytest.raises(Conflict, match="is not built"):
        built(plain_office, made.delivery_id)
    assert "photo store has no file" in str(plain_office.jobs.newest(1)[0].fault)


def test_an_id_number_the_roster_lacks_never_takes_the_row_of_another_by_the_student_number(
    office: Office, clock: HandClock
) -> None:
    enter(office, 1)
    other = somebody(2, school=SCHOOL, year=YEAR, student_no=somebody(1).student_no)
    file_shot(office, 2, person=other)
    decide(office, clock, 2)
    of_school = office.deliveries.of_school(SCHOOL, YEAR)
    assert (of_school.plan.items, of_school.plan.left_out) == ((), ((LeftOut.NO_ROW, shot_id(2)),))


def test_a_photo_known_by_a_student_number_that_was_given_on_is_named_and_stays_at_the_school(
    office: Office, clock: HandClock, tmp_path: Path
) -> None:
    enter(office, 1, name="欧阳娜娜")
    enter(office, 2, name="司马光")
    file_shot(office, 1, person=somebody(1, id_number=None, name="欧阳娜娜", school=SCHOOL, year=YEAR))
    decide(office, clock, 1)
    first, _ = office.deliveries.make("sue", SCHOOL, YEAR)
    enter(office, 1, name="欧阳娜娜", student_no=str(somebody(2).student_no))
    enter(office, 2, name="司马光", student_no=str(somebody(1).student_no))
    of_school = office.deliveries.of_school(SCHOOL, YEAR)
    assert (of_school.plan.items, of_school.plan.left_out) == ((), ((LeftOut.OTHER_NAME, shot_id(1)),))
    assert (of_school.without_row, of_school.missing) == (1, 2)
    assert office.deliveries.contents(first.delivery_id).present == {shot_id(1)}
    file_shot(office, 2, person=somebody(2, name="司马光", school=SCHOOL, year=YEAR))
    decide(office, clock, 2)
    made, password = office.deliveries.make("sue", SCHOOL, YEAR)
    (line,) = lines_of(opened(built(office, made.delivery_id)[1], password, tmp_path / "school"))
    assert (line["变更"], line["姓名"]) == ("新增", "司马光"), "the other photo holds nothing back"
    enter(office, 1, name="欧阳娜娜")
    enter(office, 2, name="司马光")
    plan = office.deliveries.of_school(SCHOOL, YEAR).plan
    assert plan.left_out == (), "when the school puts it right, the photo has its row again"
    again = {(item.change, item.shot_id) for item in plan.items}
    assert (Change.NEW, shot_id(1)) in again, "the other photo overwrote its file, so the school gets it again"


def test_a_withdrawn_photo_whose_file_another_photo_has_overwritten_since_is_not_deleted_at_the_school(
    office: Office, clock: HandClock, tmp_path: Path
) -> None:
    """A school gives a graduate's student number, and so the file's name, to somebody else."""
    enter(office, 1, 3)
    approve(office, clock, 1)
    approve(office, clock, 3)
    office.deliveries.make("sue", SCHOOL, YEAR)
    enter(office, 2, student_no=str(somebody(1).student_no))
    approve(office, clock, 2)
    second, _ = office.deliveries.make("sue", SCHOOL, YEAR)
    assert second.counts == {Change.NEW: 1, Change.WITHDRAWN: 1}, "the new photo overwrites the first graduate's file"
    assert [item.shot_id for item in office.deliveries.contents(second.delivery_id).items] == [shot_id(2)]
    for number in (1, 3):
        _reopen(office, number)
        decide(office, clock, number, Reject(("glasses",)))
    made, password = office.deliveries.make("sue", SCHOOL, YEAR)
    assert made.counts == {Change.WITHDRAWN: 1}
    lines = lines_of(opened(built(office, made.delivery_id)[1], password, tmp_path / "school"))
    assert [(line["变更"], line["学号"]) for line in lines] == [("作废", somebody(3).student_no)]
    assert office.deliveries.contents(second.delivery_id).present == {shot_id(2)}


def test_of_two_withdrawn_photos_that_had_one_path_the_file_that_the_school_has_is_deleted(
    office: Office, clock: HandClock
) -> None:
    enter(office, 1)
    approve(office, clock, 1)
    office.deliveries.make("sue", SCHOOL, YEAR)
    enter(office, 2, student_no=str(somebody(1).student_no))
    approve(office, clock, 2)
    office.deliveries.make("sue", SCHOOL, YEAR)
    for number in (1, 2):
        _reopen(office, number)
        decide(office, clock, number, Reject(("glasses",)))
    made, _ = office.deliveries.make("sue", SCHOOL, YEAR)
    (line,) = office.deliveries.contents(made.delivery_id).items
    assert (line.change, line.shot_id) == (Change.WITHDRAWN, shot_id(2))


def test_a_photo_that_lost_its_approval_is_not_in_the_file_that_is_taken_later(
    office: Office, clock: HandClock, tmp_path: Path
) -> None:
    enter(office, 1, 2)
    for number in (1, 2):
        approve(office, clock, number)
    made, password = office.deliveries.make("sue", SCHOOL, YEAR)
    with office.database.read() as session:
        version = session.execute(
            text("select version from shots where shot_id = :id"), {"id": shot_id(1)}
        ).scalar_one()
    office.queue.reopen("sue", shot_id(1), version)
    files = opened(built(office, made.delivery_id)[1], password, tmp_path / "school")
    assert sorted(files) == sorted([MANIFEST, CHECKLIST, f"{SCHOOL}/1班/{somebody(2).student_no}.jpg"])
    assert sorted(line["变更"] for line in lines_of(files)) == ["作废", "新增"]


def without_number(office: Office, number: int, row_id: str) -> None:
    """Staff attach a row to a shot whose person is not known by any number."""
    shot = office.queue.claim("anna", shot_id(number))
    shot = office.identity_answers.attach("anna", shot.shot_id, shot.version, row_id)
    office.queue.decide("anna", shot.shot_id, shot.version, Approve())


@pytest.mark.parametrize("same_student", [False, True])
def test_a_photo_that_was_put_right_after_its_delivery_goes_to_the_right_person(
    office: Office, clock: HandClock, tmp_path: Path, same_student: bool
) -> None:
    nothing = dict.fromkeys(("id_number", "student_no", "exam_no", "school", "major", "class_name", "year"))
    file_shot(office, 1, person=somebody(1, **nothing, name=" "), flags=("provisional_row",))
    enter(office, 3)
    approve(office, clock, 3)
    numbers = {"student_no": "2026000001", "id_number": "11010520020101001" + check_digit("11010520020101001")}
    shot = office.queue.claim("anna", shot_id(1))
    fields = {"year": YEAR, "school": SCHOOL, "name": "王小明", "sex": "女", "class_name": "1班", "major": "数学"}
    shot = office.identity_answers.make_row("anna", shot.shot_id, shot.version, fields | numbers)
    office.queue.decide("anna", shot.shot_id, shot.version, Approve())
    clock.move(seconds=11)
    first, _ = office.deliveries.make("sue", SCHOOL, YEAR)
    _reopen(office, 1)
    (wrong,) = office.provisional.rows("sue", 9)
    office.provisional.take_back("sue", wrong.found.row_id)
    enter(office, 2, **({"student_no": numbers["student_no"]} if same_student else {}))
    with office.database.read() as session:
        (right,) = office.roster.find(session, [str(somebody(2).id_number)], 2)
    without_number(office, 1, right.row_id)
    clock.move(seconds=11)
    assert shot_id(1) not in office.deliveries.contents(first.delivery_id).present, "not with the wrong one's name"
    made, password = office.deliveries.make("sue", SCHOOL, YEAR)
    assert made.counts == {Change.NEW: 1, Change.WITHDRAWN: 1}
    files = opened(built(office, made.delivery_id)[1], password, tmp_path / "school")
    lines = {line["变更"]: line["学号"] for line in lines_of(files)}
    gone = {} if same_student else {"作废": numbers["student_no"]}
    assert lines == {"新增": right.row.student_no, **gone}, "a file that takes the place of another is not deleted"
    with pytest.raises(Conflict, match="nothing to deliver"):
        office.deliveries.make("sue", SCHOOL, YEAR)
    with office.database.read() as session:
        held = office.delivery_items.delivered(session, SCHOOL, YEAR)
        sheets = office.delivery_items.held(session, SCHOOL, YEAR)
    assert sorted(shot for shot, _ in held.values()) == [shot_id(1), shot_id(3)]
    assert {one.shot_id: one.row.student_no for one in sheets}[shot_id(1)] == right.row.student_no
    office.export.write("sue", YEAR, tmp_path / "export")
    assert list(verify_folder(tmp_path / "export", office.export.public_key)) == []


def test_a_photo_given_to_another_person_is_not_valid_for_the_first_one_whose_class_is_delivered_later(
    office: Office, clock: HandClock
) -> None:
    nothing = dict.fromkeys(("id_number", "student_no", "exam_no", "school", "major", "class_name", "year"))
    file_shot(office, 1, person=somebody(1, **nothing, name=" "), flags=("provisional_row",))
    numbers = {"student_no": "2026000001", "id_number": "11010520020101001" + check_digit("11010520020101001")}
    shot = office.queue.claim("anna", shot_id(1))
    fields = {"year": YEAR, "school": SCHOOL, "name": "王小明", "sex": "女", "class_name": "1班", "major": "数学"}
    shot = office.identity_answers.make_row("anna", shot.shot_id, shot.version, fields | numbers)
    office.queue.decide("anna", shot.shot_id, shot.version, Approve())
    clock.move(seconds=11)
    office.deliveries.make("sue", SCHOOL, YEAR)
    _reopen(office, 1)
    (wrong,) = office.provisional.rows("sue", 9)
    office.provisional.take_back("sue", wrong.found.row_id)
    enter(office, 2, class_name="2班")
    with office.database.read() as session:
        (right,) = office.roster.find(session, [str(somebody(2).id_number)], 2)
    without_number(office, 1, right.row_id)
    clock.move(seconds=11)
    (its_class,) = [one for one in office.deliveries.of_school(SCHOOL, YEAR).plan.by_class if "2班" in str(one)]
    office.deliveries.make("sue", SCHOOL, YEAR, [its_class])
    with office.database.read() as session:
        sheets = office.delivery_items.held(session, SCHOOL, YEAR)
    assert [one.row.student_no for one in sheets] == [right.row.student_no]


def _reopen(office: Office, number: int) -> None:
    with office.database.read() as session:
        version = session.scalars(select(ShotRow.version).where(ShotRow.shot_id == shot_id(number))).one()
    office.queue.reopen("sue", shot_id(number), version)


def _reject(office: Office, clock: HandClock) -> None:
    _reopen(office, 1)
    decide(office, clock, 1, Reject(("glasses",)))


def _recrop(office: Office, _: HandClock) -> None:
    with office.database.write() as session:
        decision = session.execute(select(func.max(DecisionRow.decision_id))).scalar_one()
        session.execute(insert(RecroppedRow).values(decision_id=decision, shot_id=shot_id(2), sha256=b"r" * 32, size=1))


def _delete(office: Office, _: HandClock) -> None:
    office.data_cases.delete("sue", office.data_cases.open("sue", RequestKind.DELETE, str(somebody(1).id_number)))


def _profile(office: Office, **changes: object) -> None:
    changed = {name: one.model_copy(update=changes) for name, one in office.deliveries._profiles.items()}
    for one in (office.deliveries, office.packing, office.recropping, office.print_jobs):
        one._profiles = changed


SIZE = MoreSize(
    name="一寸", width_px=295, height_px=413, dpi=300, bytes_min=1_000, bytes_max=200_000, jpeg_quality_min=60
)
CHANGES: dict[str, Callable[[Office, HandClock], object]] = {
    "a photo lost its approval": _reject,
    "a photo was recropped": _recrop,
    "a person was deleted": _delete,
    "the prints were unlocked": lambda office, _: office.print_locks.unlock("sue", SCHOOL, YEAR, "电话确认"),
    "more sizes": lambda office, _: _profile(office, more_sizes=(SIZE,)),
    "fewer prints": lambda office, _: _profile(office, prints=PROFILE.prints.model_copy(update={"count": 2})),
    "another photo": lambda office, _: _profile(office, photo=PROFILE.photo.model_copy(update={"max_scale": 0.5})),
    "another background": lambda office, _: _profile(
        office, background=PROFILE.background.model_copy(update={"rgb": (1, 2, 3)})
    ),
}


@pytest.mark.parametrize("change", [*CHANGES, "another layout", "another print format"])
def test_whatever_changes_a_file_s_content_the_file_and_its_slip_are_not_given_out(
    plain_office: Office, clock: HandClock, change: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = plain_office
    enter(office, 1, 2)
    for number in (1, 2):
        approve(office, clock, number)
    made, _ = office.deliveries.make("sue", SCHOOL, YEAR)
    built(office, made.delivery_id)
    assert office.deliveries.built(made.delivery_id)[0].counts == {Change.NEW: 2}
    if change in CHANGES:
        CHANGES[change](office, clock)
    elif change == "another layout":
        monkeypatch.setattr(service, "LAYOUT", "0")
    else:
        other = formats()["a4"].model_copy(update={"name": service.FORMAT})
        monkeypatch.setattr(service, "formats", lambda: {service.FORMAT: other})
    for give_out in (lambda: taken(office, made.delivery_id), lambda: office.deliveries.built(made.delivery_id)):
        with pytest.raises(Conflict, match="build it again"):
            give_out()
    assert built(office, made.delivery_id)
    counts = {Change.NEW: 2}
    if change in ("a photo lost its approval", "a photo was recropped"):
        counts = {Change.NEW: 1, Change.WITHDRAWN: 1}
    elif change == "a person was deleted":
        counts = {Change.NEW: 1}  # the school keeps the photo: it is told of no withdrawal
    assert office.deliveries.built(made.delivery_id)[0].counts == counts, "as the file's list has them"


def test_a_file_s_content_comes_from_no_other_part_of_a_profile(plain_office: Office, clock: HandClock) -> None:
    read: set[str] = set()

    class Noted:
        """A profile that notes which of its parts are read."""

        def __getattr__(self, name: str) -> object:
            read.add(name)
            return getattr(PROFILE.model_copy(update={"more_sizes": (SIZE,)}), name)

    office = plain_office
    enter(office, 1)
    file_shot_with_original(office, 1, person=person_of(1))
    decide(office, clock, 1)
    made, _ = office.deliveries.make("sue", SCHOOL, YEAR)
    office.print_locks.unlock("sue", SCHOOL, YEAR, "电话确认")
    for one in (office.packing, office.recropping):
        one._profiles = dict.fromkeys(one._profiles, Noted())  # type: ignore[arg-type]
    built(office, made.delivery_id)
    assert read == service.FROM_PROFILE


def _with_sizes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The profile names two further sizes, one of which no photo here has the pixels for."""
    file = {"dpi": 300, "bytes_min": 1_000, "bytes_max": 200_000, "jpeg_quality_min": 60}
    sizes = (
        MoreSize(name="一寸", width_px=295, height_px=413, **file),
        MoreSize(name="大图", width_px=600, height_px=800, **file),
    )
    profile = PROFILE.model_copy(update={"more_sizes": sizes})
    monkeypatch.setattr("center.wiring.office.load_profile", lambda name: profile.model_copy(update={"name": name}))


def test_a_school_gets_each_photo_in_the_sizes_that_the_profile_names(
    config: CenterConfig, clock: HandClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _with_sizes(monkeypatch)
    with Office.open(config, clock) as office:
        office.booths.enrol("test", "booth-1")
        enter(office, 1, 2)
        for number in (1, 2):
            approve(office, clock, number)
        made, password = office.deliveries.make("sue", SCHOOL, YEAR)
        files = opened(built(office, made.delivery_id)[1], password, tmp_path / "school")
    students = sorted(str(somebody(number).student_no) for number in (1, 2))
    assert sorted(name for name in files if name.startswith(MORE_SIZES)) == [
        f"{MORE_SIZES}/一寸/{SCHOOL}/1班/{student}.jpg" for student in students
    ]
    sheet = openpyxl.load_workbook(io.BytesIO(files[SIZES_LIST])).active
    assert sheet is not None
    lines = [[str(cell or "") for cell in row] for row in sheet.iter_rows(min_row=2, values_only=True)]
    assert sorted((line[0], line[2]) for line in lines) == sorted(
        (name, one) for name in ("一寸", "大图") for one in students
    )
    for line in lines:
        if line[0] == "一寸":
            assert hashlib.sha256(files[line[1]]).hexdigest() == line[5]
        else:
            assert (line[1], line[5]) == ("", ""), "one that could not be made is named"
            assert line[6]


def test_a_picture_of_another_size_under_somebody_elses_name_is_held_back(
    request: pytest.FixtureRequest, tmp_path: Path, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    _with_sizes(monkeypatch)
    paths = [f"{SCHOOL}/1班/{somebody(number).student_no}.jpg" for number in (1, 2)]
    swapped = dict(zip(paths, reversed(paths), strict=True))
    monkeypatch.setattr("center.delivery.packing.size_path", lambda name, path: size_path(name, swapped[path]))
    with Office.open(make_config(request, tmp_path, "sqlite"), clock) as office:
        office.booths.enrol("test", "booth-1")
        enter(office, 1, 2)
        for number in (1, 2):
            data = envelope.build(manifest(number, person=person_of(number)), photo(number))
            office.intake.receive("booth-1", shot_id(number), hashlib.sha256(data).digest(), data)
            decide(office, clock, number)
        made, _ = office.deliveries.make("sue", SCHOOL, YEAR)
        with pytest.raises(Conflict, match="is not built"):
            built(office, made.delivery_id)
        assert "held back" in str(office.jobs.newest(1)[0].fault)
