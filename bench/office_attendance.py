"""Times the queries of a school's attendance page in an office with half a million roster rows, on PostgreSQL."""

import os
import secrets
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import psycopg

from bench.cluster import NoPostgres, cluster, new_database
from bench.office_stock import make_office
from bench.row import Row, spread
from center.wiring.office import Office
from wire.roster_change import RosterRow

ROWS, SCHOOLS, CLASSES, SHOTS, LIMIT_MS = 500_000, 94, 120, 2_000, 100.0
YEAR = "2026"
_COLUMNS = (
    *("row_id", "sequence", "lookup", "id_lookup", "student_lookup", "name_lookup"),
    *("provisional", "school", "year", "class_key", "person_key", "content", "sealed"),
)
_SHOTS = """
SET session_replication_role = replica;
INSERT INTO people (person_id, lookup) SELECT substr(md5(row_id), 1, 32), id_lookup FROM roster_rows
WHERE school = %(school)s LIMIT %(shots)s;
INSERT INTO shots (shot_id, booth_id, sha256, size, received_at, verified_at, stage, version, told, rank, queued_at,
    decision, final_at, profile, school, year, person_id, all_passed)
SELECT md5('shot' || person_id), 'booth-1', lookup, 1, 1, 1, 'decided', 2, true, 1, 1, 'approved', 1, 'jiangsu-2019',
    %(school)s, '2026', person_id, true FROM people;
"""


def run() -> list[Row]:
    """Measure all rows; without PostgreSQL there is none, and a message says so."""
    try:
        with cluster(durable=False) as address, tempfile.TemporaryDirectory(prefix="bench-") as folder:
            new_database(address, "office")
            return _rows(Path(folder), f"postgresql://{address}/office")
    except NoPostgres as fault:
        sys.stderr.write(f"NOT RUN: attendance on PostgreSQL: {fault}\n")
        return []


def _rows(folder: Path, url: str) -> list[Row]:
    config = make_office(folder, url)
    with Office.open(config) as office:
        _fill(office, url)
        school = _school(0)
        found = office.attendances.counts(school, YEAR)
        assert len(found.groups) == CLASSES, len(found.groups)
        assert sum(found.counts.values()) > ROWS // SCHOOLS - 1, "all of the school"

        def page() -> None:
            office.attendances.schools()
            office.attendances.years(school)
            office.attendances.counts(school, YEAR)

        times = _timed(page)
    note = f"{ROWS} rows, a school of {ROWS // SCHOOLS} with {SHOTS} photos; load {os.getloadavg()[0]:.1f}"
    median, p99 = spread(times)
    return [Row("attendance page, 500 000 rows", median, p99, median / LIMIT_MS, 1, note)]


def _timed(work: Callable[[], None]) -> list[float]:
    work()
    times = []
    for _ in range(20):
        began = time.perf_counter()
        work()
        times.append((time.perf_counter() - began) * 1e3)
    return times


def _school(number: int) -> str:
    return f"示范大学{number}"


def _fill(office: Office, url: str) -> None:
    """Insert rows with COPY. Only one row of each class can be decrypted, because the page decrypts no other row."""
    office.booths.enrol("bench", "booth-1")
    keys = office.office_keys
    with psycopg.connect(url, autocommit=True) as server:
        with server.cursor() as cursor, cursor.copy(f"COPY roster_rows ({', '.join(_COLUMNS)}) FROM STDIN") as copy:
            for number in range(ROWS):
                school, row_id = _school(number % SCHOOLS), f"{number:032x}"
                at = number // SCHOOLS % CLASSES
                sealed = b"not opened"
                row = RosterRow(
                    year=YEAR,
                    school=school,
                    major=f"专业{at // 4}",
                    class_name=f"{at}班",
                    student_no=str(number),
                    id_number="11010519491231002X",
                    name="王小明",
                    sex="男",
                    exam_no="1" * 14,
                )
                if number < SCHOOLS * CLASSES:
                    sealed = keys.seal("roster", row_id, row.encode())
                class_key = keys.lookup("class", f"{YEAR}\0{row.major}\0{row.class_name}")
                hashes = [secrets.token_bytes(32) for _ in range(5)]
                copy.write_row(
                    (row_id, number + 1, *hashes[:4], False, school, YEAR, class_key, hashes[4], b"content", sealed)
                )
        for statement in _SHOTS.split(";\n"):
            if statement.strip():
                server.execute(statement, {"school": _school(0), "shots": SHOTS} if "%(" in statement else None)
        server.execute("VACUUM (ANALYZE)")
