"""`kiosk setup`: the first start of a booth. It asks for what differs from booth to booth, and writes the
configuration.

A question about a device offers what is plugged in, and each answer is checked at once by the configuration's own
rules. The file is written as a whole when all answers are known, with every setting and its meaning. If somebody ends
the command earlier, nothing is changed. An existing file gives the defaults; its other settings stay, and a copy of it
is kept beside the new file.
"""

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from common.config_file import dump_config, parse_config
from common.disk import Disk
from kiosk.commands.enrol import enrol
from kiosk.commands.service_account import account_of, as_service, write_config
from kiosk.commands.setup.plugged_in import overlay_advice, panel_sizes, scanners, serial_ports
from kiosk.ports.config import BoothConfig
from kiosk.runtime.load import ConfigFault, load_config
from kiosk.text.catalog import LANGUAGES
from rules.profile import profile_names

EXAMPLES = ("kiosk setup --config /etc/kiosk/booth.toml",)
FIRST_LINE = "# Written by kiosk setup; to be edited by hand, too. kiosk config FILE checks it.\n\n"
NONE = "none"

Convert = Callable[[str], object]


def _text(answer: str) -> object:
    return None if answer == NONE else answer


def _size(answer: str) -> object:
    return [int(side) for side in answer.lower().split("x")]


def _keys(answer: str) -> object:
    return [] if answer == NONE else answer.replace(",", " ").split()


@dataclass(frozen=True, slots=True)
class Question:
    """One setting to ask for. `offers`: the devices of this machine to choose from; `convert`: turns an answer into the
    setting's value."""

    key: str
    words: str
    offers: Callable[[], Sequence[str]] = tuple
    convert: Convert = _text


QUESTIONS = (
    Question("profile", "Whose rules do the photos follow?", profile_names),
    Question("display.size", "Panel, pixels across and down, upright", panel_sizes, _size),
    Question("display.language", "Language of the first screen", lambda: LANGUAGES),
    Question("card.port", "Port of the ID-card reader", serial_ports),
    Question("scanner.input_path", "Scanner that types like a keyboard", lambda: (*scanners(), NONE)),
    Question("scanner.serial_port", "Scanner on a serial port", lambda: (*serial_ports(), NONE)),
    Question("office.url", "Address of the office"),
    Question("office.booth_id", "This booth's name at the office"),
    Question("office.public_url", "Address of the office for the graduates' phones", lambda: (NONE,)),
    Question("storage.seal_to", "Public keys of the office and of the escrow (age1... age1...)", convert=_keys),
    Question("desk.place", "Where is the staff desk? As the help screen says it", lambda: (NONE,)),
    Question("desk.phone", "Its phone number", lambda: (NONE,)),
)
"""The questions, in the order in which they are asked: about the notice, the machine, the office, the room."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("--config", type=Path, required=True, help="the file to write, /etc/kiosk/booth.toml as a rule")


def run(options: argparse.Namespace) -> int:
    """Run the command. Returns 0 when the file is written, 1 with the reason if not."""
    path = options.config
    try:
        before = load_config(path) if path.exists() else _defaults(path)
        config = ask_all(before, str(path))
        _write(path, config)
    except ConfigFault as fault:
        sys.stderr.write(f"kiosk setup: {fault}\nCorrect or move this file first.\n")
        return 1
    except EOFError:
        sys.stderr.write("\nkiosk setup: ended before the last question; nothing was written\n")
        return 1
    except OSError as failure:
        sys.stderr.write(f"kiosk setup: {path} can't be written ({failure.strerror}). Run it as root.\n")
        return 1
    sys.stderr.write(f"\n{path} is written.\n")
    _enrol(config)
    _say_what_is_left(path, config)
    return 0


def ask_all(before: BoothConfig, source: str) -> BoothConfig:
    """Ask every question until its answer is right; `before` contains the defaults. Raises `EOFError`."""
    table = before.model_dump(mode="json")
    config = before
    for number, question in enumerate(QUESTIONS, 1):
        sys.stderr.write(f"\n{number} of {len(QUESTIONS)}. {question.words}\n")
        config = _asked(question, table, source)
    return config


def _asked(question: Question, table: dict[str, Any], source: str) -> BoothConfig:
    section, _, name = question.key.rpartition(".")
    place = table[section] if section else table
    offers = [*question.offers()]
    now = _shown(place[name])
    for count, offer in enumerate(offers if offers != [now] else (), 1):
        sys.stderr.write(f"  {count}  {offer}\n")
    while True:
        sys.stderr.write(f"[{now}] ")
        sys.stderr.flush()
        answer = _line() or now
        if answer.isdecimal() and 0 < int(answer) <= len(offers):
            answer = offers[int(answer) - 1]
        kept = place[name]
        try:
            place[name] = question.convert(answer)
            return parse_config(BoothConfig, table, source)
        except ConfigFault as fault:  # only this answer can be wrong, because all others were checked before
            place[name] = kept
            sys.stderr.write("".join(f"  {finding}\n" for finding in fault.findings))
        except ValueError:
            place[name] = kept
            sys.stderr.write(f"  {question.key}: two numbers are wanted, as 720x1280\n")


def _defaults(path: Path) -> BoothConfig:
    """The default configuration. The package fixes where the files of credential and secret are (beside `path`), so
    that nobody has to choose this."""
    folder = path.resolve().parent
    table = BoothConfig().model_dump(mode="json")
    table["office"]["credential_file"] = str(folder / "credential")
    table["storage"]["secret_file"] = str(folder / "device.secret")
    return parse_config(BoothConfig, table, str(path))


def _shown(value: object) -> str:
    if value is None or value == []:
        return NONE
    return "x".join(map(str, value)) if isinstance(value, list) and isinstance(value[0], int) else _joined(value)


def _joined(value: object) -> str:
    return " ".join(value) if isinstance(value, list) else str(value)


def _line() -> str:
    line = sys.stdin.readline()
    if not line:
        raise EOFError
    return line.strip()


def _write(path: Path, config: BoothConfig) -> None:
    disk, account = Disk(), account_of(config.storage.folder)
    if path.exists():
        write_config(disk, path.with_name(f"{path.name}.before"), path.read_bytes(), account)
    write_config(disk, path, (FIRST_LINE + dump_config(config)).encode(), account)


def _enrol(config: BoothConfig) -> None:
    if config.office.credential_file is not None and config.office.credential_file.exists():
        return
    sys.stderr.write("\nOne-time code of the office (Enter: later, by kiosk enrol): ")
    sys.stderr.flush()
    code = sys.stdin.readline().strip()
    if code:
        said = enrol(config, code)
        sys.stderr.write(f"  {said or f'{config.office.booth_id} is enrolled'}\n")


def _say_what_is_left(path: Path, config: BoothConfig) -> None:
    """Say what comes next. Each `kiosk` command is to be run as the service: if root ran it, it would see other devices
    than the service does, and could leave files that the service can't change."""
    service = as_service(config.storage.folder)
    no_keys = "the office's and the escrow's public key in storage.seal_to: until then the booth stays out of service"
    steps = [
        *([no_keys] if len(config.storage.seal_to) < 2 else []),
        *overlay_advice(),
        f"{service}kiosk doctor --config {path}      every device, one by one",
        f"{service}kiosk calibrate --config {path}   light, lamps and the empty booth, with a grey card and a person",
        "sudo systemctl start uplink booth",
        "sudo systemctl stop booth, then the sheet to sign, with pictures and a checklist:",
        f"{service}kiosk doctor --acceptance {config.storage.folder / 'acceptance.pdf'} --config {path}",
    ]
    sys.stderr.write("\nWhat is left:\n" + "".join(f"  {step}\n" for step in steps))
