"""Computes the content of the service menu's pages for the set-up of a booth. Pure."""

from collections.abc import Callable
from dataclasses import replace

from kiosk.core.events import Action, Device
from kiosk.core.service.state import SETUP_PAGES, Page, Press
from kiosk.ui.viewmodel.model import Button, Framing, Row, Say, StaffPage, View
from kiosk.ui.viewmodel.service_parts import BACK, AskedPage, button, keypad

NEEDS: dict[Page, tuple[Device, ...]] = {
    Page.READER: (Device.CARD_READER,),
    Page.SCANNER: (Device.SCANNER,),
    Page.LIGHT: (Device.CAMERA, Device.EYE, Device.LAMP_LEFT, Device.LAMP_RIGHT),
}
"""The devices that must work for a step to be done."""
# face width / frame height; it only decides how much of the live picture is shown, because no outline is drawn
FACE_WIDTH = 0.2
MOST_PORTS = 6
MOST_SIGNS = 22  # the most characters of a device's name on a button


def _setup(asked: AskedPage) -> View:
    rows = tuple(Row(_title(page), Say(""), good=_is_done(page, asked)) for page in SETUP_PAGES)
    lines = (Say("service.setup_unset" if asked.menu.unset is not None else "service.setup_line"),)
    steps = tuple(button(page, _title(page).id) for page in SETUP_PAGES)
    return replace(asked.base, lines=lines, buttons=(*steps, BACK), staff=StaffPage(Page.SETUP, rows=rows))


def _title(page: Page) -> Say:
    return Say(f"service.{page.value}")


def _is_done(page: Page, asked: AskedPage) -> bool | None:
    """Whether the step is done; None: nobody can say, or it need not be done."""
    facts = asked.facts
    failed = {device for device, _ in asked.failed}
    if page in NEEDS:
        absent = page is Page.SCANNER and not facts.has_scanner
        return None if absent else failed.isdisjoint(NEEDS[page])
    known: dict[Page, bool | None] = {
        Page.OFFICE: facts.enrolled,
        Page.NETWORK: any(up for _, up in facts.links),
        Page.NEW_PIN: facts.has_pin,
        Page.CALIBRATE: facts.calibrated_days is not None,
    }
    return known.get(page)


def _outcome(asked: AskedPage) -> tuple[Say | None, tuple[Say, ...]]:
    """What the page says about the last step that staff carried out in the set-up: a note, and the reason of a failure
    in technical words."""
    setup = asked.menu.setup
    if setup.waits:
        return Say("service.setup_writing"), ()
    if not setup.outcome:
        return None, ()
    why = (Say("service.value", (("value", setup.why[:160]),)),) if setup.why else ()
    return Say(f"service.setup_{setup.outcome}"), why


def _office(asked: AskedPage) -> View:
    facts, staff = asked.facts, StaffPage(Page.OFFICE)
    if facts.enrolled:
        lines = (
            Say("service.office_done", (("office", facts.office), ("booth", facts.booth))),
            Say("service.by_command", (("command", "sudo kiosk setup"),)),
        )
        return replace(asked.base, lines=lines, buttons=(BACK,), staff=staff)
    note, why = _outcome(asked)
    return replace(
        asked.base,
        lines=why or (Say("service.office_line"),),
        note=note,
        busy=asked.menu.setup.waits or asked.menu.setup.outcome == "done",
        framing=_framing(asked),
        buttons=(_back(asked),),
        staff=staff,
    )


def _framing(asked: AskedPage) -> Framing:
    return Framing(asked.base.facts.eye_y, FACE_WIDTH)


def _back(asked: AskedPage) -> Button:
    return replace(BACK, enabled=not asked.menu.setup.waits)


def _reader(asked: AskedPage) -> View:
    return _plugged(asked, Page.READER, Device.CARD_READER, asked.facts.reader, asked.facts.ports)


def _scanner(asked: AskedPage) -> View:
    facts = asked.facts
    return _plugged(asked, Page.SCANNER, Device.SCANNER, facts.scanner, (*facts.scanners, *facts.ports))


def _plugged(asked: AskedPage, page: Page, device: Device, now: str, offered: tuple[str, ...]) -> View:
    """A page on which staff choose the port of a device and try the device."""
    note, why = _outcome(asked)
    fault = next((cause for broken, cause in asked.failed if broken is device), None)
    label, setup = Say(f"service.device_{device.value}"), asked.menu.setup
    row = Row(label, Say("service.well" if now else "service.absent"), good=True if now else None)
    if fault is not None:
        row = Row(label, Say(fault), Say(fault.replace("fault.", "remedy.", 1)), good=False)
    tried = Row(Say(f"service.{page.value}_try"), Say("service.seen" if setup.seen else "service.not_seen"))
    ports = tuple(
        Button(Action.STAFF, Say("service.value", (("value", _short(port)),)), str(number), primary=port == now,
               enabled=not setup.waits)
        for number, port in enumerate(offered[:MOST_PORTS])
    )  # fmt: skip
    lines = why or (Say("service.ports_line" if ports else "service.ports_none"),)
    rows = (row, replace(tried, good=True if setup.seen else None))
    staff = StaffPage(page, rows=rows)
    return replace(asked.base, lines=lines, note=note, busy=setup.waits, buttons=(*ports, _back(asked)), staff=staff)


def _short(port: str) -> str:
    """The part of a device's path that tells it apart."""
    name = port.rpartition("/")[2].removeprefix("usb-").removesuffix("-event-kbd").removesuffix("-if00-port0")
    return name if len(name) <= MOST_SIGNS else f"{name[:9]}…{name[-12:]}"


def _light(asked: AskedPage) -> View:
    rows = tuple(
        Row(Say(f"service.device_{device.value}"), Say(cause), Say(cause.replace("fault.", "remedy.", 1)), good=False)
        for device, cause in asked.failed
        if device in NEEDS[Page.LIGHT]
    )
    lamps = (button(Press.LEFT), button(Press.BOTH), button(Press.RIGHT))
    staff = StaffPage(Page.LIGHT, rows=rows)
    lines = () if rows else (Say("service.light_line"),)
    return replace(asked.base, lines=lines, framing=_framing(asked), buttons=(*lamps, BACK), staff=staff)


def _new_pin(asked: AskedPage) -> View:
    menu, setup = asked.menu, asked.menu.setup
    note, why = _outcome(asked)
    buttons = keypad(menu, open_to=not setup.waits)
    lines = why or (Say("service.new_pin_again" if setup.pin else "service.new_pin_line"),)
    staff = StaffPage(Page.NEW_PIN, digits=len(menu.digits))
    buttons = (*buttons[:-1], _back(asked))
    return replace(asked.base, lines=lines, note=note, busy=setup.waits, buttons=buttons, staff=staff)


def _accept(asked: AskedPage) -> View:
    command = (("command", "kiosk doctor --acceptance"),)
    lines = (Say("service.accept_line"), Say("service.by_command", command))
    return replace(asked.base, lines=lines, buttons=(BACK,), staff=StaffPage(Page.ACCEPT))


SETUP_VIEWS: dict[Page, Callable[[AskedPage], View]] = {
    Page.SETUP: _setup,
    Page.OFFICE: _office,
    Page.READER: _reader,
    Page.SCANNER: _scanner,
    Page.LIGHT: _light,
    Page.NEW_PIN: _new_pin,
    Page.ACCEPT: _accept,
}
