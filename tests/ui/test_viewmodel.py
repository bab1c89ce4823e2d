"""What the screens say: the view of a session."""

from dataclasses import replace

import pytest

from kiosk.core.events import Action, DecisionState, Device, FinishFault, ShootFault
from kiosk.core.identity import Identification, IdentificationRule
from kiosk.core.session.guidance import Guidance
from kiosk.core.session.state import Flag, HelpReason, Hint, Person, Reason, Session, State, Take
from kiosk.core.session.transitions import DEADLINES
from kiosk.ui.viewmodel import NumberQueue, NumbersShown, Say, Step, View, view
from rules.checks import CheckId, CheckRule, Limit
from rules.checks import Policy as CheckPolicy
from sim.gallery import FACTS, POLICY, Known

S = 1_000_000_000
NOW_NS = 100 * S


def seen(session: Session, *, now_ns: int = NOW_NS) -> View:
    return view(session, POLICY, FACTS, Known(), now_ns)


def actions(shown: View) -> list[Action]:
    return [button.action for button in shown.buttons if button.enabled]


@pytest.mark.parametrize("state", State)
def test_every_state_has_a_view_of_its_own_name(state: State) -> None:
    session = Session(state, takes=(Take(1),)) if state is State.CHOOSE else Session(state)
    assert seen(session).screen is state


# The rest wait for the booth, its staff or a hand that takes the card, or offer help in the header (pose).
WAITING = {State.CLOSED, State.POSE, State.CAPTURE, State.SAVING, State.OUT_OF_SERVICE, State.CARD_LEFT}
CAN_LEAVE = set(State) - WAITING


@pytest.mark.parametrize("state", sorted(CAN_LEAVE))
def test_no_screen_is_a_dead_end(state: State) -> None:
    assert actions(seen(Session(state, takes=(Take(1, 0.5),))))


def test_consent_offers_no_as_well_as_yes() -> None:
    assert actions(seen(Session(State.CONSENT))) == [Action.DECLINE, Action.AGREE]


def test_steps_go_from_identity_to_done() -> None:
    way = (State.CONSENT, State.IDENTIFY, State.CONFIRM, State.PREPARE, State.POSE, State.CAPTURE, State.SAVING)
    steps = [seen(Session(state)).step for state in (*way, State.DONE)]
    expected = [Step.IDENTITY] * 3 + [Step.PREPARE] + [Step.PHOTO] * 2 + [Step.CHOOSE, Step.DONE]
    assert steps == expected


def test_a_broken_reader_leaves_the_code_as_the_way() -> None:
    shown = seen(Session(State.IDENTIFY, failed=((Device.CARD_READER, "fault.card_reader_silent"),)))
    assert (shown.card_wanted, shown.code_wanted) == (False, True)
    assert (shown.title, shown.note) == (Say("identify.title_code"), Say("identify.card_off"))


@pytest.mark.parametrize(
    ("hint", "title"), [(Hint.CARD_ALSO, "title_card"), (Hint.CODE_ALSO, "title_code"), (Hint.USE_CODE, "title_code")]
)
def test_the_title_asks_for_what_is_still_missing(hint: Hint, title: str) -> None:
    assert seen(Session(State.IDENTIFY, hint=hint)).title == Say(f"identify.{title}")


def test_reading_looks_busy_and_asks_for_patience() -> None:
    shown = seen(Session(State.IDENTIFY, hint=Hint.READING))
    assert shown.busy
    assert shown.note == Say("hint.reading")


def test_the_person_is_shown_masked_as_the_roster_has_them() -> None:
    shown = seen(Session(State.CONFIRM, person=Person("card", "row", Identification.CARD)))
    assert shown.person == Known().shown("row")


def test_photos_are_promised_to_whoever_comes_back_only_if_one_is_finished() -> None:
    person = Person("card", "row", Identification.CARD)
    refused, working = Take(1, fault=FinishFault.FILE), Take(2)
    for takes, promised in (
        ((), False),
        ((refused,), False),
        ((refused, working), False),
        ((refused, Take(2, 0.7, failures=("glasses",))), True),
    ):
        shown = seen(Session(State.CONFIRM, person=person, takes=takes, changed=True))
        assert (shown.note == Say("confirm.takes_kept")) is promised


def test_a_provisional_row_is_reported() -> None:
    person = Person("card", None, Identification.CARD)
    shown = seen(Session(State.CONFIRM, person=person, flags=(Flag.CARD_EXPIRED, Flag.PROVISIONAL_ROW)))
    assert shown.note == Say("flag.provisional_row")
    assert shown.person == Known().shown("card")


def test_a_school_that_was_forgotten_gets_no_button() -> None:
    shown = seen(Session(State.SCHOOL, schools=("s1", "gone")))
    assert [button.arg for button in shown.buttons if button.action is Action.PICK_SCHOOL] == ["s1"]


def test_hold_grows_with_the_time_for_which_all_checks_pass() -> None:
    session = Session(State.POSE, guidance=Guidance("guide.hold_still"), held_since_ns=NOW_NS)
    half = NOW_NS + POLICY.hold_ms * 500_000
    holds = [seen(session, now_ns=now).hold for now in (NOW_NS, half, NOW_NS + 60 * S)]
    assert holds == [0.0, 0.5, 1.0]


def test_the_outline_follows_the_profiles_distance() -> None:
    rule = CheckRule(CheckId.DISTANCE, CheckPolicy.REQUIRED, Limit(0.1, 0.3), "share")
    shown = view(Session(State.POSE), replace(POLICY, live_rules=(rule,)), FACTS, Known(), NOW_NS)
    assert shown.framing is not None
    assert shown.framing.face_width == pytest.approx(0.2)


def test_after_a_failed_burst_the_pose_screen_says_why() -> None:
    shown = seen(Session(State.POSE, shoot_fault=ShootFault.POSE_LOST))
    assert shown.note == Say("shoot.pose_lost")


def test_after_a_refused_take_the_pose_screen_says_what_helps() -> None:
    shown = seen(Session(State.POSE, takes=(Take(1, fault=FinishFault.HAIR_TOO_HIGH),)))
    assert shown.note == Say("finish.hair_too_high")


def test_a_take_can_be_accepted_only_when_it_is_finished() -> None:
    assert Action.ACCEPT not in actions(seen(Session(State.CHOOSE, takes=(Take(1),))))
    assert Action.ACCEPT in actions(seen(Session(State.CHOOSE, takes=(Take(1, 0.7),), proposed=1, picked=1)))


def test_no_retake_while_a_take_is_being_finished_or_after_the_last() -> None:
    working = Session(State.CHOOSE, takes=(Take(1, 0.7), Take(2)), picked=1)
    last = Session(State.CHOOSE, takes=(Take(1, 0.7), Take(2, 0.8), Take(3, 0.9)), picked=1)
    assert Action.RETAKE not in actions(seen(working))
    assert Action.RETAKE not in actions(seen(last))


def test_the_last_retake_says_that_it_is_the_last() -> None:
    shown = seen(Session(State.CHOOSE, takes=(Take(1, 0.7), Take(2, 0.8)), picked=1))
    assert [button.text for button in shown.buttons if button.action is Action.RETAKE] == [Say("button.retake_last")]


def test_only_finished_takes_can_be_picked() -> None:
    takes = (Take(1, 0.7), Take(2, fault=FinishFault.FILE), Take(3))
    shown = seen(Session(State.CHOOSE, takes=takes, picked=1))
    assert [button.arg for button in shown.buttons if button.action is Action.PICK_TAKE] == ["1"]


def test_advice_names_the_most_telling_warning_only() -> None:
    shown = seen(Session(State.CHOOSE, takes=(Take(1, 0.7, warnings=("skin_colour", "sharp", "eyes_open")),), picked=1))
    assert shown.note == Say("warn.eyes_open")


def test_warnings_nobody_can_act_on_are_left_to_staff() -> None:
    shown = seen(Session(State.CHOOSE, takes=(Take(1, 0.7, warnings=("skin_colour",)),), picked=1))
    assert shown.note is None


def test_still_there_counts_down_to_its_deadline() -> None:
    whole_s = DEADLINES[State.STILL_THERE][0].ms // 1000
    session = Session(State.STILL_THERE, since_ns=NOW_NS, resume=State.POSE)
    left = [seen(session, now_ns=NOW_NS + passed).seconds_left for passed in (0, 1, S, 500 * S)]
    assert left == [whole_s, whole_s, whole_s - 1, 0]


def test_help_that_interrupted_offers_the_way_back() -> None:
    asked = Session(State.STAFF_HELP, help=HelpReason.ASKED, resume=State.POSE)
    sent = Session(State.STAFF_HELP, help=HelpReason.CARD_DAMAGED)
    assert actions(seen(asked)) == [Action.CANCEL, Action.STILL_HERE]
    assert actions(seen(sent)) == [Action.FINISH]


def test_an_unsaved_photo_asks_the_graduate_to_stay() -> None:
    shown = seen(Session(State.STAFF_HELP, help=HelpReason.NOT_SAVED))
    assert shown.lines[-1] == Say("staff_help.stay")


def test_out_of_service_names_the_first_cause_that_stops_the_booth() -> None:
    failed = ((Device.SCANNER, "fault.scanner_missing"), (Device.CAMERA, "fault.camera_stalled"))
    assert seen(Session(State.OUT_OF_SERVICE, failed=failed)).fault == "fault.camera_stalled"


def test_staffs_key_is_shown_as_service_and_not_as_a_fault() -> None:
    shown = seen(Session(State.OUT_OF_SERVICE, service=True))
    assert (shown.lines, shown.fault) == ((Say("out_of_service.service"),), "")


def test_a_waiting_screen_moves_eight_times_a_second_and_a_still_one_never() -> None:
    saving = [seen(Session(State.SAVING), now_ns=step * S // 8).beat for step in range(9)]
    still = {seen(Session(State.CONSENT), now_ns=step * S // 8).beat for step in range(9)}
    assert saving == [0, 1, 2, 3, 4, 5, 6, 7, 0]
    assert still == {0}


def test_card_only_profiles_ask_for_the_card_only() -> None:
    policy = replace(POLICY, identification=IdentificationRule.CARD)
    shown = view(Session(State.IDENTIFY), policy, FACTS, Known(), NOW_NS)
    assert shown.title == Say("identify.title_card")


def test_after_twenty_seconds_in_vain_the_graduate_may_say_why() -> None:
    def offered(session: Session) -> list[Action]:
        return actions(seen(session))

    assert offered(Session(State.POSE, since_ns=NOW_NS - 19 * S)) == []
    assert offered(Session(State.POSE, since_ns=NOW_NS - 20 * S)) == [Action.BOOTH_WRONG]
    assert offered(Session(State.POSE, since_ns=NOW_NS - 9 * S, failed_bursts=2)) == [Action.BOOTH_WRONG]
    assert offered(Session(State.POSE, since_ns=NOW_NS - 60 * S, reason=Reason.SKIN)) == []


def test_every_reason_can_be_given_and_the_way_back_is_there() -> None:
    buttons = seen(Session(State.REASON)).buttons
    assert [button.arg for button in buttons if button.action is Action.GIVE_REASON] == [one.value for one in Reason]
    assert buttons[-1].action is Action.STILL_HERE


def test_who_gave_a_reason_is_told_that_it_is_noted() -> None:
    assert seen(Session(State.POSE, reason=Reason.OTHER)).note == Say("pose.excused")


def primary(shown: View) -> list[Action]:
    return [button.action for button in shown.buttons if button.primary]


def test_another_take_is_advised_after_the_first_that_could_not_be_judged_only() -> None:
    first, second = Take(1, 0.6, doubts=("glare",)), Take(2, 0.7, doubts=("file", "hair_brows"))
    shown = seen(Session(State.CHOOSE, takes=(first,), proposed=1, picked=1))
    assert (shown.note, primary(shown)) == (
        Say("choose.doubt_retake", (("what", "doubt.glare"),)),
        [Action.RETAKE],
    )
    assert Action.ACCEPT in actions(shown)
    shown = seen(Session(State.CHOOSE, takes=(first, second), proposed=2, picked=2))
    assert (shown.note, primary(shown)) == (
        Say("choose.doubt_kept", (("what", "doubt.hair_brows"),)),
        [Action.ACCEPT],
    )
    shown = seen(Session(State.CHOOSE, takes=(first, Take(2, 0.7)), proposed=2, picked=2))
    assert (shown.note, primary(shown)) == (None, [Action.ACCEPT])


def failed(number: int = 1, *checks: str) -> Take:
    return Take(number, 0.6, warnings=checks or ("hair_brows",), failures=checks or ("hair_brows",))


def choosing(*takes: Take, picked: int | None = None, reason: Reason | None = None) -> View:
    """The choose screen with the last take proposed."""
    proposed = len(takes)
    return seen(Session(State.CHOOSE, takes=takes, proposed=proposed, picked=picked or proposed, reason=reason))


def test_after_a_failed_required_check_another_take_comes_first_and_says_why() -> None:
    shown = choosing(failed())
    assert shown.note == Say("choose.failed_retake", (("what", "warn.hair_brows"),))
    assert primary(shown) == [Action.RETAKE]
    assert Action.ACCEPT in actions(shown)  # finishing never refuses for looks


def test_a_failed_check_comes_before_a_doubt() -> None:
    shown = choosing(Take(1, 0.6, doubts=("glare",), failures=("top_colour",)))
    assert shown.note == Say("choose.failed_retake", (("what", "warn.top_colour"),))


def test_after_two_takes_that_fall_short_none_is_pressed_to_try_again() -> None:
    for before in (failed(1), Take(1, 0.6, doubts=("glare",))):
        shown = choosing(before, failed(2))
        assert shown.note == Say("choose.failed_kept", (("what", "warn.hair_brows"),))
        assert primary(shown) == [Action.ACCEPT]
        assert Action.RETAKE in actions(shown)


def test_when_no_take_is_left_none_is_advised() -> None:
    shown = choosing(Take(1, 0.6), Take(2, 0.6), failed(3))
    assert shown.note == Say("choose.failed_kept", (("what", "warn.hair_brows"),))
    assert actions(shown)[-1] is Action.ACCEPT
    assert Action.RETAKE not in actions(shown)


def test_the_take_without_fault_is_recommended_and_no_button_moves() -> None:
    for lacking, kind in ((failed(1), "failed"), (Take(1, 0.9, doubts=("glare",)), "doubt")):
        shown = choosing(lacking, Take(2, 0.5), picked=1)
        assert shown.note is not None
        assert shown.note.id == f"choose.{kind}_other"
        assert primary(shown) == [Action.ACCEPT]


def test_a_failed_check_without_words_has_the_general_words() -> None:
    assert choosing(failed(1, "position")).note == Say("choose.failed_retake", (("what", "warn.other"),))


def test_who_said_why_is_not_told_again_what_does_not_fit() -> None:
    for take in (failed(), Take(1, 0.6, doubts=("gaze",)), Take(1, 0.6, warnings=("ears",))):
        shown = choosing(take, reason=Reason.EYES)
        assert (shown.note, primary(shown)) == (Say("choose.excused"), [Action.ACCEPT])


def test_before_the_next_take_it_is_said_what_to_do_otherwise() -> None:
    assert seen(Session(State.POSE, takes=(failed(),))).note == Say("guide.hair_brows")
    assert seen(Session(State.POSE, takes=(failed(1, "exposure"),))).note == Say("again.exposure")
    assert seen(Session(State.POSE, takes=(failed(1, "position"),))).note == Say("guide.into_middle")
    assert seen(Session(State.POSE, takes=(failed(),), reason=Reason.SKIN)).note == Say("pose.excused")


def test_a_doubt_without_words_has_the_general_words() -> None:
    shown = seen(Session(State.CHOOSE, takes=(Take(1, 0.6, doubts=("file",)),), proposed=1, picked=1))
    assert shown.note == Say("choose.doubt_retake", (("what", "doubt.other"),))


def test_the_receipts_screen_counts_down_to_what_it_waits_for() -> None:
    session = Session(State.DONE, since_ns=NOW_NS - 10 * S, receipt="AB12")
    alone, waiting = seen(session), seen(replace(session, decision=DecisionState.WITH_STAFF))
    assert (alone.seconds_left, alone.busy, alone.note) == (50, False, None)
    assert (waiting.seconds_left, waiting.busy, waiting.note) == (110, True, Say("done.with_staff"))
    assert waiting.lines[0] == Say("done.wait", (("seconds", "110"),))
    assert actions(waiting) == [Action.FINISH]


def test_the_receipts_code_leads_to_the_offices_page_where_the_booth_knows_one() -> None:
    session = Session(State.DONE, receipt="AB12")
    page = replace(FACTS, receipt_page="https://photos.example.edu.cn/r/")
    assert seen(session).receipt_qr == "AB12"
    assert view(session, POLICY, page, Known(), NOW_NS).receipt_qr == "https://photos.example.edu.cn/r/AB12"
    assert view(Session(State.DONE), POLICY, page, Known(), NOW_NS).receipt_qr == ""


def test_who_is_approved_earlier_is_offered_staff_and_no_other_photo() -> None:
    assert actions(seen(Session(State.APPROVED))) == [Action.HELP, Action.FINISH]
    assert actions(seen(Session(State.APPROVED, receipt="AB12"))) == [Action.FINISH]


def test_a_rejection_says_what_another_photo_needs() -> None:
    shown = seen(Session(State.REJECTED, reasons=("glasses", "other")))
    assert shown.reasons == (Say("again.glasses"), Say("again.other"))
    assert actions(shown) == [Action.CANCEL, Action.RETAKE]
    many = seen(Session(State.REJECTED, reasons=("glasses", "ears", "roll", "yaw", "pitch", "sharp", "other")))
    assert [reason.id for reason in many.reasons[4:]] == ["again.pitch", "again.sharp", "again.other"], "none is hidden"


def test_a_rejection_without_a_reason_says_where_to_ask() -> None:
    assert seen(Session(State.REJECTED)).lines[0] == Say("rejected.no_reason")


def test_whose_photo_is_chosen_stands_beside_it_masked() -> None:
    person = Person("card", "row", Identification.CARD)
    shown = seen(Session(State.CHOOSE, takes=(Take(1, 0.5),), proposed=1, picked=1, person=person))
    assert shown.person == Known().shown("row")


def test_no_other_take_is_asked_for_where_none_can_be_taken() -> None:
    takes = (Take(1, 0.7), Take(2, 0.7), Take(3, fault=FinishFault.HAIR_TOO_HIGH))
    shown = seen(Session(State.CHOOSE, takes=takes, proposed=1, picked=1))
    assert (shown.note, shown.lines) == (None, (Say("choose.no_more"),))
    broken = ((Device.CAMERA, "fault.camera_failed"),)
    shown = seen(Session(State.CHOOSE, takes=takes[:1], proposed=1, picked=1, failed=broken))
    assert Action.RETAKE not in actions(shown)


def test_while_a_photo_is_not_saved_no_large_button_leads_away() -> None:
    shown = seen(Session(State.STAFF_HELP, help=HelpReason.NOT_SAVED))
    assert (actions(shown), primary(shown)) == ([Action.FINISH], [])
    assert Say("staff_help.trying") in shown.lines
    assert primary(seen(Session(State.STAFF_HELP, help=HelpReason.CARD_DAMAGED))) == [Action.FINISH]


def numbers_of(queue: NumberQueue | None, page: str = "https://photos.example.edu.cn/number") -> NumbersShown | None:
    facts = replace(FACTS, queue=queue, number_page=page)
    return view(Session(State.ATTRACT), POLICY, facts, Known(), 1).numbers


@pytest.mark.parametrize("queue", [None, NumberQueue((), 0, given=True), NumberQueue((), 0, given=False)])
def test_nobody_is_asked_to_take_a_number_while_nobody_waits_or_is_called(queue: NumberQueue | None) -> None:
    assert numbers_of(queue) is None


def test_the_start_screen_shows_the_called_numbers_and_where_to_take_one() -> None:
    shown = numbers_of(NumberQueue((9, 1_204), 3, given=True))
    assert shown is not None
    assert (shown.called, shown.qr) == (("009", "1204"), "https://photos.example.edu.cn/number")
    assert (shown.heading, shown.line) == (Say("number.called"), Say("number.take"))
    none_called = numbers_of(NumberQueue((), 3, given=True))
    assert none_called is not None
    assert none_called.heading == Say("number.none_called")


def test_no_code_is_shown_where_no_number_is_given_or_no_page_is_known() -> None:
    ended, unknown = numbers_of(NumberQueue((9,), 3, given=False)), numbers_of(NumberQueue((9,), 3, given=True), "")
    assert ended is not None
    assert unknown is not None
    assert (ended.qr, ended.line) == ("", Say("number.ended"))
    assert (unknown.qr, unknown.line) == ("", Say("number.at_desk"))


def test_only_the_start_screen_shows_numbers() -> None:
    facts = replace(FACTS, queue=NumberQueue((9,), 3, given=True))
    for state in (State.CLOSED, State.CONSENT, State.OUT_OF_SERVICE, State.DONE):
        assert view(Session(state), POLICY, facts, Known(), 1).numbers is None
