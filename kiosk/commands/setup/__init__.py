"""`kiosk setup`: the first start of a booth. It asks for what differs from booth to booth, and writes the
configuration.

A question about a device offers what is plugged in, and each answer is checked at once by the configuration's own
rules. The file is written as a whole when all answers are known, with every setting and its meaning. If somebody ends
the command earlier, nothing is changed. An existing file gives the defaults; its other settings stay, and a copy of it
is kept beside the new file.
"""

import argparse
import sys
from pathlib import Path
from typing import Any

from common.config_file import parse_config
from kiosk.commands.enrol import enrol
from kiosk.commands.service_account import as_service
from kiosk.commands.setup import answers
from kiosk.commands.setup.questions import NONE, QUESTIONS, Question, defaults, place_of, put_answer, write
from kiosk.hardware.plugged_in import overlay_advice
from kiosk.ports.config import BoothConfig
from kiosk.runtime.load import ConfigFault, load_config

EXAMPLES = (
    "kiosk setup --config /etc/kiosk/booth.toml",
    "kiosk setup --at-panel --config /etc/kiosk/booth.toml",
)


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("--config", type=Path, required=True, help="the file to write, /etc/kiosk/booth.toml as a rule")
    parser.add_argument(
        "--at-panel", action="store_true", help="ask nothing: the booth's own screen then shows the steps of the set-up"
    )
    parser.add_argument(
        "--answers", type=Path, metavar="FILE", help="take answers from the booth's own screen; this deletes FILE"
    )


def run(options: argparse.Namespace) -> int:
    """Run the command. Returns 0 when the file is written, 1 with the reason if not."""
    path = options.config
    if options.answers is not None:
        return answers.run(options.answers, path)
    if options.at_panel:
        return _leave_to_panel(path)
    try:
        before = load_config(path) if path.exists() else defaults(path)
        config = ask_all(before, str(path))
        write(path, config)
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


def _leave_to_panel(path: Path) -> int:
    """Write a configuration with which the booth can start. It then shows its set-up, because it is not enrolled."""
    if path.exists():
        sys.stderr.write(f"kiosk setup: {path} exists already; the service menu of the booth has the set-up\n")
        return 1
    try:
        write(path, defaults(path))
    except OSError as failure:
        sys.stderr.write(f"kiosk setup: {path} can't be written ({failure.strerror}). Run it as root.\n")
        return 1
    advice = "".join(f"  {step}\n" for step in (*overlay_advice(), "sudo systemctl start uplink booth"))
    sys.stderr.write(f"{path} is written. What is left, before the steps on the booth's own screen:\n{advice}")
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
    place, name = place_of(question, table)
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
            put_answer(question, answer, table)
            return parse_config(BoothConfig, table, source)
        except ConfigFault as fault:  # only this answer can be wrong, because all others were checked before
            place[name] = kept
            sys.stderr.write("".join(f"  {finding}\n" for finding in fault.findings))
        except ValueError:
            place[name] = kept
            sys.stderr.write(f"  {question.key}: two numbers are wanted, as 720x1280\n")


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
