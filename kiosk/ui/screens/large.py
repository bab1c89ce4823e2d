"""Every screen in large text. The content is the same as on the usual screens; each part is a block that is as high as
it needs to be."""

from collections.abc import Callable
from functools import partial

from kiosk.core.events import Action
from kiosk.core.session.state import State
from kiosk.text.consent import CONSENT_ROWS
from kiosk.ui.screens import icons, parts, scenes, theme
from kiosk.ui.screens.aside import ABOUT_STILLS
from kiosk.ui.screens.decision import grouped, modules, reason_picture
from kiosk.ui.screens.flow import INNER, LEAST, LINE, SMALL, TITLE, Flow, header, lines_of
from kiosk.ui.screens.large_photo import capture, choose, pose, prepare, saving, wrong_top
from kiosk.ui.screens.ops import Arc, Box, Circle, QrCode, Text
from kiosk.ui.screens.parts import Page
from kiosk.ui.screens.welcome import called_numbers, needs, opening_rows
from kiosk.ui.viewmodel import Button, Masked, NumbersShown, Say

MODES = (Action.LARGE, Action.CONTRAST, Action.LOW)


def draw_large(page: Page) -> None:
    """Draw the sheet of settings if it is open, else the page's screen."""
    flow = Flow(page)
    if page.view.options:
        _options(flow)
    else:
        SCREENS[page.view.screen](flow)


def _closed(flow: Flow) -> None:
    page, view = flow.page, flow.page.view
    header(page, help_too=False)
    flow.picture(lambda box: icons.hours(box, theme.PRIMARY), 110, grows=60)
    flow.title()
    for line in view.lines:
        flow.say(line)
    if not view.busy:
        for label, value, detail in opening_rows(page):
            flow.pair(label, "  ".join(part for part in (value, detail) if part))
        flow.say(Say("closed.desk"), SMALL, theme.SOFT_INK)
    flow.lay(*view.buttons)


def _attract(flow: Flow) -> None:
    page, view = flow.page, flow.page.view
    header(page, help_too=False)
    flow.title()
    flow.say(view.lines[0], SMALL, theme.SOFT_INK)
    if view.numbers is not None:
        _numbers(flow, view.numbers)
    white = "prepare.white_top" in view.facts.preparations
    flow.picture(lambda box: scenes.photo_print(box, view.facts.backdrop, white_top=white), 130, grows=120)
    for icon, name in needs(page):
        words = page.catalog.text(f"attract.need_{name}"), page.catalog.text(f"attract.need_{name}_detail")
        flow.icon(icon, " · ".join(words))
    flow.buttons(*(page.button(mode) for mode in MODES))
    flow.lay(page.button(Action.START))


def _numbers(flow: Flow, numbers: NumbersShown) -> None:
    """Add the queue of numbers: the called numbers, the QR code for phones, and how to get a number."""
    page, words = flow.page, flow.page.say(numbers.line)
    lines = lines_of(words, SMALL, INNER - 36, bold=True)
    below = lines * SMALL * LINE + 18

    def draw(box: Box) -> None:
        parts.card(page, box)
        room, side = box.w - 36, box.h - below - 36
        if numbers.qr:
            page.add(QrCode(Box(box.right - side - 18, box.y + 18, side, side), modules(numbers.qr), theme.INK))
            room -= side + 18
        called_numbers(page, Box(box.x + 18, box.y + 14, room, side + 8), numbers, 66)
        place = Box(box.x + 18, box.bottom - below, box.w - 36, below - 10)
        page.add(Text(place, words, SMALL, theme.INK, True, "centre", lines=lines, least=SMALL * LEAST))

    flow.add(196 + below, draw)


def _consent(flow: Flow) -> None:
    page, facts = flow.page, flow.page.view.facts
    header(page, help_too=True)
    flow.title()
    flow.say(page.view.lines[0], colour=theme.GOOD)
    for row in CONSENT_ROWS:
        words = page.catalog.text(f"consent.{row}_text", days=facts.retention_days, keep_days=facts.keep_days)
        flow.pair(page.catalog.text(f"consent.{row}"), words)
    flow.say(Say("consent.never"))
    flow.say(Say("consent.no"), colour=theme.SOFT_INK)
    flow.lay(*page.view.buttons)


def _identify(flow: Flow) -> None:
    page, view = flow.page, flow.page.view
    header(page, help_too=True)
    flow.title()
    if view.note is not None:
        flow.note(good=view.note.id in ("hint.card_also", "hint.code_also", "hint.qr_kept"))
    drop = view.beat / 7 if view.busy else 0.55
    code_line = "identify.code_line" if view.scanner_works else "identify.code_line_camera"
    if view.card_wanted:
        flow.picture(lambda box: scenes.card_on_reader(box, drop), 150, grows=140)
        flow.say(Say("identify.card_line"))
    if view.code_wanted:
        flow.picture(scenes.code_at_scanner, 150, grows=140)
        flow.say(Say(code_line))
    if view.note is None:
        flow.say(view.lines[0], SMALL, theme.SOFT_INK)
    flow.lay(*view.buttons)


def _school(flow: Flow) -> None:
    page, view = flow.page, flow.page.view
    header(page, help_too=True)
    flow.title()
    flow.say(view.lines[0], colour=theme.SOFT_INK)
    for button in view.buttons:
        if button.action is Action.PICK_SCHOOL:
            flow.button(button)
        elif button.action is Action.PICK_RECORD:
            _record(flow, button)
    flow.say(view.lines[1], SMALL, theme.SOFT_INK)
    flow.lay(page.button(Action.HELP))


def _record(flow: Flow, button: Button) -> None:
    values, page = dict(button.text.values), flow.page

    def draw(box: Box) -> None:
        ink = parts.button_ground(page, button, box)
        page.add(Text(Box(box.x + 12, box.y + 6, box.w - 24, 42), values["school"], 29, ink, True, "centre", least=22))
        detail = Box(box.x + 12, box.y + 48, box.w - 24, box.h - 56)
        page.add(Text(detail, values["detail"], 25, ink, False, "centre", lines=2, least=20))

    flow.add(128, draw)


def _confirm(flow: Flow) -> None:
    page, view = flow.page, flow.page.view
    header(page, help_too=True)
    flow.title()
    if view.note is not None:
        flow.note(good=view.note.id in ("confirm.allowed", "confirm.data_wrong", "confirm.takes_kept"))
    person = view.person or Masked("", "", "")
    blank = page.catalog.text("confirm.unknown")
    for label, value in (("name", person.name), ("number", person.number), ("school", person.school)):
        flow.pair(page.catalog.text(f"confirm.{label}"), value or blank)
    flow.button(page.button(Action.DATA_WRONG))
    flow.say(view.lines[0], SMALL, theme.SOFT_INK)
    flow.lay(page.button(Action.NOT_ME), page.button(Action.CONFIRM))


def _reason(flow: Flow) -> None:
    page, view = flow.page, flow.page.view
    header(page, help_too=True)
    flow.title()
    flow.say(view.lines[0])
    for button in view.buttons:
        if button.action is Action.GIVE_REASON:
            flow.button(button)
    flow.say(view.lines[1], SMALL, theme.SOFT_INK)
    flow.lay(page.button(Action.STILL_HERE))


def _receipt(flow: Flow) -> None:
    page, view = flow.page, flow.page.view

    def draw(box: Box) -> None:
        parts.card(page, box)
        side = box.h - 56
        page.add(QrCode(Box(box.right - side - 28, box.y + 28, side, side), modules(view.receipt_qr), theme.INK))
        words = Box(box.x + 18, box.y + 18, box.w - side - 66, 44)
        page.add(Text(words, page.catalog.text("done.receipt"), SMALL, theme.SOFT_INK, least=20))
        code = Box(box.x + 18, box.y + 64, box.w - side - 66, box.h - 82)
        page.add(Text(code, grouped(view.receipt), 30, theme.INK, True, valign="top", lines=5, least=22))

    flow.add(236, draw, grows=40)
    flow.say(Say("done.scan" if view.receipt_qr != view.receipt else "done.photograph"), SMALL, theme.SOFT_INK)


def _done(flow: Flow) -> None:
    view = flow.page.view
    header(flow.page, help_too=False)
    flow.title()
    _receipt(flow)
    if view.note is not None:
        flow.note()
    else:
        flow.icon(icons.school, flow.page.say(view.lines[1]))
    flow.icon(icons.id_card, flow.page.say(view.lines[2]))
    flow.say(view.lines[0], SMALL, theme.SOFT_INK)
    flow.lay(*view.buttons)


def _approved(flow: Flow) -> None:
    view = flow.page.view
    header(flow.page, help_too=False)
    flow.picture(lambda box: icons.check(box, theme.GOOD), 70, grows=60)
    flow.title()
    if view.receipt:
        _receipt(flow)
    if view.note is not None:
        flow.note()
    else:
        flow.icon(icons.school, flow.page.say(view.lines[1]))
    flow.icon(icons.id_card if view.receipt else icons.desk, flow.page.say(view.lines[2]))
    flow.say(view.lines[0], SMALL, theme.SOFT_INK)
    flow.lay(*view.buttons)


def _rejected(flow: Flow) -> None:
    page, view = flow.page, flow.page.view
    header(page, help_too=True)
    flow.title()
    masked_name(flow)
    flow.say(view.lines[0])
    for reason in view.reasons:
        flow.icon(partial(reason_picture, reason), page.say(reason))
    flow.say(view.lines[1], SMALL, theme.SOFT_INK)
    flow.lay(*view.buttons)


def masked_name(flow: Flow) -> None:
    """Add the masked name of the person whose photo this is."""
    person = flow.page.view.person
    if person is not None:
        flow.icon(icons.person, "  ".join(part for part in (person.name, person.number) if part), size=SMALL)


def _still_there(flow: Flow) -> None:
    page, view = flow.page, flow.page.view
    header(page, help_too=False)
    seconds, whole = view.seconds_left or 0, max(view.seconds_whole, 1)

    def draw(box: Box) -> None:
        radius = min(box.w, box.h) / 2
        page.add(Circle(box.centre, radius, theme.CARD, theme.PRIMARY_TINT, 16))
        if seconds > 0:
            page.add(Arc(box.centre, radius - 8, 16, 0.0, min(0.999, seconds / whole), theme.PRIMARY))
        number = Box(box.centre.x - 80, box.centre.y - 50, 160, 100)
        page.add(Text(number, str(seconds), 84, theme.INK, bold=True, align="centre"))

    flow.add(220, draw, grows=60)
    flow.title()
    flow.say(view.lines[0])
    flow.lay(*view.buttons)


def _staff_help(flow: Flow) -> None:
    page, view, facts, say = flow.page, flow.page.view, flow.page.view.facts, flow.page.catalog.text
    header(page, help_too=False)
    flow.picture(lambda box: icons.desk(box, theme.PRIMARY), 100, grows=60)
    flow.title()
    if view.note is None:
        flow.say(view.lines[0], bold=True)
    else:
        flow.note(good=not view.busy)
    if view.stills is not None:
        flow.words(page.say(view.stills), bold=True, fill=theme.CARE_TINT if view.seen else theme.PRIMARY_TINT)
        flow.buttons(page.button(Action.END_STILLS), page.button(Action.AGREE_STILLS))
    flow.pair(say("staff_help.where"), facts.desk_place or say("staff_help.place_default"))
    if facts.desk_phone:
        flow.pair(say("staff_help.phone"), facts.desk_phone)
    if facts.hours:
        flow.pair(say("staff_help.until"), "  ".join(facts.hours))
    flow.say(view.lines[1])
    flow.say(view.lines[2], SMALL, theme.SOFT_INK)
    flow.lay(*(button for button in view.buttons if button.action not in ABOUT_STILLS))


def _out_of_service(flow: Flow) -> None:
    page, view, say = flow.page, flow.page.view, flow.page.catalog.text
    header(page, help_too=False)
    flow.picture(lambda box: icons.power(box, theme.SOFT_INK), 110, grows=80)
    flow.title()
    flow.say(view.lines[0])
    flow.note()
    if view.fault:
        fault = view.fault if view.fault in page.catalog else "fault.unknown"
        flow.pair(say("out_of_service.staff"), say(fault), size=SMALL)
        flow.words(say(fault.replace("fault.", "remedy.", 1)), SMALL, theme.SOFT_INK, centred=False)
    flow.lay()


def _card_left(flow: Flow) -> None:
    header(flow.page, help_too=False)
    flow.picture(lambda box: scenes.card_on_reader(box, 0.0), 220, grows=120)
    flow.title()
    flow.say(flow.page.view.lines[0])
    flow.lay()


def _options(flow: Flow) -> None:
    page, view, say = flow.page, flow.page.view, flow.page.catalog.text
    header(page, help_too=False)
    flow.words(say("options.title"), TITLE, bold=True)
    flow.words(say("options.line"), SMALL, theme.SOFT_INK)
    if view.facts.voice:
        flow.words(f"{say('options.sound')}  {say(f'options.{view.volume.value}')}", bold=True, fill=theme.PRIMARY_TINT)
        flow.buttons(page.button(Action.SOFTER), page.button(Action.LOUDER))
        flow.buttons(page.button(Action.MUTE), page.button(Action.REPEAT))
    for mode in (*MODES, Action.AUDIO_GUIDE, Action.CURTAIN):
        flow.button(page.button(mode))
    flow.lay(page.button(Action.OPTIONS))


SCREENS: dict[State, Callable[[Flow], None]] = {
    State.CLOSED: _closed,
    State.ATTRACT: _attract,
    State.CONSENT: _consent,
    State.IDENTIFY: _identify,
    State.SCHOOL: _school,
    State.CONFIRM: _confirm,
    State.PREPARE: prepare,
    State.WRONG_TOP: wrong_top,
    State.POSE: pose,
    State.REASON: _reason,
    State.CAPTURE: capture,
    State.CHOOSE: choose,
    State.SAVING: saving,
    State.DONE: _done,
    State.APPROVED: _approved,
    State.REJECTED: _rejected,
    State.STILL_THERE: _still_there,
    State.STAFF_HELP: _staff_help,
    State.OUT_OF_SERVICE: _out_of_service,
    State.CARD_LEFT: _card_left,
}
