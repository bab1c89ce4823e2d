"""`center init`: make the keys, the database and the photo store; repeating it migrates the database."""

import argparse
import hashlib
from datetime import UTC, datetime

from center.audit.service import Audit
from center.campus.service import CampusList
from center.commands.settings import add_office_options, load_config
from center.commands.speaking import say_result
from center.platform.clock import wall_clock
from center.platform.migrate import is_current, migrate
from center.platform.office_keys import load_office_keys, make_keys
from center.platform.photos import PROBE_ID, PhotoStore, photo_name
from center.platform.seal_keys import add_seal_key, load_seal_keys
from center.roster.service import Roster
from center.wiring.storage import open_database, open_photos

EXAMPLES = ("center init --config /etc/center/center.toml",)


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    add_office_options(parser)


def run(options: argparse.Namespace) -> None:
    """Run the command."""
    config = load_config(options.config)
    config.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    new_keys = make_keys(config.keys)
    office_keys = load_office_keys(config.keys)
    if not load_seal_keys(config.seal_keys).recipients:
        add_seal_key(config.seal_keys, datetime.now(UTC))
    (seal_to, *_) = load_seal_keys(config.seal_keys).recipients
    database = open_database(config)
    try:
        changed = not is_current(database)
        migrate(database)
        audit = Audit(office_keys.audit_key)
        roster = Roster(database, office_keys, audit, wall_clock)
        roster.fill_keys()
        CampusList(database, office_keys, audit, roster, wall_clock).fill_years()
    finally:
        database.close()
    _try_photos(open_photos(config))
    made = " made. Copy this file to a safe place: without it nobody's name can be read." if new_keys else ""
    say_result(
        options,
        {"ok": True, "keys": str(config.keys), "new_keys": new_keys, "database_changed": changed, "seal_to": seal_to},
        f"keys      {config.keys}{made}",
        f"seal to   {seal_to}",
        "          The public key booths name in seal_to. What opens their photos is in this file, copy it too:",
        f"          {config.seal_keys}",
        f"database  {'brought up to date' if changed else 'up to date'}",
        "photos    ready",
        "next      center users add NAME --role administrator; center booths enrol NAME; center serve",
    )


def _try_photos(photos: PhotoStore) -> None:
    """Store and read back a few bytes, so that the message "ready" is true. Raises `Unavailable`."""
    content = b"center init was here"
    sha256 = hashlib.sha256(content).digest()
    photos.put(photo_name(PROBE_ID, sha256), content, sha256)
    photos.close()
