"""Consent and the ID card."""

from behaviours.driver import BOTH, CARD, EITHER, HEARING, LI, LI_AT_B, WU, Booth, booth_in, kinds
from kiosk.core import events as ev
from kiosk.core.events import Action, CardTrouble, Device
from kiosk.core.identity import Identification
from kiosk.core.session.state import Flag, HelpReason, Hint, Person, State


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


def failed_reader_does_not_replace_another_hint() -> None:
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
