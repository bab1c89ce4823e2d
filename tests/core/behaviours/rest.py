"""Closed, attract, out of service: the booth without a graduate."""

from behaviours.driver import AT_REST, BOTH, CARD, EITHER, Booth, booth_in, kinds, nothing_of_a_person
from behaviours.settings import SETTINGS
from kiosk.core import events as ev
from kiosk.core.events import Action, Device, SeasonState
from kiosk.core.session.state import HelpReason, State

SERVED = (SeasonState.OPEN, SeasonState.YEAR_UNCONFIRMED, SeasonState.CLOCK_UNSYNCED)
NOT_SERVED = (
    SeasonState.BEFORE_SEASON,
    SeasonState.AFTER_SEASON,
    SeasonState.NOT_A_WORKING_DAY,
    SeasonState.OUT_OF_HOURS,
)
AT_REST_ASKED = ["Forget", "Listen off", "Watch off", "Light off"]

NEEDED_TO_START = {
    Device.CAMERA,
    Device.EYE,
    Device.LAMP_LEFT,
    Device.LAMP_RIGHT,
    Device.CARD_READER,
    Device.STORAGE,
    Device.DISPLAY,
}
NEEDED_TO_SHOOT = NEEDED_TO_START - {Device.CARD_READER}
NEEDED_TO_CAPTURE = NEEDED_TO_SHOOT - {Device.STORAGE}
NEEDED = {
    State.ATTRACT: NEEDED_TO_START,
    State.CONSENT: NEEDED_TO_START,
    State.IDENTIFY: NEEDED_TO_START,
    State.SCHOOL: NEEDED_TO_START,
    State.CONFIRM: NEEDED_TO_START,
    State.PREPARE: NEEDED_TO_SHOOT,
    State.WRONG_TOP: NEEDED_TO_SHOOT,
    State.POSE: NEEDED_TO_SHOOT,
    State.REASON: NEEDED_TO_SHOOT,
    State.CAPTURE: NEEDED_TO_CAPTURE,
}
"""The devices without which a state can't go on, under a profile that accepts only the card."""


def booth_starts_closed_and_asks_for_the_season() -> None:
    booth = Booth()
    booth.expect(State.CLOSED)
    assert kinds(booth.asked) == [*AT_REST_ASKED, "AskSeason"]
    assert booth.session.since_ns == booth.session.active_ns == booth.now_ns


def booth_opens_in_every_season_it_serves() -> None:
    for season in SERVED:
        booth = Booth()
        asked = booth.tell_season(season)
        booth.expect(State.ATTRACT)
        assert booth.session.season is season
        assert kinds(asked) == [*AT_REST_ASKED, "AskSeason"]


def booth_stays_closed_out_of_season() -> None:
    for season in NOT_SERVED:
        booth = Booth()
        asked = booth.tell_season(season)
        booth.expect(State.CLOSED)
        assert booth.session.season is season
        assert asked == ()


def booth_closes_when_the_day_ends() -> None:
    for season in NOT_SERVED:
        booth = booth_in(State.ATTRACT)
        asked = booth.tell_season(season)
        booth.expect(State.CLOSED)
        assert booth.session.season is season
        assert kinds(asked) == AT_REST_ASKED


def attract_stays_when_the_season_is_still_open() -> None:
    booth = booth_in(State.ATTRACT)
    assert booth.tell_season(SeasonState.CLOCK_UNSYNCED) == ()
    booth.expect(State.ATTRACT)
    assert booth.session.season is SeasonState.CLOCK_UNSYNCED


def season_is_asked_for_every_minute_at_rest() -> None:
    for state in (State.CLOSED, State.ATTRACT):
        booth = booth_in(state)
        before = len(booth.asked)
        booth.wait(30)
        booth.touch(Action.LANGUAGE)
        booth.wait(59.5)
        assert len(booth.asked) == before, "nobody's language is changed under their eyes"
        booth.wait(0.5)
        assert sorted(kinds(booth.asked[before:])) == sorted([*AT_REST_ASKED, "AskSeason"])
        booth.expect(state)


def season_that_ends_during_a_session_closes_the_booth_after_it() -> None:
    booth = booth_in(State.POSE)
    assert booth.tell_season(SeasonState.OUT_OF_HOURS) == ()
    booth.expect(State.POSE)
    booth.touch(Action.CANCEL)
    booth.expect(State.ATTRACT)
    booth.touch(Action.START)
    booth.expect(State.ATTRACT, "nobody starts out of hours")
    booth.tell_season(SeasonState.OUT_OF_HOURS)
    booth.expect(State.CLOSED)


def touching_start_leads_to_consent() -> None:
    booth = booth_in(State.ATTRACT)
    assert booth.touch(Action.START) == ()
    booth.expect(State.CONSENT)


def touches_that_a_screen_does_not_offer_change_nothing_and_are_reported() -> None:
    offered = {
        State.CLOSED: {Action.START},
        State.ATTRACT: {Action.START},
        State.CONSENT: {Action.AGREE, Action.DECLINE, Action.CANCEL, Action.HELP},
        State.IDENTIFY: {Action.CANCEL, Action.HELP},
        State.SCHOOL: {Action.PICK_SCHOOL, Action.PICK_RECORD, Action.CANCEL, Action.HELP},
        State.CONFIRM: {Action.CONFIRM, Action.NOT_ME, Action.DATA_WRONG, Action.CANCEL, Action.HELP},
        State.PREPARE: {Action.READY, Action.JEWELLERY_OFF, Action.CANCEL, Action.HELP},
        State.WRONG_TOP: {Action.ASK_TOP, Action.KEEP_TOP, Action.STILL_HERE, Action.CANCEL, Action.HELP},
        State.POSE: {Action.BOOTH_WRONG, Action.CANCEL, Action.HELP},
        State.REASON: {Action.GIVE_REASON, Action.STILL_HERE, Action.CANCEL, Action.HELP},
        State.CHOOSE: {Action.PICK_TAKE, Action.ACCEPT, Action.RETAKE, Action.CANCEL, Action.HELP},
        State.DONE: {Action.FINISH},
        State.APPROVED: {Action.FINISH, Action.HELP},
        State.REJECTED: {Action.RETAKE, Action.CANCEL, Action.HELP},
        State.STILL_THERE: {Action.STILL_HERE, Action.CANCEL},
        State.STAFF_HELP: {
            *(Action.STILL_HERE, Action.FINISH, Action.CANCEL, Action.AGREE_STILLS, Action.END_STILLS),
        },
    }
    for state in State:
        booth = booth_in(state)
        for action in set(Action) - {Action.LANGUAGE} - SETTINGS - offered.get(state, set()):
            booth.touch(action, foreseen=False)
            booth.expect(state)


def language_is_switched_everywhere_and_back() -> None:
    for state in State:
        booth = booth_in(state)
        assert booth.touch(Action.LANGUAGE) == ()
        assert (booth.state, booth.session.language) == (state, "en")
        booth.touch(Action.LANGUAGE)
        assert (booth.state, booth.session.language) == (state, "zh_CN")


def next_graduate_finds_the_first_language_again() -> None:
    booth = booth_in(State.CONSENT)
    booth.touch(Action.LANGUAGE)
    booth.touch(Action.CANCEL)
    assert booth.session.language == "zh_CN"


def each_state_goes_out_of_service_without_what_it_needs_and_only_then() -> None:
    for state in State:
        ready = booth_in(state, CARD)
        for device in Device:
            booth = ready.twin()
            if device is Device.CAMERA and state is State.OUT_OF_SERVICE:
                continue  # it has failed there already
            if device is Device.CARD_READER and state is State.CARD_LEFT:
                continue  # nobody can tell whether the card is still there: `reader_that_fails_holds_nobody_up`
            booth.fail(device, "fault.of_that_device")
            if device in NEEDED.get(state, set()):
                booth.expect(State.OUT_OF_SERVICE, f"{device} fails in {state}")
            else:
                booth.expect(state, f"{device} fails in {state}")
            assert (device, "fault.of_that_device") in booth.session.failed


def card_reader_may_fail_where_a_code_is_enough() -> None:
    for policy, state in ((EITHER, State.ATTRACT), (CARD, State.OUT_OF_SERVICE), (BOTH, State.OUT_OF_SERVICE)):
        booth = Booth(policy).at_attract()
        booth.fail(Device.CARD_READER)
        booth.expect(state)


def scanner_may_always_fail_since_the_camera_reads_codes_too() -> None:
    for policy in (EITHER, CARD, BOTH):
        booth = Booth(policy).at_attract()
        booth.fail(Device.SCANNER)
        booth.expect(State.ATTRACT)


def booth_comes_back_when_everything_it_needs_works_again() -> None:
    booth = booth_in(State.OUT_OF_SERVICE, CARD)
    for device in set(Device) - {Device.CAMERA}:  # the camera has failed there already
        booth.fail(device)
    before = len(booth.asked)
    booth.wait(600, tick_ms=10_000)
    booth.expect(State.OUT_OF_SERVICE)
    assert len(booth.asked) == before, "it waits in silence"
    for device in sorted(NEEDED_TO_START):
        booth.expect(State.OUT_OF_SERVICE)
        booth.recover(device)
    booth.expect(State.ATTRACT)
    still = {device for device, _ in booth.session.failed}
    assert still == {Device.SCANNER, Device.SPEAKER, Device.KEY, Device.EARPHONE}


def news_of_a_device_is_only_noted_until_the_next_tick() -> None:
    for state in State:
        booth = booth_in(state)
        before = booth.session
        assert booth.do(ev.DeviceFailed(booth.now_ns, Device.SCANNER, "fault.test")) == ()
        assert booth.do(ev.DeviceRecovered(booth.now_ns, Device.SCANNER, "fault.test")) == ()
        assert booth.session == before


def every_cause_is_kept_and_the_first_is_shown() -> None:
    booth = booth_in(State.ATTRACT)
    booth.fail(Device.CAMERA, "fault.first")
    booth.fail(Device.CAMERA, "fault.second")
    booth.fail(Device.EYE, "fault.third")
    first, second, third = (Device.CAMERA, "fault.first"), (Device.CAMERA, "fault.second"), (Device.EYE, "fault.third")
    assert booth.session.failed == (first, second, third)


def recovery_clears_only_its_own_cause() -> None:
    booth = booth_in(State.ATTRACT)
    booth.fail(Device.LAMP_LEFT, "fault.lamp_dead")
    booth.fail(Device.LAMP_LEFT, "fault.lamp_pin")
    booth.recover(Device.LAMP_LEFT, "fault.lamp_pin")
    booth.expect(State.OUT_OF_SERVICE, "the lamp is still dead when its pin works again")
    booth.recover(Device.LAMP_RIGHT, "fault.lamp_dead")
    booth.expect(State.OUT_OF_SERVICE, "the other lamp's recovery is not this one's")
    booth.recover(Device.LAMP_LEFT, "fault.lamp_dead")
    booth.expect(State.ATTRACT)


def cause_that_was_reported_twice_ends_with_the_second_recovery() -> None:
    booth = booth_in(State.ATTRACT)
    booth.fail(Device.STORAGE, "fault.storage_full")
    booth.fail(Device.STORAGE, "fault.storage_full")
    booth.recover(Device.STORAGE, "fault.storage_full")
    booth.expect(State.OUT_OF_SERVICE)
    booth.recover(Device.STORAGE, "fault.storage_full")
    booth.expect(State.ATTRACT)


def staff_key_takes_the_booth_out_of_service_and_back() -> None:
    booth = booth_in(State.ATTRACT)
    booth.turn_key(service=True)
    booth.expect(State.OUT_OF_SERVICE)
    booth.wait(600, tick_ms=10_000)
    booth.expect(State.OUT_OF_SERVICE)
    booth.turn_key(service=False)
    booth.expect(State.ATTRACT)


def staff_take_a_booth_at_rest_out_of_service_for_as_long_as_they_want() -> None:
    for state in (State.CLOSED, State.ATTRACT, State.CARD_LEFT, State.OUT_OF_SERVICE):
        for by_pin in (False, True):
            booth = booth_in(state)
            booth.turn_key(service=True, by_pin=by_pin)
            booth.expect(State.OUT_OF_SERVICE)
            before = len(booth.asked)
            booth.wait(600, tick_ms=10_000)
            booth.expect(State.OUT_OF_SERVICE)
            assert len(booth.asked) == before, "what lies over the screen, as lamps and a test shot, stays"
            booth.turn_key(service=False, by_pin=by_pin)
            if state is State.OUT_OF_SERVICE:
                booth.recover(Device.CAMERA)
            booth.wait(0.5)
            booth.expect(State.CARD_LEFT if state is State.CARD_LEFT else State.ATTRACT)


def booth_serves_again_when_neither_key_nor_pin_keeps_it() -> None:
    for first in (False, True):
        booth = booth_in(State.ATTRACT)
        booth.turn_key(service=True, by_pin=first)
        booth.turn_key(service=True, by_pin=not first)
        booth.turn_key(service=False, by_pin=first)
        booth.expect(State.OUT_OF_SERVICE)
        booth.turn_key(service=False, by_pin=not first)
        booth.expect(State.ATTRACT)


def staff_key_lets_the_graduate_with_a_photo_finish() -> None:
    booth = booth_in(State.CHOOSE)
    booth.finish(1)
    booth.turn_key(service=True)
    booth.touch(Action.ACCEPT)
    booth.saved()
    booth.touch(Action.FINISH)
    booth.wait(0.5)
    booth.expect(State.OUT_OF_SERVICE)


def device_that_fails_while_closed_shows_when_the_booth_opens() -> None:
    booth = Booth()
    booth.fail(Device.CAMERA)
    booth.expect(State.CLOSED)
    booth.tell_season(SeasonState.OPEN)
    booth.wait(0.5)
    booth.expect(State.OUT_OF_SERVICE)


def season_told_out_of_service_is_kept() -> None:
    booth = booth_in(State.OUT_OF_SERVICE)
    booth.tell_season(SeasonState.OUT_OF_HOURS)
    booth.expect(State.OUT_OF_SERVICE)
    booth.recover(Device.CAMERA)
    assert booth.session.season is SeasonState.OUT_OF_HOURS


def everything_of_the_person_is_wiped_out_of_service() -> None:
    booth = booth_in(State.POSE)
    assert not nothing_of_a_person(booth.session)
    booth.fail(Device.DISPLAY)
    assert booth.state is State.OUT_OF_SERVICE  # the driver checks that nothing is kept and all devices are off


def late_and_unwanted_news_changes_nothing_and_is_foreseen() -> None:
    for state in State:
        booth = booth_in(state)
        now, stale = booth.now_ns, 1
        news: list[ev.Event] = [
            ev.BurstTaken(now, stale, 9),
            ev.BurstFailed(now, stale, ev.ShootFault.NO_FACE),
            ev.TakeFinished(now, 9, 0.9),
            ev.TakeRefused(now, 9, ev.FinishFault.FILE),
            ev.Saved(now, stale, "ZZ99"),
            ev.SaveFailed(now, stale),
            ev.PhotoLost(now, stale),
            ev.RosterAnswered(now, stale, "a key that was dropped", ()),
        ]
        if state is not State.IDENTIFY:
            news += [ev.CardFailed(now, ev.CardTrouble.DAMAGED)]
        if state not in (State.IDENTIFY, State.SCHOOL, State.CONFIRM):
            news += [ev.CardRead(now, "card", True), ev.CodeRead(now, "code", ev.CodeKind.STUDENT_OR_EXAM_NUMBER)]
        before = booth.session
        for event in news:
            assert booth.do(event) == ()
            assert booth.session == before, f"{type(event).__name__} in {state}"
        if state is not State.POSE:
            assert booth.look() == ()
            assert booth.session == before


def event_that_no_table_knows_changes_nothing_and_is_reported() -> None:
    class Unheard(ev.Event):
        pass

    for state in State:
        booth = booth_in(state)
        booth.do(Unheard(booth.now_ns), foreseen=False)


def broken_booth_tells_staff_first_only_after_it_is_left() -> None:
    booth = booth_in(State.STAFF_HELP)
    booth.fail(Device.CAMERA)
    assert (booth.state, booth.session.help) == (State.STAFF_HELP, HelpReason.ASKED)
    booth.touch(Action.FINISH)
    booth.wait(0.5)
    booth.expect(State.OUT_OF_SERVICE)


def from_every_state_ticks_alone_lead_back_to_attract() -> None:
    for state in State:
        booth = booth_in(state)
        if state is State.CLOSED:
            booth.tell_season(SeasonState.OPEN)
        if state is State.OUT_OF_SERVICE:
            booth.recover(Device.CAMERA)
        if state is State.CARD_LEFT:
            booth.card_removed()
        seen = [booth.state]
        while booth.state is not State.ATTRACT:
            booth.wait(0.5)
            if booth.state is not seen[-1]:
                seen.append(booth.state)
            assert len(seen) < 6, f"no way back from {state}: {seen}"
            assert booth.now_ns < 600e9, f"no way back from {state} within ten minutes: {seen}"
        assert booth.state in AT_REST
