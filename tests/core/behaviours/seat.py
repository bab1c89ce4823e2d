"""If another person sits down in the middle of a session, the booth asks who it is, on whatever screen the first person
left.
"""

from collections.abc import Callable
from dataclasses import replace

from behaviours.driver import LI, SEAT_WATCHED, WU, Booth, booth_in, kinds, nothing_of_a_person
from kiosk.core.events import Action, DecisionState, Device, FinishFault, Tick
from kiosk.core.session.state import Reason, State


def left(seconds: float, booth: Booth) -> Booth:
    """Let the booth see somebody, and then for `seconds` nobody."""
    booth.look(eyes_open=0.0)
    booth.wait(0.1)
    booth.pose(seconds, faces=0)
    return booth


def whoever_sits_down_after_the_seat_was_empty_is_asked_who_it_is() -> None:
    booth = left(3.1, booth_in(State.POSE))
    assert kinds(booth.look()) == ["DropTakes", "Watch on", "Listen on"]
    booth.expect(State.CONFIRM)


def who_sits_down_after_another_gives_a_consent_of_their_own() -> None:
    booth = left(3.1, booth_in(State.POSE))
    booth.look()
    former_ns = booth.session.consent_ns
    booth.touch(Action.NOT_ME)
    booth.expect(State.CONSENT)
    assert nothing_of_a_person(booth.session)
    assert not booth.lit
    booth.wait(1)
    booth.touch(Action.AGREE)
    assert booth.session.consent_ns is not None
    assert former_ns is not None
    assert booth.session.consent_ns > former_ns


def papers_of_who_sits_down_after_another_ask_for_a_consent_of_their_own() -> None:
    for show in ("card", "code", "same card"):
        booth = left(3.1, booth_in(State.POSE))
        booth.look()
        booth.expect(State.CONFIRM)
        if show == "code":
            booth.scan("code-wu")
        else:
            booth.lay_card("card-wu" if show == "card" else "card-li")
        if show == "same card":
            booth.expect(State.CONFIRM, "it is the same person")
        else:
            booth.expect(State.CONSENT)
            assert nothing_of_a_person(booth.session)


def who_was_mistaken_for_somebody_else_before_sitting_down_agrees_once() -> None:
    booth = booth_in(State.CONFIRM)
    booth.touch(Action.NOT_ME)
    booth.expect(State.IDENTIFY)


def seat_that_was_empty_for_less_changes_nothing() -> None:
    booth = left(2.5, booth_in(State.POSE))
    booth.look()
    booth.expect(State.POSE)
    booth.pose(0.6, faces=0)
    booth.look()
    booth.expect(State.POSE, "it was the same person all the time")


def who_has_not_sat_down_yet_is_asked_nothing() -> None:
    booth = booth_in(State.POSE)
    booth.pose(6, faces=0)
    booth.look(eyes_open=0.0)
    booth.expect(State.POSE)


def frames_that_do_not_come_are_no_empty_seat() -> None:
    booth = booth_in(State.POSE)
    booth.look(eyes_open=0.0)
    booth.wait(6)
    booth.look(eyes_open=0.0)
    booth.expect(State.POSE)


def takes_and_excuses_of_the_one_before_are_gone() -> None:
    booth = booth_in(State.REASON)
    booth.touch(Action.GIVE_REASON, Reason.EYES.value)
    left(3.1, booth).look()
    assert booth.session.reason is None
    assert not booth.session.takes
    booth = booth_in(State.CHOOSE)
    booth.refuse(1)
    booth = left(3.1, booth)
    assert booth.session.takes, "it can't become a photo"
    booth.look()
    booth.expect(State.CONFIRM)
    assert not booth.session.takes


def who_tried_in_vain_does_not_excuse_the_next_one() -> None:
    booth = booth_in(State.POSE)
    booth.pose(45.2, frame_ms=200, eyes_open=0.0)
    assert booth.session.tried_in_vain
    booth = left(3.1, booth)
    booth.look()
    assert not booth.session.tried_in_vain


def same_person_goes_on_with_two_touches() -> None:
    booth = left(3.1, booth_in(State.POSE))
    booth.look()
    booth.touch(Action.CONFIRM)
    booth.touch(Action.READY)
    booth.expect(State.POSE)
    booth.pose(2)
    booth.expect(State.CAPTURE)


# before, between and after the poses


def changes_places(booth: Booth, away_s: float = 3.1) -> list[str]:
    """The person leaves, and after `away_s` the booth sees somebody again; nobody touches a button. Returns the
    effects.
    """
    look(booth, 1)
    booth.now_ns += 100_000_000
    look(booth, 0)
    booth.now_ns += int(away_s * 1e9)
    return look(booth, 1)


def look(booth: Booth, faces: int) -> list[str]:
    """One look of the kind that belongs to the state."""
    if booth.state is State.PREPARE:
        return kinds(booth.dress(faces))
    if booth.state is State.POSE:
        return kinds(booth.look(faces, eyes_open=0.0))
    return kinds(booth.see_seat(faces))


def whoever_sits_down_while_the_other_got_ready_is_asked_at_once() -> None:
    booth = booth_in(State.PREPARE)
    assert changes_places(booth) == ["DropTakes", "Watch on", "Listen on"]
    booth.expect(State.CONFIRM)
    booth = booth_in(State.PREPARE)
    changes_places(booth, away_s=2.5)
    booth.expect(State.PREPARE, "who bends down for a bag is not asked")


def whoever_leaves_getting_ready_is_missed_though_the_next_is_quick() -> None:
    """The next person touches "ready" before the booth has looked at what that person wears."""
    booth = booth_in(State.PREPARE)
    booth.dress()
    booth.now_ns += 500_000_000
    booth.dress(faces=0)
    booth.now_ns += 3_100_000_000
    booth.touch(Action.READY)
    booth.expect(State.POSE)
    booth.look()
    booth.expect(State.CONFIRM)


def whoever_confirmed_and_left_before_sitting_down_is_missed_too() -> None:
    booth = booth_in(State.PREPARE)
    booth.now_ns += 10_100_000_000
    booth.dress()
    booth.expect(State.CONFIRM)


def who_was_seen_confirming_is_missed_as_soon_as_any_other() -> None:
    booth = booth_in(State.CONFIRM)
    booth.see_seat()
    booth.touch(Action.CONFIRM)
    booth.dress(faces=0)
    booth.now_ns += 3_100_000_000
    booth.dress()
    booth.expect(State.CONFIRM)


def who_sits_down_after_confirming_is_not_asked_again() -> None:
    booth = booth_in(State.CONFIRM)
    booth.see_seat()
    booth.now_ns += 500_000_000
    booth.see_seat(0)
    booth.now_ns += 60_000_000
    booth.touch(Action.CONFIRM)
    booth.now_ns += 2_000_000_000
    booth.dress()
    booth.expect(State.PREPARE)


def answer_of_who_sits_there_now_counts_for_what_was_before() -> None:
    """A person who comes while the question is on the screen has read it."""
    booth = booth_in(State.CONFIRM)
    changes_places(booth, away_s=20)
    booth.touch(Action.CONFIRM)
    booth.dress()
    booth.expect(State.PREPARE)


WAYS_TO_THE_POSE = {
    State.WRONG_TOP: Action.KEEP_TOP,
    State.REASON: Action.STILL_HERE,
    State.REJECTED: Action.RETAKE,
    State.STILL_THERE: Action.STILL_HERE,
    State.STAFF_HELP: Action.STILL_HERE,
}


def watched(state: State) -> Booth:
    """A booth that watches the seat in `state`; next it looks at the pose or at what people wear."""
    if state is State.STILL_THERE:
        booth = booth_in(State.POSE)
        look(booth, 1)
        booth.wait(15)
        return booth
    booth = booth_in(state)
    if state is State.CHOOSE:
        booth.finish(1)
    return booth


def whoever_sits_down_between_two_looks_is_asked_before_anything_else_is_seen() -> None:
    assert {*WAYS_TO_THE_POSE, State.CHOOSE, State.CONFIRM} == SEAT_WATCHED
    for state, touch in WAYS_TO_THE_POSE.items():
        booth = watched(state)
        changes_places(booth)
        booth.expect(state, "the screen stays until somebody wants to go on")
        booth.touch(touch)
        look(booth, 1)
        booth.expect(State.CONFIRM, f"somebody else came in {state}")
        assert not booth.session.takes


def whoever_says_they_were_rejected_is_not_asked_again() -> None:
    booth = Booth().at_confirm()
    booth.recalled(DecisionState.REJECTED, "glasses")
    changes_places(booth)
    booth.touch(Action.CONFIRM)
    booth.expect(State.REJECTED)
    booth.see_seat()
    booth.touch(Action.RETAKE)
    booth.dress()
    booth.expect(State.PREPARE)


def look_at_the_seat_leaves_the_screen_as_it_is() -> None:
    for state in SEAT_WATCHED:
        booth = watched(state)
        since_ns, booth.now_ns = booth.session.since_ns, booth.now_ns + 1_000
        assert booth.see_seat() == ()
        assert (booth.state, booth.session.since_ns) == (state, since_ns)


def short_absence_between_two_looks_changes_nothing() -> None:
    for state, touch in WAYS_TO_THE_POSE.items():
        booth = watched(state)
        changes_places(booth, away_s=2.5)
        booth.touch(touch)
        booth.dress() if booth.state is State.PREPARE else look(booth, 1)
        assert booth.state in (State.POSE, State.PREPARE), f"asked after {state}"


def absence_that_ends_on_the_next_screen_counts_whole() -> None:
    booth = watched(State.STAFF_HELP)
    look(booth, 1)
    look(booth, 0)
    booth.now_ns += 2_000_000_000
    booth.touch(Action.STILL_HERE)
    booth.now_ns += 1_500_000_000
    look(booth, 1)
    booth.expect(State.CONFIRM)


def booth_that_goes_on_by_itself_asks_too() -> None:
    """No photo can be made from the only take, so the booth goes back to the pose, whoever sits there."""
    booth = booth_in(State.CHOOSE)
    booth.see_seat()
    booth.see_seat(0)
    booth.now_ns += 3_100_000_000
    booth.refuse(1, FinishFault.TOO_CLOSE)
    booth.expect(State.POSE)
    booth.look()
    booth.expect(State.CONFIRM)


# in the middle of the choice


def asked_in_the_choice(takes: int = 1) -> Booth:
    """A booth that asks who came back, after `takes` takes, which are finished but for the last."""
    booth = booth_in(State.CHOOSE)
    for number in range(1, takes):
        booth.finish(number)
        booth.shoot_again(12)  # the advice about the former take delays it
    changes_places(booth)
    booth.expect(State.CONFIRM)
    return booth


def whoever_comes_back_to_the_choice_is_asked_at_once_and_finds_the_takes() -> None:
    booth = watched(State.CHOOSE)
    before = booth.session
    assert changes_places(booth) == ["Watch on", "Listen on"]
    booth.expect(State.CONFIRM, "the screen shows photos of the one before")
    booth.touch(Action.CONFIRM)
    booth.expect(State.CHOOSE)
    assert (booth.session.takes, booth.session.picked) == (before.takes, before.picked)
    booth.see_seat()
    booth.expect(State.CHOOSE, "asked once")
    booth.touch(Action.ACCEPT)
    booth.expect(State.SAVING)


def what_the_graduate_said_and_staff_allowed_stays_through_the_question() -> None:
    booth = booth_in(State.REASON)
    booth.touch(Action.GIVE_REASON, Reason.EYES.value)
    booth.pose(2)
    booth.burst_taken()
    changes_places(booth)
    booth.touch(Action.CONFIRM)
    booth.expect(State.CHOOSE)
    assert booth.session.reason is Reason.EYES


def who_says_not_me_in_the_choice_gets_nothing_of_the_one_before() -> None:
    booth = asked_in_the_choice()
    booth.touch(Action.NOT_ME)
    booth.expect(State.CONSENT)
    assert nothing_of_a_person(booth.session)


def short_absence_from_the_choice_changes_nothing() -> None:
    booth = watched(State.CHOOSE)
    changes_places(booth, away_s=2.5)
    booth.expect(State.CHOOSE)
    booth.touch(Action.ACCEPT)
    booth.expect(State.SAVING)


def who_leaves_while_pressing_accept_has_accepted() -> None:
    """Nobody has come yet: who stands beside the picture and presses is the one whose photos are shown."""
    booth = watched(State.CHOOSE)
    booth.see_seat()
    booth.see_seat(0)
    booth.now_ns += 3_100_000_000
    booth.touch(Action.ACCEPT)
    booth.expect(State.SAVING)


def change_that_was_seen_on_another_screen_is_asked_about_before_anything_is_chosen() -> None:
    for action in (Action.ACCEPT, Action.RETAKE):
        booth = watched(State.CHOOSE)
        booth.touch(Action.HELP)
        changes_places(booth)
        booth.touch(Action.STILL_HERE)
        booth.expect(State.CHOOSE)
        booth.touch(action)
        booth.expect(State.CONFIRM)
        assert booth.session.takes


def question_in_the_choice_looks_nobody_up() -> None:
    """It is only about the one before; another card than the one before laid begins another session."""
    booth = asked_in_the_choice()
    before = replace(booth.session, active_ns=0)
    for read in (booth.lay_card, booth.scan, booth.show_qr):
        assert read() == ()
        booth.expect(State.CONFIRM)
        assert replace(booth.session, active_ns=0) == before
    booth.answer(WU)
    booth.expect(State.CONFIRM)
    assert replace(booth.session, active_ns=0) == before
    booth.lay_card("card-wu")
    booth.expect(State.CONSENT)
    assert nothing_of_a_person(booth.session)


def take_that_is_finished_during_the_question_can_be_chosen() -> None:
    booth = asked_in_the_choice()
    assert booth.finish(1) == ()
    booth.touch(Action.CONFIRM)
    booth.expect(State.CHOOSE)
    assert booth.session.picked == 1


def take_that_is_refused_during_the_question_leaves_the_others() -> None:
    booth = asked_in_the_choice(2)
    assert booth.refuse(1) == (), "it is finished: a second answer changes nothing"
    assert booth.refuse(2) == ()
    assert [take.fault for take in booth.session.takes] == [None, FinishFault.TOO_CLOSE]
    booth.touch(Action.CONFIRM)
    booth.expect(State.CHOOSE)


def shot_begins_anew_if_no_take_is_left_at_the_answer() -> None:
    booth = asked_in_the_choice()
    assert kinds(booth.refuse(1)) == ["DropTakes"]
    booth.expect(State.CONFIRM)
    assert not booth.session.takes
    booth.touch(Action.CONFIRM)
    booth.expect(State.PREPARE)


def question_promises_no_photos_if_the_last_hope_is_refused_on_a_screen_that_interrupts_it() -> None:
    interruptions: tuple[Callable[[Booth], object], ...] = (
        lambda booth: booth.wait(31),
        lambda booth: booth.touch(Action.HELP),
    )
    for interrupt in interruptions:
        booth = asked_in_the_choice()
        interrupt(booth)
        assert booth.state in (State.STILL_THERE, State.STAFF_HELP)
        booth.refuse(1, FinishFault.TOO_CLOSE)
        assert "DropTakes" in kinds(booth.touch(Action.STILL_HERE))
        booth.expect(State.CONFIRM)
        assert not booth.session.takes
        booth.touch(Action.CONFIRM)
        booth.expect(State.PREPARE)


def papers_that_may_be_the_graduates_own_delete_no_takes() -> None:
    """The card of a graduate who was identified by a code, a graduate's other number, any barcode in the room."""
    reads: tuple[tuple[Booth, Callable[[Booth], object]], ...] = (
        (choosing_after_a_code(), Booth.lay_card),
        (choosing_after_a_code(), lambda booth: booth.scan("code-exam")),
        (booth_in(State.CHOOSE), lambda booth: booth.scan("code-any")),
    )
    for booth, read in reads:
        changes_places(booth)
        booth.expect(State.CONFIRM)
        before = replace(booth.session, active_ns=0)
        assert read(booth) == (), "nobody is looked up"
        assert replace(booth.session, active_ns=0) == before
        twin = booth.twin()
        booth.touch(Action.CONFIRM)
        booth.expect(State.CHOOSE)
        assert booth.session.takes == before.takes
        twin.touch(Action.NOT_ME)
        twin.expect(State.CONSENT)
        assert nothing_of_a_person(twin.session)


def choosing_after_a_code() -> Booth:
    """A booth in the choice with one take that is still being finished; the graduate was identified by a code."""
    booth = Booth().at_identify()
    booth.scan()
    booth.answer(LI)
    booth.recalled(None)
    booth.touch(Action.CONFIRM)
    booth.touch(Action.READY)
    booth.lamps_tested()
    booth.pose(2)
    booth.burst_taken()
    booth.expect(State.CHOOSE)
    return booth


def take_stays_for_who_comes_back_to_the_pose_for_another() -> None:
    booth = watched(State.CHOOSE)
    booth.touch(Action.RETAKE)
    takes = booth.session.takes
    look(booth, 1)
    booth.pose(3.1, faces=0)
    assert look(booth, 1) == ["Watch on", "Listen on"]
    booth.expect(State.CONFIRM)
    assert booth.session.takes == takes
    twin = booth.twin()
    twin.touch(Action.NOT_ME)
    twin.expect(State.CONSENT)
    assert nothing_of_a_person(twin.session)
    booth.touch(Action.CONFIRM)
    booth.expect(State.CHOOSE)
    again = booth.twin()
    booth.touch(Action.ACCEPT)
    booth.expect(State.SAVING)
    again.touch(Action.RETAKE)
    again.expect(State.POSE, "the graduate may still take another")


def what_staff_did_stays_for_who_comes_back_to_the_pose_for_another() -> None:
    """Two takes with a failed check rang the desk."""
    booth = booth_in(State.CHOOSE)
    booth.finish(1, failures=("glasses",))
    booth.shoot_again(12)
    booth.finish(2, failures=("glasses",))
    booth.touch(Action.RETAKE)
    assert booth.session.rung
    call = booth.session.call
    look(booth, 1)
    booth.pose(3.1, faces=0)
    assert "EndCall" not in look(booth, 1)
    booth.expect(State.CONFIRM)
    assert (booth.session.rung, booth.session.call) == (True, call)


def question_in_the_choice_survives_a_device_that_fails() -> None:
    """The photos are there already; whoever is not the one before finds the booth out of service."""
    booth = asked_in_the_choice()
    booth.fail(Device.CAMERA)
    booth.expect(State.CONFIRM)
    twin = booth.twin()
    booth.touch(Action.CONFIRM)
    booth.expect(State.CHOOSE)
    twin.touch(Action.NOT_ME)
    twin.do(Tick(twin.now_ns))
    twin.expect(State.OUT_OF_SERVICE)


def who_waited_unseen_for_staff_is_asked_before_another_photo() -> None:
    booth = booth_in(State.DONE)
    booth.wait(20)
    booth.stands(DecisionState.REJECTED, "glasses")
    booth.see_seat()
    booth.touch(Action.RETAKE)
    booth.dress()
    booth.expect(State.CONFIRM)
    booth.touch(Action.CONFIRM)
    booth.expect(State.REJECTED, "the same person goes on where they were")


def nobody_is_looked_at_before_it_is_known_who_sits_there() -> None:
    for state in (State.CONSENT, State.IDENTIFY, State.SCHOOL):
        booth = booth_in(state)
        booth.touch(Action.HELP)
        assert not booth.watching
    booth = booth_in(State.STILL_THERE)
    assert not booth.watching
