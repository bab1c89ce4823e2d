"""Student numbers, exam numbers and image-collection codes."""

from behaviours.driver import BOTH, CARD, HEARING, LI, WU, Booth, booth_in, kinds
from kiosk.core.events import Action, Device
from kiosk.core.identity import Identification
from kiosk.core.session.state import Flag, HelpReason, Hint, Person, State


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


def code_without_a_row_leads_to_staff_where_no_card_can_be_read() -> None:
    unreadable = booth_in(State.IDENTIFY)
    for _ in range(3):
        unreadable.card_fails()
    no_reader = booth_in(State.IDENTIFY)
    no_reader.fail(Device.CARD_READER)
    for booth in (unreadable, no_reader):
        booth.expect(State.IDENTIFY)
        booth.scan("parcel")
        booth.answer()
        assert (booth.state, booth.session.help) == (State.STAFF_HELP, HelpReason.NOT_ON_ROSTER)
    code_first = booth_in(State.IDENTIFY)
    code_first.scan("parcel")
    code_first.answer()
    for _ in range(3):
        code_first.card_fails()
    assert (code_first.state, code_first.session.help) == (State.STAFF_HELP, HelpReason.CARD_UNREADABLE)
    dies = booth_in(State.IDENTIFY)
    dies.scan("parcel")
    dies.answer()
    dies.fail(Device.CARD_READER)
    assert (dies.state, dies.session.hint) == (State.IDENTIFY, Hint.NONE), "the screen says that the reader is out"


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


def second_answer_of_the_roster_about_one_code_changes_nothing() -> None:
    booth = booth_in(State.IDENTIFY)
    booth.scan("code-li")
    booth.answer(LI, WU)
    before = booth.session
    assert booth.answer() == ()
    assert booth.session == before
    booth.touch(Action.PICK_SCHOOL, "school-a")
    booth.expect(State.CONFIRM)


def ambiguous_student_number_is_resolved_by_the_card() -> None:
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
