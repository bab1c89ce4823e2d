"""The queue of numbers on both databases: no number twice, none lost, in order but for those who did not come."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, time, timedelta
from heapq import heapreplace
from threading import Event

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from center.commands.jobs import make_runner
from center.platform.faults import Conflict
from center.waiting.model import USUAL_S, NumberState, Refusal, Turn, is_full, open_s, pace_s
from center.waiting.service import KEPT_DAYS
from center.waiting.tables import WaitingDayRow, WaitingNumberRow
from center.wiring.office import Office
from rules.season import CHINA, Opening
from tests.center.factories import START, HandClock
from wire.heartbeat import Heartbeat

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
    assert queue.seen_by(taken.device)[1] is None
    with office.database.read() as session:
        assert session.scalars(select(WaitingNumberRow.device)).all() == [None]


def test_numbers_are_called_in_order_and_who_did_not_come_is_called_again(office: Office) -> None:
    queue = office.waiting_numbers
    devices = [queue.take().device for _ in range(4)]
    assert [queue.call_next(), queue.call_next()] == [1, 2]
    queue.note_arrival(1, came=False)
    queue.note_arrival(2, came=True)
    missed = queue.seen_by(devices[0])[1]
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
    assert queue.seen_by(device)[1] is None
    again = queue.take(device)
    assert again.held is not None
    assert again.held.number == 1


class FirstPause(Event):
    """Stops what waits for it at its first pause."""

    def wait(self, timeout: float | None = None) -> bool:
        del timeout
        self.set()
        return True


def test_the_jobs_process_forgets_yesterdays_devices_also_after_the_season(office: Office, clock: HandClock) -> None:
    """Nobody need take a number that day: the last day of a season has none after it for months."""
    office.waiting_numbers.take()

    def stored() -> list[bytes | None]:
        with office.database.read() as session:
            return list(session.scalars(select(WaitingNumberRow.device)))

    runner = make_runner(office)
    runner.run_until(FirstPause())
    assert None not in stored()
    clock.move(days=1)
    runner.run_until(FirstPause())
    assert stored() == [None]
    clock.move(days=KEPT_DAYS)
    runner.run_until(FirstPause())
    assert stored() == []
    with office.database.read() as session:
        assert not session.scalars(select(WaitingDayRow.day)).all()


def turns(*taken_and_called: tuple[float, float | None]) -> list[Turn]:
    """Numbers from 1 on, with the seconds after `START` at which each was taken and called."""

    def moment(seconds: float | None) -> datetime | None:
        return None if seconds is None else START + timedelta(seconds=seconds)

    return [
        Turn(number, START + timedelta(seconds=taken), moment(called))
        for number, (taken, called) in enumerate(taken_and_called, 1)
    ]


def pace_at(seconds: float, some: list[Turn], serving: int = 1) -> float:
    return pace_s(some, serving, START + timedelta(seconds=seconds))


def test_without_calls_the_pace_is_that_of_the_booths() -> None:
    assert pace_at(0, [], serving=0) == USUAL_S
    assert pace_at(0, turns((0, None)), serving=2) == USUAL_S / 2


def test_the_more_was_called_while_people_waited_the_more_it_decides() -> None:
    busy = turns(*((0, 20 * n) for n in range(1, 80)), (0, None))
    assert pace_at(20 * 79, busy) == pytest.approx(20, abs=3)
    assert pace_at(60, turns((0, 20), (0, 40), (0, 60), (0, None))) > 30


def test_a_quiet_half_hour_says_nothing_of_how_quick_booths_are() -> None:
    """Six people come five minutes apart, and each is called at once: that is how few come, not how long they take."""
    assert pace_at(1_600, turns(*((300 * n, 300 * n + 2) for n in range(6))), serving=3) == USUAL_S / 3


def test_calls_all_at_once_make_the_booths_no_quicker_for_long() -> None:
    clicked = turns(*((0, 60) for _ in range(5)), (0, None), (0, None))
    assert pace_at(60 + 5 * 55, clicked) >= USUAL_S
    assert pace_at(60 + 600, clicked) > 1.5 * USUAL_S, "nobody has been called since: the last waits longer"


def test_a_number_called_again_while_nobody_waits_makes_the_booths_no_slower() -> None:
    some = turns((0, 900), (0, 60))  # the first was called, missed, and called again after fourteen minutes
    assert pace_at(900, some) == pytest.approx(USUAL_S, rel=0.1)


def free_before_closing(ahead: int, serving: int, left_s: float) -> bool:
    """Whether a booth would be free early enough for one more person, if each takes the usual time."""
    free = [0.0] * max(1, serving)
    for _ in range(ahead):
        heapreplace(free, free[0] + USUAL_S)
    return free[0] + USUAL_S <= left_s


@given(st.integers(0, 400), st.integers(0, 12), st.floats(0, 30_000))
def test_nobody_is_refused_whom_a_booth_could_serve(ahead: int, serving: int, left_s: float) -> None:
    assert not (is_full(ahead, serving, left_s) and free_before_closing(ahead, serving, left_s))


@pytest.mark.parametrize(
    ("now", "minutes"), [(at(8), 360), (at(9), 360), (at(11), 240), (at(12), 210), (at(16, 30), 30), (at(18), 0)]
)
def test_the_hours_still_to_come_leave_out_the_break(now: datetime, minutes: int) -> None:
    assert open_s(HOURS, now) == minutes * 60


def test_the_own_turn_must_fit_in_too() -> None:
    assert not is_full(ahead=9, serving=1, left_s=10 * USUAL_S)
    assert is_full(ahead=10, serving=1, left_s=10 * USUAL_S)
    assert not is_full(ahead=20, serving=3, left_s=7 * USUAL_S)


BOOTHS = ("booth-1", "booth-2", "booth-3")


def beat(office: Office, clock: HandClock) -> None:
    for booth in BOOTHS:
        signs = {"booth_id": booth, "at": clock.now, "clock_synced": True, "version": "1", "profile": "jiangsu-2019"}
        counts = {"uptime_s": 1, "waiting_envelopes": 0, "oldest_waiting_s": None, "free_bytes": 1 << 30}
        office.booths.store_heartbeat(booth, Heartbeat(**signs, **counts))  # type: ignore[arg-type]


def enrol(office: Office) -> None:
    for booth in BOOTHS:
        office.booths.enrol("test", booth)


def given_until_full(office: Office) -> int:
    queue, given = office.waiting_numbers, 0
    while queue.take().refusal is None:
        given += 1
    return given


def test_after_a_quiet_half_hour_as_many_numbers_are_given_as_the_booths_can_serve(
    plain_office: Office, clock: HandClock
) -> None:
    """Few people came, one after the other: the three booths are idle, and an hour is left."""
    queue = plain_office.waiting_numbers
    enrol(plain_office)
    clock.now = at(16, 25)
    for _ in range(6):
        clock.move(minutes=5)
        queue.take()
        number = queue.call_next()
        assert number is not None
        queue.note_arrival(number, came=True)
    clock.now = at(16, 55)
    beat(plain_office, clock)
    clock.move(minutes=2)
    assert given_until_full(plain_office) == 180 * 3 // USUAL_S


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=10)
@given(st.lists(st.tuples(st.sampled_from(("take", "next", "came", "missed")), st.integers(0, 300)), max_size=15))
def test_whatever_pace_was_measured_nobody_is_refused_whom_a_booth_could_serve(
    plain_office: Office, clock: HandClock, deeds: list[tuple[str, int]]
) -> None:
    queue = plain_office.waiting_numbers
    enrol(plain_office)
    clock.now = at(16, 30)
    with plain_office.database.write() as session:
        for table in (WaitingNumberRow, WaitingDayRow):
            session.query(table).delete()
    for deed, seconds in deeds:
        clock.move(seconds=seconds)
        beat(plain_office, clock)
        state = queue.state()
        left_s = (at(17) - clock.now).total_seconds()
        if state.refusal is Refusal.FULL:
            assert not free_before_closing(len(state.waiting), plain_office.makeup.now().serving, left_s)
        if deed == "take":
            queue.take()
        elif deed == "next":
            queue.call_next()
        elif state.called:
            queue.note_arrival(state.called[0], came=deed == "came")


def test_staff_end_the_numbers_behind_which_nobody_stands(office: Office) -> None:
    queue = office.waiting_numbers
    devices = [queue.take().device for _ in range(5)]
    assert queue.call_next() == 1
    assert queue.end_from("anna", 3) == 3
    assert queue.state().waiting == (2,)
    ended = queue.seen_by(devices[4])[1]
    assert ended is not None
    assert ended.state is NumberState.ENDED, "its holder is told"
    again = queue.take(devices[4])
    assert again.held is not None
    assert again.held.number == 6
    assert again.device != devices[4]
    assert queue.seen_by(devices[4])[1] is None
    with office.database.read() as session:
        (entry,) = [one for one in office.audit.entries(session, "2026-09-01") if one.action == "waiting.ended"]
    assert (entry.actor, entry.detail) == ("anna", {"from_number": 3, "numbers": 3})


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
            held = queue.seen_by(devices[n % len(devices)])[1]
            queue.give_back(devices[n % len(devices)])
            back |= set() if held is None else {held.number}
        elif deed == "ask_again" and devices:
            device = devices[n % len(devices)]
            if queue.seen_by(device)[1] is not None:
                queue.take(device)
        elif deed == "wait":
            clock.move(seconds=30)
    state = queue.state()
    assert first_calls == sorted(set(first_calls))
    assert len(served) == len(set(served)) == state.served
    places = [*state.waiting, *state.called, *state.missed, *served, *back]
    assert sorted(places) == list(range(1, len(devices) + 1))
