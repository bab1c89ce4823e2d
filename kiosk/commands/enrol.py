"""`kiosk enrol`: exchange the office's one-time code for this booth's credential."""

import argparse
import contextlib
import secrets
import sys
from pathlib import Path

from common.disk import Disk, write_durably
from kiosk.commands.service_account import account_of, give_to_service
from kiosk.ports.config import BoothConfig
from kiosk.runtime.load import ConfigFault, load_config
from kiosk.uplink.office.client import OfficeClient
from kiosk.uplink.office.office_answers import Later, Refused

REFUSED_CODE = "the office does not take this code: it may be mistyped, used, too old or another booth's"

EXAMPLES = ("kiosk enrol --config /etc/kiosk/booth.toml",)


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("--config", type=Path, required=True, help="the booth's configuration")


def run(options: argparse.Namespace) -> int:
    """Run the command. Returns 0 if the credential is stored, 1 with the reason if not."""
    try:
        config = load_config(options.config)
    except ConfigFault as fault:
        sys.stderr.write(f"kiosk enrol: {fault}\n")
        return fault.exit_code
    if config.office.credential_file is None:
        sys.stderr.write(
            f"kiosk enrol: {options.config} names no office.credential_file: name where to keep the credential\n"
        )
        return 1
    said = enrol(config, ask_code())
    sys.stderr.write(f"kiosk enrol: {said or f'{config.office.booth_id} is enrolled; no restart is needed'}\n")
    return 1 if said else 0


def enrol(config: BoothConfig, code: str) -> str:
    """Exchange `code` for the credential, and store this where the configuration says, readable by the service only.
    Returns what went wrong; "" if nothing did."""
    path = config.office.credential_file
    assert path is not None, "asked before"
    disk, part = Disk(), path.with_name(f"{path.name}.{secrets.token_hex(4)}.part")
    try:  # whether the file can be written is tested before the code is used up
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        disk.close(disk.create(part))
        disk.unlink(part)
    except OSError as error:
        return f"{path} can't be written ({error.strerror}): the code is not used yet, try again as who may write there"
    with contextlib.closing(OfficeClient(config.office)) as client:
        answer = client.enrol(code)
    match answer:
        case Refused():
            return REFUSED_CODE
        case Later(reason):
            return f"{reason}; try again"
    try:
        write_durably(disk, path, answer.credential.encode("ascii"), part)
        give_to_service(account_of(config.storage.folder), path)
    except OSError as error:
        return f"{path} can't be written ({error.strerror}): the code is used up, have another one made"
    return ""


def ask_code() -> str:
    """The code: entered at a terminal, or the first line of a pipe. It is never an argument, because everybody on the
    machine can see arguments."""
    if sys.stdin.isatty():
        sys.stderr.write("One-time code: ")
        sys.stderr.flush()
    return sys.stdin.readline().strip()
