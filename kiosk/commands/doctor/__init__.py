"""`kiosk doctor`: check each device on its own, say what is wrong and what to do.

The libraries of a device are loaded only when that device is examined, because `kiosk doctor card` may take ten seconds
at most, including the start of the process.
"""

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from kiosk.commands.doctor.card import CardReport, examine_card
from kiosk.commands.doctor.finding import Finding
from kiosk.commands.doctor.port_names import port_advice
from kiosk.ports.config import BoothConfig
from kiosk.ports.faults import PermanentFault
from kiosk.runtime.load import ConfigFault, load_config
from kiosk.runtime.system_clock import SystemClock
from rules.season import day_in_china

DEVICES = (
    *("config", "card", "camera", "calibration", "lamps", "scanner", "sound", "earphone", "display", "storage"),
    *("models", "clock", "office"),
)
BAUDS = (115200, 57600, 38400, 19200, 9600)


EXAMPLES = (
    "kiosk doctor --config /etc/kiosk/booth.toml",
    "kiosk doctor card --port /dev/serial/by-id/usb-reader --json",
    "kiosk doctor lamps --off",
    "kiosk doctor --acceptance booth-1.pdf --config /etc/kiosk/booth.toml",
    "kiosk doctor --bundle booth-1.zip --config /etc/kiosk/booth.toml",
)


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("device", nargs="?", choices=(*DEVICES, "all"), default="all", help="default: all")
    parser.add_argument("--config", type=Path, help="the booth's configuration; without it the defaults count")
    parser.add_argument("--port", help="card, scanner: this serial port or input device instead of the configured one")
    parser.add_argument("--baud", type=int, choices=BAUDS, help="card: this speed instead of the configured one")
    parser.add_argument("--off", action="store_true", help="lamps: only switch them off")
    parser.add_argument("--bundle", type=Path, metavar="FILE", help="write a ZIP for support, without any person in it")
    parser.add_argument("--acceptance", type=Path, metavar="FILE", help="write a PDF to sign, in the booth's language")
    parser.add_argument("--json", action="store_true", help="one JSON object a device on standard output")


def run(options: argparse.Namespace) -> int:
    """Run the command. Returns 0 if all is well, 1 if something is wrong, 2 for options that do not fit together."""
    wrong = _wrong_use(options)
    if wrong:
        sys.stderr.write(f"kiosk doctor: {wrong}\n")
        return 2
    try:
        config = BoothConfig() if options.config is None else load_config(options.config)
    except ConfigFault as fault:
        sys.stderr.write(f"kiosk doctor: {fault}\n")
        return fault.exit_code
    if options.bundle is not None:
        return _bundle(config, options)
    if options.off:
        _tell(darkened := _darken(config), options.json)
        return _code([darkened])
    if options.device == "card":
        report = _card(config, options)
        sys.stdout.write((report.json() if options.json else _finding(report).line()) + "\n")
        return 0 if report.status == "ok" else 1
    if options.acceptance is not None:
        return _accept(config, options)
    chosen = DEVICES if options.device == "all" else (options.device,)
    return _code(_examined(chosen, config, options))


def _wrong_use(options: argparse.Namespace) -> str | None:
    if options.port is not None and options.device not in ("card", "scanner"):
        return f"--port belongs to card or scanner, not to {options.device}"
    if options.baud is not None and options.device != "card":
        return f"--baud belongs to card, not to {options.device}"
    if options.off and options.device != "lamps":
        return f"--off belongs to lamps, not to {options.device}"
    if options.bundle is not None and options.device != "all":
        return f"--bundle looks at no device: leave {options.device} out"
    if options.acceptance is not None and (options.device != "all" or options.bundle is not None):
        return "--acceptance looks at all devices: leave DEVICE and --bundle out"
    if options.acceptance is not None and options.config is None:
        return "--acceptance needs the booth's configuration: --config FILE"
    return None


def _bundle(config: BoothConfig, options: argparse.Namespace) -> int:
    from kiosk.commands.doctor.bundle import write_bundle

    try:
        left_out = write_bundle(options.bundle, config, SystemClock().wall())
    except OSError as failure:
        sys.stderr.write(f"kiosk doctor: {options.bundle} can't be written ({failure.strerror}). Name a new file.\n")
        return 1
    if options.json:
        sys.stdout.write(json.dumps({"bundle": str(options.bundle), "left_out": left_out}, ensure_ascii=False) + "\n")
        return 0
    sys.stdout.write(f"{options.bundle}\n")
    for line in left_out:
        sys.stderr.write(f"left out: {line}\n")
    return 0


def _accept(config: BoothConfig, options: argparse.Namespace) -> int:
    from kiosk.commands.doctor.acceptance import can_not_write, write_acceptance
    from kiosk.hardware.camera_vendor import open_picamera2
    from kiosk.hardware.lamps_pwm import open_pins

    wrong = can_not_write(options.acceptance)
    if wrong is not None:
        sys.stderr.write(f"kiosk doctor: {wrong}\n")
        return 1
    findings = _examined(DEVICES, config, options)
    try:
        write_acceptance(options.acceptance, config, findings, open_pins, open_picamera2, SystemClock())
    except OSError as failure:
        sys.stderr.write(
            f"kiosk doctor: {options.acceptance} can't be written ({failure.strerror}). Name a new file.\n"
        )
        return 1
    except PermanentFault as fault:
        sys.stderr.write(f"kiosk doctor: {fault}\n")
        return 1
    file = str(options.acceptance)
    sys.stdout.write((json.dumps({"acceptance": file}, ensure_ascii=False) if options.json else file) + "\n")
    return _code(findings)


def _examined(chosen: Sequence[str], config: BoothConfig, options: argparse.Namespace) -> list[Finding]:
    """Examine each device of `chosen`, and print each finding as soon as it is known."""
    examinations = _examinations(config, options)
    findings = []
    for device in chosen:
        findings.append(examinations[device]())
        _tell(findings[-1], options.json)
    return findings


def _examinations(config: BoothConfig, options: argparse.Namespace) -> dict[str, Callable[[], Finding]]:
    return {
        "config": lambda: _config_file(config, options.config),
        "card": lambda: _finding(_card(config, options)),
        "camera": lambda: _camera(config),
        "calibration": lambda: _calibration(config),
        "lamps": lambda: _lamps(config),
        "scanner": lambda: _scanner(config, options.port),
        "sound": lambda: _sound(config),
        "earphone": lambda: _earphone(config),
        "display": lambda: _display(config),
        "storage": lambda: _storage(config),
        "models": _models,
        "clock": _clock,
        "office": lambda: _office(config),
    }


def _config_file(config: BoothConfig, path: Path | None) -> Finding:
    from kiosk.commands.doctor.system import examine_config

    return examine_config(path, config)


def _camera(config: BoothConfig) -> Finding:
    from kiosk.commands.doctor.camera import examine_camera
    from kiosk.hardware.camera_vendor import open_picamera2

    return examine_camera(config.camera, open_picamera2, SystemClock())


def _calibration(config: BoothConfig) -> Finding:
    from kiosk.commands.doctor.calibration import examine_calibration
    from kiosk.hardware.camera_vendor import open_picamera2

    return examine_calibration(config, open_picamera2, SystemClock())


def _lamps(config: BoothConfig) -> Finding:
    from kiosk.commands.doctor.lamps import examine_lamps
    from kiosk.hardware.camera_vendor import open_picamera2
    from kiosk.hardware.lamps_pwm import open_pins

    return examine_lamps(config, open_pins, open_picamera2, SystemClock())


def _darken(config: BoothConfig) -> Finding:
    from kiosk.commands.doctor.lamps import darken
    from kiosk.hardware.lamps_pwm import open_pins

    return darken(config.lamps, open_pins)


def _scanner(config: BoothConfig, port: str | None) -> Finding:
    from kiosk.commands.doctor.scanner import examine_scanner

    scanner = config.scanner
    if port is not None:
        key = "input_path" if port.startswith("/dev/input/") else "serial_port"
        scanner = scanner.model_validate({"before_camera": False, key: port})
    finding = examine_scanner(scanner, SystemClock())
    ports = (str(path) for path in (scanner.input_path, scanner.serial_port) if path is not None)
    return replace(finding, message=finding.message + "".join(map(port_advice, ports)))


def _sound(config: BoothConfig) -> Finding:
    from kiosk.commands.doctor.sound import examine_sound
    from kiosk.hardware.voice_mixer import SdlMixer

    return examine_sound(config.voice, config.display.language, SdlMixer)


def _earphone(config: BoothConfig) -> Finding:
    from kiosk.commands.doctor.earphone import examine_earphone

    path = config.earphone.input_path
    finding = examine_earphone(config.earphone, SystemClock())
    return replace(finding, message=finding.message + ("" if path is None else port_advice(str(path))))


def _display(config: BoothConfig) -> Finding:
    from kiosk.commands.doctor.display import examine_display

    return examine_display(config.display)


def _storage(config: BoothConfig) -> Finding:
    from kiosk.commands.doctor.system import examine_storage

    return examine_storage(config.storage)


def _models() -> Finding:
    from kiosk.commands.doctor.system import examine_models
    from kiosk.vision.models import models_folder

    return examine_models(models_folder())


def _clock() -> Finding:
    from kiosk.commands.doctor.system import examine_clock

    return examine_clock(SystemClock().wall())


def _office(config: BoothConfig) -> Finding:
    from kiosk.commands.doctor.office import examine_office

    return examine_office(config, SystemClock())


def _card(config: BoothConfig, options: argparse.Namespace) -> CardReport:
    clock = SystemClock()
    wall = clock.wall()
    port = options.port or config.card.port
    sys.stderr.write(f"Lay an ID card on the reader at {port} ...\n")
    today = day_in_china(wall.moment)
    report = examine_card(port, options.baud or config.card.baud, clock.now_ns, today, wall.synced)
    return replace(report, message=report.message + port_advice(port))


def _finding(report: CardReport) -> Finding:
    details = {"number": report.number, "name": report.name, "valid": report.valid, "kind": report.kind}
    return Finding("card", report.status == "ok", report.status, report.message, details)


def _tell(finding: Finding, as_json: bool) -> None:
    sys.stdout.write((finding.json() if as_json else finding.line()) + "\n")
    sys.stdout.flush()


def _code(findings: Sequence[Finding]) -> int:
    return 0 if all(finding.ok for finding in findings) else 1
