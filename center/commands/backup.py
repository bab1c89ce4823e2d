"""`center backup DEST`: backs up database, photos and keys to a folder; `verify` tests the backups there, `list` lists
them, `prune` deletes old ones.
"""

import argparse
from pathlib import Path

from center.backup.folder import KEYS, chosen_backup, whole_backups
from center.backup.key_files import open_key_files
from center.backup.model import BackupFault, Manifest
from center.backup.verifying import verify_backup
from center.commands.settings import add_office_options, open_office
from center.commands.speaking import by_command, require_there, say_result

EXAMPLES = (
    "center backup /mnt/backup --config center.toml",
    "center backup verify /mnt/backup --config center.toml",
    "center backup verify /mnt/backup --key /media/safe/escrow.key",
    "center backup list /mnt/backup",
    "center backup prune /mnt/backup --days 30 --config center.toml",
)


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument(
        "doing",
        nargs="?",
        choices=("verify", "list", "prune"),
        metavar="verify|list|prune",
        help="test a backup there; name them; delete old ones, never the newest tested one nor any after it",
    )
    parser.add_argument(
        "place", type=Path, metavar="DEST", help="the folder of all backups, on another machine or disk"
    )
    parser.add_argument("--backup", metavar="NAME", help="verify this one (the newest)")
    parser.add_argument(
        "--key", type=Path, metavar="FILE", help="verify with the key from the safe alone, also where no office is"
    )
    parser.add_argument("--days", type=_days, default=30, metavar="N", help="prune what is older (default: 30)")
    add_office_options(parser)


def run(options: argparse.Namespace) -> None:
    """Run the command."""
    if options.doing is not None:
        require_there(options.place, options.key)
    {None: _make, "verify": _verify, "list": _list, "prune": _prune}[options.doing](options)


def _make(options: argparse.Namespace) -> None:
    with open_office(options) as office:
        made, manifest = office.backups.make(by_command(), options.place)
    say_result(
        options,
        {"backup": made.name, "folder": str(made), **_figures(manifest)},
        f"{made}: {manifest.photos} photos, {sum(manifest.rows.values())} rows",
        *(f"missing: the photo store has lost or damaged {name}, which a row names" for name in manifest.missing),
        f"test it: center backup verify {options.place}",
    )


def _verify(options: argparse.Namespace) -> None:
    made = chosen_backup(options.place, options.backup)
    if options.key is None:
        with open_office(options) as office:
            manifest = office.backups.verify(by_command(), made)
    else:
        manifest = verify_backup(made, open_key_files((made / KEYS).read_bytes(), options.key).keys)
    line = (
        f"{made.name} is whole: {manifest.photos} photos, {sum(manifest.rows.values())} rows, audit to entry "
        f"{manifest.audit_place}"
    )
    say_result(options, {"ok": True, "backup": made.name, **_figures(manifest)}, line)


def _list(options: argparse.Namespace) -> None:
    whole = whole_backups(options.place)
    if not whole:
        raise BackupFault(f"{options.place} holds no whole backup: `center backup {options.place}` makes one")
    for made in whole:
        say_result(options, {"backup": made.name, "folder": str(made)}, made.name)


def _prune(options: argparse.Namespace) -> None:
    with open_office(options) as office:
        pruned = office.backups.prune(by_command(), options.place, options.days)
    say_result(
        options,
        {"deleted": list(pruned.backups), "photos": pruned.photos},
        f"{len(pruned.backups)} backups and {pruned.photos} photos deleted",
    )


def _days(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 3_650:
        raise argparse.ArgumentTypeError(f"{text[:20]!r} is no number of days from 1 to 3650")
    return int(text)


def _figures(manifest: Manifest) -> dict[str, object]:
    return {
        "made_at": manifest.made_at.isoformat(),
        "photos": manifest.photos,
        "missing": list(manifest.missing),
        "rows": sum(manifest.rows.values()),
        "audit_place": manifest.audit_place,
        "audit_hash": manifest.audit_hash,
    }
