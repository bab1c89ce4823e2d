"""`kiosk doctor --acceptance FILE`: a sheet for installer and customer to sign, as PDF, in the booth's language.

It has what the doctor found, pictures of the empty booth, and the checklist of docs/build.md. Nothing on the sheet is
about a person: findings are printed without their measured values (which can include a card's masked name and number),
and a picture in which the program finds a face is left out.
"""

import os
import platform
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from importlib import metadata
from pathlib import Path

from common.catalog import Catalog, read_messages
from kiosk.commands.doctor.bundle import kernel_line
from kiosk.commands.doctor.finding import Finding
from kiosk.commands.doctor.sheet import BOTTOM, FOOT, GREY, INK, LEFT, RIGHT, TOP, Sheet
from kiosk.commands.doctor.watch import watching
from kiosk.hardware.camera_vendor import PiCamera
from kiosk.hardware.lamps_pwm import LampsDevice, PinFactory
from kiosk.ports.clock import Clock, WallTime
from kiosk.ports.config import BoothConfig
from kiosk.ports.faults import DeviceFault
from kiosk.ports.frames import Rgb
from kiosk.runtime.calibration import CalibrationFault, applied, load
from kiosk.text.catalog import for_staff
from kiosk.text.catalog import load as load_texts
from kiosk.update.programs import chosen_version, programs_of
from kiosk.vision.face.find import FaceFinder
from kiosk.vision.models import models_folder
from rules.profile import load_profile
from rules.season import CHINA

STEP_OUT_MS = 10_000
LOOK_MS = 500
MOST_REMARKS = 8
_MODEL = ("/proc/device-tree/model", "/sys/class/dmi/id/product_name")
_SERIAL = ("/proc/device-tree/serial-number", "/sys/class/dmi/id/product_serial")

Pictures = Mapping[str, Rgb | str]
"""For each place on the sheet (`now`, `left`, `right`) its picture (h, w, 3), or the id of the words that say why there
is none. If the lamps could not be switched on, the first place is `now_dark`."""


def words_of(language: str) -> Catalog:
    """The words of the sheet of a booth whose screens begin in `language`."""
    own = for_staff(language)
    return Catalog(own, read_messages("kiosk.commands.doctor", f"text/{own}.toml"), "kiosk/commands/doctor/text")


def can_not_write(path: Path) -> str | None:
    """Why the sheet can't be written; None if it can. The command asks this before the examinations, which take a
    minute."""
    if path.exists():
        return f"{path} exists already. Name a new file."
    return None if os.access(path.parent, os.W_OK) else f"{path.parent} is no folder that this account can write."


def write_acceptance(
    path: Path, config: BoothConfig, findings: Sequence[Finding], pins: Callable[[], PinFactory],
    camera: Callable[[], PiCamera], clock: Clock,
) -> None:  # fmt: skip
    """Take the pictures and write the sheet. Raises `OSError`, also if the file exists already, and `FontMissing`."""
    wall, title = clock.wall(), words_of(config.display.language).text("title")
    sheet = sheet_of(config, findings, pictures(config, pins, camera, clock, models_folder()), wall)
    with path.open("xb") as file:
        file.write(sheet.pdf(f"{title} {config.office.booth_id}", wall.moment))
        file.flush()
        os.fsync(file.fileno())


def pictures(
    config: BoothConfig, pins: Callable[[], PinFactory], camera: Callable[[], PiCamera], clock: Clock, models: Path
) -> dict[str, Rgb | str]:
    """The pictures of the sheet: what the camera sees of the empty booth now, with both lamps on, and the plates of the
    left and the right lamp from the calibration."""
    try:
        calibrated = load(config.storage.folder)
    except CalibrationFault:
        calibrated = None
    config = applied(config, calibrated.calibration if calibrated else None)
    plates = calibrated.plates if calibrated else {}
    lamps = LampsDevice(config.lamps, pins)
    with closing(lamps):
        lit = "now"
        try:
            lamps.open()
            lamps.set(config.lamps.level, config.lamps.level)
            lamps.poll(0)
        except DeviceFault:
            lit = "now_dark"
        seen = _seen(config, camera, clock)
    shown: dict[str, Rgb | str] = {
        lit: seen,
        **{side: plates.get(side, "no_calibration") for side in ("left", "right")},
    }
    return {place: _without_people(one, models) for place, one in shown.items()}


def _seen(config: BoothConfig, camera: Callable[[], PiCamera], clock: Clock) -> Rgb | str:
    try:
        with watching(config.camera, camera, clock) as watch:
            sys.stderr.write(words_of(config.display.language).text("step_out"))
            watch.frames(STEP_OUT_MS)
            frames = watch.frames(LOOK_MS)
            return frames[-1].rgb.copy() if frames else "no_camera"
    except DeviceFault:
        return "no_camera"


def _without_people(shown: Rgb | str, models: Path) -> Rgb | str:
    if isinstance(shown, str):
        return shown
    try:
        return shown if FaceFinder(models).find(shown).face is None else "somebody"
    except DeviceFault:
        return "unseen"


def sheet_of(config: BoothConfig, findings: Sequence[Finding], seen: Pictures, wall: WallTime) -> Sheet:
    """Draw the pages. Raises `FontMissing`."""
    words, sheet = words_of(config.display.language), Sheet()
    time = words.text("time_format", time=wall.moment.astimezone(CHINA))
    _head(sheet, words, config, time + ("" if wall.synced else words.text("unsynced")))
    _devices(sheet, words, findings)
    _pictures(sheet, words, config, seen)
    _checks(sheet, words)
    _signatures(sheet, words)
    for page in range(len(sheet.pages)):
        foot = words.text("foot", booth=config.office.booth_id, time=time, page=page + 1, pages=len(sheet.pages))
        sheet.write(105, FOOT, foot, 8, colour=GREY, anchor="m", page=page)
    return sheet


def _head(sheet: Sheet, words: Catalog, config: BoothConfig, time: str) -> None:
    sheet.write(LEFT, sheet.y, words.text("title"), 20, bold=True)
    sheet.y = sheet.write(RIGHT, sheet.y + 3.2, words.text("subtitle"), 9.5, colour=GREY, anchor="r") + 4
    title = load_profile(config.profile).title
    rows = {
        "booth": config.office.booth_id,
        "office": config.office.url,
        "version": chosen_version(programs_of(Path(sys.prefix)), metadata.version("makeup-booth")),
        "profile": words.text("profile_title", title=title, name=config.profile),
        "time": time,
        "model": _first_line(_MODEL) or platform.machine(),
        "serial": _first_line(_SERIAL) or words.text("not_told"),
    }
    for key, value in rows.items():
        sheet.rule(sheet.y)
        sheet.write(LEFT, sheet.y + 0.7, words.text(f"head.{key}"), 9.5, colour=GREY)
        sheet.y = sheet.write(LEFT + 38, sheet.y + 0.7, value, 9.5, width=132) + 0.7
    sheet.rule(sheet.y)


def _first_line(places: Sequence[str]) -> str:
    return next(filter(None, map(kernel_line, places)), "")


def _title(sheet: Sheet, text: str) -> None:
    sheet.y = sheet.write(LEFT, sheet.y + (5 if sheet.y > TOP else 0), text, 12.5, bold=True) + 1.5


def _devices(sheet: Sheet, words: Catalog, findings: Sequence[Finding]) -> None:
    _title(sheet, words.text("devices_title"))
    wrong = sum(not finding.ok for finding in findings)
    said = words.text("devices_wrong" if wrong else "devices_ok", count=len(findings), wrong=wrong)
    sheet.y = sheet.write(LEFT, sheet.y, said, 9.5, bold=bool(wrong)) + 1.5
    for finding in findings:
        text, small = finding_texts(finding, words)
        height = sheet.height(text, 9.5, 115) + (sheet.height(small, 7.5, 115) if small else 0) + 2
        sheet.ensure_room(height)
        sheet.rule(sheet.y)
        sheet.write(LEFT, sheet.y + 1, words.text(f"device.{finding.device}"), 9.5, bold=True)
        if not finding.ok:
            sheet.box(LEFT + 37, sheet.y + 1.1, 15, 4.8, fill=INK)
        mark, colour = (words.text("ok"), INK) if finding.ok else (words.text("wrong"), (255, 255, 255))
        sheet.write(LEFT + 44.5, sheet.y + 1.1, mark, 9, bold=not finding.ok, colour=colour, anchor="m")
        bottom = sheet.write(LEFT + 55, sheet.y + 1, text, 9.5, width=115)
        if small:
            sheet.write(LEFT + 55, bottom, small, 7.5, width=115, colour=GREY)
        sheet.y += height
    sheet.rule(sheet.y)


def finding_texts(finding: Finding, words: Catalog) -> tuple[str, str]:
    """What the sheet says of a finding: a sentence in the sheet's language, and in small type the doctor's own English
    message, which helps to repair a fault. The message is "" if nothing is wrong or if the sheet itself is English."""
    own = finding.message[:1].upper() + finding.message[1:]
    if words.language == "en":
        return own, ""
    small = "" if finding.ok else finding.message
    fault = finding.details.get("fault")
    if fault is not None and (texts := load_texts(words.language)) and str(fault) in texts:
        return f"{texts.text(str(fault))}。{texts.text(str(fault).replace('fault.', 'remedy.', 1))}", small
    return words.text(f"found.{finding.device}.{finding.status}"), small


def _pictures(sheet: Sheet, words: Catalog, config: BoothConfig, seen: Pictures) -> None:
    sheet.ensure_room(88)
    _title(sheet, words.text("pictures_title"))
    top = sheet.write(LEFT, sheet.y, words.text("nobody"), 9) + 1.5
    places = ((LEFT, top, 112.0, 63.0), (LEFT + 119, top, 51.0, 28.7), (LEFT + 119, top + 34.3, 51.0, 28.7))
    for (place, shown), (x, y, width, height) in zip(seen.items(), places, strict=True):
        sheet.picture(x, y, width, height, words.text(shown) if isinstance(shown, str) else shown)
        caption = words.text(place, level=round(100 * config.lamps.level))
        sheet.write(x, y + height + 0.5, caption, 8, width=width, colour=GREY)
    sheet.y = top + 68


def _checks(sheet: Sheet, words: Catalog) -> None:
    sheet.ensure_room(30)
    _title(sheet, words.text("checks_title"))
    sheet.y = sheet.write(LEFT, sheet.y, words.text("checks_intro"), 9) + 1.2
    checks = [text for message, text in words.messages.items() if message.startswith("checks.")]
    for number, check in enumerate(checks, 1):
        text = check.replace("`", "")
        height = sheet.height(text, 9.5, 152) + 1.6
        sheet.ensure_room(height)
        sheet.box(LEFT + 1, sheet.y + 0.8, 4, 4)
        sheet.write(LEFT + 13, sheet.y + 0.3, f"{number}", 9.5, colour=GREY, anchor="r")
        sheet.write(LEFT + 17, sheet.y + 0.3, text, 9.5, width=152)
        sheet.y += height


def _signatures(sheet: Sheet, words: Catalog) -> None:
    """Draw empty lines for remarks, as many as fit on the last page, and the two places to sign."""
    sheet.ensure_room(58)
    _title(sheet, words.text("sign_title"))
    sheet.y = sheet.write(LEFT, sheet.y, words.text("signed"), 9.5) + 1
    sheet.write(LEFT, sheet.y, words.text("remarks"), 9.5, colour=GREY)
    for _ in range(min(MOST_REMARKS, int((BOTTOM - sheet.y - 31) / 8))):
        sheet.rule(sheet.y + 5, LEFT + 20)
        sheet.y += 8
    sheet.y += 3
    for x, side in ((LEFT, "installer"), (LEFT + 90, "customer")):
        sheet.write(x, sheet.y, words.text(side), 10, bold=True)
        for row, key in enumerate(("name", "signature", "day")):
            y = sheet.y + 6 + 8.5 * row
            sheet.write(x, y, words.text(key), 9.5, colour=GREY)
            sheet.rule(y + 5, x + 20, x + 80, INK)
