"""`kiosk export-identity`: write a file, for a USB stick, with what a spare booth needs to replace this one."""

import argparse
import secrets
import sys
from pathlib import Path

from common.config_file import read_config
from common.disk import Disk, write_durably
from kiosk.ports.config import BoothConfig
from kiosk.runtime.load import ConfigFault, dump_config
from kiosk.uplink.storage.takeover import Export

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
    """Run the command. Returns 0 when the file is written; 1 with the reason, also if a photo is missing in the file; 2
    without the configuration."""
    try:
        # The configuration is not compared with this machine, because the files that it names may be on another disk.
        config = read_config(BoothConfig, options.config)
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
        export = Export(config.office.booth_id, _without_pin(options.config, config), folder, disk)
        part = options.out.with_name(f"{options.out.name}.{secrets.token_hex(4)}.part")
        write_durably(disk, options.out, export.pieces(), part)
    except OSError as error:
        sys.stderr.write(f"kiosk export-identity: {error.filename or folder}: {error.strerror}\n")
        return 1
    for shot_id, why in export.unreadable.items():
        sys.stderr.write(f"kiosk export-identity: shot {shot_id} is not in the file: it can't be read ({why})\n")
    sys.stderr.write(
        f"kiosk export-identity: {options.out} holds the configuration of {config.office.booth_id} and "
        f"{export.written} sealed photos that the office has not verified. Leave this booth off. At the spare one: "
        "kiosk take-over\n"
    )
    for own in (config.display.texts, config.voice.folder):
        if own is not None:
            sys.stderr.write(f"kiosk export-identity: {own} is not in the file: copy that folder, too\n")
    if export.unreadable:
        sys.stderr.write(
            f"kiosk export-identity: keep this booth's disk: {len(export.unreadable)} photos are on it only\n"
        )
    return 1 if export.unreadable else 0


def _without_pin(path: Path, config: BoothConfig) -> bytes:
    """The configuration for the bundle. The hash of staff's PIN is left out, because a stick can be lost."""
    if config.service.pin_hash is None:
        return path.read_bytes()
    service = config.service.model_copy(update={"pin_hash": None})
    return dump_config(config.model_copy(update={"service": service})).encode()
