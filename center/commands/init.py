"""`center init`: make the keys, the database and the photo store; repeating it migrates the database."""

import argparse
import hashlib
from datetime import UTC, datetime

from center.audit.service import Audit
from center.campus.service import CampusList
from center.commands.settings import add_config, load_config
from center.commands.speaking import log_to_stderr, refusing, say, say_json
from center.platform.clock import wall_clock
from center.platform.configuration import CenterConfig
from center.platform.migrate import is_current, migrate
from center.platform.office_keys import load_office_keys, make_keys
from center.platform.photos import PROBE_ID, PhotoStore, photo_name
from center.platform.seal_keys import add_seal_key, load_seal_keys
from center.roster.service import Roster
from center.wiring.storage import open_database, open_photos

EXAMPLES = ("center init --config /etc/center/center.toml",)


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    add_config(parser)
    parser.add_argument("--json", action="store_true", help="one JSON object on standard output")


def run(options: argparse.Namespace) -> int:
    """Run the command. Returns 0 if the office is ready, 1 with the reason if not."""
    log_to_stderr()
    return refusing("init", lambda: _init(load_config(options.config), as_json=options.json))


def _try_photos(photos: PhotoStore) -> None:
    """Store and read back a few bytes, so that the message "ready" is true. Raises `Unavailable`."""
    content = b"center init was here"
    sha256 = hashlib.sha256(content).digest()
    photos.put(photo_name(PROBE_ID, sha256), content, sha256)
    photos.close()


def _init(config: CenterConfig, *, as_json: bool) -> int:
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
    if as_json:
        say_json(
            {
                "ok": True,
                "keys": str(config.keys),
                "new_keys": new_keys,
                "database_changed": changed,
                "seal_to": seal_to,
            }
        )
        return 0
    if new_keys:
        say(f"keys      {config.keys} made. Copy this file to a safe place: without it nobody's name can be read.")
    else:
        say(f"keys      {config.keys}")
    say(f"seal to   {seal_to}")
    say("          The public key booths name in seal_to. What opens their photos is in this file, copy it too:")
    say(f"          {config.seal_keys}")
    say(f"database  {'brought up to date' if changed else 'up to date'}")
    say("photos    ready")
    say("next      center users add NAME --role administrator; center booths enrol NAME; center serve")
    return 0
