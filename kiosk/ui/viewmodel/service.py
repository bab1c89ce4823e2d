"""Computes the content of the service menu's screens from the menu, the facts of the machine, and its devices. Pure."""

from collections.abc import Callable
from dataclasses import replace

from kiosk.core.events import Device, FinishFault, ShootFault
from kiosk.core.service.state import HOME_PAGES, Menu, Page, Press, Shot
from kiosk.core.service.tries import MOST
from kiosk.ui.viewmodel.model import Button, Framing, Row, Say, StaffPage, TakeShown, View, unsaved_note
from kiosk.ui.viewmodel.service_parts import BACK, AskedPage, button, keypad
from kiosk.ui.viewmodel.service_parts import StationFacts as StationFacts
from kiosk.ui.viewmodel.setup_pages import SETUP_VIEWS

SOON_S = 30
"""This many seconds before the menu closes by itself, the screen starts to count down."""
MOST_WARNINGS = 3
TEST_TAKE = 0


def service_view(
    base: View, menu: Menu, facts: StationFacts, failed: tuple[tuple[Device, str], ...], now_ns: int
) -> View:
    """The screen of the open menu, in place of `base`, the session's screen. Language and language button stay as in
    `base`."""
    assert menu.page is not None
    plain = replace(base, large=False, options=False, audio_guide=False, dark=False, step=None, person=None, busy=False)
    plain = replace(plain, contrast=menu.modes.contrast, low=menu.modes.low and base.facts.low is not None)
    plain = replace(
        plain,
        numbers=None,
        page=menu.part,
        title=Say(f"service.{menu.page.value}"),
        lines=(),
        note=None,
        buttons=(),
        fault="",
        takes=(),
    )
    view = _PAGES[menu.page](AskedPage(plain, menu, facts, failed, now_ns))
    left = menu.seconds_left(now_ns)
    return replace(view, beat=base.beat, seconds_left=left if left is not None and left <= SOON_S else None)


def _pin(asked: AskedPage) -> View:
    menu = asked.menu
    wait_s = menu.tries.seconds_left(asked.now_ns)
    note = None
    if menu.checking:
        note = Say("service.pin_checking")
    elif wait_s and menu.tries.locked:
        note = Say("service.pin_locked", (("minutes", str(-(-wait_s // 60))),))
    elif wait_s:
        note = Say("service.pin_wrong", (("seconds", str(wait_s)), ("left", str(MOST - menu.tries.wrong))))
    buttons = keypad(menu, open_to=not menu.checking and wait_s == 0)
    staff = StaffPage(Page.PIN, digits=len(menu.digits))
    return replace(asked.base, note=note, busy=menu.checking, buttons=buttons, staff=staff)


def _home(asked: AskedPage) -> View:
    pages = tuple(button(page, f"service.{page.value}") for page in HOME_PAGES)
    leave = button(Press.BACK, "service.press_leave")
    lines = (Say("service.home_key" if asked.facts.key_turned else "service.home_pin"),)
    modes: tuple[Button, ...] = (button(Press.CONTRAST, "button.contrast", primary=asked.menu.modes.contrast),)
    if asked.base.facts.low is not None:
        modes = (*modes, button(Press.LOW, "button.low", primary=asked.menu.modes.low))
    return replace(asked.base, lines=lines, buttons=(*pages, *modes, leave), staff=StaffPage(Page.HOME))


def _doctor(asked: AskedPage) -> View:
    menu = asked.menu
    words = "service.examining" if menu.examining else ""
    examine = button(Press.EXAMINE, words, primary=True, enabled=not menu.examining)
    staff = StaffPage(Page.DOCTOR, rows=_device_rows(asked))
    return replace(asked.base, busy=menu.examining, buttons=(BACK, examine), staff=staff)


def _device_rows(asked: AskedPage) -> tuple[Row, ...]:
    """The devices that need care, then all other devices."""
    facts = asked.facts
    absent = {
        *(() if facts.has_scanner else (Device.SCANNER,)),
        *(() if facts.has_voice else (Device.SPEAKER,)),
        *(() if facts.has_earphone else (Device.EARPHONE,)),
        *(() if facts.has_key else (Device.KEY,)),
    }
    rows = [_device_row(device, asked.failed, absent=device in absent) for device in Device]
    rows += [*_machine_rows(facts), _calibration_row(facts), _room_row(facts), _clock_row(facts), _office_row(facts)]
    return (*(row for row in rows if row.good is False), *(row for row in rows if row.good is not False))


def _device_row(device: Device, failed: tuple[tuple[Device, str], ...], *, absent: bool) -> Row:
    label = Say(f"service.device_{device.value}")
    cause = next((cause for broken, cause in failed if broken is device), None)
    if cause is not None:
        return Row(label, Say(cause), Say(cause.replace("fault.", "remedy.", 1)), good=False)
    return Row(label, Say("service.absent" if absent else "service.well"), good=None if absent else True)


def _machine_rows(facts: StationFacts) -> tuple[Row, ...]:
    """One row for each fault of power, heat or memory; a single row if nothing is wrong."""
    label = Say("service.machine")
    if facts.machine is None:
        return (Row(label, Say("service.unknown"), good=None),)
    if facts.machine:
        return tuple(
            Row(label, Say(cause), Say(cause.replace("fault.", "remedy.", 1)), good=False) for cause in facts.machine
        )
    if facts.temperature_c is None or facts.memory_mb is None:
        return (Row(label, Say("service.well"), good=True),)
    values = (("degrees", str(facts.temperature_c)), ("mb", str(facts.memory_mb)))
    return (Row(label, Say("service.machine_well", values), good=True),)


def _calibration_row(facts: StationFacts) -> Row:
    label, days = Say("service.calibration"), facts.calibrated_days
    if days is None:
        return Row(label, Say("service.calibration_none"), Say("service.calibration_remedy"), good=False)
    age = Say("service.days", (("days", str(days)),))
    if days > facts.stale_days:
        return Row(label, age, Say("service.calibration_remedy"), good=False)
    return Row(label, age, good=True)


def _room_row(facts: StationFacts) -> Row:
    label = Say("service.room")
    if facts.free_mb is None:
        return Row(label, Say("service.unknown"), good=None)
    free = Say("service.megabytes", (("mb", str(facts.free_mb)),))
    if facts.free_mb < facts.floor_mb:
        return Row(label, free, Say("remedy.storage_full"), good=False)
    return Row(label, free, good=True)


def _clock_row(facts: StationFacts) -> Row:
    label, time = Say("service.clock"), Say("service.value", (("value", facts.time),))
    if facts.synced:
        return Row(label, time, good=True)
    return Row(label, Say("service.unsynced", (("time", facts.time),)), Say("service.unsynced_remedy"), good=False)


def _office_row(facts: StationFacts) -> Row:
    label = Say("service.office")
    if facts.reached:
        return Row(label, Say("service.reached", (("seconds", str(facts.reached_s)),)), good=True)
    if facts.reached_s is None:
        return Row(label, Say("service.never_reached"), Say("service.office_remedy"), good=False)
    since = Say("service.not_reached", (("minutes", str(facts.reached_s // 60)),))
    return Row(label, since, Say("service.office_remedy"), good=False)


def _test_shot(asked: AskedPage) -> View:
    menu = asked.menu
    taking, ready = menu.shot is Shot.TAKING, menu.shot is Shot.READY
    note = None
    lines: tuple[Say, ...] = (Say("service.test_line"), Say("service.test_kept"))
    if taking:
        note = Say("service.test_taking")
    elif menu.shot is Shot.FAILED:
        note = _why_no_shot(menu.fault)
    elif ready:
        lines = tuple(Say(f"again.{check}") for check in menu.warnings[:MOST_WARNINGS]) or (Say("service.test_good"),)
    takes = (TakeShown(TEST_TAKE, ready=True, proposed=False, picked=True, fault=None),) if ready else ()
    framing = None if ready else Framing(asked.base.facts.eye_y, FACE_WIDTH)
    text = "service.press_shoot_again" if ready else ""
    shoot = button(Press.SHOOT, text, primary=True, enabled=not taking)
    return replace(
        asked.base,
        lines=lines,
        note=note,
        busy=taking,
        takes=takes,
        framing=framing,
        buttons=(BACK, shoot),
        staff=StaffPage(Page.TEST_SHOT, failed_checks=bool(menu.warnings)),
    )


FACE_WIDTH = 0.2
"""The face's width on the test shot's screen, as a share of the frame's height. This screen has no outline, only the
picture."""


def _why_no_shot(fault: ShootFault | FinishFault | None) -> Say:
    if fault is None:
        return Say("service.test_silent")
    return Say(f"{'shoot' if isinstance(fault, ShootFault) else 'finish'}.{fault.value}")


def _calibrate(asked: AskedPage) -> View:
    lines = tuple(Say(f"service.calibrate_{step}") for step in ("grey_card", "seated", "empty", "end"))
    unsaved = unsaved_note(asked.base.facts)
    begin = button(Press.BEGIN, primary=True, enabled=unsaved is None)
    return replace(asked.base, lines=lines, note=unsaved, buttons=(BACK, begin), staff=StaffPage(Page.CALIBRATE))


def _network(asked: AskedPage) -> View:
    facts = asked.facts
    office = _office_row(facts)
    if facts.trouble and not facts.reached:
        office = replace(office, detail=Say("service.value", (("value", facts.trouble),)))
    rows = (
        Row(Say("service.booth"), Say("service.value", (("value", f"{facts.booth} · {facts.version}"),))),
        Row(Say("service.office_address"), Say("service.value", (("value", facts.office),))),
        office,
        Row(Say("service.address"), Say("service.value", (("value", facts.address),)) if facts.address else NO_ADDRESS),
        *(_link_row(name, up=up) for name, up in facts.links[:3]),
        _clock_row(facts),
    )
    return replace(asked.base, buttons=(BACK,), staff=StaffPage(Page.NETWORK, rows=rows))


NO_ADDRESS = Say("service.no_address")


def _link_row(name: str, *, up: bool) -> Row:
    return Row(
        Say("service.link", (("name", name),)), Say("service.link_up" if up else "service.link_down"), good=up or None
    )


def _volume(asked: AskedPage) -> View:
    has, share = asked.facts.has_voice, asked.facts.volume
    softer = button(Press.SOFTER, enabled=has and share > 0.1)
    louder = button(Press.LOUDER, enabled=has and share < 1.0)
    buttons = (softer, louder, button(Press.PLAY, enabled=has), BACK)
    lines = (Say("service.volume_line" if has else "service.volume_silent"),)
    return replace(asked.base, lines=lines, buttons=buttons, staff=StaffPage(Page.VOLUME, share=share))


def _logs(asked: AskedPage) -> View:
    rows = tuple(
        Row(Say("service.value", (("value", time),)), Say("service.value", (("value", words),)))
        for time, words in asked.facts.log
    )
    lines = (Say("service.logs_line" if rows else "service.logs_empty"),)
    return replace(asked.base, lines=lines, buttons=(BACK,), staff=StaffPage(Page.LOGS, rows=rows))


def _ordered(asked: AskedPage, line: str, *presses: Press) -> View:
    """A page whose buttons give orders to the machine."""
    menu = asked.menu
    busy = menu.order is not None and not menu.order_ignored
    note = unsaved_note(asked.base.facts)
    if menu.waits:
        note = Say("service.order_waits")
    elif busy or menu.order_ignored:
        note = Say("service.order_given" if busy else "service.order_unheard")
    elif menu.save_timed_out and note is not None:  # there is no note if the photo was saved in the meantime
        note = Say("service.order_in_vain")
    orders = tuple(button(press, enabled=not busy) for press in presses)
    back = replace(BACK, enabled=not busy or menu.waits)
    assert menu.page is not None
    return replace(
        asked.base, lines=(Say(line),), note=note, busy=busy, buttons=(*orders, back), staff=StaffPage(menu.page)
    )


_PAGES: dict[Page, Callable[[AskedPage], View]] = {
    Page.PIN: _pin,
    Page.HOME: _home,
    Page.DOCTOR: _doctor,
    Page.TEST_SHOT: _test_shot,
    Page.CALIBRATE: _calibrate,
    Page.NETWORK: _network,
    Page.VOLUME: _volume,
    Page.LOGS: _logs,
    Page.RESTART: lambda asked: _ordered(asked, "service.restart_line", Press.RESTART_BOOTH, Press.REBOOT),
    Page.SHUT_DOWN: lambda asked: _ordered(asked, "service.shut_down_line", Press.POWER_OFF),
    **SETUP_VIEWS,
}
