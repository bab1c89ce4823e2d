"""`kiosk take-over`: let this spare booth replace one that broke, from the file of `kiosk export-identity`."""

import argparse
import os
import secrets
import sys
from pathlib import Path

from common.disk import Disk, write_durably
from kiosk.commands.enrol import ask_code, enrol
from kiosk.ports.config import BoothConfig
from kiosk.runtime.load import ConfigFault, load_config
from kiosk.uplink.paths import BoothPaths
from kiosk.uplink.takeover import Bundle, BundleFault, take_in, unpack, unsent

EXAMPLES = ("kiosk take-over /media/stick/hall-1.booth --config /etc/kiosk/booth.toml",)


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("file", type=Path, metavar="FILE", help="what `kiosk export-identity` wrote")
    parser.add_argument(
        "--config", type=Path, required=True, help="this booth's configuration; the one before is kept beside it"
    )


def run(options: argparse.Namespace) -> int:
    """Run the command; after a failure it can be run again. Returns 0 when this booth is enrolled in the other one's
    place, 1 with the reason, 2 without the file."""
    try:
        bundle = unpack(options.file)
        said = _take_over(bundle, options.config)
    except FileNotFoundError as error:
        sys.stderr.write(f"kiosk take-over: {error.filename}: there is no such file\n")
        return 2
    except (BundleFault, ConfigFault) as fault:
        sys.stderr.write(f"kiosk take-over: {fault}\n")
        return 1
    except OSError as error:
        sys.stderr.write(f"kiosk take-over: {error.filename or options.config}: {error.strerror}\n")
        return 1
    if said:
        sys.stderr.write(f"kiosk take-over: {said}\n")
    return 1 if said else 0


def _take_over(bundle: Bundle, path: Path) -> str:
    """What went wrong; "" for nothing."""
    disk = Disk()
    if path.exists() and path.read_bytes() != bundle.config:
        own = load_config(path)
        if own.office.booth_id != bundle.booth_id and (waiting := unsent(own.storage.folder, disk)):
            return f"{len(waiting)} photos of {own.office.booth_id} are not sent yet: send them first (kiosk uplink)"
        _put_aside(path)
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        write_durably(disk, path, bundle.config, _part(path))
    config = load_config(path)
    new = take_in(bundle, config.storage.folder, disk)
    spool = BoothPaths(config.storage.folder).spool
    _give_to_the_service(config, spool, *spool.iterdir())
    sys.stderr.write(f"{new} of {len(bundle.envelopes)} photos taken over; they are sent once this booth runs\n")
    if config.office.credential_file is None:
        return f"{path} names no office.credential_file: name where to keep the credential"
    said = enrol(config, ask_code())
    if not said:
        _give_to_the_service(config, config.office.credential_file)
        sys.stderr.write(
            f"this booth is {bundle.booth_id} now, and the office lets the other one in no more. Next: kiosk doctor "
            "(ports may differ), systemctl restart uplink booth, kiosk calibrate (light and lens are its own)\n"
        )
    return said


def _put_aside(path: Path) -> None:
    aside = path.with_name(f"{path.name}.before")
    number = 1
    while aside.exists():
        number += 1
        aside = path.with_name(f"{path.name}.before-{number}")
    path.rename(aside)
    sys.stderr.write(f"the configuration of before is {aside}\n")


def _give_to_the_service(config: BoothConfig, *paths: Path) -> None:
    """Give the files that root has written to the owner of the storage folder."""
    if os.geteuid() != 0:
        return
    owner = config.storage.folder.stat()
    for path in paths:
        os.chown(path, owner.st_uid, owner.st_gid)


def _part(path: Path) -> Path:
    return path.with_name(f"{path.name}.{secrets.token_hex(4)}.part")
