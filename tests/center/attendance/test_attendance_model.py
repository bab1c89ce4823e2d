"""Who came: every row has one state, every photo is somebody's or named."""

from collections.abc import Iterable, Sequence

from hypothesis import given
from hypothesis import strategies as st

from center.attendance import model
from center.attendance.model import Attendance, AttendanceState, Photographed, reminder
from center.roster.model.matching import Numbers, SchoolRows
from tests.roster_rows import roster_row
from wire.roster_change import RosterRow

ID = "32010220040101{:04d}"


def row(number: int, class_name: str = "1班", name: str = "") -> RosterRow:
    return roster_row(
        class_name=class_name,
        student_no=f"s{number}",
        id_number=ID.format(number),
        name=name or f"甲{number}",
        sex="女",
    )


def shot(
    shot_id: str,
    number: int,
    state: AttendanceState = AttendanceState.WAITING,
    *,
    student: int | None = None,
    person: str = "",
) -> Photographed:
    """A photo of the person with the number; `student`: known by student number alone."""
    numbers = (ID.format(number), "") if student is None else ("", f"S {student}")
    return Photographed(shot_id, person or f"p{number}", state, Numbers(*numbers, year="2026"))


def attendance(rows: Sequence[RosterRow], photos: Iterable[Photographed]) -> Attendance:
    found = model.attendance_states(SchoolRows(rows), [row.year for row in rows], "2026", photos)
    return model.attendance(found, rows)


def counts(found: Attendance) -> dict[str, int]:
    return {state.value: count for state, count in found.counts.items()}


def test_a_row_is_found_by_id_number_and_else_by_student_number_however_it_is_written() -> None:
    found = attendance([row(1), row(2), row(3)], [shot("a", 1, AttendanceState.APPROVED), shot("b", 0, student=2)])
    assert counts(found) == {"approved": 1, "waiting": 1, "missing": 1}
    assert found.groups[0].photographed == 2
    assert found.groups[0].missing == ("甲3",)


def test_another_id_number_with_the_same_student_number_is_another_person() -> None:
    stranger = Photographed("a", "p9", AttendanceState.APPROVED, Numbers(ID.format(9), "s1", "2026"))
    found = attendance([row(1)], [stranger])
    assert counts(found) == {"missing": 1}
    assert found.without_row == ("a",)


def test_the_best_of_several_photos_counts() -> None:
    photos = [
        shot("a", 1, AttendanceState.RETAKE),
        shot("b", 1, AttendanceState.APPROVED),
        shot("c", 1, AttendanceState.WAITING),
    ]
    assert counts(attendance([row(1)], photos)) == {"approved": 1}
    assert counts(attendance([row(1)], photos[::2])) == {"waiting": 1}
    assert counts(attendance([row(1)], photos[:1])) == {"retake": 1}


def test_two_persons_for_one_row_are_named_and_two_photos_of_one_are_not() -> None:
    assert attendance([row(1)], [shot("a", 1), shot("b", 1)]).double == ()
    assert attendance([row(1)], [shot("a", 1), shot("b", 0, student=1, person="other")]).double == ("b",)


def test_the_classes_of_a_major_have_its_sum() -> None:
    rows = [row(1, "2班"), row(2, "1班"), row(3, "1班")]
    found = attendance(rows, [shot("a", 2)])
    (major,) = found.majors
    assert (major.name, major.groups, major.counts) == ("数学", found.groups, found.counts)


def test_a_reminder_has_the_missing_by_class_and_no_number() -> None:
    rows = [row(1, "2班", "张三"), row(2, "1班", "李四"), row(3, "1班", "王五"), row(4, "3班", "赵六")]
    said = reminder("示范大学", attendance(rows, [shot("a", 4)]).groups)
    assert said.splitlines() == [
        "示范大学 尚未拍摄毕业证书照片的同学：",
        "数学 1班（2 人）：李四、王五",
        "数学 2班（1 人）：张三",
    ]
    assert reminder("示范大学", attendance([row(4)], [shot("a", 4)]).groups) == ""


@given(
    rows=st.lists(st.integers(1, 8), unique=True).map(lambda some: [row(at, f"{at % 3}班") for at in some]),
    photos=st.lists(st.tuples(st.integers(1, 12), st.sampled_from(list(AttendanceState)[:3]))),
)
def test_nobody_drops_out_of_the_sum(rows: Sequence[RosterRow], photos: Sequence[tuple[int, AttendanceState]]) -> None:
    found = attendance(rows, [shot(f"shot {at}", *photo) for at, photo in enumerate(photos)])
    assert found.counts.total() == len(rows)
    there = {int(one.student_no[1:]) for one in rows}
    came = {number for number, _ in photos}
    assert sum(group.photographed for group in found.groups) == len(there & came)
    assert len(found.without_row) == sum(number not in there for number, _ in photos)
    assert sum(len(group.missing) for group in found.groups) == found.counts[AttendanceState.MISSING]
