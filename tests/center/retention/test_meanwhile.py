"""What is noted while something is deleted: a hold, a request or a case wins, or it is refused; none keeps nothing."""

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any
from unittest.mock import Mock

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from center.corrections.model import CaseKind
from center.intake import filing
from center.intake import service as intake_service
from center.intake.service import Intake
from center.platform.faults import Conflict, NotThere, Unavailable
from center.platform.foreign_tables.reader import read_bytes
from center.platform.keeping import noted
from center.retention import purge
from center.retention.model import RequestKind, RequestState, Retained
from center.retention.subjects import DataSubjects
from center.roster.tables import RosterEntry
from center.shots.model.staff_decision import Reject
from center.wiring.office import Office
from tests.center.conftest import file_shot
from tests.center.corrections.test_corrections import book
from tests.center.delivery.test_deliveries import SCHOOL, YEAR, decide, enter, person_of
from tests.center.factories import HandClock, shot_id, somebody
from tests.center.retention.test_retention import DUE_AFTER, kept, named
from tests.center.retention.test_subjects import NUMBER, by_student, row_of

_WAITS_S = 0.5
"""How long the other one gets to come first, which it must not: with the lock, it waits in any case."""

Act = Callable[[Office], object]
NOTES: dict[str, Act] = {
    "a hold": lambda office: office.data_cases.hold("anna", NUMBER, "诉讼"),
    "a request": lambda office: office.data_cases.open("anna", RequestKind.SEE, NUMBER),
    "a case": lambda office: office.corrections.open_case("anna", row_of(office, 1), CaseKind.CAPTION),
}
WHATEVER_IS_NOTED = pytest.mark.parametrize("note", NOTES.values(), ids=NOTES)
NOBODY = str(somebody(9).id_number)


def form_of(*id_numbers: str, dry_run: bool) -> Act:
    """Imports a correction form with these people."""
    head = ("序号", "姓名", "原身份证号", "错误类型", "正确身份证号", "备注")
    rows = [(str(at), "张三", one, "照片错误", "", "") for at, one in enumerate(id_numbers, 1)]
    sheets = read_bytes(book(head, *rows), None)
    return lambda office: office.corrections.import_form("anna", sheets, SCHOOL, YEAR, dry_run=dry_run)


NOTHING_NOTED: dict[str, Act] = {
    "the dry run of a form": form_of(dry_run=True),
    "a form that is refused": form_of(NOBODY, dry_run=False),
    "a request that is open already": NOTES["a request"],
    "a mistake that is reported already": lambda office: file_shot(
        office, 2, person=person_of(1), flags=("data_wrong",)
    ),
}


def asked(office: Office) -> int:
    """The number of the request to delete."""
    return next(one.request_id for one in office.data_cases.requests() if one.kind is RequestKind.DELETE)


DELETES: dict[str, Act] = {
    "a purge": lambda office: office.purge.purge("sue"),
    "a request": lambda office: office.data_cases.delete("sue", asked(office)),
}
WHATEVER_DELETES = pytest.mark.parametrize("deletes", DELETES)


class Meanwhile(threading.Thread):
    """Does something while the caller is in the middle of something else. `fault`: how it failed."""

    def __init__(self, act: Act, office: Office) -> None:
        super().__init__(daemon=True)
        self._act, self._office = act, office
        self.fault: Exception | None = None

    def run(self) -> None:
        try:
            self._act(self._office)
        except Exception as fault:
            self.fault = fault


def once_before(monkeypatch: pytest.MonkeyPatch, owner: object, name: str, begin: Callable[[], object]) -> None:
    """Call `begin` when the method is first called, before the method itself."""
    method = getattr(owner, name)
    called_before: list[object] = []

    def called(*args: Any, **named_args: Any) -> Any:
        if not called_before:
            called_before.append(begin())
        return method(*args, **named_args)

    monkeypatch.setattr(owner, name, called)


def begun(thread: Meanwhile) -> Callable[[], None]:
    def begin() -> None:
        thread.start()
        thread.join(_WAITS_S)

    return begin


def due_and_asked_for(office: Office, clock: HandClock, deletes: str) -> None:
    enter(office, 1)
    file_shot(office, 1, person=by_student())
    decide(office, clock, 1, Reject(("glasses",)))
    if deletes == "a request":
        office.data_cases.open("sue", RequestKind.DELETE, NUMBER)
    else:
        clock.now += DUE_AFTER + timedelta(days=1)


@WHATEVER_DELETES
def test_a_hold_noted_while_a_deletion_runs_is_refused(
    office: Office, clock: HandClock, monkeypatch: pytest.MonkeyPatch, deletes: str
) -> None:
    due_and_asked_for(office, clock, deletes)
    hold = Meanwhile(NOTES["a hold"], office)
    once_before(monkeypatch, office.photos, "drop", begun(hold))
    DELETES[deletes](office)
    hold.join()
    assert kept(office) == named(office) == set()
    assert isinstance(hold.fault, Conflict)
    assert "nothing to hold" in str(hold.fault)
    assert office.data_cases.holds() == []


@WHATEVER_DELETES
@WHATEVER_IS_NOTED
def test_what_is_being_noted_when_a_deletion_begins_wins(
    office: Office, clock: HandClock, monkeypatch: pytest.MonkeyPatch, note: Act, deletes: str
) -> None:
    due_and_asked_for(office, clock, deletes)
    deletion = Meanwhile(DELETES[deletes], office)
    once_before(monkeypatch, office.audit, "append", begun(deletion))
    note(office)
    deletion.join()
    if deletes == "a request" and note is not NOTES["a hold"]:
        assert kept(office) == set(), "only a hold stands against the graduate's own request"
        return
    assert kept(office) == named(office) == {shot_id(1)}
    assert isinstance(deletion.fault, Conflict if deletes == "a request" else type(None))
    assert all(one.state is RequestState.OPEN for one in office.data_cases.requests())


def test_a_request_refused_while_it_is_carried_out_is_carried_out(
    office: Office, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    due_and_asked_for(office, clock, "a request")
    number = asked(office)
    refusal = Meanwhile(lambda office: office.data_cases.refuse("anna", number), office)
    once_before(monkeypatch, office.photos, "drop", begun(refusal))
    DELETES["a request"](office)
    refusal.join()
    assert isinstance(refusal.fault, Conflict)
    assert kept(office) == named(office) == set()
    assert [one.state for one in office.data_cases.requests()] == [RequestState.DONE]


def test_a_request_that_is_being_refused_deletes_nothing(
    office: Office, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    due_and_asked_for(office, clock, "a request")
    number = asked(office)
    deletion = Meanwhile(lambda office: office.data_cases.delete("sue", number), office)
    once_before(monkeypatch, office.audit, "append", begun(deletion))
    office.data_cases.refuse("anna", number)
    deletion.join()
    assert isinstance(deletion.fault, Conflict)
    assert kept(office) == named(office) == {shot_id(1)}
    assert [one.state for one in office.data_cases.requests()] == [RequestState.REFUSED]


def test_a_photo_whose_graduate_says_the_data_are_wrong_is_filed_during_a_hold_on_the_same_graduate(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    enter(office, 1)
    file_shot(office, 1, person=by_student())
    photo = Meanwhile(lambda office: file_shot(office, 2, person=person_of(1), flags=("data_wrong",)), office)
    once_before(monkeypatch, DataSubjects, "record", begun(photo))
    NOTES["a hold"](office)
    photo.join()
    assert photo.fault is None
    assert [one.shot_id for one in office.corrections.cases("test", SCHOOL, YEAR)] == [shot_id(2)]


@pytest.mark.parametrize("note", [NOTES["a hold"], NOTES["a request"]], ids=["a hold", "a request"])
def test_a_photo_of_the_same_graduate_that_is_being_filed_stops_no_note(
    office: Office, monkeypatch: pytest.MonkeyPatch, note: Act
) -> None:
    """Both make the graduate's record under the ID number."""
    enter(office, 1)
    file_shot(office, 1, person=by_student())
    noting = Meanwhile(note, office)
    once_before(monkeypatch, filing, "file_details", begun(noting))
    file_shot(office, 2, person=person_of(1))
    noting.join()
    assert noting.fault is None
    assert len(office.data_cases.holds()) + len(office.data_cases.requests()) == 1


def test_an_old_photo_whose_graduate_says_the_data_are_wrong_is_opened_during_a_purge(
    office: Office, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    enter(office, 1)
    opens = Intake._open
    monkeypatch.setattr(Intake, "_open", lambda *_: None)
    file_shot(office, 1, person=person_of(1), flags=("data_wrong",))
    monkeypatch.setattr(Intake, "_open", opens)
    clock.now += DUE_AFTER + timedelta(days=1)
    deletion = Meanwhile(DELETES["a purge"], office)
    once_before(monkeypatch, intake_service, "found_values", begun(deletion))
    assert office.intake.catch_up() == 1
    deletion.join()
    assert deletion.fault is None
    assert kept(office) == named(office) == {shot_id(1)}


@WHATEVER_IS_NOTED
def test_what_is_noted_between_two_lots_of_rows_keeps_its_row(
    office: Office, clock: HandClock, monkeypatch: pytest.MonkeyPatch, note: Act
) -> None:
    enter(office, 1, 2, 3)
    file_shot(office, 1, person=by_student())
    clock.now = clock.now.replace(year=2027, month=11, day=21)
    monkeypatch.setattr(purge, "_AT_ONCE", 1)
    once_before(monkeypatch, office.purge, "_in_lots", lambda: note(office))
    office.purge.purge("sue")
    with office.database.read() as session:
        left = session.scalars(select(RosterEntry.row_id).where(RosterEntry.sealed.is_not(None))).all()
    assert left == [row_of(office, 1)]


@WHATEVER_DELETES
def test_bytes_are_deleted_as_the_last_thing_before_the_commit(
    office: Office, clock: HandClock, monkeypatch: pytest.MonkeyPatch, deletes: str
) -> None:
    due_and_asked_for(office, clock, deletes)
    done: list[str] = []
    once_before(monkeypatch, office.photos, "drop", lambda: done.append("drop"))
    event.listen(office.database.engine, "before_cursor_execute", lambda *_: done.append("statement"))
    event.listen(office.database.engine, "commit", lambda _: done.append("commit"))
    DELETES[deletes](office)
    assert done[done.index("drop") + 1] == "commit"


def test_a_photo_that_is_opened_after_a_purge_chose_it_stays(
    office: Office, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    opens = Intake._open
    monkeypatch.setattr(Intake, "_open", lambda *_: None)
    file_shot(office, 1)
    monkeypatch.setattr(Intake, "_open", opens)
    clock.now += DUE_AFTER + timedelta(days=1)
    write = office.database.write

    def after_opening() -> AbstractContextManager[Session]:
        monkeypatch.setattr(office.database, "write", write)
        assert office.intake.catch_up() == 1
        return write()

    monkeypatch.setattr(office.database, "write", after_opening)
    assert office.purge.purge("sue").counts[Retained.PHOTOS] == 0
    assert kept(office) == named(office) == {shot_id(1)}


def test_who_waits_for_a_purge_waits_for_five_photos_at_most(
    office: Office, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(1, 8):
        file_shot(office, number)
        decide(office, clock, number, Reject(("glasses",)))
    clock.now += DUE_AFTER + timedelta(days=1)
    lots = [0]
    drop = office.photos.drop

    def counted(name: str, age_s: float) -> bool:
        lots[-1] += 1
        return drop(name, age_s)

    monkeypatch.setattr(office.photos, "drop", counted)
    event.listen(office.database.engine, "commit", lambda _: lots.append(0))
    assert office.purge.purge("sue").counts[Retained.PHOTOS] == 7
    assert [count for count in lots if count] == [5, 2]


@WHATEVER_DELETES
def test_a_deletion_whose_statement_fails_deletes_no_bytes(
    office: Office, clock: HandClock, monkeypatch: pytest.MonkeyPatch, deletes: str
) -> None:
    due_and_asked_for(office, clock, deletes)
    monkeypatch.setattr(office.purge, "_drop_identities", Mock(side_effect=Unavailable("the database is gone")))
    with pytest.raises(Unavailable):
        DELETES[deletes](office)
    assert kept(office) == named(office) == {shot_id(1)}


@pytest.mark.parametrize("again", NOTHING_NOTED.values(), ids=NOTHING_NOTED)
def test_what_notes_nothing_makes_no_deletion_choose_anew(office: Office, again: Act) -> None:
    enter(office, 1)
    file_shot(office, 1, person=by_student())
    office.data_cases.open("anna", RequestKind.SEE, NUMBER)
    office.corrections.open_case("anna", row_of(office, 1), CaseKind.DATA)
    with office.database.read() as session:
        before = noted(session)
    assert before == 2
    again(office)
    with office.database.read() as session:
        assert noted(session) == before


def test_who_has_no_photo_any_more_gets_no_hold(office: Office, clock: HandClock) -> None:
    due_and_asked_for(office, clock, "a purge")
    office.purge.purge("sue")
    with pytest.raises(Conflict, match="nothing to hold"):
        office.data_cases.hold("anna", NUMBER, "诉讼")
    with pytest.raises(NotThere):
        office.data_cases.hold("anna", str(somebody(2).id_number), "诉讼")
    file_shot(office, 2, person=somebody(1, school=SCHOOL, year=YEAR))
    assert office.data_cases.hold("anna", NUMBER, "诉讼")
