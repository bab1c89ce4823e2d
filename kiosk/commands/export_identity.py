"""`kiosk export-identity`: write a file, for a USB stick, with what a spare booth needs to replace this one."""

import argparse
import secrets
import sys
from pathlib import Path

from common.disk import Disk, write_durably
from kiosk.runtime.load import ConfigFault, load_config
from kiosk.uplink.takeover import Bundle, pack, unsent

EXAMPLES = (
    "kiosk export-identity --config /etc/kiosk/booth.toml --out /media/stick/hall-1.booth",
    "kiosk export-identity --config /mnt/etc/kiosk/booth.toml --folder /mnt/var/lib/kiosk --out hall-1.booth",
)


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("--config", type=Path, required=True, help="the booth's configuration")
    parser.add_argument(
        "--folder", type=Path, metavar="DIR", help="where its storage is now, if its disk is in another machine"
    )
    parser.add_argument("--out", type=Path, required=True, metavar="FILE", help="the file to write; a new one")


def run(options: argparse.Namespace) -> int:
    """Run the command. Returns 0 when the file is written, 1 with the reason, 2 without the configuration."""
    try:
        config = load_config(options.config)
    except ConfigFault as fault:
        sys.stderr.write(f"kiosk export-identity: {fault}\n")
        return fault.exit_code
    if options.folder is not None and not options.folder.is_dir():
        sys.stderr.write(f"kiosk export-identity: {options.folder}: there is no such folder\n")
        return 2
    if options.out.exists():
        sys.stderr.write(f"kiosk export-identity: {options.out} exists already: name a new file\n")
        return 1
    disk, folder = Disk(), options.folder or config.storage.folder
    try:
        envelopes = unsent(folder, disk)
        bundle = Bundle(config.office.booth_id, options.config.read_bytes(), envelopes)
        part = options.out.with_name(f"{options.out.name}.{secrets.token_hex(4)}.part")
        write_durably(disk, options.out, pack(bundle), part)
    except OSError as error:
        sys.stderr.write(f"kiosk export-identity: {error.filename or folder}: {error.strerror}\n")
        return 1
    sys.stderr.write(
        f"kiosk export-identity: {options.out} holds the configuration of {bundle.booth_id} and {len(envelopes)} "
        "sealed photos that the office has not verified. Leave this booth off. At the spare one: kiosk take-over\n"
    )
    return 0
