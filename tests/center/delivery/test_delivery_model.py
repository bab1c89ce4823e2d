"""What goes into a delivery: nothing twice, nothing unapproved, nothing left out silently."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from center.delivery.model import Approved, Change, LeftOut, Plan, folder_name, note, plan
from tests.roster_rows import roster_row
from wire.roster_change import RosterRow

SCHOOL = "示范大学"


def row(student_no: str, class_name: str = "1班") -> RosterRow:
    return roster_row(school=SCHOOL, class_name=class_name, student_no=student_no)


def approved(person: str, shot: str = "", student_no: str = "", digest: str = "d", **changes: object) -> Approved:
    values = {
        "shot_id": shot or f"shot of {person}",
        "person_id": person,
        "file_name": "{student_no}.jpg",
        "row": row(student_no or f"2026{person}"),
        "digest": digest,
    }
    return Approved(**(values | changes))  # type: ignore[arg-type]


def hold(before: dict[str, tuple[str, str]], made: Plan) -> dict[str, tuple[str, str]]:
    """What the school holds after a delivery."""
    held = dict(before)
    for item in made.items:
        if item.change is Change.WITHDRAWN:
            del held[item.person_id]
        else:
            held[item.person_id] = (item.shot_id, item.digest)
    return held


def test_a_photo_lies_in_its_class_under_the_profiles_name() -> None:
    (item,) = plan([approved("1", row=row("B001", "数学/2-2班 "))], {}).items
    assert (item.change, item.path) == (Change.NEW, "示范大学/数学_2-2班/B001.jpg")


def test_a_supplement_holds_only_what_changed_and_says_what_it_replaces() -> None:
    first = plan([approved("1"), approved("2"), approved("3")], {})
    held = hold({}, first)
    second = plan([approved("1"), approved("2", shot="a retake"), approved("4")], held)
    assert [(item.change, item.person_id, item.before) for item in second.items] == [
        (Change.WITHDRAWN, "3", ""),
        (Change.REPLACED, "2", "shot of 2"),
        (Change.NEW, "4", ""),
    ]
    assert second.unchanged == 1
    assert plan([approved("1"), approved("2", shot="a retake"), approved("4")], hold(held, second)).items == ()


def test_a_corrected_row_is_delivered_again() -> None:
    held = hold({}, plan([approved("1", digest="old")], {}))
    (item,) = plan([approved("1", digest="new")], held).items
    assert (item.change, item.before) == (Change.REPLACED, "shot of 1")


def test_two_graduates_with_one_student_number_are_both_left_out_and_named() -> None:
    made = plan([approved("1", student_no="b1"), approved("2", row=row("B1", "2班")), approved("3")], {})
    assert [item.person_id for item in made.items] == ["3"]
    assert made.left_out == ((LeftOut.SAME_NAME, "shot of 1"), (LeftOut.SAME_NAME, "shot of 2"))


def test_a_photo_without_a_row_stays_until_the_photo_of_somebody_else_has_its_file_name() -> None:
    files = {"1": "示范大学/1班/B001.jpg"}
    held = hold({}, plan([approved("1", student_no="B001")], {}))
    lost = approved("1", row=None)
    assert plan([lost, approved("2", student_no="B002")], held, (), files).counts == {Change.NEW: 1}
    made = plan([lost, approved("2", row=row("b001", "2班"))], held, (), files)
    assert made.counts == {Change.WITHDRAWN: 1, Change.NEW: 1}
    assert [item.person_id for item in made.items if item.change is Change.WITHDRAWN] == ["1"]
    assert plan([lost, approved("2", row=row("b001", "2班"))], hold(held, made), (), files).items == ()


def test_a_student_number_that_is_no_file_name_and_a_missing_row_are_named() -> None:
    made = plan([approved("1", row=row("../x")), approved("2", row=None)], {})
    assert made.items == ()
    assert made.left_out == ((LeftOut.NO_STUDENT_NO, "shot of 1"), (LeftOut.NO_ROW, "shot of 2"))


def test_who_can_not_be_delivered_now_keeps_what_was_delivered() -> None:
    held = hold({}, plan([approved("1")], {}))
    assert plan([approved("1", row=None)], held).items == ()


def test_folders_are_names_every_system_takes() -> None:
    assert folder_name(' a/b\\c:d*"<>|. ') == "a_b_c_d_"
    assert len(folder_name("长" * 200)) == 60


def test_the_note_tells_how_to_open_it_and_nothing_of_a_person() -> None:
    text = note(SCHOOL, 2, "2026-11-21", {Change.NEW: 3, Change.WITHDRAWN: 0})
    for word in ("7-Zip", "第 1 次补充交付", "新增 3 张", "密码另行告知"):
        assert word in text
    assert "作废 0" not in text


_people = st.lists(st.integers(0, 5), unique=True)


@given(st.lists(st.tuples(_people, st.integers(0, 2), st.sampled_from(["B1", ""]))))
def test_after_any_order_of_deliveries_each_approved_photo_is_at_the_school_once(
    steps: Sequence[tuple[list[int], int, str]],
) -> None:
    held: dict[str, tuple[str, str]] = {}
    for people, take, same in steps:
        now = [approved(str(one), shot=f"{one}.{take}", student_no=same if one < 2 else "") for one in people]
        made = plan(now, held)
        held = hold(held, made)
        left_out = {shot for _, shot in made.left_out}
        for one in now:
            assert one.shot_id in left_out or held[one.person_id] == (one.shot_id, one.digest)
        assert set(held) <= {one.person_id for one in now}
        paths = [item.path for item in made.items if item.path]
        assert len(paths) == len(set(paths))
