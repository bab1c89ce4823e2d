"""Card and code together, the confirmation, people with several records."""

from behaviours.driver import BOTH, CARD, EITHER, HEARING, LI, LI_AGAIN, LI_AT_B, LI_AT_C, WU, Booth, booth_in, kinds
from kiosk.core.events import Action, RowTokens
from kiosk.core.identity import Identification
from kiosk.core.session.state import HelpReason, Hint, Person, State


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
    """A booth in `state` under the profile that requires both; a new card and a new code are being looked up."""
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
    booth.touch(Action.MORE)
    booth.now_ns += 1_000_000_000
    booth.lay_card("card-two")
    booth.answer(LI, LI_AGAIN)
    assert (bool(booth.session.records), bool(booth.session.schools)) == (True, False)
    assert (booth.session.page, booth.session.since_ns) == (0, booth.now_ns), "the new offer begins on its first page"
