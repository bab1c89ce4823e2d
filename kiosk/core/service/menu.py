"""The service menu: which page staff see, and what the menu requests. Pure. All rules of the menu are in this file,
except those of the set-up's steps (`setup.py`), of wrong PINs (`tries.py`), and of when the menu closes by itself
(`state.py`).

The menu covers the session's screen while no session runs. Staff's key, or the right PIN, takes the booth out of
service by the session's own rule (`KeyTurned`): a session without a photo ends, and a session with a photo is finished
first. The session distinguishes key and PIN: if staff leave a menu that a PIN opened while the key is turned, the booth
stays out of service. Touches of the menu reach neither the session nor its journal; the journal gets `StaffDid`.
"""

from dataclasses import replace

from kiosk.core.events import Deed, FinishFault, ShootFault
from kiosk.core.service.setup import ANSWER_S, FEWEST_DIGITS, MOST_DIGITS, answered, answers_taken, new_pin_pressed
from kiosk.core.service.state import (
    HOME_PAGES,
    READING,
    SETUP_PAGES,
    Menu,
    Modes,
    Order,
    Page,
    Press,
    Setup,
    Shot,
    Step,
    Wish,
)
from kiosk.core.service.tries import SECOND_NS, Tries

TAKE_S = 20
"""After this time the menu gives up a test shot; a burst and a finish take three seconds."""
ORDER_S = 15
"""If the machine has not followed an order after this time, the menu says so."""
SAVE_S = 300
"""How long an order waits until every accepted photo is saved: as long as a session waits before it tells the graduate
that the photo could not be saved."""
TEST_S = 20


ORDERS = {
    Press.RESTART_BOOTH: Order.RESTART_BOOTH,
    Press.REBOOT: Order.REBOOT,
    Press.POWER_OFF: Order.POWER_OFF,
}
DEEDS = {
    Order.RESTART_BOOTH: Deed.RESTARTED_BOOTH,
    Order.REBOOT: Deed.REBOOTED,
    Order.POWER_OFF: Deed.POWERED_OFF,
}
WHERE = {
    Press.CONTRAST: Page.HOME,
    Press.LOW: Page.HOME,
    Press.EXAMINE: Page.DOCTOR,
    Press.SHOOT: Page.TEST_SHOT,
    Press.SOFTER: Page.VOLUME,
    Press.LOUDER: Page.VOLUME,
    Press.PLAY: Page.VOLUME,
    Press.BEGIN: Page.CALIBRATE,
    Press.RESTART_BOOTH: Page.RESTART,
    Press.REBOOT: Page.RESTART,
    Press.POWER_OFF: Page.SHUT_DOWN,
    Press.LEFT: Page.LIGHT,
    Press.RIGHT: Page.LIGHT,
    Press.BOTH: Page.LIGHT,
}
"""For each of these buttons, the page that offers it. On other pages the button changes nothing."""
LAMPS = {Press.LEFT: Wish.LEFT, Press.RIGHT: Wish.RIGHT, Press.BOTH: Wish.LIGHT}


def key_turned(menu: Menu, *, closed: bool, modes: Modes = Modes()) -> Step:
    """Staff turned the key. If its switch is `closed`, the menu opens as soon as no session runs; otherwise the
    menu closes. `modes`: the accessibility settings of the shown screen, if no session runs."""
    if closed:
        opens = replace(menu, key_waits=True, modes=modes if menu.page is None else menu.modes)
        return Step(menu if menu.page not in (None, Page.PIN) else opens)
    if menu.page in (None, Page.PIN):
        return Step(replace(menu, key_waits=False))
    return _closed(menu, Deed.CLOSED)


def pin_checked(menu: Menu, now_ns: int, *, right: bool) -> Step:
    """The entered PIN has been compared: it is `right` or wrong."""
    if menu.page is not Page.PIN or not menu.checking:
        return Step(menu)
    if right:
        open_menu = replace(menu, page=Page.HOME, by_pin=True, checking=False, tries=Tries(), active_ns=now_ns)
        return Step(open_menu, (Wish.TAKE_OVER,), Deed.OPENED_BY_PIN)
    tries = menu.tries.after_wrong(now_ns)
    wrong = replace(menu, checking=False, tries=tries, active_ns=now_ns)
    return Step(wrong, deed=Deed.LOCKED_OUT if tries.locked else Deed.WRONG_PIN)


def pressed(
    menu: Menu, what: str, now_ns: int, *, at_rest: bool, modes: Modes = Modes(), unsaved: bool = False
) -> Step:
    """Staff touched `what`. `at_rest`: no session runs; otherwise the button for staff does nothing. `modes`: the
    accessibility settings of the screen under the menu. `unsaved`: an accepted photo is only in memory."""
    if menu.page is None:
        opens = what == Press.OPEN and at_rest
        return Step(replace(menu, page=Page.PIN, digits="", active_ns=now_ns, modes=modes) if opens else menu)
    menu = replace(menu, active_ns=now_ns)
    if menu.page is Page.PIN:
        return _pin_pressed(menu, what, now_ns)
    if what in (SETUP_PAGES if menu.page is Page.SETUP else HOME_PAGES if menu.page is Page.HOME else ()):
        return _opened(menu, Page(what))
    if menu.page is Page.NEW_PIN and not menu.setup.waits and what != Press.BACK:
        return new_pin_pressed(menu, what, now_ns)
    if menu.page in (Page.READER, Page.SCANNER) and what.isdecimal() and not menu.setup.waits:
        return answered(menu, replace(menu.setup, chosen=int(what)), now_ns)
    if what not in list(Press):
        return Step(menu)
    press = Press(what)
    if press is Press.BACK:
        return _back(menu)
    if press is Press.MORE:
        return Step(replace(menu, part=menu.part + 1))
    return _done(menu, press, now_ns, unsaved=unsaved) if WHERE.get(press) is menu.page else Step(menu)


def _pin_pressed(menu: Menu, what: str, now_ns: int) -> Step:
    if what == Press.BACK:
        return Step(replace(menu, page=menu.unset, digits="", checking=False))
    if menu.checking or now_ns < menu.tries.until_ns:
        return Step(menu)
    if what == Press.CLEAR:
        return Step(replace(menu, digits=""))
    if what == Press.ENTER and len(menu.digits) >= FEWEST_DIGITS:
        return Step(replace(menu, checking=True), (Wish.CHECK_PIN,))
    if len(what) == 1 and what in "0123456789" and len(menu.digits) < MOST_DIGITS:
        return Step(replace(menu, digits=menu.digits + what))
    return Step(menu)


def _opened(menu: Menu, page: Page) -> Step:
    wishes: tuple[Wish, ...] = (Wish.READ,) if page in READING else ()
    if page in (Page.TEST_SHOT, Page.LIGHT):
        wishes = (Wish.LIGHT,)
    home = Page.SETUP if menu.page is Page.SETUP else Page.HOME
    opened = replace(menu, page=page, part=0, home=home, setup=Setup())
    return Step(opened, wishes, Deed.READ_LOGS if page is Page.LOGS else None)


def _back(menu: Menu) -> Step:
    if menu.setup.waits:
        return Step(menu)
    if menu.page is Page.HOME:
        return _closed(menu, Deed.CLOSED)
    before = Page.HOME if menu.page is Page.SETUP else menu.home
    return Step(replace(_emptied(menu), page=before, home=Page.HOME), _left(menu))


def opened_for_setup(menu: Menu, now_ns: int) -> Step:
    """Open the page of the set-up: the booth is not set up, or its program began anew during the set-up."""
    return Step(replace(menu, page=Page.SETUP, by_pin=True, active_ns=now_ns), (Wish.TAKE_OVER,))


def _done(menu: Menu, press: Press, now_ns: int, *, unsaved: bool) -> Step:
    """Staff pressed a button on the page that offers it."""
    if press in ORDERS:
        if menu.order is not None and not menu.order_ignored:
            return Step(menu)
        asked = replace(menu, order=ORDERS[press], order_ignored=False, since_ns=now_ns)
        return Step(replace(asked, waits=True)) if unsaved and not menu.save_timed_out else _given(asked, now_ns)
    match press:
        case Press.EXAMINE if not menu.examining:
            return Step(replace(menu, examining=True, since_ns=now_ns), (Wish.EXAMINE,), Deed.EXAMINED)
        case Press.SHOOT if menu.shot is not Shot.TAKING:
            taking = replace(menu, shot=Shot.TAKING, fault=None, warnings=(), since_ns=now_ns)
            return Step(taking, (Wish.SHOOT,), Deed.TOOK_TEST_SHOT)
        case Press.SOFTER | Press.LOUDER:
            return Step(menu, (Wish(press.value), Wish.PLAY), Deed.SET_VOLUME)
        case Press.PLAY:
            return Step(menu, (Wish.PLAY,))
        case Press.CONTRAST:
            return Step(replace(menu, modes=replace(menu.modes, contrast=not menu.modes.contrast)))
        case Press.LOW:
            return Step(replace(menu, modes=replace(menu.modes, low=not menu.modes.low)))
        case Press.LEFT | Press.RIGHT | Press.BOTH:
            return Step(menu, (LAMPS[press],))
        case Press.BEGIN if not unsaved:  # the calibration ends the program
            return Step(menu, (Wish.CALIBRATE,), Deed.CALIBRATED)
        case _:
            return Step(menu)


def _given(menu: Menu, now_ns: int) -> Step:
    """The menu after it gave its order to the machine."""
    assert menu.order is not None
    return Step(replace(menu, waits=False, since_ns=now_ns), (Wish.ORDER,), DEEDS[menu.order])


def time_passed(menu: Menu, now_ns: int, *, at_rest: bool, unsaved: bool = False) -> Step:
    """Note that time passed. `at_rest`: no session runs, so a turned key opens the menu. `unsaved`: see `pressed`."""
    if menu.key_waits and at_rest:
        opened = Menu(page=Page.HOME, tries=menu.tries, active_ns=now_ns, modes=menu.modes, unset=menu.unset)
        return Step(opened, deed=Deed.OPENED_BY_KEY)
    if menu.page is None:
        return Step(menu)
    waited_s = (now_ns - menu.since_ns) // SECOND_NS
    if menu.shot is Shot.TAKING and waited_s >= TAKE_S:
        return Step(replace(menu, shot=Shot.FAILED))
    if menu.examining and waited_s >= TEST_S:
        return lamps_tested(menu)
    if menu.setup.waits:
        return answers_taken(menu, now_ns, "unheard", "") if waited_s >= ANSWER_S else Step(menu)
    if menu.waits:
        if not unsaved:
            return _given(menu, now_ns)
        vain = replace(menu, order=None, waits=False, save_timed_out=True, active_ns=now_ns)
        return Step(vain if waited_s >= SAVE_S else menu)
    if menu.order is not None and not menu.order_ignored:
        return Step(replace(menu, order_ignored=True, active_ns=now_ns) if waited_s >= ORDER_S else menu)
    if menu.seconds_left(now_ns) == 0:
        return Step(replace(menu, page=None, digits="")) if menu.page is Page.PIN else _closed(menu, Deed.TIMED_OUT)
    if menu.page is Page.PIN and menu.digits and now_ns < menu.tries.until_ns:
        # the PIN was wrong, and the menu waits before it accepts another one: clear the digits of the wrong PIN
        return Step(replace(menu, digits=""))
    return Step(menu)


def lamps_tested(menu: Menu) -> Step:
    """The test of the lamps is over, or was given up."""
    return Step(replace(menu, examining=False), (Wish.EXAMINED,)) if menu.examining else Step(menu)


def burst_ended(menu: Menu, fault: ShootFault | None) -> Step:
    """The burst of the test shot is in memory, or it failed."""
    if menu.shot is not Shot.TAKING:
        return Step(menu)
    if fault is None:
        return Step(menu, (Wish.FINISH,))
    return Step(replace(menu, shot=Shot.FAILED, fault=fault))


def take_ended(menu: Menu, fault: FinishFault | None, warnings: tuple[str, ...] = ()) -> Step:
    """The test shot was finished as a photo, or can't be finished."""
    if menu.shot is not Shot.TAKING:
        return Step(menu)
    return Step(replace(menu, shot=Shot.READY if fault is None else Shot.FAILED, fault=fault, warnings=warnings))


def _emptied(menu: Menu) -> Menu:
    """`menu` without the results and inputs of the present page."""
    emptied = replace(menu, part=0, examining=False, shot=Shot.NONE, fault=None, warnings=(), digits="", setup=Setup())
    return replace(emptied, order=None, waits=False, save_timed_out=False, order_ignored=False)


def _left(menu: Menu) -> tuple[Wish, ...]:
    """The requests to make when staff leave the present page."""
    if menu.page in READING:
        return (Wish.READ_NO_MORE,)
    return (Wish.DROP,) if menu.page in (Page.TEST_SHOT, Page.DOCTOR, Page.LIGHT) else ()


def _closed(menu: Menu, deed: Deed) -> Step:
    give_back = (Wish.GIVE_BACK,) if menu.by_pin and menu.unset is None else ()
    closed = replace(_emptied(menu), page=menu.unset, by_pin=menu.unset is not None, key_waits=False, home=Page.HOME)
    return Step(closed, (*_left(menu), *give_back), deed)
