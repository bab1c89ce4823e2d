"""Turns a view into draw operations. Pure. Each screen has one function; all lengths are base units of 720 x 1280."""

from collections.abc import Callable

from common.catalog import Catalog
from kiosk.core.session.state import State
from kiosk.ui.screens import (
    aside,
    curtain,
    decision,
    identity,
    keep,
    options,
    parts,
    photo,
    prepare,
    service,
    welcome,
)
from kiosk.ui.screens.flow import LARGER
from kiosk.ui.screens.large import draw_large
from kiosk.ui.screens.low import lowered
from kiosk.ui.screens.moved import moved
from kiosk.ui.screens.ops import Op
from kiosk.ui.screens.parts import Page, Pressed
from kiosk.ui.viewmodel import View

SCREENS: dict[State, Callable[[Page], None]] = {
    State.CLOSED: welcome.closed,
    State.ATTRACT: welcome.attract,
    State.CONSENT: welcome.consent,
    State.IDENTIFY: identity.identify,
    State.SCHOOL: identity.school,
    State.CONFIRM: identity.confirm,
    State.PREPARE: prepare.prepare,
    State.WRONG_TOP: prepare.wrong_top,
    State.POSE: photo.pose,
    State.REASON: photo.reason,
    State.CAPTURE: photo.capture,
    State.CHOOSE: keep.choose,
    State.SAVING: keep.saving,
    State.DONE: decision.done,
    State.APPROVED: decision.approved,
    State.REJECTED: decision.rejected,
    State.STILL_THERE: aside.still_there,
    State.STAFF_HELP: aside.staff_help,
    State.OUT_OF_SERVICE: aside.out_of_service,
    State.CARD_LEFT: aside.card_left,
}


def draw(view: View, catalog: Catalog, pressed: Pressed | None = None, focus: Pressed | None = None) -> tuple[Op, ...]:
    """Return the draw operations of `view`, bottom first; `pressed` is the button under the finger.

    `catalog`: the messages of the view's language. Raises `MissingText` if a message is missing in it.
    """
    page = Page(view, catalog, pressed)
    if view.staff is not None:
        service.menu(page, view.staff)
    elif view.large:
        draw_large(page)
    else:
        (options.options if view.options else SCREENS[view.screen])(page)
    dark = view.dark and view.staff is None
    if focus is not None and not dark:
        parts.ring(page, focus)
    ops = tuple(page.ops)
    if view.large or view.staff is not None:  # the service menu always has large type
        ops = moved(ops, LARGER)
    if view.seen:
        ops += aside.sign(page)
    if view.low and view.facts.low is not None:
        ops = lowered(page, ops, view.facts.low)
    if dark:
        return curtain.drawn(ops, catalog)
    return options.strong(ops) if view.contrast else ops
