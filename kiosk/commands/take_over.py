"""`kiosk take-over`: let this spare booth replace one that broke, with the file of `kiosk export-identity`."""

import argparse
import sys
from pathlib import Path

from common.config_file import config_in
from common.disk import Disk
from kiosk.commands.enrol import ask_code, enrol
from kiosk.commands.service_account import account_of, as_service, close_config, give_to_service, write_config
from kiosk.ports.config import BoothConfig
from kiosk.runtime.load import ConfigFault, check_config, load_config
from kiosk.uplink.shared.paths import BoothPaths
from kiosk.uplink.storage.takeover import Bundle, BundleFault, opened, take_in, unsent

EXAMPLES = ("kiosk take-over /media/stick/hall-1.booth --config /etc/kiosk/booth.toml",)


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("file", type=Path, metavar="FILE", help="what `kiosk export-identity` wrote")
    parser.add_argument(
        "--config", type=Path, required=True, help="this booth's configuration; the one before is kept beside it"
    )


def run(options: argparse.Namespace) -> int:
    """Run the command; after a failure it can be run again. Returns 0 when this booth is enrolled in place of the
    broken one, 1 with the reason if not, 2 without the file."""
    try:
        with opened(options.file) as bundle:
            said = _take_over(bundle, options.file, options.config)
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


def _take_over(bundle: Bundle, file: Path, path: Path) -> str:
    """Take the broken booth's place. Returns what went wrong; "" if nothing did."""
    disk, config = Disk(), _fits(bundle, file)
    account = account_of(config.storage.folder)
    if path.exists() and path.read_bytes() != bundle.config:
        own = load_config(path)
        if own.office.booth_id != bundle.booth_id and (waiting := unsent(own.storage.folder, disk)):
            return f"{len(waiting)} photos of {own.office.booth_id} are not sent yet: send them first (kiosk uplink)"
        _put_aside(path, account)
    if path.exists():
        close_config(path, account)
    else:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_config(disk, path, bundle.config, account)
    new = take_in(bundle, config.storage.folder, disk)
    paths = BoothPaths(config.storage.folder)
    rosters = [paths.roster.with_name(paths.roster.name + end) for end in ("", "-wal", "-shm")]
    for told in (*rosters, paths.instructions, paths.waiting, paths.help_call, paths.help_answer):
        # the office sent these files to the spare booth; roster, passes and calls are not those of the booth that is
        # taken over
        told.unlink(missing_ok=True)
    spool = paths.spool
    give_to_service(account, config.storage.folder, spool, *spool.iterdir())
    sys.stderr.write(f"{new} of {len(bundle.shots)} photos taken over; they are sent once this booth runs\n")
    if config.office.credential_file is None:
        return f"{path} names no office.credential_file: name where to keep the credential"
    said = enrol(config, ask_code())
    if not said:
        service = as_service(config.storage.folder)
        sys.stderr.write(
            f"this booth is {bundle.booth_id} now, and the office lets the other one in no more. Next: {service}kiosk "
            f"doctor --config {path} (ports may differ), sudo systemctl restart uplink booth, {service}kiosk calibrate "
            f"--config {path} (light and lens are its own), sudo kiosk pin --config {path} (the file has no PIN of "
            "staff)\n"
        )
    return said


def _fits(bundle: Bundle, file: Path) -> BoothConfig:
    """The configuration in the bundle, if this machine can use it. This is checked before anything is changed. Raises
    `BundleFault`, `ConfigFault`."""
    source = f"{file}: booth.toml"
    texts = config_in(BoothConfig, bundle.config, source).display.texts
    if texts is not None and not texts.is_dir():
        raise BundleFault(
            f"{texts}: this folder with texts of the screens is missing here, and the file does not hold it. Nothing "
            "was changed. Copy it from the broken booth's disk, then run this again."
        )
    return check_config(bundle.config, source)


def _put_aside(path: Path, account: tuple[int, int]) -> None:
    aside = path.with_name(f"{path.name}.before")
    number = 1
    while aside.exists():
        number += 1
        aside = path.with_name(f"{path.name}.before-{number}")
    path.rename(aside)
    close_config(aside, account)
    sys.stderr.write(f"the configuration of before is {aside}\n")
