"""Every page of the service menu with its main variants, by name. Golden pictures and contact sheets are made from
this list."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from kiosk.commands.calibrate.guide import Step
from kiosk.commands.calibrate.panel import PanelState, calibration_view
from kiosk.core.events import Device, FinishFault, ShootFault
from kiosk.core.service.state import IDLE_S, Menu, Modes, Order, Page, Setup, Shot
from kiosk.core.service.tries import MOST, SECOND_NS, Tries
from kiosk.core.session.state import Session, State
from kiosk.ui.viewmodel import Facts, Low, View, view
from kiosk.ui.viewmodel.service import StationFacts, service_view
from sim.gallery import FACTS, NOW_NS, POLICY, Known

STATION = StationFacts(
    booth="hall-1",
    version="0.3.0",
    office="https://photos.example.edu.cn",
    has_scanner=True,
    has_voice=True,
    has_earphone=True,
    has_key=True,
    stale_days=60,
    silent_s=180,
    time="2026-09-01 09:30",
    synced=True,
    reached_s=42,
    address="192.168.20.31",
    links=(("eth0", True), ("wlan0", False)),
    free_mb=21_480,
    floor_mb=200,
    calibrated_days=12,
    machine=(),
    temperature_c=52,
    memory_mb=1_830,
    log=(
        ("09-01 09:12:40", "camera: works again"),
        ("09-01 09:12:31", "camera: gives no picture for 1500 ms. The booth reopens it; check its ribbon cable."),
        ("09-01 08:58:02", "the heartbeat did not get through (connection refused); the booth retries"),
    ),
)
BROKEN = (
    (Device.CAMERA, "fault.camera_stalled"),
    (Device.LAMP_LEFT, "fault.lamp_dead"),
    (Device.CARD_READER, "fault.card_reader_self_test"),
    (Device.STORAGE, "fault.storage_read_only"),
)
ALONE = replace(
    STATION,
    synced=False,
    reached_s=5_400,
    trouble="connection refused",
    address="",
    calibrated_days=None,
    free_mb=150,
    machine=("fault.machine_power",),
)


USUAL = Modes()


@dataclass(frozen=True)
class StaffShown:
    """What one picture shows: the menu, the state of the machine, and the broken devices."""

    name: str
    menu: Menu
    station: StationFacts = STATION
    failed: tuple[tuple[Device, str], ...] = ()
    calibration: PanelState | None = None
    facts: Facts = FACTS

    def view(self, language: str, modes: Modes = USUAL, low: Low | None = None, part: int = 0) -> View:
        """The content of the screen. `low`: size and place of the page while low reach is on (`modes.low`); None: the
        panel has no low reach. `part`: added to the menu's `part`."""
        session = Session(State.OUT_OF_SERVICE, language=language, service=True, since_ns=NOW_NS)
        policy = POLICY if language in POLICY.languages else replace(POLICY, languages=(language, "en"))
        base = view(session, policy, replace(self.facts, low=low), Known(), NOW_NS)
        if self.calibration is not None:
            shown = calibration_view(self.calibration, replace(base, contrast=modes.contrast, low=modes.low))
            return replace(shown, language=language)
        menu = replace(self.menu, modes=modes, part=self.menu.part + part)
        return service_view(base, menu, self.station, self.failed, NOW_NS)


def service_gallery() -> Iterator[StaffShown]:
    """All pages of the menu and their variants."""
    for one in (*_pin(), *_pages(), *_orders(), *_setup()):
        yield replace(one, menu=replace(one.menu, active_ns=one.menu.active_ns or NOW_NS))
    for step in Step:
        yield StaffShown(f"calibrating-{step.value}", Menu(), calibration=PanelState(step))
    yield StaffShown("calibrating-busy", Menu(), calibration=PanelState(Step.SEATED, busy=True))
    reason = "the head moved by 3.1 degrees. Keep still and look into the lens"
    for outcome in ("saved", "refused", "given_up"):
        yield StaffShown(f"calibrated-{outcome}", Menu(), calibration=PanelState(None, outcome=outcome, reason=reason))


def _pin() -> Iterator[StaffShown]:
    pin = Menu(page=Page.PIN)
    yield StaffShown("pin", pin)
    yield StaffShown("pin-typed", replace(pin, digits="204938"))
    yield StaffShown("pin-checking", replace(pin, digits="204938", checking=True))
    yield StaffShown("pin-wrong", replace(pin, tries=Tries(2, NOW_NS + 2 * SECOND_NS)))
    yield StaffShown("pin-locked", replace(pin, tries=Tries(MOST, NOW_NS + 590 * SECOND_NS)))


def _pages() -> Iterator[StaffShown]:
    home = Menu(page=Page.HOME, by_pin=True)
    yield StaffShown("home", home)
    soon = NOW_NS - (IDLE_S - 20) * SECOND_NS
    yield StaffShown("home-key", replace(home, by_pin=False, active_ns=soon), replace(STATION, key_turned=True))
    doctor = Menu(page=Page.DOCTOR)
    yield StaffShown("doctor-well", doctor)
    yield StaffShown(
        "doctor-examining", replace(doctor, examining=True), replace(STATION, has_scanner=False, has_earphone=False)
    )
    yield StaffShown("doctor-broken", doctor, ALONE, BROKEN)
    yield StaffShown("doctor-broken-second", replace(doctor, part=1), ALONE, BROKEN)
    shot = Menu(page=Page.TEST_SHOT)
    yield StaffShown("test-shot", shot)
    yield StaffShown("test-shot-taking", replace(shot, shot=Shot.TAKING))
    yield StaffShown("test-shot-good", replace(shot, shot=Shot.READY))
    fails = replace(shot, shot=Shot.READY, warnings=("glasses", "hair_brows", "top_colour", "shadow"))
    yield StaffShown("test-shot-fails", fails)
    for fault in (ShootFault.NO_FACE, FinishFault.TOO_LITTLE_ROOM_ABOVE, None):
        named = "silent" if fault is None else fault.value
        yield StaffShown(f"test-shot-{named}", replace(shot, shot=Shot.FAILED, fault=fault))
    yield StaffShown("calibrate", Menu(page=Page.CALIBRATE))
    yield StaffShown("network", Menu(page=Page.NETWORK))
    yield StaffShown("network-down", Menu(page=Page.NETWORK), ALONE)
    yield StaffShown("volume", Menu(page=Page.VOLUME))
    yield StaffShown("volume-silent", Menu(page=Page.VOLUME), replace(STATION, has_voice=False))
    yield StaffShown("logs", Menu(page=Page.LOGS))
    yield StaffShown("logs-many", Menu(page=Page.LOGS), replace(STATION, log=STATION.log * 5))
    yield StaffShown("logs-empty", Menu(page=Page.LOGS), replace(STATION, log=()))


READER = "/dev/serial/by-id/usb-FTDI_FT232R_USB_UART_A50285BI-if00-port0"
SCANNER = "/dev/input/by-id/usb-Honeywell_1470g_0001-event-kbd"
PLUGGED = replace(STATION, ports=(READER,), scanners=(SCANNER,), reader=READER, scanner=SCANNER)
NEW = replace(PLUGGED, enrolled=False, has_pin=False, calibrated_days=None, reached_s=None)


def _setup() -> Iterator[StaffShown]:
    page = Menu(page=Page.SETUP, by_pin=True)
    yield StaffShown("setup-new", replace(page, unset=Page.SETUP), NEW, BROKEN)
    yield StaffShown("setup", page, PLUGGED)
    office = Menu(page=Page.OFFICE, home=Page.SETUP)
    yield StaffShown("setup-office", office, NEW)
    yield StaffShown("setup-office-writing", replace(office, setup=Setup(waits=True)), NEW)
    for outcome in ("other_code", "code", "unheard", "done"):
        yield StaffShown(
            f"setup-office-{outcome.replace('_', '-')}", replace(office, setup=Setup(outcome=outcome)), NEW
        )
    failed = Setup(outcome="failed", why="the office does not answer (connection refused); try again")
    yield StaffShown("setup-office-failed", replace(office, setup=failed), NEW)
    yield StaffShown("setup-office-done-before", office, PLUGGED)
    reader = Menu(page=Page.READER, home=Page.SETUP)
    yield StaffShown("setup-reader", reader, PLUGGED, BROKEN)
    yield StaffShown("setup-reader-seen", replace(reader, setup=Setup(seen=True)), PLUGGED)
    yield StaffShown("setup-reader-card", replace(reader, setup=Setup(outcome="card")), PLUGGED)
    yield StaffShown("setup-scanner", Menu(page=Page.SCANNER), PLUGGED)
    none = replace(NEW, has_scanner=False, scanner="", scanners=(), ports=())
    yield StaffShown("setup-scanner-none", Menu(page=Page.SCANNER), none)
    yield StaffShown("setup-light", Menu(page=Page.LIGHT), PLUGGED)
    yield StaffShown("setup-light-broken", Menu(page=Page.LIGHT), PLUGGED, BROKEN[:2])
    pin = Menu(page=Page.NEW_PIN)
    yield StaffShown("setup-pin", replace(pin, digits="2049"), NEW)
    yield StaffShown("setup-pin-again", replace(pin, setup=Setup(pin="204938")), NEW)
    yield StaffShown("setup-pin-weak", replace(pin, setup=Setup(outcome="weak")), NEW)
    yield StaffShown("setup-accept", Menu(page=Page.ACCEPT), PLUGGED)


def _orders() -> Iterator[StaffShown]:
    yield StaffShown("restart", Menu(page=Page.RESTART))
    yield StaffShown("restart-given", Menu(page=Page.RESTART, order=Order.REBOOT))
    yield StaffShown("restart-unheard", Menu(page=Page.RESTART, order=Order.REBOOT, order_ignored=True))
    yield StaffShown("shut-down", Menu(page=Page.SHUT_DOWN))
    unsaved = replace(FACTS, unsaved=1)
    for page in (Page.CALIBRATE, Page.RESTART, Page.SHUT_DOWN):
        yield StaffShown(f"{page.value.replace('_', '-')}-unsaved", Menu(page=page), facts=unsaved)
    waits = Menu(page=Page.SHUT_DOWN, order=Order.POWER_OFF, waits=True)
    yield StaffShown("shut-down-waits", waits, facts=unsaved)
    yield StaffShown("restart-in-vain", Menu(page=Page.RESTART, save_timed_out=True), facts=unsaved)
