"""The three-way check: photographed, delivered and billed are explained to the person, whatever happened."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from center.attendance.model import AttendanceState, Photographed, PhotographedRow, PhotographedRows, best
from center.billing.model import BillDifference, Charged, Check, Counted, Price, check, fee_lines
from center.delivery.model import Plan
from center.roster.model.matching import Numbers
from rules.profile import Billed

CUT_OFF = datetime(2026, 11, 21, tzinfo=UTC)
CAME = (AttendanceState.APPROVED, AttendanceState.WAITING, AttendanceState.RETAKE)


def photo(shot: str, person: str, state: AttendanceState) -> Photographed:
    return Photographed(shot, person, state, Numbers())


@st.composite
def seasons(draw: st.DrawFn) -> Counted:
    """Rows with photos of one or two people, photos of nobody, deliveries and letters of any state."""
    photographed: list[PhotographedRow] = []
    everybody: list[Photographed] = []
    for number in range(draw(st.integers(0, 8))):
        people = [f"p{number}"] + ([f"q{number}"] if draw(st.booleans()) and draw(st.booleans()) else [])
        photos = tuple(
            photo(f"s{number}-{at}", draw(st.sampled_from(people)), draw(st.sampled_from(CAME)))
            for at in range(draw(st.integers(1, 3)))
        )
        everybody += photos
        state = best(photos)
        assert state is not None
        photographed.append(PhotographedRow(f"r{number}", b"class", state, photos, draw(st.booleans())))
    strangers = range(draw(st.integers(0, 3)))
    unplaced = [photo(f"u{number}", f"u{number}", draw(st.sampled_from(CAME))) for number in strangers]
    everybody += unplaced
    persons = sorted({one.person_id for one in everybody} | {"gone"})
    delivered = {person: f"of {person}" for person in draw(st.sets(st.sampled_from(persons)))}
    rows = sorted({row.row_id for row in photographed} | {"r-gone"})
    charged = {
        row: Charged("p", "s", draw(st.sampled_from((1_200, 1_500)))) for row in draw(st.sets(st.sampled_from(rows)))
    }
    rule = draw(st.sampled_from(Billed))
    prices = {one.shot_id: Price(rule, draw(st.sampled_from((None, 0, 1_200)))) for one in everybody}
    taken = {one.shot_id: CUT_OFF + timedelta(days=draw(st.integers(-3, 1))) for one in everybody}
    found = PhotographedRows(tuple(photographed), tuple(unplaced))
    return Counted(found, delivered, Plan((), (), 0), prices, taken, charged, CUT_OFF)


@given(seasons())
def test_the_three_counts_are_explained_to_the_person(known: Counted) -> None:
    found = check(known)
    assert found.agree == (True, True, True)
    everybody = [*(one for row in known.photographed.rows for one in row.photos), *known.photographed.unplaced]
    assert found.photographed == len({one.person_id for one in everybody})


@given(seasons())
def test_after_the_letter_everybody_is_billed_once_and_nobody_twice(known: Counted) -> None:
    found = check(known)
    charged = dict(known.charged)
    for item in found.items:
        assert item.fen != 0
        if item.fen > 0:
            assert item.row_id not in charged
            charged[item.row_id] = Charged(item.person_id, item.shot_id, item.fen)
        else:
            assert charged.pop(item.row_id).fen == -item.fen
    later = Counted(known.photographed, known.delivered, known.plan, known.prices, known.taken, charged, known.cut_off)
    again = check(later)
    assert again.items == ()
    left = again.of(BillDifference.AFTER_CUT_OFF)
    assert again.of(BillDifference.NOT_BILLED) == left
    assert again.billed == again.counted - left
    assert sum(one.fen for one in charged.values()) == sum(one.fen for one in known.charged.values()) + found.fen


@given(seasons())
def test_a_letters_lines_by_price_are_its_items(known: Counted) -> None:
    found = check(known)
    lines = fee_lines(found.items)
    assert sum(one.heads for one in lines) == len(found.items)
    assert sum(one.fen * one.heads for one in lines) == found.fen


def one_row(
    state: AttendanceState, rule: Billed = Billed.PHOTOGRAPHED, *, campus: bool = False, shots: int = 1
) -> Check:
    photos = tuple(photo(f"s{at}", "p", state) for at in range(shots))
    prices = {one.shot_id: Price(rule, 1_200) for one in photos}
    taken = {one.shot_id: CUT_OFF - timedelta(days=9) for one in photos}
    photographed = PhotographedRows((PhotographedRow("r", b"", state, photos, campus),), ())
    return check(Counted(photographed, {}, Plan((), (), 0), prices, taken, {}, CUT_OFF))


def test_by_the_notice_who_was_photographed_is_billed_once_whatever_became_of_the_photo() -> None:
    assert [one_row(state, shots=3).fen for state in CAME] == [1_200] * 3


def test_a_profile_that_bills_approved_photos_bills_no_others() -> None:
    assert [one_row(state, Billed.APPROVED).fen for state in CAME] == [1_200, 0, 0]
    assert one_row(AttendanceState.APPROVED, Billed.DELIVERED).fen == 0


def test_who_was_photographed_on_campus_too_is_not_billed_again_and_named() -> None:
    found = one_row(AttendanceState.APPROVED, campus=True)
    assert (found.fen, found.of(BillDifference.CAMPUS)) == (0, 1)
