"""Flagged shots are settled by staff: which row, is it this person, does the rule hold. On both databases."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from center.audit.model import Detail
from center.audit.reader import AuditReader
from center.identity.model import Exempt, Ground, OpenQuestions, RowInUse, Way, provisional_row
from center.identity.tables import AnswerRow
from center.platform.faults import MovedOn, NotThere, WrongRequest
from center.review.claim_query import EVERYTHING
from center.review.queries import ReviewQueries
from center.roster.model.fields import read_fields
from center.roster.model.findings import MESSAGES, UNKNOWN, Kind, RowFault, Weight
from center.roster.tables import RosterEntry
from center.shots.model.shot import Shot, State
from center.shots.model.staff_decision import Approve, Reject
from center.shots.tables import ShotRow
from center.wiring.office import Office
from tests.center.conftest import file_shot
from tests.center.factories import HandClock, shot_id, somebody
from tests.roster_rows import roster_row
from wire.manifest import Person
from wire.roster_change import RosterRow, RowRemoved, RowSet

NUMBER = "11010519491231002X"
OTHER_NUMBER = "110105194912310046"


def row(student_no: str = "2026000001", **changes: str) -> RosterRow:
    return roster_row(
        **({"student_no": student_no, "id_number": NUMBER, "name": "阿依古丽·买买提", "sex": "女"} | changes)
    )


def stranger(**changes: str | None) -> Person:
    """Somebody whose card was read and whom the booth's roster did not have."""
    nothing = dict.fromkeys(("student_no", "exam_no", "school", "major", "class_name", "year"))
    return somebody(1, **({**nothing, "name": "阿依古丽•买买提", "id_number": NUMBER} | changes))


def flagged(office: Office, *flags: str, number: int = 1, person: Person | None = None) -> Shot:
    """A shot with these flags, in anna's hands."""
    file_shot(office, number, flags=flags, person=person or stranger())
    return office.queue.claim("anna", shot_id(number))


def actions(office: Office, subject: str) -> list[tuple[str, dict[str, object]]]:
    with office.database.read() as session:
        return [(entry.action, dict(entry.detail)) for entry in office.audit.entries(session, subject)]


def column(office: Office, name: str, number: int = 1) -> object:
    with office.database.read() as session:
        return session.execute(select(getattr(ShotRow, name)).where(ShotRow.shot_id == shot_id(number))).scalar_one()


def test_a_shot_without_a_row_is_approved_only_after_it_got_one(office: Office, queries: ReviewQueries) -> None:
    office.roster.import_rows("import", [row()])
    shot = flagged(office, "provisional_row")
    with pytest.raises(OpenQuestions, match="provisional_row"):
        office.queue.decide("anna", shot.shot_id, shot.version, Approve())
    (candidate,) = office.identity_answers.candidates("anna", shot.shot_id)
    assert (candidate.same_number, candidate.same_student, candidate.same_name) == (True, None, True)
    answered = office.identity_answers.attach("anna", shot.shot_id, shot.version, candidate.found.row_id)
    person = queries.sheet(shot.shot_id).line.person
    assert person is not None
    assert (person.student_no, person.school, person.id_number) == ("2026000001", "示范大学", NUMBER)
    assert column(office, "school") == "示范大学"
    assert column(office, "flags") == ["provisional_row"]  # the question stays beside its answer
    assert office.queue.decide("anna", shot.shot_id, answered.version, Approve()).state(office.clock()) is (
        State.PROVISIONAL
    )


def test_rejecting_needs_no_answers(office: Office) -> None:
    shot = flagged(office, "provisional_row", "code_only", "exception_other")
    decided = office.queue.decide("anna", shot.shot_id, shot.version, Reject(("glasses",)))
    assert decided.decision is not None


@pytest.mark.parametrize("text", ["2026000001", " 110105 19491231002x", "阿依古丽•买买提", "２０２６０００００１"])
def test_a_row_is_found_by_number_student_number_or_whole_name_and_the_look_is_noted(office: Office, text: str) -> None:
    office.roster.import_rows("import", [row(), row("2026000002", id_number=OTHER_NUMBER, name="王小明")])
    shot = flagged(office, "provisional_row", person=stranger(name="李四", id_number=None))
    assert office.identity_answers.candidates("anna", shot.shot_id) == []
    (candidate,) = office.identity_answers.candidates("anna", shot.shot_id, text)
    assert candidate.found.row.student_no == "2026000001"
    assert (candidate.same_number, candidate.same_name) == (None, False)
    searched = [detail for action, detail in actions(office, shot.shot_id) if action == "roster.searched"]
    assert searched == [{"rows": [candidate.found.row_id]}]
    assert NUMBER not in str(candidate)


@pytest.mark.parametrize("text", ["阿依", "买买提", "20260", "1101051949", "%", "' OR 1=1 --"])
def test_parts_of_names_and_numbers_find_nobody(office: Office, text: str) -> None:
    office.roster.import_rows("import", [row()])
    shot = flagged(office, "provisional_row")
    assert office.identity_answers.candidates("anna", shot.shot_id, text) == []


def test_a_row_with_another_id_number_keeps_the_cards_and_is_noted(office: Office, queries: ReviewQueries) -> None:
    office.roster.import_rows("import", [row(id_number=OTHER_NUMBER)])
    shot = flagged(office, "provisional_row")
    (candidate,) = office.identity_answers.candidates("anna", shot.shot_id)  # by its name
    assert candidate.same_number is False
    office.identity_answers.attach("anna", shot.shot_id, shot.version, candidate.found.row_id)
    person = queries.sheet(shot.shot_id).line.person
    assert person is not None
    assert person.id_number == NUMBER
    assert actions(office, shot.shot_id)[-1][1]["same_number"] is False


def test_the_row_may_show_that_the_person_has_an_approved_photo(office: Office, clock: HandClock) -> None:
    office.roster.import_rows("import", [row()])
    file_shot(office, 1, person=stranger(student_no="2026000001", school="示范大学", year="2026"))
    first = office.queue.claim("anna", shot_id(1))
    office.queue.decide("anna", first.shot_id, first.version, Approve())
    clock.move(minutes=1)
    shot = flagged(office, "provisional_row", number=2, person=stranger(name="阿依古丽·买买提", id_number=None))
    assert column(office, "flags", 2) == ["provisional_row"]
    (candidate,) = office.identity_answers.candidates("anna", shot.shot_id)
    answered = office.identity_answers.attach("anna", shot.shot_id, shot.version, candidate.found.row_id)
    assert column(office, "flags", 2) == ["provisional_row", "approved_already"]
    done = office.queue.decide("anna", shot.shot_id, answered.version, Approve(replaces=shot_id(1)))
    assert done.decision is not None
    assert column(office, "replaced_by", 1) == shot_id(2)


@pytest.mark.parametrize("number", ["E1234567", "H12345678", "01234567"])
def test_a_provisional_row_may_have_the_number_of_a_passport_or_permit(office: Office, number: str) -> None:
    shot = flagged(office, "staff_desk", "other_document", "provisional_row", person=stranger(id_number=number))
    fields = {"year": "2026", "school": "示范大学", "student_no": "2026000009", "id_number": number, "name": "阿依古丽"}
    office.identity_answers.make_row("anna", shot.shot_id, shot.version, fields | {"sex": "女"})
    (change,) = office.roster_feed.page(None, 0, 10).changes
    assert isinstance(change, RowSet)
    assert (change.row.id_number, change.row.sex) == (number, "女")


def test_an_id_number_with_a_wrong_digit_is_not_taken_for_another_document(office: Office) -> None:
    shot = flagged(office, "provisional_row")
    fields = {"year": "2026", "school": "示范大学", "student_no": "2026000009", "id_number": NUMBER[:-1] + "1"}
    with pytest.raises(RowFault):
        office.identity_answers.make_row("anna", shot.shot_id, shot.version, fields | {"name": "阿依古丽"})


def test_a_provisional_row_reaches_the_booths_until_the_school_sends_its_own(office: Office) -> None:
    shot = flagged(office, "provisional_row")
    fields = {"year": "2026", "school": "示范大学", "student_no": "2026000009", "id_number": NUMBER, "name": "阿依古丽"}
    office.identity_answers.make_row("anna", shot.shot_id, shot.version, fields)
    (change,) = office.roster_feed.page(None, 0, 10).changes
    assert isinstance(change, RowSet)
    assert (change.row.student_no, change.row.sex, change.row.major) == ("2026000009", "女", UNKNOWN)
    with office.database.read() as session:
        assert session.execute(select(RosterEntry.provisional)).scalar_one() is True
    office.roster.import_rows("import", [row("2026000009")])
    with office.database.read() as session:
        assert session.execute(select(RosterEntry.provisional)).scalar_one() is False
    (change,) = office.roster_feed.page(None, 1, 10).changes
    assert isinstance(change, RowSet)
    assert change.row.major == "数学"


def test_no_provisional_row_is_made_beside_the_schools_own(office: Office) -> None:
    office.roster.import_rows("import", [row()])
    shot = flagged(office, "provisional_row")
    fields = {"year": "2026", "school": "示范大学", "student_no": "2026000001", "id_number": NUMBER, "name": "阿依古丽"}
    with pytest.raises(WrongRequest, match="search for it"):
        office.identity_answers.make_row("anna", shot.shot_id, shot.version, fields)
    with office.database.read() as session:
        assert session.execute(select(AnswerRow)).first() is None


@pytest.mark.parametrize("missing", ["year", "school", "student_no", "name"])
def test_a_provisional_row_needs_what_a_person_is_known_by(missing: str) -> None:
    fields = {"year": "2026", "school": "示范大学", "student_no": "1", "id_number": NUMBER, "name": "王"}
    with pytest.raises(WrongRequest, match=missing):
        provisional_row(fields | {missing: " \u200b"})


def test_a_wrong_id_number_makes_no_row_and_is_reported_masked() -> None:
    fields = {"year": "2026", "school": "示范大学", "student_no": "1", "id_number": "110105194912310021", "name": "王"}
    with pytest.raises(WrongRequest) as told:
        provisional_row(fields)
    assert "110105194912310021" not in str(told.value)
    assert "check digit" in str(told.value)


_TYPED = {
    "year": ("2026", "2026届", " ２０２６ ", "26", "2026-2027", "明年"),
    "school": ("示范大学", "学", "学校名称", "-"),
    "student_no": ("2026000001", "学号1", "0", "2026000001.0", "a-1/b"),
    "id_number": (NUMBER, NUMBER.lower(), "E1234567", NUMBER[:-1] + "1", "1E+17", "110105202612310013"),
    "name": ("阿依古丽", "男", "张?", "??", "ANNA"),
    "sex": ("男", "女", "x"),
    "major": ("数学", "#REF!", "2026-03-02", "无"),
    "class_name": ("1班", "3月2日", "#N/A"),
    "exam_no": ("26320100000001", "1.2E+13", "x"),
}


@given(
    st.fixed_dictionaries({name: st.sampled_from(["", *some]) | st.text(max_size=9) for name, some in _TYPED.items()})
)
def test_every_row_that_staff_make_a_school_s_file_may_have_unchanged(typed: dict[str, str]) -> None:
    try:
        made = provisional_row(typed)
    except RowFault:
        return
    refused: list[str] = []

    def say(name: str, kind: Kind, *_: str, **__: str) -> None:
        refused.extend([name] if MESSAGES[kind][0] is Weight.REFUSED else [])

    read = read_fields(dict(made.model_dump()), say)
    if read["id_number"] == "E1234567":  # a passport, which a file can't have
        refused.remove("id_number")
    assert (read, refused) == (made.model_dump(), [])


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("year", "26"),
        ("year", "明年"),
        ("school", "学校名称"),
        ("student_no", "学号1"),
        ("name", "男"),
        ("major", "#REF!"),
        ("class_name", "3月2日"),
        ("exam_no", "1.2E+13"),
        ("id_number", "110105202612310013"),
    ],
)
def test_what_a_file_is_refused_for_is_refused_of_staff_and_named(field: str, typed: str) -> None:
    good = {name: some[0] for name, some in _TYPED.items()}
    assert provisional_row(good | {"year": "2026届"}).year == "2026"
    with pytest.raises(RowFault) as told:
        provisional_row(good | {field: typed})
    assert told.value.field == field
    assert len(typed) < 3 or typed not in str(told.value)


def test_a_school_that_is_typed_otherwise_is_the_one_the_roster_has(office: Office) -> None:
    office.roster.import_rows("import", [row()])
    shot = flagged(office, "provisional_row")
    fields = {
        "year": "2026",
        "school": "示范 大学",
        "student_no": "2026000009",
        "id_number": NUMBER,
        "name": "阿依古丽",
    }
    office.identity_answers.make_row("anna", shot.shot_id, shot.version, fields)
    assert office.attendances.schools() == ["示范大学"]
    assert column(office, "school") == "示范大学"


def test_a_residence_card_of_2017_makes_a_row_with_the_sex_staff_say() -> None:
    fields = {"year": "2026", "school": "示范大学", "student_no": "1", "id_number": "abc310198001010", "name": "ANNA"}
    assert provisional_row(fields).id_number == "ABC310198001010"
    assert [provisional_row(fields | {"sex": sex}).sex for sex in ("女", "", "x")] == ["女", UNKNOWN, UNKNOWN]
    assert provisional_row(fields | {"id_number": NUMBER, "sex": "男"}).sex == "女"  # a number that tells it is right


def test_a_row_taken_back_leaves_booths_and_photo_as_before(office: Office, queries: ReviewQueries) -> None:
    shot = flagged(office, "provisional_row")
    before = queries.sheet(shot.shot_id).line
    fields = {"year": "2026", "school": "示范大学", "student_no": "2026000009", "id_number": NUMBER, "name": "李四"}
    answered = office.identity_answers.make_row("anna", shot.shot_id, shot.version, fields)
    (made,) = office.provisional.rows("sue", 9)
    assert (made.by, made.shots, made.found.row.name) == ("anna", (shot.shot_id,), "李四")
    assert office.provisional.take_back("sue", made.found.row_id) == [shot.shot_id]
    assert [type(change) for change in office.roster_feed.page(None, 0, 9).changes] == [RowRemoved]
    after = queries.sheet(shot.shot_id).line
    assert (after.person, after.school, after.open_flags) == (before.person, before.school, before.open_flags)
    with pytest.raises(OpenQuestions):
        office.queue.decide("anna", shot.shot_id, answered.version, Approve())
    with pytest.raises(NotThere):
        office.provisional.take_back("sue", made.found.row_id)
    assert office.provisional.rows("sue", 9) == []
    again = office.identity_answers.make_row("anna", shot.shot_id, answered.version, fields)  # the same student, anew
    office.queue.decide("anna", shot.shot_id, again.version, Approve())
    with pytest.raises(RowInUse, match=shot.shot_id):
        office.provisional.take_back("sue", office.provisional.rows("sue", 9)[0].found.row_id)


def test_a_row_stays_while_a_photo_booths_filed_under_it_is_approved(office: Office) -> None:
    shot = flagged(office, "provisional_row")
    fields = {"year": "2026", "school": "示范大学", "student_no": "2026000009", "id_number": NUMBER, "name": "李四"}
    answered = office.identity_answers.make_row("anna", shot.shot_id, shot.version, fields)
    office.queue.decide("anna", shot.shot_id, answered.version, Reject(("glasses",)))
    later = flagged(office, number=2, person=stranger(year="2026", student_no="2026000009"))
    office.queue.decide("anna", later.shot_id, later.version, Approve())
    with pytest.raises(RowInUse, match=later.shot_id):
        office.provisional.take_back("sue", office.provisional.rows("sue", 9)[0].found.row_id)


def test_an_identity_by_code_alone_is_confirmed_by_staff(office: Office) -> None:
    shot = flagged(office, "code_only")
    with pytest.raises(OpenQuestions):
        office.queue.decide("anna", shot.shot_id, shot.version, Approve())
    answered = office.identity_answers.confirm("anna", shot.shot_id, shot.version)
    office.queue.decide("anna", shot.shot_id, answered.version, Approve())
    (one,) = office.identity_answers.of_shot(shot.shot_id)
    assert (one.flags, one.way, one.by, one.words) == (("code_only",), Way.CONFIRMED, "anna", "")


def test_an_exception_has_a_ground_and_its_words_are_sealed(office: Office) -> None:
    shot = flagged(office, "exception_head_cover", "could_not_tell")
    answered = office.identity_answers.exempt(
        "anna", shot.shot_id, shot.version, Exempt(Ground.HEAD_COVER, "looked at")
    )
    office.queue.decide("anna", shot.shot_id, answered.version, Approve())
    (one,) = office.identity_answers.of_shot(shot.shot_id)
    assert one.flags == ("exception_head_cover", "could_not_tell")
    assert (one.ground, one.words) == (Ground.HEAD_COVER, "looked at")
    assert "hijab" not in repr(one)
    with office.database.read() as session:
        sealed = session.execute(select(AnswerRow.words_sealed)).scalar_one()
        assert sealed is not None
        assert b"hijab" not in sealed
    noted = next(detail for action, detail in actions(office, shot.shot_id) if action == "shot.settled")
    assert noted == {"flags": ["exception_head_cover", "could_not_tell"], "way": "exception", "ground": "head_cover"}


def test_an_exception_on_another_ground_needs_words() -> None:
    with pytest.raises(WrongRequest, match="words"):
        Exempt(Ground.OTHER, " ")
    with pytest.raises(WrongRequest, match="501"):
        Exempt(Ground.SEEN, "x" * 501)


def test_what_the_booth_could_not_judge_is_judged_by_approving(office: Office) -> None:
    shot = flagged(office, "could_not_tell")
    assert office.queue.decide("anna", shot.shot_id, shot.version, Approve()).decision is not None


def test_only_the_holder_answers_and_only_what_was_seen(office: Office) -> None:
    shot = flagged(office, "code_only")
    with pytest.raises(MovedOn):
        office.identity_answers.confirm("bob", shot.shot_id, shot.version)
    with pytest.raises(MovedOn):
        office.identity_answers.confirm("anna", shot.shot_id, shot.version - 1)
    assert office.identity_answers.of_shot(shot.shot_id) == ()
    answered = office.identity_answers.confirm("anna", shot.shot_id, shot.version)
    with pytest.raises(MovedOn):
        office.identity_answers.confirm("anna", shot.shot_id, shot.version)
    assert answered.holder == "anna"


def test_nothing_is_answered_that_was_not_asked(office: Office) -> None:
    shot = flagged(office, "clock_unsynced")
    with pytest.raises(WrongRequest, match="nothing on this shot asks"):
        office.identity_answers.confirm("anna", shot.shot_id, shot.version)
    with pytest.raises(WrongRequest, match="nothing on this shot asks"):
        office.identity_answers.exempt("anna", shot.shot_id, shot.version, Exempt(Ground.SEEN))
    with pytest.raises(NotThere):
        office.identity_answers.candidates("anna", "f" * 32)
    asked = flagged(office, "provisional_row", number=2)
    with pytest.raises(NotThere, match="search again"):
        office.identity_answers.attach("anna", asked.shot_id, asked.version, "f" * 32)


def test_an_answered_shot_waits_among_the_others(office: Office, queries: ReviewQueries, clock: HandClock) -> None:
    file_shot(office, 5)
    clock.move(seconds=5)
    shot = flagged(office, "code_only", "clock_unsynced")
    answered = office.identity_answers.confirm("anna", shot.shot_id, shot.version)
    assert column(office, "rank") == 0  # one flag asks nothing and is still a reason to look first
    office.queue.give_back("anna", shot.shot_id, answered.version)
    other = flagged(office, "code_only", number=2, person=somebody(2))
    office.identity_answers.confirm("anna", other.shot_id, other.version)
    assert column(office, "rank", 2) == 1
    lines = queries.page("anna", EVERYTHING, None, 10).lines
    assert [line.shot.shot_id for line in lines] == [shot_id(1), shot_id(5), shot_id(2)]
    assert [line.answered for line in lines] == [{"code_only"}, set(), {"code_only"}]


def test_answers_remain_valid_after_an_undone_decision(office: Office) -> None:
    shot = flagged(office, "code_only")
    answered = office.identity_answers.confirm("anna", shot.shot_id, shot.version)
    decided = office.queue.decide("anna", shot.shot_id, answered.version, Approve())
    again = office.queue.undo("anna", shot.shot_id, decided.version)
    assert office.queue.decide("anna", shot.shot_id, again.version, Approve()).decision is not None


def test_a_row_that_is_being_given_is_not_taken_back_in_that_moment(office: Office) -> None:
    """On SQLite one writes at a time anyway."""
    shot = flagged(office, "provisional_row")
    fields = {"year": "2026", "school": "示范大学", "student_no": "2026000009", "id_number": NUMBER, "name": "李四"}
    office.identity_answers.make_row("anna", shot.shot_id, shot.version, fields)
    (made,) = office.provisional.rows("sue", 9)
    free = select(RosterEntry.row_id).where(RosterEntry.row_id == made.found.row_id).with_for_update(skip_locked=True)

    def is_free() -> bool:
        with office.database.write() as another:
            return another.execute(free).first() is not None

    with office.database.write() as giving, ThreadPoolExecutor(1) as somebody_else:
        assert office.roster.row(giving, made.found.row_id) is not None
        if not office.database.is_sqlite:
            assert not somebody_else.submit(is_free).result()
    assert is_free()


@pytest.mark.parametrize(
    ("stored", "today"), [("faith", Ground.HEAD_COVER), ("medical", Ground.OTHER), ("mark", Ground.SKIN)]
)
def test_a_ground_stored_before_0_2_reads_as_todays(stored: str, today: Ground) -> None:
    assert Ground(stored) is today


def test_the_audit_shows_no_ground_of_health_or_religion_and_its_chain_holds(office: Office, clock: HandClock) -> None:
    old: Detail = {"flags": ["says_medical", "says_scar"], "way": "exception", "ground": "faith"}
    with office.database.write() as session:
        office.audit.append(session, clock(), "anna", "shot.settled", "s1", old)
    (entry,) = AuditReader(office.database).newest(None, "s1", 10)
    assert entry.detail == {
        "flags": ["exception_other", "exception_skin"],
        "way": "exception",
        "ground": "head_cover",
    }
    assert office.audit.verify(office.database)[2] == []
