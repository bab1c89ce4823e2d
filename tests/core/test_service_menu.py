"""The service menu's rules: who gets in, what happens on its pages, and how it ends."""

from collections.abc import Callable, Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.core.events import Deed, FinishFault, ShootFault
from kiosk.core.service import menu as core
from kiosk.core.service.menu import ORDER_S, SAVE_S, TAKE_S, TEST_S
from kiosk.core.service.setup import ANSWER_S, answers_taken, invitation_read
from kiosk.core.service.state import (
    HOME_PAGES,
    IDLE_S,
    PIN_IDLE_S,
    READING,
    SETUP_PAGES,
    Menu,
    Modes,
    Order,
    Page,
    Press,
    Shot,
    Step,
    Wish,
)
from kiosk.core.service.tries import LOCKED_S, MOST, Tries

S = 1_000_000_000


class Booth:
    """A menu to press, its wishes and deeds in order."""

    def __init__(self, menu: Menu | None = None) -> None:
        self.menu = menu or Menu()
        self.now_ns = 1000 * S
        self.at_rest = True
        self.unsaved = False
        self.wishes: list[Wish] = []
        self.deeds: list[Deed] = []

    @property
    def is_open(self) -> bool:
        return self.menu.page is not None

    def take(self, step: Step) -> None:
        self.menu = step.menu
        self.wishes += step.wishes
        self.deeds += [step.deed] if step.deed else []

    def press(self, *presses: str) -> None:
        for press in presses:
            self.take(core.pressed(self.menu, press, self.now_ns, at_rest=self.at_rest, unsaved=self.unsaved))

    def wait(self, seconds: float) -> None:
        self.now_ns += round(seconds * S)
        self.take(core.time_passed(self.menu, self.now_ns, at_rest=self.at_rest, unsaved=self.unsaved))

    def key(self, closed: bool) -> None:
        self.take(core.key_turned(self.menu, closed=closed))
        self.wait(0)

    def enter(self, pin: str, right: bool) -> None:
        self.press(*pin, Press.ENTER)
        self.take(core.pin_checked(self.menu, self.now_ns, right=right))
        self.wait(0)

    def opened(self) -> "Booth":
        self.press(Press.OPEN)
        self.enter("204938", right=True)
        assert self.menu.page is Page.HOME
        return self


def test_the_right_pin_takes_the_booth_out_of_service_and_opens_the_menu() -> None:
    booth = Booth().opened()
    assert booth.wishes == [Wish.CHECK_PIN, Wish.TAKE_OVER]
    assert booth.deeds == [Deed.OPENED_BY_PIN]


def test_leaving_a_menu_that_a_pin_opened_gives_the_booth_back() -> None:
    booth = Booth().opened()
    booth.press(Press.BACK)
    assert (booth.menu.page, booth.wishes[-1], booth.deeds[-1]) == (None, Wish.GIVE_BACK, Deed.CLOSED)


def test_the_door_leads_nowhere_while_somebodys_session_runs() -> None:
    booth = Booth()
    booth.at_rest = False
    booth.press(Press.OPEN)
    assert booth.menu == Menu()


def test_the_key_opens_the_menu_once_the_session_rests() -> None:
    booth = Booth()
    booth.at_rest = False
    booth.key(closed=True)
    booth.wait(100)
    assert not booth.is_open
    booth.at_rest = True
    booth.wait(1)
    assert (booth.menu.page, booth.deeds) == (Page.HOME, [Deed.OPENED_BY_KEY])


def test_a_key_that_is_turned_back_before_opens_nothing() -> None:
    booth = Booth()
    booth.at_rest = False
    booth.key(closed=True)
    booth.key(closed=False)
    booth.at_rest = True
    booth.wait(1)
    assert booth.menu.page is None


@pytest.mark.parametrize("page", HOME_PAGES)
def test_turning_the_key_back_ends_every_page(page: Page) -> None:
    booth = Booth()
    booth.key(closed=True)
    booth.press(page)
    booth.key(closed=False)
    assert (booth.menu.page, booth.deeds[-1]) == (None, Deed.CLOSED)
    assert Wish.GIVE_BACK not in booth.wishes, "the key does that"


def test_a_menu_the_key_opened_stays_closed_after_leaving_until_the_key_is_turned_anew() -> None:
    booth = Booth()
    booth.key(closed=True)
    booth.press(Press.BACK)
    booth.wait(500)
    assert booth.menu.page is None
    booth.key(closed=False)
    booth.key(closed=True)
    assert booth.menu.page is Page.HOME


def test_nobody_is_left_with_an_open_menu() -> None:
    booth = Booth().opened()
    booth.press(Page.LOGS)
    booth.wait(IDLE_S - 1)
    assert booth.is_open
    booth.press(Press.MORE)
    booth.wait(IDLE_S - 1)
    assert booth.is_open, "each touch begins the time anew"
    booth.wait(1)
    assert (booth.menu.page, booth.deeds[-1], booth.wishes[-1]) == (None, Deed.TIMED_OUT, Wish.GIVE_BACK)


def test_the_question_for_the_pin_goes_away_and_forgets_what_was_typed() -> None:
    booth = Booth()
    booth.press(Press.OPEN, "1", "2")
    booth.wait(PIN_IDLE_S)
    assert (booth.menu.page, booth.menu.digits, booth.deeds) == (None, "", [])


@pytest.mark.parametrize("pin", ["", "12345"])
def test_a_pin_that_is_too_short_is_not_compared(pin: str) -> None:
    booth = Booth()
    booth.press(Press.OPEN, *pin, Press.ENTER)
    assert (booth.menu.checking, booth.wishes) == (False, [])


def test_a_wrong_pin_is_slowed_down_twice_as_long_each_time_and_the_fifth_locks() -> None:
    booth = Booth()
    booth.press(Press.OPEN)
    for wait_s in (1, 2, 4, 8):
        booth.enter("111111", right=False)
        assert booth.menu.tries.seconds_left(booth.now_ns) == wait_s
        booth.press("1")
        assert booth.menu.digits == "", "nothing is taken meanwhile"
        booth.wait(wait_s)
    booth.enter("111111", right=False)
    assert booth.menu.tries.seconds_left(booth.now_ns) == LOCKED_S
    assert booth.deeds == [Deed.WRONG_PIN] * (MOST - 1) + [Deed.LOCKED_OUT]


def test_a_right_pin_ends_the_count_of_wrong_ones() -> None:
    booth = Booth(Menu(tries=Tries(wrong=4)))
    booth.opened()
    assert booth.menu.tries == Tries()


def test_a_lock_can_not_be_switched_off_with_the_booth() -> None:
    assert Tries.of_start(MOST, 5 * S).seconds_left(5 * S) == LOCKED_S
    assert Tries.of_start(MOST - 1, 5 * S).seconds_left(5 * S) == 0


@given(st.lists(st.integers(0, 20 * 60), max_size=60))
def test_however_somebody_guesses_few_pins_are_taken(waits: list[int]) -> None:
    """At most five at once, and after them one in ten minutes."""
    booth, taken = Booth(), 0
    for wait_s in waits:
        booth.press(Press.OPEN, *"123456", Press.ENTER)
        if booth.menu.checking:
            taken += 1
            booth.take(core.pin_checked(booth.menu, booth.now_ns, right=False))
        booth.wait(wait_s)
    assert taken <= MOST + sum(waits) // LOCKED_S


def test_a_test_shot_lights_the_lamps_is_taken_finished_shown_and_dropped() -> None:
    booth = Booth().opened()
    booth.wishes.clear()
    booth.press(Page.TEST_SHOT, Press.SHOOT)
    booth.take(core.burst_ended(booth.menu, None))
    booth.take(core.take_ended(booth.menu, None, ("glasses",)))
    assert (booth.menu.shot, booth.menu.warnings) == (Shot.READY, ("glasses",))
    booth.press(Press.BACK)
    assert booth.wishes == [Wish.LIGHT, Wish.SHOOT, Wish.FINISH, Wish.DROP]
    assert (booth.menu.page, booth.menu.shot, booth.menu.warnings) == (Page.HOME, Shot.NONE, ())


@pytest.mark.parametrize("ends", ["leaves", "key", "time"])
def test_however_the_page_ends_the_test_shot_is_dropped_and_the_lamps_are_dark(ends: str) -> None:
    booth = Booth().opened()
    booth.press(Page.TEST_SHOT, Press.SHOOT)
    booth.take(core.burst_ended(booth.menu, None))
    booth.take(core.take_ended(booth.menu, None))
    if ends == "leaves":
        booth.press(Press.BACK)
    elif ends == "key":
        booth.key(closed=False)
    else:
        booth.wait(IDLE_S)
    assert Wish.DROP in booth.wishes
    assert booth.menu.shot is Shot.NONE


@pytest.mark.parametrize("fault", [ShootFault.NO_FACE, FinishFault.HAIR_TOO_HIGH, None])
def test_a_test_shot_that_fails_says_why_and_can_be_taken_again(fault: ShootFault | FinishFault | None) -> None:
    booth = Booth().opened()
    booth.press(Page.TEST_SHOT, Press.SHOOT)
    if isinstance(fault, ShootFault):
        booth.take(core.burst_ended(booth.menu, fault))
    elif fault is not None:
        booth.take(core.take_ended(booth.menu, fault))
    else:
        booth.wait(TAKE_S)
    assert (booth.menu.shot, booth.menu.fault) == (Shot.FAILED, fault)
    booth.press(Press.SHOOT)
    assert (booth.menu.shot, booth.menu.fault) == (Shot.TAKING, None)


def test_an_outcome_that_comes_when_the_page_was_left_changes_nothing() -> None:
    booth = Booth().opened()
    booth.press(Page.TEST_SHOT, Press.SHOOT, Press.BACK)
    before = booth.menu
    for step in (core.burst_ended(before, None), core.take_ended(before, None), core.lamps_tested(before)):
        assert (step.menu, step.wishes) == (before, ())


def test_devices_are_examined_until_the_lamps_answer_or_the_time_is_over() -> None:
    booth = Booth().opened()
    booth.press(Page.DOCTOR, Press.EXAMINE, Press.EXAMINE)
    assert booth.wishes.count(Wish.EXAMINE) == 1
    booth.take(core.lamps_tested(booth.menu))
    assert (booth.menu.examining, booth.wishes[-1]) == (False, Wish.EXAMINED)
    booth.press(Press.EXAMINE)
    booth.wait(TEST_S)
    assert (booth.menu.examining, booth.wishes[-1]) == (False, Wish.EXAMINED)


ENDING = pytest.mark.parametrize(
    ("page", "press", "order"),
    [
        (Page.RESTART, Press.RESTART_BOOTH, Order.RESTART_BOOTH),
        (Page.RESTART, Press.REBOOT, Order.REBOOT),
        (Page.SHUT_DOWN, Press.POWER_OFF, Order.POWER_OFF),
    ],
)


@ENDING
def test_an_order_waits_until_every_accepted_photo_is_saved(page: Page, press: Press, order: Order) -> None:
    booth = Booth().opened()
    booth.unsaved = True
    booth.press(page, press, press)
    booth.wait(SAVE_S - 1)
    assert (booth.menu.order, Wish.ORDER in booth.wishes) == (order, False)
    booth.unsaved = False
    booth.wait(1)
    booth.wait(1)
    assert (booth.menu.order, booth.wishes.count(Wish.ORDER)) == (order, 1)
    assert booth.deeds.count(core.DEEDS[order]) == 1


@ENDING
def test_an_order_that_waited_in_vain_is_dropped_and_given_only_if_pressed_again(
    page: Page, press: Press, order: Order
) -> None:
    booth = Booth().opened()
    booth.unsaved = True
    booth.press(page, press)
    booth.wait(SAVE_S)
    assert (booth.menu.order, booth.menu.save_timed_out, Wish.ORDER in booth.wishes) == (None, True, False)
    booth.press(press)
    assert (booth.menu.order, booth.wishes.count(Wish.ORDER)) == (order, 1)


@ENDING
def test_leaving_the_page_ends_the_wait_of_an_order(page: Page, press: Press, order: Order) -> None:
    booth = Booth().opened()
    booth.unsaved = True
    booth.press(page, press, Press.BACK)
    booth.unsaved = False
    booth.wait(1)
    assert Wish.ORDER not in booth.wishes


def test_no_calibration_begins_while_an_accepted_photo_is_only_in_memory() -> None:
    booth = Booth().opened()
    booth.unsaved = True
    booth.press(Page.CALIBRATE, Press.BEGIN)
    assert Wish.CALIBRATE not in booth.wishes
    booth.unsaved = False
    booth.press(Press.BEGIN)
    assert booth.wishes[-1] is Wish.CALIBRATE


@ENDING
def test_an_order_is_given_once_and_if_nobody_does_it_that_is_said(page: Page, press: Press, order: Order) -> None:
    booth = Booth().opened()
    booth.press(page, press, press)
    assert (booth.menu.order, booth.wishes.count(Wish.ORDER)) == (order, 1)
    booth.wait(ORDER_S)
    assert booth.menu.order_ignored
    booth.press(press)
    assert (booth.menu.order_ignored, booth.wishes.count(Wish.ORDER)) == (False, 2)


def test_the_menu_begins_in_the_modes_of_the_screen_below_and_staff_change_them() -> None:
    strong, both = Modes(contrast=True), Modes(contrast=True, low=True)
    booth = Booth(core.pressed(Menu(), Press.OPEN, 1, at_rest=True, modes=strong).menu)
    booth.enter("204938", right=True)
    assert booth.menu.modes == strong
    booth.press(Press.LOW)
    assert booth.menu.modes == both
    booth.press(Page.VOLUME, Press.BACK)
    assert booth.menu.modes == both
    booth.press(Press.CONTRAST, Press.LOW)
    assert booth.menu.modes == Modes()


def test_the_key_opens_the_menu_in_the_modes_of_the_screen_and_they_end_with_it() -> None:
    booth = Booth(core.key_turned(Menu(), closed=True, modes=Modes(low=True)).menu)
    booth.wait(0)
    assert (booth.menu.page, booth.menu.modes) == (Page.HOME, Modes(low=True))
    booth.key(closed=False)
    booth.key(closed=True)
    assert (booth.menu.page, booth.menu.modes) == (Page.HOME, Modes())


EVERYTHING = [*(page.value for page in Page), *(press.value for press in Press), *"0123456789", "nonsense", ""]


OFFERED: dict[Page, Iterable[str]] = {
    Page.HOME: HOME_PAGES,
    Page.SETUP: SETUP_PAGES,
    Page.NEW_PIN: tuple("0123456789"),
    Page.READER: tuple("0123456789"),
    Page.SCANNER: tuple("0123456789"),
}


@pytest.mark.parametrize("page", [page for page in Page if page is not Page.PIN])
@pytest.mark.parametrize("what", EVERYTHING)
def test_only_what_a_page_offers_does_something(page: Page, what: str) -> None:
    menu = Menu(page=page, active_ns=1)
    step = core.pressed(menu, what, 1, at_rest=True)
    offered = core.WHERE.get(Press(what)) is page if what in list(Press) else what in OFFERED.get(page, ())
    if not offered and what not in (Press.BACK, Press.MORE):
        assert (step.menu, step.wishes, step.deed) == (menu, (), None)
    assert step.menu != menu or step.wishes or not offered


@given(st.lists(st.sampled_from([*EVERYTHING, "key", "unkey", "wait", "right", "wrong"]), max_size=40))
def test_whatever_staff_do_what_was_begun_is_ended(presses: Iterable[str]) -> None:
    """A closed menu has nothing typed, no shot and no lamp on, and whoever took the booth over gave it back."""
    booth = Booth()
    for press in presses:
        match press:
            case "key" | "unkey":
                booth.key(closed=press == "key")
            case "wait":
                booth.wait(61)
            case "right" | "wrong":
                booth.take(core.pin_checked(booth.menu, booth.now_ns, right=press == "right"))
            case _:
                booth.press(press)
        if booth.menu.page is None:
            plain = Menu(tries=booth.menu.tries, active_ns=booth.menu.active_ns, since_ns=booth.menu.since_ns)
            assert booth.menu == plain
            assert booth.wishes.count(Wish.TAKE_OVER) == booth.wishes.count(Wish.GIVE_BACK)
            lit = [wish for wish in booth.wishes if wish in (Wish.LIGHT, Wish.EXAMINE, Wish.EXAMINED, Wish.DROP)]
            assert not lit or lit[-1] in (Wish.DROP, Wish.EXAMINED)
            read = [wish for wish in booth.wishes if wish in (Wish.READ, Wish.READ_NO_MORE)]
            assert not read or read[-1] is Wish.READ_NO_MORE


def unset(page: Page = Page.SETUP) -> Booth:
    return Booth(Menu(page=page, unset=page, by_pin=True, active_ns=1000 * S))


@pytest.mark.parametrize("page", [Page.SETUP, Page.PIN])
def test_a_booth_that_is_not_set_up_shows_how_to_begin_whatever_staff_do(page: Page) -> None:
    booth = unset(page)
    booth.wait(3 * IDLE_S)
    assert booth.menu.page is page
    booth.press(*([] if page is Page.SETUP else ["204938"]), Press.BACK, Press.BACK)
    assert booth.menu.page is page
    booth.key(closed=True)
    booth.wait(0)
    booth.key(closed=False)
    assert booth.menu.page is page
    assert Wish.GIVE_BACK not in booth.wishes, "the booth stays out of service"


def test_behind_a_pin_the_set_up_of_a_new_booth_needs_the_pin() -> None:
    booth = unset(Page.PIN)

    def leave() -> None:
        booth.press(Press.BACK)
        booth.wait(IDLE_S)

    deeds: tuple[Callable[[], None], ...] = (
        lambda: booth.press(Page.SETUP, Page.OFFICE),
        lambda: booth.enter("204938", right=True),
        lambda: booth.press(Page.SETUP, Page.OFFICE),
        leave,
    )
    seen = []
    for deed in deeds:
        deed()
        seen.append(booth.menu.page)
    assert seen == [Page.PIN, Page.HOME, Page.OFFICE, Page.PIN]


@pytest.mark.parametrize("page", SETUP_PAGES)
def test_a_step_leads_back_to_where_it_was_opened(page: Page) -> None:
    booth = unset()
    booth.press(page)
    assert booth.menu.page is page
    assert (Wish.READ in booth.wishes) == (page in READING)
    booth.press(Press.BACK)
    assert booth.menu.page is Page.SETUP
    if page in READING:
        assert booth.wishes[-1] is Wish.READ_NO_MORE


def test_only_an_offices_code_is_an_answer_and_the_page_waits_for_what_comes_of_it() -> None:
    booth = unset()
    booth.press(Page.OFFICE)
    booth.take(invitation_read(booth.menu, booth.now_ns, is_one=False))
    assert (booth.menu.setup.outcome, booth.menu.setup.waits) == ("other_code", False)
    booth.take(invitation_read(booth.menu, booth.now_ns, is_one=True))
    assert booth.wishes[-1:] == [Wish.ANSWER]
    booth.press(Press.BACK)
    booth.take(invitation_read(booth.menu, booth.now_ns, is_one=True))
    assert booth.menu.page is Page.OFFICE
    assert booth.wishes.count(Wish.ANSWER) == 1
    booth.take(answers_taken(booth.menu, booth.now_ns, "code", "words"))
    assert (booth.menu.setup.outcome, booth.menu.setup.why) == ("code", "words")
    assert booth.wishes[-1:] == [Wish.READ], "the next code can be tried"
    booth.take(invitation_read(booth.menu, booth.now_ns, is_one=True))
    booth.take(answers_taken(booth.menu, booth.now_ns, "done", ""))
    assert booth.wishes[-1:] == [Wish.RENEW]


def test_a_configuration_that_was_written_late_is_used_too_wherever_staff_are() -> None:
    """Staff turned the key back while the office was asked, or root took longer than the menu waits."""
    turned, late = unset(), unset()
    for booth in (turned, late):
        booth.press(Page.OFFICE)
        booth.take(invitation_read(booth.menu, booth.now_ns, is_one=True))
    turned.key(closed=False)
    late.wait(ANSWER_S)
    assert late.wishes[-2:] == [Wish.WITHDRAW, Wish.READ], "nobody takes answers that staff have given up"
    for booth in (turned, late):
        before = booth.menu
        booth.take(answers_taken(before, booth.now_ns, "refused", "words"))
        assert booth.menu == before, "nobody waits for it any more"
        booth.take(answers_taken(before, booth.now_ns, "done", ""))
        assert booth.wishes[-1:] == [Wish.RENEW]


def test_answers_that_nobody_takes_are_given_up() -> None:
    booth = unset()
    booth.press(Page.READER, "0")
    booth.wait(ANSWER_S - 1)
    assert booth.menu.setup.waits
    booth.wait(1)
    assert (booth.menu.setup.waits, booth.menu.setup.outcome) == (False, "unheard")


def test_a_new_pin_is_typed_twice_and_is_not_among_the_first_that_anybody_tries() -> None:
    booth = unset()
    booth.press(Page.NEW_PIN, *"123456", Press.ENTER)
    assert booth.menu.setup.outcome == "weak"
    booth.press(*"204938", Press.ENTER, *"204939", Press.ENTER)
    assert (booth.menu.setup.outcome, booth.menu.setup.pin) == ("differs", "")
    booth.press(*"204938", Press.ENTER)
    assert (booth.menu.digits, Wish.ANSWER in booth.wishes) == ("", False)
    booth.press(*"204938", Press.ENTER)
    assert booth.wishes[-1] is Wish.ANSWER
    assert "204938" not in repr(booth.menu)
