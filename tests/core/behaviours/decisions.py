"""What staff say of a photo reaches the person: while they are still there, or when they come again."""

from behaviours.driver import EITHER, LI, STATIONS, WU, Booth, booth_in, kinds
from kiosk.core import events as ev
from kiosk.core.events import Action, DecisionState, SeasonState
from kiosk.core.session import effects as fx
from kiosk.core.session.state import Flag, Reason, State

AT_REST = ["Listen off", "Watch off", "Light off"]


# while the graduate waits


def kept_shot_is_followed_with_the_lamps_at_rest() -> None:
    booth = booth_in(State.SAVING)
    kept = booth.newest(fx.Save).id
    asked = booth.saved()
    assert kinds(asked) == [*AT_REST, "Follow"]
    assert booth.newest(fx.Follow) == fx.Follow(asked[-1].id, kept)
    assert (booth.session.asked, booth.session.decision) == (asked[-1].id, None)
    booth.wait(1)
    booth.expect(State.DONE)


def receipt_can_be_looked_at_as_long_as_somebody_touches_the_screen() -> None:
    booth = booth_in(State.DONE)
    for _ in range(7):
        booth.wait(20)
        booth.touch(Action.LANGUAGE)
    booth.expect(State.DONE, "only waiting for staff has an end")


def shot_saved_late_is_followed_too() -> None:
    booth = booth_in(State.SAVING)
    order = booth.newest(fx.Save).id
    booth.wait(20)
    booth.do(ev.Saved(booth.now_ns, order, "AB12"))
    assert booth.newest(fx.Follow) == fx.Follow(booth.asked[-1].id, order)


def photo_that_staff_have_is_worth_waiting_for() -> None:
    booth = booth_in(State.DONE)
    since_ns, booth.now_ns = booth.session.since_ns, booth.now_ns + 1_000
    assert kinds(booth.stands(DecisionState.WITH_STAFF)) == ["Watch on"]
    assert (booth.state, booth.session.since_ns) == (State.DONE, since_ns)
    assert booth.session.decision is DecisionState.WITH_STAFF
    booth.wait(100)
    booth.expect(State.DONE)
    booth.touch(Action.FINISH)
    booth.expect(State.ATTRACT, "nobody has to wait")


def empty_seat_ends_the_waiting() -> None:
    booth = booth_in(State.DONE)
    booth.stands(DecisionState.WITH_STAFF)
    wait_with(booth, 60, faces=1)
    booth.expect(State.DONE)
    wait_with(booth, 7, faces=0)
    booth.expect(State.DONE, "who looks aside for a moment is still there")
    wait_with(booth, 1, faces=1)
    wait_with(booth, 7.5, faces=0)
    booth.expect(State.DONE)
    wait_with(booth, 1, faces=0)
    booth.expect(State.ATTRACT, "what staff say is not for whoever comes next")


def graduate_who_is_never_seen_may_still_wait_for_staff() -> None:
    booth = booth_in(State.DONE)
    booth.stands(DecisionState.WITH_STAFF)
    wait_with(booth, 119, faces=0)
    booth.expect(State.DONE)
    wait_with(booth, 2, faces=0)
    booth.expect(State.ATTRACT)


def nobody_is_looked_at_before_staff_have_the_photo() -> None:
    booth = booth_in(State.DONE)
    before = booth.session
    booth.see_seat()
    assert booth.session == before
    wait_with(booth, 29, faces=0)
    booth.expect(State.DONE)


def second_photo_is_waited_for_as_the_first() -> None:
    booth = booth_in(State.DONE)
    booth.stands(DecisionState.WITH_STAFF)
    booth.see_seat()
    booth.stands(DecisionState.REJECTED, "glasses")
    for action in (Action.RETAKE, Action.READY):
        booth.touch(action)
    booth.lamps_tested()
    booth.take_and_accept()
    booth.saved()
    booth.stands(DecisionState.WITH_STAFF)
    wait_with(booth, 20, faces=0)
    booth.expect(State.DONE, "nobody was seen since this photo was kept")


def wait_with(booth: Booth, seconds: float, *, faces: int) -> None:
    """Let the eye see `faces` faces for `seconds`."""
    for _ in range(round(seconds * 2)):
        if booth.state is State.DONE:
            booth.wait(0.5)
        if booth.state is State.DONE:
            booth.see_seat(faces)


def approval_is_told_to_who_waits() -> None:
    booth = booth_in(State.DONE)
    booth.stands(DecisionState.WITH_STAFF)
    assert kinds(booth.stands(DecisionState.APPROVED)) == AT_REST
    booth.expect(State.APPROVED)
    assert (booth.session.decision, booth.session.receipt) == (DecisionState.APPROVED, "AB12")
    booth.touch(Action.FINISH)
    booth.expect(State.ATTRACT)


def rejection_is_told_with_its_reasons_and_leads_to_another_photo() -> None:
    booth = booth_in(State.DONE)
    person = booth.session.person
    assert kinds(booth.stands(DecisionState.REJECTED, "glasses", "other")) == [*AT_REST, "Watch on", "DropTakes"]
    booth.expect(State.REJECTED)
    assert booth.session.reasons == ("glasses", "other")
    assert (booth.session.takes, booth.session.receipt, booth.session.kept) == ((), None, None)
    assert kinds(booth.touch(Action.RETAKE)) == ["Listen off", "Light on", "Watch on"]
    booth.expect(State.PREPARE)
    assert booth.session.person == person, "nobody is identified twice"


def photo_after_a_rejection_is_a_shot_of_its_own() -> None:
    booth = booth_in(State.REJECTED)
    first = booth.newest(fx.Save)
    booth.touch(Action.RETAKE)
    booth.touch(Action.READY)
    booth.lamps_tested()
    booth.pose(2)
    shoot = booth.newest(fx.Shoot)
    assert isinstance(shoot, fx.Shoot)
    assert shoot.take == 1
    booth.burst_taken()
    booth.finish(1)
    booth.touch(Action.ACCEPT)
    second = booth.newest(fx.Save)
    assert isinstance(first, fx.Save)
    assert isinstance(second, fx.Save)
    assert (second.person, second.row, second.consent_ns) == (first.person, first.row, first.consent_ns)
    booth.saved("CD34")
    assert booth.newest(fx.Follow) == fx.Follow(booth.asked[-1].id, second.id)
    assert (booth.session.decision, booth.session.reasons, booth.session.receipt) == (None, (), "CD34")


def nothing_of_a_rejected_shot_counts_for_the_next_one() -> None:
    booth = booth_in(State.REASON)
    booth.touch(Action.GIVE_REASON, Reason.EYES.value)
    booth.pose(2)
    booth.burst_fails()
    booth.pose(2)
    booth.burst_taken()
    booth.finish(1)
    booth.shoot_again()
    booth.finish(2, 0.1)
    booth.touch(Action.PICK_TAKE, "2")
    booth.touch(Action.ACCEPT)
    booth.save_fails()
    booth.saved()
    booth.stands(DecisionState.REJECTED, "glasses")
    session = booth.session
    assert (session.takes, session.proposed, session.chosen, session.picked) == ((), None, None, None)
    assert (session.failed_bursts, session.shoot_fault, session.save_failures) == (0, None, 0)
    assert (session.receipt, session.kept, session.reason) == (None, None, None)


def news_of_another_shot_is_not_taken_for_this_one() -> None:
    booth = booth_in(State.DONE)
    before, followed = booth.session, booth.newest(fx.Follow).id
    for decision in DecisionState:
        for stale in (followed - 1, followed + 1):
            booth.do(ev.ShotStands(booth.now_ns, stale, decision, ("glasses",)))
            assert booth.session == before


def news_that_comes_after_a_verdict_changes_nothing() -> None:
    for state in (State.APPROVED, State.REJECTED):
        booth = booth_in(state)
        before = booth.session
        booth.stands(DecisionState.WITH_STAFF)
        assert booth.session == before


# when the same person comes again


def resolved_person_is_recalled_by_the_key_and_the_row() -> None:
    booth = booth_in(State.IDENTIFY)
    booth.lay_card("card-li")
    (asked, *_) = booth.answer(LI)
    assert asked == fx.Recall(asked.id, "card-li", "row-li")
    assert booth.session.asked == asked.id
    provisional = booth_in(State.IDENTIFY)
    provisional.lay_card("card-li")
    (asked, *_) = provisional.answer()
    assert asked == fx.Recall(asked.id, "card-li", None)


def person_of_a_picked_school_is_recalled() -> None:
    booth = booth_in(State.SCHOOL)
    booth.touch(Action.PICK_SCHOOL, "school-b")
    assert booth.newest(fx.Recall) == fx.Recall(booth.session.asked or 0, "code-li", "row-wu")


def who_was_never_photographed_goes_straight_on() -> None:
    for decision in (None, DecisionState.WITH_STAFF):
        booth = booth_in(State.CONFIRM)
        since_ns, booth.now_ns = booth.session.since_ns, booth.now_ns + 1_000
        assert booth.recalled(decision) == ()
        assert (booth.state, booth.session.since_ns) == (State.CONFIRM, since_ns)
        booth.touch(Action.CONFIRM)
        booth.expect(State.PREPARE)


def who_was_rejected_reads_why_before_preparing() -> None:
    booth = booth_in(State.CONFIRM)
    booth.recalled(DecisionState.REJECTED, "hair_brows", "glasses")
    booth.expect(State.CONFIRM, "first the person says that it is them")
    booth.touch(Action.CONFIRM)
    booth.expect(State.REJECTED)
    assert booth.session.reasons == ("hair_brows", "glasses")
    booth.touch(Action.RETAKE)
    booth.expect(State.PREPARE)
    assert booth.session.flags == ()


def who_is_approved_is_told_so_and_not_photographed_again() -> None:
    booth = booth_in(State.CONFIRM)
    booth.recalled(DecisionState.APPROVED)
    booth.touch(Action.CONFIRM)
    booth.expect(State.APPROVED)
    assert booth.session.receipt is None
    booth.touch(Action.RETAKE, foreseen=False)
    booth.touch(Action.READY, foreseen=False)
    booth.expect(State.APPROVED)
    booth.touch(Action.HELP)
    booth.expect(State.STAFF_HELP, "staff can replace it")
    booth.touch(Action.STILL_HERE)
    booth.expect(State.APPROVED)


def recalled_decision_counts_also_when_it_comes_in_prepare() -> None:
    for decision, state in ((DecisionState.APPROVED, State.APPROVED), (DecisionState.REJECTED, State.REJECTED)):
        booth = booth_in(State.PREPARE)
        booth.recalled(decision, *(("glasses",) if decision is DecisionState.REJECTED else ()))
        booth.expect(state)
        assert booth.session.decision is decision
        assert booth.session.reasons == (("glasses",) if decision is DecisionState.REJECTED else ())
    for nothing in (None, DecisionState.WITH_STAFF):
        booth = booth_in(State.PREPARE)
        booth.recalled(nothing)
        booth.expect(State.PREPARE)


def verdict_is_told_only_when_every_key_is_answered() -> None:
    for decision in (DecisionState.APPROVED, DecisionState.REJECTED):
        booth = booth_in(State.CONFIRM)
        booth.recalled(decision, *(("glasses",) if decision is DecisionState.REJECTED else ()))
        booth.scan("code-wu")
        booth.touch(Action.CONFIRM)
        booth.expect(State.CONFIRM)


def code_alone_tells_no_reason() -> None:
    booth = Booth(EITHER).at_identify()
    booth.scan()
    booth.answer(LI)
    assert booth.session.flags == (Flag.CODE_ONLY,)
    booth.recalled(DecisionState.REJECTED, "glasses")
    booth.touch(Action.CONFIRM)
    booth.expect(State.REJECTED)
    assert booth.session.reasons == (), "whoever holds the student card may be somebody else"


def who_took_the_photo_by_code_still_hears_why() -> None:
    booth = Booth(EITHER).at_identify()
    booth.scan()
    booth.answer(LI)
    booth.touch(Action.CONFIRM)
    booth.recalled(None)
    booth.touch(Action.READY)
    booth.take_and_accept()
    booth.saved()
    booth.stands(DecisionState.REJECTED, "glasses")
    assert booth.session.reasons == ("glasses",)


def another_person_is_recalled_anew() -> None:
    booth = booth_in(State.CONFIRM)
    earlier = booth.newest(fx.Recall).id
    booth.recalled(DecisionState.REJECTED, "glasses")
    booth.lay_card("card-wu")
    booth.answer(WU)
    booth.expect(State.CONFIRM)
    assert (booth.session.decision, booth.session.reasons) == (None, ())
    for decision in DecisionState:
        booth.do(ev.Recalled(booth.now_ns, earlier, decision, ("glasses",)))
    assert (booth.session.decision, booth.session.reasons) == (None, ())
    booth.touch(Action.CONFIRM)
    for decision in DecisionState:
        booth.do(ev.Recalled(booth.now_ns, earlier, decision, ("glasses",)))
    booth.expect(State.PREPARE)


def not_me_forgets_what_was_recalled() -> None:
    booth = booth_in(State.CONFIRM)
    booth.recalled(DecisionState.REJECTED, "glasses")
    booth.touch(Action.NOT_ME)
    assert (booth.session.asked, booth.session.decision, booth.session.reasons) == (None, None, ())


def who_leaves_after_a_rejection_leaves_nothing_behind() -> None:
    booth = booth_in(State.REJECTED)
    booth.tell_season(SeasonState.OPEN)
    booth.touch(Action.CANCEL)
    booth.expect(State.ATTRACT)


def verdict_for_the_graduate_before_is_for_nobody_else() -> None:
    for state, way in STATIONS.items():
        if state is State.CLOSED:
            continue
        booth = booth_in(State.DONE)
        earlier = booth.newest(fx.Follow).id
        booth.touch(Action.FINISH)
        way(booth)
        before = booth.session
        for decision in DecisionState:
            booth.do(ev.ShotStands(booth.now_ns, earlier, decision, ("glasses",)))
            booth.do(ev.Recalled(booth.now_ns, earlier, decision, ("glasses",)))
        assert booth.session == before, f"news of the graduate before in {state}"
