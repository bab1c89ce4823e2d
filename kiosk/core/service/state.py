"""The state of the service menu: its pages and buttons, what it requests, and what it remembers. Pure."""

from dataclasses import dataclass, field
from enum import StrEnum

from kiosk.core.events import Deed, FinishFault, ShootFault
from kiosk.core.service.tries import SECOND_NS, Tries

IDLE_S = 180
"""The menu closes after this time without a touch: time enough to read a page, or to walk to a lamp and back."""
PIN_IDLE_S = 30


class Page(StrEnum):
    """The pages of the menu."""

    PIN = "pin"
    HOME = "home"
    DOCTOR = "doctor"
    TEST_SHOT = "test_shot"
    CALIBRATE = "calibrate"
    NETWORK = "network"
    VOLUME = "volume"
    LOGS = "logs"
    RESTART = "restart"
    SHUT_DOWN = "shut_down"
    SETUP = "setup"
    OFFICE = "office"
    READER = "reader"
    SCANNER = "scanner"
    LIGHT = "light"
    NEW_PIN = "new_pin"
    ACCEPT = "accept"


SETUP_PAGES = (
    *(Page.OFFICE, Page.READER, Page.SCANNER, Page.LIGHT, Page.NETWORK, Page.NEW_PIN, Page.CALIBRATE, Page.ACCEPT),
)
"""The steps of the set-up, in the order in which a technician can do them."""
HOME_PAGES = (
    *(Page.DOCTOR, Page.TEST_SHOT, Page.CALIBRATE, Page.NETWORK, Page.VOLUME, Page.LOGS, Page.RESTART),
    *(Page.SHUT_DOWN, Page.SETUP),
)
READING = (Page.OFFICE, Page.READER, Page.SCANNER)
"""The pages on which cards and codes are read. What is read reaches neither the session nor its journal."""


class Press(StrEnum):
    """The buttons of the menu, apart from the names of its pages and the digits."""

    OPEN = "open"  # the button for staff on the first screen
    BACK = "back"
    CLEAR = "clear"
    ENTER = "enter"
    MORE = "more"  # shows the next part of a long page
    CONTRAST = "contrast"
    LOW = "low"
    EXAMINE = "examine"  # tests lamps and storage
    SHOOT = "shoot"
    SOFTER = "softer"
    LOUDER = "louder"
    PLAY = "play"
    BEGIN = "begin"  # begins the calibration
    LEFT = "left"
    RIGHT = "right"
    BOTH = "both"
    RESTART_BOOTH = "restart_booth"
    REBOOT = "reboot"
    POWER_OFF = "power_off"


class Order(StrEnum):
    """An order to the machine."""

    RESTART_BOOTH = "restart"
    REBOOT = "reboot"
    POWER_OFF = "poweroff"


class Wish(StrEnum):
    """What the menu requests of the runtime."""

    TAKE_OVER = "take_over"  # keep the booth out of service until GIVE_BACK, because a PIN opened the menu
    GIVE_BACK = "give_back"  # undo TAKE_OVER
    CHECK_PIN = "check_pin"
    EXAMINE = "examine"
    EXAMINED = "examined"  # make the lamps dark again after the test
    LIGHT = "light"
    SHOOT = "shoot"
    FINISH = "finish"
    DROP = "drop"  # make the lamps dark, and delete the test shot and its pictures
    SOFTER = "softer"
    LOUDER = "louder"
    PLAY = "play"
    CALIBRATE = "calibrate"
    ORDER = "order"
    READ = "read"  # read cards and codes
    READ_NO_MORE = "read_no_more"
    LEFT = "left"  # switch on this lamp alone
    RIGHT = "right"
    ANSWER = "answer"  # have the answers of the set-up written
    WITHDRAW = "withdraw"  # nobody took the answers: take them back
    RENEW = "renew"  # begin anew with the written configuration


class Shot(StrEnum):
    """The stage that a test shot has reached."""

    NONE = "none"
    TAKING = "taking"
    READY = "ready"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Modes:
    """The accessibility settings of the menu. When the menu opens, it copies them from the screen under it; when it
    closes, it drops them. The menu's text is always large."""

    contrast: bool = False
    low: bool = False


@dataclass(frozen=True, slots=True)
class Setup:
    """The state of the present step of the set-up. `outcome`: the id of the text in which the page says what became of
    the last answer, "" for none; `why`: why the answer was not taken, in technical words."""

    waits: bool = False  # the answers were given and are not taken yet
    outcome: str = ""
    why: str = ""
    seen: bool = False  # the card reader or scanner has read something on this page
    chosen: int = 0  # which of the offered devices staff chose
    pin: str = field(default="", repr=False)  # the new PIN, until it was typed again


@dataclass(frozen=True, slots=True)
class Menu:
    """The state of the menu. If `page` is None, the menu is closed."""

    page: Page | None = None
    by_pin: bool = False  # a PIN opened the menu, which keeps the booth out of service until it closes
    key_waits: bool = False  # the key was turned, but the running session must be finished first
    digits: str = field(default="", repr=False)
    checking: bool = False  # the entered PIN is being compared
    tries: Tries = Tries()
    active_ns: int = 0
    since_ns: int = 0  # the menu waits for a test, a shot or an order: when this began
    # Which part of a long page is shown. The number counts on after the last part, and the first part is shown again.
    part: int = 0
    examining: bool = False
    shot: Shot = Shot.NONE
    fault: ShootFault | FinishFault | None = None  # why there is no test shot; None also if no answer came in time
    warnings: tuple[str, ...] = ()  # the checks that the test shot failed
    order: Order | None = None
    waits: bool = False  # the order waits until every accepted photo is saved
    # the order waited for `SAVE_S`, and a photo is still not saved: the menu gives the next order without waiting
    save_timed_out: bool = False
    order_ignored: bool = False  # the machine has not followed the order in time
    modes: Modes = Modes()
    unset: Page | None = None  # the page shown in place of closing the menu while the booth is not set up
    home: Page = Page.HOME  # where the present page was opened, and where BACK leads
    setup: Setup = Setup()

    @property
    def stays_open(self) -> bool:
        """Whether the menu stays open without touches now: a PIN is being compared, the set-up's answers wait to be
        taken, an order waits or was just given, or this is the page that a booth shows until it is set up."""
        waits = self.checking or self.setup.waits or (self.order is not None and not self.order_ignored)
        return waits or self.page is self.unset

    def seconds_left(self, now_ns: int) -> int | None:
        """The whole seconds until the menu closes if nobody touches it; None while it does not close by itself."""
        if self.stays_open:
            return None
        idle_s = PIN_IDLE_S if self.page is Page.PIN else IDLE_S
        return max(0, idle_s - (now_ns - self.active_ns) // SECOND_NS)


@dataclass(frozen=True, slots=True)
class Step:
    """The menu after one input. `wishes`: what the menu then requests, in order; `deed`: what staff did, for the
    journal."""

    menu: Menu
    wishes: tuple[Wish, ...] = ()
    deed: Deed | None = None
