"""An office with any number of waiting shots; the database itself makes them within seconds."""

import hashlib
import io
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import numpy as np
import psycopg
from PIL import Image
from pydantic import JsonValue

from center.platform.configuration import CenterConfig, DatabaseConfig
from center.platform.database import Database
from center.platform.migrate import migrate
from center.platform.office_keys import make_keys
from center.wiring.office import Office
from rules.profile import load_profile
from sim.season.photos import report
from wire import envelope
from wire.manifest import Manifest, Person, Times

NOW = datetime.now(UTC).replace(microsecond=0)
PROFILE = "jiangsu-2019"
HEAD = 48
"""This many shots at the head of the queue are real ones, filed as booths send them, so that pages can show them."""
SCHOOLS, BOOTHS = 150, 200

_FILL = """
SET session_replication_role = replica;  -- what is made here refers to what is made here
INSERT INTO booths (booth_id, created_at, verdict_sequence)
SELECT 'hall-' || n, {now}, 0 FROM generate_series(1, {booths}) n ON CONFLICT DO NOTHING;
INSERT INTO people (person_id, lookup)
SELECT md5('person' || n), decode(md5('lookup' || n) || md5('more' || n), 'hex') FROM generate_series(1, {count}) n;
INSERT INTO shots (shot_id, booth_id, sha256, size, received_at, verified_at, stage, version, told, rank, queued_at,
    profile, school, year, identified_by, person_id, receipt_lookup, flags, all_passed, shot_at, clock_synced, taken_at)
SELECT md5('shot' || n), 'hall-' || (1 + n % {booths}), decode(md5('a' || n) || md5('b' || n), 'hex'), 100000,
    {now} + n, {now} + n, 'queued', 1, false, 1, {now} + n,
    '{profile}', 'School ' || (1 + n % {schools}), '2026', 'card', md5('person' || n),
    decode(md5('r' || n) || md5('s' || n), 'hex'), '[]', n % 10 > 1,
    {now}, true, {now} + n
FROM generate_series(1, {count}) n;
INSERT INTO findings (shot_id, check_id, verdict, value)
SELECT md5('shot' || n), 'shadow', 'warn', 7 FROM generate_series(1, {count}, 10) n;
INSERT INTO identities (shot_id, sealed)
SELECT md5('shot' || n), decode(repeat(md5('i' || n), 10), 'hex') FROM generate_series(1, {count}) n;
"""


@cache
def checks() -> tuple[dict[str, JsonValue], ...]:
    """A check report in which every check passes with a value in the middle of its limits."""
    return report(load_profile(PROFILE))


@cache
def photo(grain: int = 7) -> bytes:
    """A legal photo that shows nobody; another `grain` gives other bytes."""
    pixels = np.full((640, 480, 3), (100, 197, 255), np.uint8)
    noise = np.random.default_rng(grain).integers(0, 52, (640, 480, 1))
    pixels[160:, 120:360] = (noise + 120)[160:, 120:360]
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "JPEG", quality=75, dpi=(300, 300))
    return out.getvalue()


def somebody(number: int) -> Person:
    """The made-up graduate with this number."""
    return Person(
        name="王小明",
        id_number=f"1101051949{number:08d}",
        student_no=f"2026{number:06d}",
        exam_no=None,
        school="示范大学",
        major="数学",
        class_name="1班",
        year="2026",
    )


def sent(number: int, booth_id: str, jpeg: bytes, size: int = 0) -> tuple[str, bytes]:
    """The id and the envelope of a shot as a booth sends them; the envelope has at least `size` bytes."""
    shot_id = f"{number:032x}"
    manifest = Manifest(
        shot_id=shot_id,
        booth_id=booth_id,
        receipt=f"RECE-{number:06d}",
        profile=PROFILE,
        consent_version="jiangsu-2019-1",
        person=somebody(number),
        identified_by="card",
        checks=checks(),
        times=Times(consented=NOW, shot=NOW, accepted=NOW, clock_synced=True),
        finish={"filled": "x" * max(0, size - len(jpeg) - 3_000)},
    )
    return shot_id, envelope.build(manifest, jpeg)


def make_office(folder: Path, url: str | None) -> CenterConfig:
    """Make an empty office and return its configuration. `url`: a PostgreSQL database; None: SQLite in `folder`."""
    make_keys(folder / "office.key")
    config = CenterConfig(folder=folder, database=DatabaseConfig(url=url, connections=20))
    database = Database(config.database_url)
    migrate(database)
    database.close()
    return config


def fill(config: CenterConfig, count: int) -> None:
    """Make `count` waiting shots and, before them in the queue, `HEAD` real ones."""
    now = round(NOW.timestamp() * 1000)
    statements = _FILL.format(now=now, count=count, booths=BOOTHS, schools=SCHOOLS, profile=PROFILE)
    with psycopg.connect(config.database_url, autocommit=True) as connection:
        for statement in statements.split(";\n"):
            if statement.strip():
                connection.execute(statement)
        connection.execute("VACUUM (ANALYZE)")
    jpeg = photo()
    with Office.open(config, lambda: NOW - timedelta(hours=1)) as office:
        office.booths.enrol("bench", "booth-1")
        for number in range(1, HEAD + 1):
            shot_id, data = sent(number, "booth-1", jpeg)
            office.intake.receive("booth-1", shot_id, hashlib.sha256(data).digest(), data)
