"""Times the dashboard with a million shots, on SQLite and on PostgreSQL, by HTTP requests to `center serve`. The shots
are spread over the days of a season and over 150 schools; one shot in twenty waits, one in twenty is rejected. As on a
busy day, 2 000 changes are not yet added to the counts. The office also has 150 000 roster rows.
"""

import os
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import text

from bench.cluster import NoPostgres, cluster, new_database
from bench.office_queue import page_times
from bench.office_stock import PROFILE, SCHOOLS, make_office
from bench.row import Row, spread
from center.accounts.model.roles import Role
from center.platform.configuration import CenterConfig
from center.platform.database import Database

SHOTS, ROWS, UNFOLDED, DAYS = 1_000_000, 150_000, 2_000, 60
LIMIT_MS = 150.0

_NUMBERS = "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {count})"
_SHOT = f"""
INSERT INTO shots (shot_id, booth_id, sha256, size, received_at, taken_at, stage, version, told, rank, queued_at,
    profile, school, year, identified_by, decision, decided_by, decided_at, final_at, all_passed, clock_synced)
{_NUMBERS}
SELECT {{hex}}, 'hall-1', {{bytes}}, 100000, {{at}}, {{at}}, CASE WHEN n % 20 = 0 THEN 'queued' ELSE 'decided' END, 1,
    {{yes}}, 1, {{at}}, '{PROFILE}', 'School ' || (1 + n % {SCHOOLS}), '2026', 'card',
    CASE n % 20 WHEN 0 THEN NULL WHEN 1 THEN 'rejected' ELSE 'approved' END, 'anna', {{at}}, {{at}}, {{yes}}, {{yes}}
FROM numbers
"""
_DECISION = f"""
INSERT INTO decisions (shot_id, user_id, decision, reasons, note, in_bulk, decided_at)
{_NUMBERS}
SELECT {{hex}}, 'anna', CASE n % 20 WHEN 1 THEN 'rejected' ELSE 'approved' END, '["glasses"]', '', {{no}}, {{at}}
FROM numbers WHERE n % 20 > 0
"""
_ROW = f"""
INSERT INTO roster_rows (row_id, sequence, lookup, provisional, school, sealed)
{_NUMBERS}
SELECT {{hex}}, n, {{bytes}}, {{no}}, 'School ' || (1 + n % {SCHOOLS}), {{bytes}} FROM numbers
"""
_COUNTS = """
INSERT INTO shot_counts (day, school, standing, shots)
SELECT day, school, standing, SUM(shots) FROM shot_count_changes WHERE change_id > {unfolded}
GROUP BY day, school, standing
"""


def run() -> list[Row]:
    """Measure one row for each database; only SQLite's row if there is no PostgreSQL."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        rows = [_measured("SQLite", make_office(Path(folder), None))]
    try:
        with (
            cluster(durable=True, shared_buffers="512MB", max_wal_size="4GB") as address,
            tempfile.TemporaryDirectory(prefix="bench-") as folder,
        ):
            new_database(address, "season")
            rows.append(_measured("PostgreSQL", make_office(Path(folder), f"postgresql://{address}/season")))
    except NoPostgres as fault:
        sys.stderr.write(f"NOT RUN: the dashboard on PostgreSQL: {fault}\n")
    return rows


def _measured(name: str, config: CenterConfig) -> Row:
    fill(config, SHOTS)
    times = page_times(config, Role.SUPERVISOR, "/dashboard", b'<svg class="share"', 31)
    median, p99 = spread(times)
    return Row(f"dashboard, 1 000 000 shots, {name}", median, p99, None, LIMIT_MS, f"load {os.getloadavg()[0]:.1f}")


def fill(config: CenterConfig, count: int) -> None:
    """Insert the shots, decisions and roster rows of a season, and their counts."""
    database = Database(config.database_url)
    now = datetime.now(UTC)
    first = round((now - timedelta(days=DAYS)).timestamp() * 1000)
    words = {
        "hex": "printf('%032x', n)" if database.is_sqlite else "lpad(to_hex(n), 32, '0')",
        "bytes": "CAST(printf('%064x', n) AS BLOB)"
        if database.is_sqlite
        else "decode(lpad(to_hex(n), 64, '0'), 'hex')",
        "at": f"{first} + CAST(n AS BIGINT) * {DAYS} * 86400000 / {count}",
        "yes": "1" if database.is_sqlite else "true",
        "no": "0" if database.is_sqlite else "false",
    }
    with database.write() as session:
        if not database.is_sqlite:
            session.execute(text("SET LOCAL statement_timeout = 0"))
        begin = round(now.timestamp() * 1000)
        booth = f"INSERT INTO booths (booth_id, created_at, verdict_sequence) VALUES ('hall-1', {begin}, 0)"
        session.execute(text(booth))
        for statement, rows in ((_SHOT, count), (_DECISION, count), (_ROW, ROWS)):
            session.execute(text(statement.format(count=rows, **words)))
        session.execute(text(_COUNTS.format(unfolded=UNFOLDED)))
        session.execute(text(f"DELETE FROM shot_count_changes WHERE change_id > {UNFOLDED}"))
    with database.read() as session:
        session.execute(text("ANALYZE"))
    database.close()
