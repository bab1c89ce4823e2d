"""`center restore SRC`: restores an office from a backup, and files again the stored envelopes that are newer than the
backup."""

import argparse
from pathlib import Path

from center.backup.folder import chosen_backup
from center.backup.restoring import Target, restore
from center.commands.photos import say_filed_again
from center.commands.settings import add_office_options, load_config
from center.commands.speaking import by_command, require_there, say
from center.platform.clock import wall_clock
from center.wiring.office import Office
from center.wiring.storage import office_lock, open_database, open_photos
from common.disk import Disk

EXAMPLES = (
    "center restore /mnt/backup --key /media/safe/escrow.key --config center.toml",
    "center restore /mnt/backup --replace --config center.toml",
)


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("place", type=Path, metavar="SRC", help="the folder of all backups")
    parser.add_argument("--backup", metavar="NAME", help="this one of `center backup list` (the newest whole one)")
    parser.add_argument(
        "--key", type=Path, metavar="FILE", help="the key from the safe; without it the key files here must be right"
    )
    parser.add_argument(
        "--replace", action="store_true", help="also over an office that is not empty, whose database is kept aside"
    )
    add_office_options(parser)


def run(options: argparse.Namespace) -> int:
    """Run the command. If it was refused or broken off, it continues when it is run again."""
    require_there(options.place, options.key)
    config, who = load_config(options.config), by_command()
    made = chosen_backup(options.place, options.backup)
    config.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with office_lock(config, alone=True):
        database, photos = open_database(config), open_photos(config)
        try:
            target = Target(config, database, photos)
            now = wall_clock()
            manifest = restore(target, made, who, now, secret=options.key, replace=options.replace, disk=Disk())
        finally:
            photos.close()
            database.close()
    if not options.json:
        say(f"restored to {manifest.made_at:%Y-%m-%d %H:%M} UTC from {made.name}: {manifest.photos} photos")
        for name in manifest.missing:
            say(f"missing already then: photo {name}; its booth is asked for it")
        say("everybody is logged out; accounts, booths and deliveries are as they were then: look through them")
    with Office.open(config) as office:
        return say_filed_again(office.backups.file_again(who, office.filing_again), options)
