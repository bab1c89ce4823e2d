"""`center keys`: the keys to which booths seal photos. Secret keys are never printed."""

import argparse
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import select

from center.commands.settings import add_office_options, load_config, open_office
from center.commands.speaking import Verb, say_result
from center.platform.faults import OfficeFault
from center.platform.photos import photo_name
from center.platform.seal_keys import Envelopes, SealKeys, SealKeysFault, add_seal_key, load_seal_keys
from center.shots.tables import ShotRow
from center.wiring.office import Office
from wire.seal import SealError

EXAMPLES = (
    "center keys list --config center.toml",
    "center keys new --config center.toml",
    "center keys rotate --config center.toml",
    "center keys restore-test seal.keys --config center.toml",
)


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    verbs = parser.add_subparsers(dest="keys_verb", required=True, metavar="VERB")
    listing = verbs.add_parser("list", help="the public keys, the newest first: booths seal to that one")
    new = verbs.add_parser("new", help="make a newer key; what was sealed to older ones still opens")
    rotate = verbs.add_parser("rotate", help="make a newer key and name the booths that must be told of it")
    rotate.add_argument("--check", action="store_true", help="make none: only tell whether every booth seals to it")
    restore = verbs.add_parser("restore-test", help="prove that a key from the safe opens what is stored")
    restore.add_argument("file", type=Path, help="a file with the escrow identity (AGE-SECRET-KEY-1...)")
    restore.add_argument("--last", type=int, default=10, help="how many of the newest shots to open (10)")
    add_office_options(listing, new, rotate, restore)


def run(options: argparse.Namespace) -> int | None:
    """Run the command. Returns 1 if booths seal to an older key, or if the key does not open what is stored."""
    verbs: dict[str, Verb] = {"list": _list, "new": _new, "rotate": _rotate, "restore-test": _restore_test}
    return verbs[options.keys_verb](options)


def _list(options: argparse.Namespace) -> None:
    for key in load_seal_keys(load_config(options.config).seal_keys).recipients:
        say_result(options, {"key": key}, key)


def _new(options: argparse.Namespace) -> None:
    key = add_seal_key(load_config(options.config).seal_keys, datetime.now(UTC))
    say_result(options, {"key": key}, key)


def _rotate(options: argparse.Namespace) -> int:
    """Make a newer key, and list the booths that do not use it yet, because their newest shot is sealed to an older
    key.

    Everything is checked before the key is made, so a rotation that fails changes nothing.
    """
    config = load_config(options.config)
    keys = load_seal_keys(config.seal_keys)
    if options.check and not keys.recipients:
        raise SealKeysFault(f"{config.seal_keys} holds no key: make the first one with `center keys new`")
    with Office.open(config) as office:
        sealing = list(_sealing(office, keys))
    newest = keys.recipients[0] if options.check else add_seal_key(config.seal_keys, datetime.now(UTC))
    behind = [booth for booth, key in sealing if key != newest]
    todo = "seals to an older key: name this one in its storage.seal_to, restart it, take the old one out"
    say_result(options, {"key": newest, "behind": behind}, newest, *(f"{booth} {todo}" for booth in behind))
    return 1 if options.check and behind else 0


def _sealing(office: Office, keys: SealKeys) -> Iterator[tuple[str, str | None]]:
    """Enrolled booths that have sent a shot, each with the key to which its newest shot is sealed.

    The key is None if the shot is sealed to none of these keys, or can't be read; the other booths are listed all the
    same.
    """
    for booth in office.booths.all():
        with office.database.read() as session:
            newest = session.execute(
                select(ShotRow.shot_id, ShotRow.sha256)
                .where(ShotRow.booth_id == booth.booth_id)
                .order_by(ShotRow.received_at.desc())
                .limit(1)
            ).one_or_none()
        if newest is not None and booth.revoked_at is None:
            try:
                yield booth.booth_id, keys.sealed_to(office.photos.get(photo_name(*newest)))
            except (OfficeFault, SealError) as fault:
                sys.stderr.write(f"center keys: shot {newest.shot_id} of {booth.booth_id}: {fault}\n")
                yield booth.booth_id, None


def _restore_test(options: argparse.Namespace) -> int:
    """Open the newest shots with only the given key."""
    options.file.stat()  # raises if the file is missing; `load_seal_keys` would return no keys
    keys = load_seal_keys(options.file)
    if not keys.recipients:
        raise SealKeysFault(f"{options.file} holds no key: give the file from the safe")
    opened, failed = 0, []
    with open_office(options) as office:
        with office.database.read() as session:
            newest = session.execute(
                select(ShotRow.shot_id, ShotRow.sha256)
                .where(ShotRow.verified_at.is_not(None))
                .order_by(ShotRow.verified_at.desc())
                .limit(options.last)
            ).all()
        for shot_id, sha256 in newest:
            try:
                Envelopes(office.photos, keys).open(shot_id, sha256)
                opened += 1
            except OfficeFault as fault:
                failed.append(str(fault))
    works = opened > 0 and not failed
    line = f"{opened} of {len(newest)} shots opened with the key of {options.file}"
    say_result(options, {"ok": works, "opened": opened, "failed": failed}, line, *failed)
    return 0 if works else 1
