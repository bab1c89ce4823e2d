"""The set-up of a booth on its own screen: the steps, and the rules for a new PIN. Pure."""

from dataclasses import replace

from kiosk.core.service.state import READING, Menu, Page, Press, Setup, Step, Wish

FEWEST_DIGITS, MOST_DIGITS = 6, 12
ANSWER_S = 90
"""If the answers have not been taken after this time, the menu says so. Taking them lasts 35 s if the office does not
answer."""


def is_pin(text: str) -> bool:
    """Whether the text has the form of a PIN: 6 to 12 digits."""
    return text.isascii() and text.isdigit() and FEWEST_DIGITS <= len(text) <= MOST_DIGITS


def fit_for_pin(pin: str) -> bool:
    """Whether a new PIN is not among the first that anybody tries: runs, and one or two different digits."""
    return is_pin(pin) and len(set(pin)) >= 3 and pin not in "01234567890123" and pin not in "98765432109876"


def new_pin_pressed(menu: Menu, what: str, now_ns: int) -> Step:
    """Staff touched `what` on the page of the new PIN: the PIN is typed twice."""
    setup = replace(menu.setup, outcome="")
    if what == Press.CLEAR:
        return Step(replace(menu, digits="", setup=setup))
    if len(what) == 1 and what in "0123456789" and len(menu.digits) < MOST_DIGITS:
        return Step(replace(menu, digits=menu.digits + what, setup=setup))
    if what != Press.ENTER or len(menu.digits) < FEWEST_DIGITS:
        return Step(menu)
    if not fit_for_pin(menu.digits):
        return Step(replace(menu, digits="", setup=Setup(outcome="weak")))
    if not setup.pin:
        return Step(replace(menu, digits="", setup=replace(setup, pin=menu.digits)))
    if setup.pin != menu.digits:
        return Step(replace(menu, digits="", setup=Setup(outcome="differs")))
    return answered(replace(menu, digits=""), setup, now_ns)


def answered(menu: Menu, setup: Setup, now_ns: int) -> Step:
    """Staff gave the answer of a step, which somebody with the right has to write."""
    return Step(replace(menu, setup=replace(setup, waits=True, outcome="", why=""), since_ns=now_ns), (Wish.ANSWER,))


def invitation_read(menu: Menu, now_ns: int, *, is_one: bool) -> Step:
    """A code was read. `is_one`: it is an office's invitation."""
    if menu.page is Page.SCANNER:
        return Step(replace(menu, setup=replace(menu.setup, seen=True), active_ns=now_ns))
    if menu.page is not Page.OFFICE or menu.setup.waits:
        return Step(menu)
    menu = replace(menu, active_ns=now_ns)
    return answered(menu, menu.setup, now_ns) if is_one else Step(replace(menu, setup=Setup(outcome="other_code")))


def card_read(menu: Menu, now_ns: int, *, well: bool) -> Step:
    """A card was read (`well`), or it can't be read."""
    if menu.page is not Page.READER:
        return Step(menu)
    setup = replace(menu.setup, seen=well, outcome="" if well else "card")
    return Step(replace(menu, setup=setup, active_ns=now_ns))


def answers_taken(menu: Menu, now_ns: int, outcome: str, why: str) -> Step:
    """The answers were taken ("done"), or not (`why` in technical words). When they were, the booth begins anew, also
    if staff have left the page meanwhile: the configuration is another one now."""
    if outcome == "done":
        wishes: tuple[Wish, ...] = (Wish.RENEW,)
    else:
        wishes = (Wish.WITHDRAW,) if outcome == "unheard" else ()
        wishes += (Wish.READ,) if menu.page in READING else ()
    if not menu.setup.waits:
        return Step(menu, wishes if outcome == "done" else ())
    return Step(replace(menu, setup=Setup(outcome=outcome, why=why), active_ns=now_ns), wishes)
