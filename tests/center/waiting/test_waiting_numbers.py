"""The queue of numbers on both databases: no number twice, none lost, in order but for those who did not come."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, time, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from center.platform.faults import Conflict
from center.waiting.model import ENOUGH, USUAL_S, NumberState, Refusal, is_full, open_s, pace_s
from center.waiting.service import KEPT_DAYS
from center.waiting.tables import WaitingDayRow, WaitingNumberRow
from center.wiring.office import Office
from rules.season import CHINA, Opening
from tests.center.factories import START, HandClock

HOURS = (Opening(opens=time(9), closes=time(11, 30)), Opening(opens=time(13, 30), closes=time(17)))


def at(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 9, 1, hour, minute, tzinfo=CHINA)


def test_a_device_has_one_number_however_often_it_asks(office: Office) -> None:
    queue = office.waiting_numbers
    first = queue.take()
    assert first.held is not None
    again = queue.take(first.device)
    assert (again.held, again.device) == (first.held, first.device)
    other = queue.take("a token nobody gave out")
    assert other.held is not None
    assert other.held.number == first.held.number + 1
    assert other.device not in (first.device, "a token nobody gave out")


def test_the_token_is_stored_as_a_hash_and_forgotten_with_the_turn(office: Office) -> None:
    queue = office.waiting_numbers
    taken = queue.take()
    with office.database.read() as session:
        (stored,) = session.scalars(select(WaitingNumberRow.device)).all()
    assert stored is not None
    assert taken.device.encode() not in stored
    number = queue.call_next()
    assert number == 1
    queue.note_arrival(number, came=True)
    assert queue.held(taken.device) is None
    with office.database.read() as session:
        assert session.scalars(select(WaitingNumberRow.device)).all() == [None]


def test_numbers_are_called_in_order_and_who_did_not_come_is_called_again(office: Office) -> None:
    queue = office.waiting_numbers
    devices = [queue.take().device for _ in range(4)]
    assert [queue.call_next(), queue.call_next()] == [1, 2]
    queue.note_arrival(1, came=False)
    queue.note_arrival(2, came=True)
    missed = queue.held(devices[0])
    assert missed is not None
    assert missed.state is NumberState.MISSED
    queue.call_again(1)
    assert queue.state().called == (1,)
    queue.give_back(devices[2])
    assert queue.call_next() == 4
    assert queue.call_next() is None


def test_a_number_that_is_called_again_is_the_last_called(office: Office, clock: HandClock) -> None:
    """Screens show the numbers called last: a low number that comes late must be among them."""
    queue = office.waiting_numbers
    for _ in range(4):
        queue.take()
        queue.call_next()
        clock.move(seconds=20)
    queue.note_arrival(1, came=False)
    queue.call_again(1)
    assert queue.state().called == (2, 3, 4, 1)


def test_a_number_that_another_desk_has_changed_is_a_conflict(office: Office) -> None:
    queue = office.waiting_numbers
    queue.take()
    with pytest.raises(Conflict):
        queue.note_arrival(1, came=True)
    queue.call_next()
    queue.note_arrival(1, came=True)
    for number in (1, 9):
        with pytest.raises(Conflict):
            queue.note_arrival(number, came=False)
        with pytest.raises(Conflict):
            queue.call_again(number)


def test_many_at_once_get_and_call_each_number_once(office: Office) -> None:
    queue = office.waiting_numbers
    with ThreadPoolExecutor(8) as threads:
        taken = [one.held.number for one in threads.map(lambda _: queue.take(), range(24)) if one.held is not None]
        called = list(threads.map(lambda _: queue.call_next(), range(24)))
    assert sorted(taken) == list(range(1, 25))
    assert sorted(number for number in called if number is not None) == list(range(1, 25))


def test_staff_close_and_open_it_and_the_audit_says_who(office: Office) -> None:
    queue = office.waiting_numbers
    device = queue.take().device
    queue.close("anna")
    assert (queue.take().refusal, queue.take(device).refusal) == (Refusal.CLOSED, None)
    assert queue.call_next() == 1, "numbers that were given keep their turn"
    queue.close("anna", closed=False)
    assert queue.take().refusal is None


def test_outside_the_hours_no_number_is_given(office: Office, clock: HandClock) -> None:
    clock.now = at(12)
    assert office.waiting_numbers.take().refusal is Refusal.NOT_OPEN
    clock.now = datetime(2026, 12, 24, 10, tzinfo=CHINA)
    assert office.waiting_numbers.take().refusal is Refusal.NOT_OPEN


def test_near_closing_time_numbers_are_given_only_as_long_as_they_can_be_served(
    office: Office, clock: HandClock
) -> None:
    clock.now = at(16, 55)  # five minutes, one person each 55 seconds
    given = 0
    while office.waiting_numbers.take().refusal is None:
        given += 1
    assert given == 300 // USUAL_S
    assert office.waiting_numbers.take().refusal is Refusal.FULL


def test_the_next_day_begins_with_one_and_no_device_is_known(office: Office, clock: HandClock) -> None:
    queue = office.waiting_numbers
    device = queue.take().device
    clock.move(days=1)
    assert queue.held(device) is None
    again = queue.take(device)
    assert again.held is not None
    assert again.held.number == 1
    with office.database.read() as session:
        old = session.scalars(select(WaitingNumberRow.device).order_by(WaitingNumberRow.day)).all()
    assert old[0] is None
    clock.move(days=KEPT_DAYS)
    clock.now = clock.now.replace(hour=2)
    queue.close("anna")
    with office.database.read() as session:
        assert len(session.scalars(select(WaitingDayRow.day)).all()) <= 2


def test_the_pace_is_measured_as_soon_as_enough_were_called() -> None:
    moments = [START + timedelta(seconds=20 * i) for i in range(ENOUGH)]
    assert pace_s(moments, serving=1) == 20
    assert pace_s(moments[:-1], serving=2) == USUAL_S / 2
    assert pace_s([], serving=0) == USUAL_S
    assert pace_s([START] * ENOUGH, serving=1) == 10, "a desk that calls all at once does not make the booths quicker"


@pytest.mark.parametrize(
    ("now", "minutes"), [(at(8), 360), (at(9), 360), (at(11), 240), (at(12), 210), (at(16, 30), 30), (at(18), 0)]
)
def test_the_hours_still_to_come_leave_out_the_break(now: datetime, minutes: int) -> None:
    assert open_s(HOURS, now) == minutes * 60


def test_the_own_turn_must_fit_in_too() -> None:
    assert not is_full(ahead=9, pace=60, left_s=600)
    assert is_full(ahead=10, pace=60, left_s=600)


DEEDS = ("take", "take", "take", "next", "next", "came", "missed", "again", "back", "ask_again", "wait")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=10)
@given(st.lists(st.tuples(st.sampled_from(DEEDS), st.integers(0, 5)), max_size=25))
def test_whatever_happens_no_number_is_served_twice_and_none_is_lost(
    plain_office: Office, clock: HandClock, deeds: list[tuple[str, int]]
) -> None:
    """Each number is waiting, called, missed, served or given back; it is first called after all lower ones."""
    queue = plain_office.waiting_numbers
    clock.now = START
    with plain_office.database.write() as session:
        for table in (WaitingNumberRow, WaitingDayRow):
            session.query(table).delete()
    devices: list[str] = []
    first_calls: list[int] = []
    served: list[int] = []
    back: set[int] = set()
    for deed, n in deeds:
        state = queue.state()
        if deed == "take":
            devices.append(queue.take().device)
        elif deed == "next" and (number := queue.call_next()) is not None:
            first_calls.append(number)
        elif deed in ("came", "missed") and state.called:
            number = state.called[n % len(state.called)]
            queue.note_arrival(number, came=deed == "came")
            served += [number] if deed == "came" else []
        elif deed == "again" and state.missed:
            queue.call_again(state.missed[n % len(state.missed)])
        elif deed == "back" and devices:
            held = queue.held(devices[n % len(devices)])
            queue.give_back(devices[n % len(devices)])
            back |= set() if held is None else {held.number}
        elif deed == "ask_again" and devices:
            device = devices[n % len(devices)]
            if queue.held(device) is not None:
                queue.take(device)
        elif deed == "wait":
            clock.move(seconds=30)
    state = queue.state()
    assert first_calls == sorted(set(first_calls))
    assert len(served) == len(set(served)) == state.served
    places = [*state.waiting, *state.called, *state.missed, *served, *back]
    assert sorted(places) == list(range(1, len(devices) + 1))
