"""Consent, card, code, school, confirmation."""

from behaviours.driver import BOTH, CARD, EITHER, LI, LI_AGAIN, LI_AT_B, WU, Booth, booth_in, kinds
from kiosk.core import events as ev
from kiosk.core.events import Action, CardTrouble, Device, RowTokens
from kiosk.core.identity import Identification
from kiosk.core.session.state import Flag, HelpReason, Hint, Person, State

LI_AT_C = RowTokens("row-li-c", "school-c")
HEARING = (State.IDENTIFY, State.SCHOOL, State.CONFIRM)


def consent_opens_the_readers_and_is_recorded() -> None:
    booth = booth_in(State.CONSENT)
    booth.now_ns += 5
    assert kinds(booth.touch(Action.AGREE)) == ["Watch off", "Listen on"]
    booth.expect(State.IDENTIFY)
    assert booth.session.consent_ns == booth.now_ns


def who_declines_is_sent_to_the_staff_desk_and_nothing_is_read() -> None:
    booth = booth_in(State.CONSENT)
    booth.touch(Action.DECLINE)
    assert (booth.state, booth.session.help) == (State.STAFF_HELP, HelpReason.DECLINED_CONSENT)
    assert "Listen on" not in kinds(booth.asked)
    booth.touch(Action.STILL_HERE)
    booth.expect(State.STAFF_HELP, "there is no way back into the session")


# a card


def card_of_one_row_leads_to_that_person() -> None:
    booth = booth_in(State.IDENTIFY)
    assert kinds(booth.lay_card("card-li")) == ["LookUp"]
    assert (booth.state, booth.session.hint) == (State.IDENTIFY, Hint.LOOKING_UP)
    booth.answer(LI)
    booth.expect(State.CONFIRM)
    assert booth.session.person == Person("card-li", "row-li", Identification.CARD)
    assert booth.session.flags == ()
    assert booth.session.hint is Hint.NONE


def card_without_a_row_gets_a_provisional_row_and_is_flagged() -> None:
    for policy in (EITHER, CARD):
        booth = Booth(policy).at_identify()
        booth.lay_card("card-li")
        booth.answer()
        booth.expect(State.CONFIRM)
        assert booth.session.person == Person("card-li", None, Identification.CARD)
        assert booth.session.flags == (Flag.PROVISIONAL_ROW,)


def expired_card_is_flagged_not_refused() -> None:
    booth = booth_in(State.IDENTIFY)
    booth.lay_card(valid=False)
    booth.answer(LI)
    booth.expect(State.CONFIRM)
    assert booth.session.flags == (Flag.CARD_EXPIRED,)


def card_whose_validity_is_unknown_is_flagged() -> None:
    booth = booth_in(State.IDENTIFY)
    booth.lay_card(valid=None)
    booth.answer(LI)
    booth.expect(State.CONFIRM)
    assert booth.session.flags == (Flag.CARD_VALIDITY_UNKNOWN,)


def second_card_replaces_the_first_and_its_flags() -> None:
    for state in HEARING:
        booth = booth_in(state)
        booth.lay_card("card-old", valid=False)
        assert kinds(booth.lay_card("card-li", valid=None)) == ["LookUp"]
        booth.expect(state)
        assert booth.session.card == "card-li"
        booth.answer_for("card-old", WU)
        assert booth.session.card_rows is None, "the answer for the first card comes too late"
        booth.answer_for("card-li", LI)
        booth.expect(State.CONFIRM)
        assert booth.session.person is not None
        assert booth.session.person.row == "row-li"
        assert booth.session.flags == (Flag.CARD_VALIDITY_UNKNOWN,)


def card_known_at_two_schools_asks_which() -> None:
    booth = Booth(CARD).at_identify()
    booth.lay_card("card-li")
    booth.answer(LI, LI_AT_B)
    booth.expect(State.SCHOOL)
    booth.touch(Action.PICK_SCHOOL, "school-b")
    assert booth.session.person == Person("card-li", "row-li-b", Identification.CARD)


def card_is_being_read_while_it_lies_there() -> None:
    booth = booth_in(State.IDENTIFY)
    assert booth.card_found() == ()
    assert (booth.state, booth.session.hint) == (State.IDENTIFY, Hint.READING)


def card_taken_away_too_early_is_asked_for_again() -> None:
    booth = booth_in(State.IDENTIFY)
    booth.card_found()
    assert booth.card_removed() == ()
    assert (booth.state, booth.session.hint) == (State.IDENTIFY, Hint.HOLD_STILL)


def card_taken_away_after_it_was_read_changes_no_word() -> None:
    booth = Booth(BOTH).at_identify()
    booth.lay_card()
    booth.answer(LI)
    booth.card_removed()
    assert (booth.state, booth.session.hint) == (State.IDENTIFY, Hint.CODE_ALSO)


def unreadable_card_is_tried_again_twice() -> None:
    for policy in (EITHER, CARD, BOTH):
        booth = Booth(policy).at_identify()
        for _ in range(2):
            assert booth.card_fails() == ()
            assert (booth.state, booth.session.hint) == (State.IDENTIFY, Hint.HOLD_STILL)


def three_unreadable_tries_ask_for_the_code_where_it_is_enough() -> None:
    booth = booth_in(State.IDENTIFY)
    for _ in range(3):
        booth.card_fails()
    assert (booth.state, booth.session.hint) == (State.IDENTIFY, Hint.USE_CODE)
    assert booth.card_fails() == ()
    assert (booth.state, booth.session.hint) == (State.IDENTIFY, Hint.USE_CODE)
    assert booth.session.card_failures == 4


def three_unreadable_tries_lead_to_staff_where_the_card_must_be_read() -> None:
    for policy in (CARD, BOTH):
        booth = Booth(policy).at_identify()
        for _ in range(3):
            booth.card_fails()
        assert (booth.state, booth.session.help) == (State.STAFF_HELP, HelpReason.CARD_UNREADABLE)


def tries_are_counted_for_each_card() -> None:
    booth = Booth(CARD).at_identify()
    booth.card_fails()
    booth.card_fails()
    booth.lay_card()
    booth.answer(LI)
    booth.touch(Action.NOT_ME)
    booth.card_fails()
    assert (booth.state, booth.session.hint) == (State.IDENTIFY, Hint.HOLD_STILL)


def reader_that_fails_while_it_reads_is_not_waited_for() -> None:
    for begin in (
        Booth.card_found,
        Booth.card_fails,
        lambda booth: booth.card_fails(CardTrouble.NOT_ID_CARD),
    ):
        booth = booth_in(State.IDENTIFY)
        begin(booth)
        assert booth.do(ev.DeviceFailed(booth.now_ns, Device.CARD_READER, "fault.test")) == (), "it goes on as it was"
        booth.wait(1)
        booth.expect(State.IDENTIFY, "a code is enough")
        assert booth.session.hint is Hint.NONE
        assert booth.session.failed == ((Device.CARD_READER, "fault.test"),)


def other_words_stand_when_the_reader_fails() -> None:
    booth = booth_in(State.IDENTIFY)
    booth.show_qr()
    booth.fail(Device.CARD_READER)
    assert booth.session.hint is Hint.QR_KEPT
    booth = booth_in(State.IDENTIFY)
    booth.card_found()
    booth.fail(Device.SCANNER)
    assert booth.session.hint is Hint.READING


def thing_that_is_no_id_card_is_named_and_costs_no_try() -> None:
    booth = Booth(CARD).at_identify()
    for _ in range(5):
        assert booth.card_fails(CardTrouble.NOT_ID_CARD) == ()
        assert (booth.state, booth.session.hint) == (State.IDENTIFY, Hint.NOT_ID_CARD)
    assert booth.session.card_failures == 0


def damaged_or_false_card_leads_to_staff() -> None:
    booth = booth_in(State.IDENTIFY)
    booth.card_fails(CardTrouble.DAMAGED)
    assert (booth.state, booth.session.help) == (State.STAFF_HELP, HelpReason.CARD_DAMAGED)


# a code


def code_of_one_row_leads_to_that_person_and_is_flagged() -> None:
    booth = booth_in(State.IDENTIFY)
    assert kinds(booth.scan("code-li")) == ["LookUp"]
    assert (booth.state, booth.session.hint) == (State.IDENTIFY, Hint.LOOKING_UP)
    booth.answer(LI)
    booth.expect(State.CONFIRM)
    assert booth.session.person == Person("code-li", "row-li", Identification.CODE)
    assert booth.session.flags == (Flag.CODE_ONLY,)


def code_without_a_row_leads_to_staff_where_the_profile_wants_both() -> None:
    booth = Booth(BOTH).at_identify()
    booth.scan()
    booth.answer()
    assert (booth.state, booth.session.help) == (State.STAFF_HELP, HelpReason.NOT_ON_ROSTER)


def code_without_a_row_asks_for_the_card_which_then_counts_alone() -> None:
    booth = booth_in(State.IDENTIFY)
    booth.scan("parcel")
    booth.answer()
    assert (booth.state, booth.session.hint) == (State.IDENTIFY, Hint.CARD_ALSO)
    other = booth.twin()
    booth.lay_card("card-li")
    booth.answer(LI)
    assert booth.session.person == Person("card-li", "row-li", Identification.CARD)
    other.scan("code-li")
    other.answer(LI)
    assert other.session.person == Person("code-li", "row-li", Identification.CODE)


def any_barcode_in_the_room_changes_nothing_of_who_is_known() -> None:
    by_card, by_code, by_both, at_school = (booth_in(State.IDENTIFY) for _ in range(4))
    by_card.lay_card()
    by_card.answer(LI)
    by_code.scan()
    by_code.answer(LI)
    by_both.lay_card()
    by_both.answer(LI)
    by_both.scan()
    by_both.answer(LI)
    at_school.scan()
    at_school.answer(LI, WU)
    for booth in (by_card, by_code, by_both, at_school):
        before = booth.session
        for parcel in ("parcel", "library"):
            booth.scan(parcel)
            booth.answer()
        assert (booth.state, booth.session.person, booth.session.schools) == (
            before.state,
            before.person,
            before.schools,
        )
        assert (booth.session.help, booth.session.flags) == (None, before.flags)
        assert booth.scan("library") == (), "a code that the camera still sees is not looked up again"
    assert by_code.scan("parcel") == ()
    at_school.touch(Action.PICK_SCHOOL, "school-a")
    assert at_school.session.person == Person("code-li", "row-li", Identification.CODE)


def nothing_that_somebody_showed_counts_for_the_next_one() -> None:
    by_card, by_code = booth_in(State.IDENTIFY), booth_in(State.IDENTIFY)
    by_card.lay_card("card-li")
    by_card.answer(LI)
    by_card.scan("code-li")
    by_card.answer(LI)
    by_code.scan("code-li")
    by_code.answer(LI)
    for booth in (by_card, by_code):
        booth.show_qr("qr-of-li")
        booth.touch(Action.DATA_WRONG)
        assert booth.session.opaque_codes
    by_card.lay_card("card-wu")
    by_card.answer(WU)
    assert by_card.session.person == Person("card-wu", "row-wu", Identification.CARD)
    by_code.scan("code-wu")
    by_code.answer(WU)
    assert by_code.session.person == Person("code-wu", "row-wu", Identification.CODE)
    for booth in (by_card, by_code):
        booth.expect(State.CONFIRM)
        assert booth.session.opaque_codes == ()
        assert Flag.DATA_WRONG not in booth.session.flags


def what_somebody_showed_counts_for_the_card_laid_again() -> None:
    booth = booth_in(State.IDENTIFY)
    booth.lay_card("card-li")
    booth.answer(LI)
    booth.show_qr("qr-of-li")
    booth.touch(Action.DATA_WRONG)
    booth.lay_card("card-li")
    booth.answer(LI)
    assert booth.session.opaque_codes == ("qr-of-li",)
    assert Flag.DATA_WRONG in booth.session.flags


def code_is_no_key_where_only_the_card_counts() -> None:
    for rows in ((), (LI,), (LI, WU)):
        booth = Booth(CARD).at_identify()
        booth.scan()
        booth.answer(*rows)
        assert (booth.state, booth.session.hint) == (State.IDENTIFY, Hint.CARD_ALSO)


def stray_barcode_does_not_spoil_a_card_where_only_the_card_counts() -> None:
    booth = Booth(CARD).at_identify()
    booth.scan("code-of-a-book")
    booth.answer()
    booth.lay_card("card-li")
    booth.answer(LI)
    assert booth.session.person == Person("card-li", "row-li", Identification.CARD)


def code_seen_again_is_not_looked_up_again() -> None:
    for state in (State.IDENTIFY, State.CONFIRM):
        booth = booth_in(state)
        booth.scan("code-li")
        before = booth.session
        assert booth.scan("code-li") == ()
        assert booth.session == before


def ambiguous_student_number_asks_which_school() -> None:
    booth = booth_in(State.IDENTIFY)
    booth.scan("code-li")
    assert kinds(booth.answer(LI, WU)) == ["Watch off", "Listen on"]
    assert (booth.state, booth.session.hint) == (State.SCHOOL, Hint.NONE)
    assert booth.session.schools == ("school-a", "school-b")
    assert booth.session.person is None
    booth.touch(Action.PICK_SCHOOL, "a school that was not offered")
    booth.expect(State.SCHOOL)
    assert kinds(booth.touch(Action.PICK_SCHOOL, "school-b")) == ["Recall", "Watch on", "Listen on"]
    booth.expect(State.CONFIRM)
    assert booth.session.person == Person("code-li", "row-wu", Identification.CODE)


def ambiguous_student_number_is_settled_by_the_card() -> None:
    booth = booth_in(State.SCHOOL)
    booth.lay_card("card-wu")
    booth.answer(WU)
    booth.expect(State.CONFIRM)
    assert booth.session.person == Person("card-wu", "row-wu", Identification.BOTH)


def school_is_not_picked_while_a_card_is_looked_up() -> None:
    booth = booth_in(State.SCHOOL)
    booth.lay_card("card-wu")
    booth.touch(Action.PICK_SCHOOL, "school-a")
    booth.expect(State.SCHOOL)


# both


def card_and_code_of_one_row_identify_by_both() -> None:
    for policy in (EITHER, CARD):
        booth = Booth(policy).at_confirm()
        booth.scan()
        booth.answer(LI, WU)
        booth.expect(State.CONFIRM)
        assert booth.session.person == Person("card-li", "row-li", Identification.BOTH)
        assert booth.session.flags == ()


def card_that_follows_a_code_takes_its_flag_away() -> None:
    booth = booth_in(State.IDENTIFY)
    booth.scan()
    booth.answer(LI)
    booth.lay_card("card-li")
    booth.answer(LI)
    assert booth.session.person == Person("card-li", "row-li", Identification.BOTH)
    assert booth.session.flags == ()


def keys_that_disagree_lead_to_staff() -> None:
    for policy, card_rows, code_rows in (
        (EITHER, (LI,), (WU,)),
        (EITHER, (), (WU,)),
        (BOTH, (LI,), (WU,)),
        (BOTH, (LI,), ()),
    ):
        booth = Booth(policy).at_identify()
        booth.lay_card()
        booth.answer(*card_rows)
        booth.scan()
        booth.answer(*code_rows)
        assert (booth.state, booth.session.help) == (State.STAFF_HELP, HelpReason.KEYS_DISAGREE)


def card_and_code_both_without_a_row_are_provisional_by_the_card() -> None:
    booth = booth_in(State.IDENTIFY)
    booth.lay_card("card-li")
    booth.scan()
    booth.answer_for("card-li")
    booth.answer_for("code-li")
    booth.expect(State.CONFIRM)
    assert booth.session.person == Person("card-li", None, Identification.CARD)


def hearing_both_keys(state: State) -> Booth:
    """Under the profile that wants both, in `state`, with a fresh card and a fresh code being looked up."""
    booth = Booth(BOTH).at_identify()
    if state is not State.IDENTIFY:
        rows = (LI,) if state is State.CONFIRM else (LI, LI_AT_B)
        booth.lay_card("card-before")
        booth.answer(*rows)
        booth.scan("code-before")
        booth.answer(*rows)
    booth.expect(state)
    since_ns, booth.now_ns = booth.session.since_ns, booth.now_ns + 1_000
    assert kinds(booth.lay_card("card")) == ["LookUp"]
    assert kinds(booth.scan("code")) == ["LookUp"]
    assert (booth.state, booth.session.since_ns, booth.session.hint) == (state, since_ns, Hint.LOOKING_UP)
    return booth


def both_keys_are_asked_for_where_the_profile_wants_both() -> None:
    for state in HEARING:
        booth = hearing_both_keys(state)
        since_ns = booth.session.since_ns
        assert booth.answer_for("card", LI) == ()
        assert (booth.state, booth.session.hint, booth.session.since_ns) == (state, Hint.CODE_ALSO, since_ns)
        assert kinds(booth.answer_for("code", LI)) == ["Recall", "Watch on", "Listen on"]
        booth.expect(State.CONFIRM)
        assert booth.session.since_ns == booth.now_ns
        assert booth.session.person == Person("card", "row-li", Identification.BOTH)

        booth = hearing_both_keys(state)
        assert booth.answer_for("code", LI) == ()
        assert (booth.state, booth.session.hint, booth.session.since_ns) == (state, Hint.CARD_ALSO, since_ns)
        booth.answer_for("card", LI)
        assert booth.session.person == Person("card", "row-li", Identification.BOTH)


def both_keys_known_at_two_schools_ask_which() -> None:
    for state in HEARING:
        booth = hearing_both_keys(state)
        booth.answer_for("card", LI_AT_B, LI_AT_C)
        assert kinds(booth.answer_for("code", LI_AT_B, LI_AT_C)) == ["Watch off", "Listen on"]
        assert (booth.state, booth.session.hint) == (State.SCHOOL, Hint.NONE)
        assert booth.session.since_ns == booth.now_ns
        assert booth.session.schools == ("school-b", "school-c")
        booth.touch(Action.PICK_SCHOOL, "school-b")
        assert booth.session.person == Person("card", "row-li-b", Identification.BOTH)


def keys_without_one_answer_lead_to_staff_and_say_why() -> None:
    cases: tuple[tuple[tuple[RowTokens, ...], tuple[RowTokens, ...], HelpReason], ...] = (
        ((LI,), (WU,), HelpReason.KEYS_DISAGREE),
        ((LI,), (), HelpReason.KEYS_DISAGREE),
        ((), (), HelpReason.NOT_ON_ROSTER),
    )
    for state in HEARING:
        for card_rows, code_rows, reason in cases:
            booth = hearing_both_keys(state)
            booth.answer_for("card", *card_rows)
            booth.answer_for("code", *code_rows)
            assert (booth.state, booth.session.help) == (State.STAFF_HELP, reason)


def answer_for_a_key_that_was_dropped_changes_nothing() -> None:
    for state in HEARING:
        booth = booth_in(state)
        booth.lay_card("card-other")
        booth.touch(Action.HELP)
        booth.touch(Action.STILL_HERE)
        booth.expect(State.IDENTIFY, "the keys are asked for again")
        before = booth.session
        assert booth.answer_for("card-other", WU) == ()
        assert booth.session == before


# the image-collection code


def opaque_code_is_kept_and_never_looked_up() -> None:
    for state in HEARING:
        booth = booth_in(state)
        since_ns, booth.now_ns = booth.session.since_ns, booth.now_ns + 1_000
        assert booth.show_qr("qr") == ()
        assert (booth.state, booth.session.since_ns) == (state, since_ns)
        assert booth.session.opaque_codes == ("qr",)
        assert booth.session.hint is Hint.QR_KEPT


def opaque_code_seen_again_changes_nothing() -> None:
    for state in HEARING:
        booth = booth_in(state)
        booth.show_qr("qr")
        booth.lay_card("card-li")
        before = booth.session
        assert booth.show_qr("qr") == ()
        assert booth.session == before
        booth.show_qr("qr-2")
        assert booth.session.opaque_codes == ("qr", "qr-2")


def opaque_code_goes_with_the_shot() -> None:
    booth = booth_in(State.IDENTIFY)
    booth.show_qr("qr")
    booth.lay_card()
    booth.answer(LI)
    booth.touch(Action.CONFIRM)
    booth.recalled(None)
    booth.touch(Action.READY)
    order = booth.take_and_accept()
    assert order.opaque_codes == ("qr",)


# is it you?


def confirmed_person_prepares_and_nothing_more_is_read() -> None:
    booth = booth_in(State.CONFIRM)
    assert kinds(booth.touch(Action.CONFIRM)) == ["Listen off", "Light on", "Watch on"]
    booth.expect(State.PREPARE)


def person_is_not_confirmed_while_another_key_is_looked_up() -> None:
    for policy, key in ((EITHER, "card"), (EITHER, "code")):
        booth = Booth(policy).at_confirm()
        if key == "card":
            booth.lay_card("card-wu")
        else:
            booth.scan("code-wu")
        booth.touch(Action.CONFIRM)
        booth.expect(State.CONFIRM)


def who_is_not_the_person_shown_starts_over() -> None:
    booth = booth_in(State.CONFIRM)
    booth.show_qr("qr of the other one")
    assert kinds(booth.touch(Action.NOT_ME)) == ["Watch off", "Listen on"]
    session = booth.session
    booth.expect(State.IDENTIFY)
    assert (session.card, session.card_rows, session.code, session.code_rows) == (None, None, None, None)
    assert (session.person, session.schools, session.flags, session.opaque_codes) == (None, (), (), ())
    assert session.hint is Hint.TAKE_AWAY, "the card that was read is not read again while it lies there"
    assert session.consent_ns is not None
    booth.card_found()
    assert booth.session.hint is Hint.READING
    booth.lay_card("card-wu")
    booth.answer(WU)
    assert booth.session.person == Person("card-wu", "row-wu", Identification.CARD)


def where_no_card_was_read_none_is_to_be_taken_away() -> None:
    booth = booth_in(State.IDENTIFY)
    booth.scan()
    booth.answer(LI)
    booth.touch(Action.NOT_ME)
    assert (booth.state, booth.session.hint) == (State.IDENTIFY, Hint.NONE)
    booth = booth_in(State.CONFIRM)
    booth.lay_card("card-late")
    booth.touch(Action.HELP)
    booth.touch(Action.STILL_HERE)
    assert (booth.state, booth.session.hint) == (State.IDENTIFY, Hint.NONE), "read again: the reader was deaf meanwhile"


def code_of_two_rows_of_one_school_may_be_two_peoples() -> None:
    booth = booth_in(State.IDENTIFY)
    booth.scan("code-two")
    booth.answer(LI, LI_AGAIN)
    assert (booth.state, booth.session.help) == (State.STAFF_HELP, HelpReason.ROSTER_UNCLEAR)
    for state in (State.SCHOOL, State.CONFIRM):
        booth = Booth().at_identify()
        booth.scan("code-one")
        booth.answer(*((LI, WU) if state is State.SCHOOL else (LI,)))
        booth.expect(state)
        booth.scan("code-two")
        booth.answer(LI, LI_AGAIN)
        assert (booth.state, booth.session.help) == (State.STAFF_HELP, HelpReason.ROSTER_UNCLEAR)


def several_records_of_one_person_are_chosen_from() -> None:
    for state in HEARING:
        booth = Booth(CARD).at_identify()
        if state is not State.IDENTIFY:
            booth.lay_card("card-before")
            booth.answer(*((LI, LI_AT_B) if state is State.SCHOOL else (WU,)))
        booth.expect(state)
        booth.lay_card("card-two")
        booth.answer(LI, LI_AGAIN)
        booth.expect(State.SCHOOL)
        assert list(booth.session.records) == ["row-li", "row-li-2"]
        assert booth.session.hint is Hint.NONE
        booth.touch(Action.PICK_RECORD, "row-of-somebody")
        booth.expect(State.SCHOOL)
        booth.touch(Action.PICK_RECORD, "row-li-2")
        booth.expect(State.CONFIRM)
        assert booth.session.person == Person("card-two", "row-li-2", Identification.CARD)
        booth.touch(Action.NOT_ME)
        assert not booth.session.records


def record_is_not_chosen_while_a_key_is_looked_up() -> None:
    booth = booth_in(State.IDENTIFY)
    booth.lay_card("card-two")
    booth.answer(LI, LI_AGAIN)
    booth.scan("code-late")
    booth.touch(Action.PICK_RECORD, "row-li-2")
    booth.expect(State.SCHOOL)


def schools_that_come_after_records_take_their_place_and_the_other_way_round() -> None:
    booth = booth_in(State.IDENTIFY)
    booth.lay_card("card-two")
    booth.answer(LI, LI_AGAIN)
    booth.lay_card("card-other")
    booth.answer(LI, LI_AT_B)
    assert (bool(booth.session.records), bool(booth.session.schools)) == (False, True)
    booth.lay_card("card-two")
    booth.answer(LI, LI_AGAIN)
    assert (bool(booth.session.records), bool(booth.session.schools)) == (True, False)
