"""What the pages of the service menu have in common: the facts of the machine, and the buttons. Pure."""

from dataclasses import dataclass

from kiosk.core.events import Action, Device
from kiosk.core.service.setup import FEWEST_DIGITS
from kiosk.core.service.state import Menu, Page, Press
from kiosk.ui.viewmodel.model import Button, Say, View


@dataclass(frozen=True, slots=True)
class StationFacts:
    """What is known about the machine. None and "" mean that a value is not known. Seconds and days are ages, unless a
    comment says otherwise."""

    booth: str
    version: str
    office: str
    has_scanner: bool
    has_voice: bool
    has_earphone: bool
    has_key: bool
    stale_days: int  # the age at which a calibration counts as old
    silent_s: int  # after this many seconds without an answer, the office counts as not reached
    time: str = ""
    synced: bool = False
    reached_s: int | None = None
    trouble: str = ""  # the reason why the office was not reached, in technical words
    address: str = ""
    links: tuple[tuple[str, bool], ...] = ()  # the network interfaces, and whether each is connected
    free_mb: int | None = None
    floor_mb: int = 0
    calibrated_days: int | None = None
    machine: tuple[str, ...] | None = None  # the ids of texts that say what is wrong with power, heat or memory
    temperature_c: int | None = None
    memory_mb: int | None = None  # memory that programs can still get
    log: tuple[tuple[str, str], ...] = ()  # the time and the words of each entry, the newest first
    volume: float = 0.6
    enrolled: bool = True
    has_pin: bool = True
    reader: str = ""  # the configured port of the card reader
    scanner: str = ""  # the configured port of the scanner; "": none
    ports: tuple[str, ...] = ()  # the serial ports of this machine
    scanners: tuple[str, ...] = ()  # the devices of this machine that type like a keyboard
    key_turned: bool = False  # whether staff's key keeps the booth out of service

    @property
    def reached(self) -> bool:
        """Whether the office answered recently."""
        return self.reached_s is not None and self.reached_s < self.silent_s


@dataclass(frozen=True, slots=True)
class AskedPage:
    """The inputs for the content of one page."""

    base: View
    menu: Menu
    facts: StationFacts
    failed: tuple[tuple[Device, str], ...]
    now_ns: int


def button(press: Press | Page, text: str = "", *, primary: bool = False, enabled: bool = True) -> Button:
    words = Say(text or f"service.press_{press.value}")
    return Button(Action.STAFF, words, press.value, primary=primary, enabled=enabled)


BACK = button(Press.BACK)


def keypad(menu: Menu, *, open_to: bool) -> tuple[Button, ...]:
    """The buttons of a page on which digits are typed; `open_to`: whether digits can be typed now."""
    digits = tuple(
        Button(Action.STAFF, Say("service.digit", (("digit", digit),)), digit, enabled=open_to)
        for digit in "1234567890"
    )
    clear = button(Press.CLEAR, enabled=open_to and bool(menu.digits))
    enter = button(Press.ENTER, primary=True, enabled=open_to and len(menu.digits) >= FEWEST_DIGITS)
    return (*digits[:9], clear, digits[9], enter, BACK)
