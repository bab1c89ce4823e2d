"""What the service menu says of an order to the machine: what is true of the photos and of the menu's own time."""

from dataclasses import replace
from itertools import product

import pytest

from kiosk.core.service.menu import SAVE_S, pressed, time_passed
from kiosk.core.service.state import IDLE_S, Menu, Order, Page, Press
from kiosk.core.service.tries import SECOND_NS
from kiosk.ui.viewmodel import Say
from sim.gallery import FACTS, NOW_NS
from sim.service_gallery import StaffShown

FLAGS = list(product((False, True), repeat=3))


@pytest.mark.parametrize("page", [Page.RESTART, Page.SHUT_DOWN])
@pytest.mark.parametrize(("waits", "save_timed_out", "order_ignored"), FLAGS)
def test_a_photo_is_called_lost_only_while_one_is_not_saved(
    page: Page, waits: bool, save_timed_out: bool, order_ignored: bool
) -> None:
    order = Order.REBOOT if waits or order_ignored else None
    menu = Menu(page=page, order=order, waits=waits, save_timed_out=save_timed_out, order_ignored=order_ignored)
    lost = Say("service.order_in_vain")
    saved = StaffShown("", menu).view("en")
    unsaved = StaffShown("", menu, facts=replace(FACTS, unsaved=1)).view("en")
    assert saved.note != lost
    assert (unsaved.note == lost) is (save_timed_out and not waits and not order_ignored)
    assert saved.buttons == unsaved.buttons


STAYING = {
    "home": (Menu(page=Page.HOME), ""),
    "typed": (Menu(page=Page.PIN, digits="204938"), ""),
    "compared": (Menu(page=Page.PIN, digits="204938"), Press.ENTER),
    "given": (Menu(page=Page.RESTART), Press.REBOOT),
    "waiting": (Menu(page=Page.SHUT_DOWN), Press.POWER_OFF),
    "shot": (Menu(page=Page.TEST_SHOT), Press.SHOOT),
    "examined": (Menu(page=Page.DOCTOR), Press.EXAMINE),
}


@pytest.mark.parametrize("saved_after_s", [0, IDLE_S + 5, 2 * SAVE_S])
@pytest.mark.parametrize(("menu", "press"), STAYING.values(), ids=STAYING)
def test_a_countdown_ends_with_the_menu_closed(menu: Menu, press: str, saved_after_s: int) -> None:
    """Second by second: a menu that counts down closes in the very second that it named."""
    begin_ns = NOW_NS - (SAVE_S + 2 * IDLE_S) * SECOND_NS
    menu = pressed(menu, press, begin_ns, at_rest=True, unsaved=saved_after_s > 0).menu
    closes_ns = None
    for now_ns in range(begin_ns, NOW_NS, SECOND_NS):
        unsaved = now_ns - begin_ns < saved_after_s * SECOND_NS
        menu = time_passed(menu, now_ns, at_rest=True, unsaved=unsaved).menu
        if menu.page is None:
            assert now_ns == closes_ns
            return
        # the view is drawn for the moment NOW_NS
        left = StaffShown("", replace(menu, active_ns=menu.active_ns + NOW_NS - now_ns)).view("en").seconds_left
        assert closes_ns is None or left is not None, "a countdown that began goes on to its end"
        if left is not None:
            assert closes_ns in (None, now_ns + left * SECOND_NS)
            closes_ns = now_ns + left * SECOND_NS
    assert menu.checking, "only a PIN that is being compared keeps the menu open"
