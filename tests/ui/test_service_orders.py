"""What the service menu says of an order to the machine: what is true of the photos and of the menu's own time."""

from dataclasses import replace
from itertools import product

import pytest

from kiosk.core.service.menu import Menu, Order, Page
from kiosk.ui.viewmodel import Say
from sim.gallery import FACTS
from sim.service_gallery import StaffShown

FLAGS = list(product((False, True), repeat=3))


@pytest.mark.parametrize("page", [Page.RESTART, Page.SHUT_DOWN])
@pytest.mark.parametrize(("waits", "in_vain", "unheard"), FLAGS)
def test_a_photo_is_called_lost_only_while_one_is_not_saved(
    page: Page, waits: bool, in_vain: bool, unheard: bool
) -> None:
    order = Order.REBOOT if waits or unheard else None
    menu = Menu(page=page, order=order, waits=waits, in_vain=in_vain, unheard=unheard)
    lost = Say("service.order_in_vain")
    saved = StaffShown("", menu).view("en")
    unsaved = StaffShown("", menu, facts=replace(FACTS, unsaved=1)).view("en")
    assert saved.note != lost
    assert (unsaved.note == lost) is (in_vain and not waits and not unheard)
    assert saved.buttons == unsaved.buttons
