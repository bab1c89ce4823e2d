"""Each approved photo is in exactly one place of exactly one school, whatever rosters and photos say."""

from collections import Counter
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from center.delivery.model import Approved, LeftOut, plan
from center.roster.model.matching import Numbers, PhotoPlace, SchoolRows
from rules.names import fold_name
from tests.roster_rows import roster_row
from wire.roster_change import RosterRow

SCHOOLS, YEARS = ("甲大学", "乙大学"), ("2025", "2026")


def row(school: str, year: str, student: int, person: int) -> RosterRow:
    return roster_row(
        year=year, school=school, student_no=f"s{student}", id_number=f"id{person}x", name=f"人 {person}", sex="女"
    )


_rows = st.lists(
    st.builds(row, st.sampled_from(SCHOOLS), st.sampled_from(YEARS), st.integers(0, 3), st.integers(0, 3)), max_size=8
)
_numbers = st.builds(
    Numbers,
    st.sampled_from(["", "ID0X", "id1x", " id2x", "id9x"]),
    st.sampled_from(["", "S0", "s1", "s 2", "s9"]),
    st.sampled_from([None, *YEARS]),
    st.sampled_from(["", "人0", "人　1", "人 2"]),
)
_photos = st.lists(st.tuples(st.sampled_from(SCHOOLS), _numbers), max_size=8)


@given(_rows, _photos)
def test_each_approved_photo_is_in_one_place_of_one_school_or_named(
    rows: Sequence[RosterRow], photos: Sequence[tuple[str, Numbers]]
) -> None:
    seen: Counter[str] = Counter()
    for school in SCHOOLS:
        of_school = SchoolRows([one for one in rows if one.school == school])
        places = {at: of_school.place(numbers) for at, (of, numbers) in enumerate(photos) if of == school}
        for year in {place.year for place in places.values()}:
            approved = [
                Approved(
                    str(at), f"p{at}", "{student_no}.jpg", _row(of_school, place), "d", place.several, place.other_name
                )
                for at, place in places.items()
                if place.year == year
            ]
            made = plan(approved, {})
            for item in made.items:
                assert item.row is not None
                assert (item.row.school, item.row.year) == (school, year)
                _is_theirs(item.row, photos[int(item.shot_id)][1])
            rows_used = Counter(item.row for item in made.items)
            assert max(rows_used.values(), default=1) == 1, "two faces on one row"
            seen.update(item.shot_id for item in made.items)
            seen.update(shot_id for _, shot_id in made.left_out)
    assert seen == Counter(str(at) for at in range(len(photos)))


def _row(rows: SchoolRows, place: PhotoPlace) -> RosterRow | None:
    return None if place.row is None else rows.rows[place.row]


def _is_theirs(row: RosterRow, numbers: Numbers) -> None:
    """By the ID number where one is known, else by the student number of that year and the name."""
    if numbers.id_number:
        assert row.id_number == str(numbers.id_number).strip().lower()
    else:
        assert row.student_no == str(numbers.student_no).replace(" ", "").lower()
        assert numbers.year in (None, row.year)
        assert not numbers.name or fold_name(str(numbers.name)) == fold_name(row.name)


def test_a_photo_that_fits_two_rows_belongs_to_neither() -> None:
    twice = SchoolRows([row("甲大学", "2026", 1, 7), row("甲大学", "2026", 2, 7)])
    assert twice.place(Numbers("id7x", "", "2026")) == PhotoPlace(None, "2026", several=True)
    assert twice.place(Numbers("id7x", "S2", "2026")) == PhotoPlace(1, "2026")


def test_a_row_whose_year_was_corrected_is_still_the_persons() -> None:
    moved = SchoolRows([row("甲大学", "2026", 1, 7)])
    assert moved.place(Numbers("id7x", "", "2025")) == PhotoPlace(0, "2026")
    assert moved.place(Numbers("", "s1", "2025")) == PhotoPlace(None, "2025"), (
        "a student number says nothing of other years"
    )


def test_by_student_number_alone_another_names_row_is_not_the_photos_and_is_named_as_such() -> None:
    rows = SchoolRows([row("甲大学", "2026", 1, 7)])
    assert rows.place(Numbers("", "s1", "2026", "人7")) == PhotoPlace(0, "2026")
    assert rows.place(Numbers("", "s1", "2026", "人8")) == PhotoPlace(None, "2026", other_name=True)
    made = plan([Approved("1", "p1", "{student_no}.jpg", None, "d", other_name=True)], {})
    assert made.left_out == ((LeftOut.OTHER_NAME, "1"),)


def test_a_number_that_was_several_peoples_says_nothing_of_a_photo_without_a_year() -> None:
    rows = SchoolRows([row("甲大学", "2025", 1, 6), row("甲大学", "2026", 1, 7)])
    assert rows.place(Numbers("", "s1", None, "人7")) == PhotoPlace(None, "2026", several=True)
    assert rows.place(Numbers("", "s1", "2026", "人7")) == PhotoPlace(1, "2026")
