"""Times a pack of a thousand graduates with print sheets, and the sheets alone, on one core; measures the worker's
memory. As in the office, a process of its own does the work; when it has ended, the system reports its greatest memory.
"""

import hashlib
import json
import os
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from bench.child import measured
from bench.office_stock import make_office, photo, sent, somebody
from bench.row import Row, one_core
from center.shots.model.staff_decision import Approve
from center.wiring.office import Office
from wire.roster_change import RosterRow

PEOPLE = 1_000
PACK_S, SHEETS_S, MEMORY_MB = 30.0, 15.0, 300.0
SCHOOL, YEAR = "示范大学", "2026"
_SURNAMES, _GIVEN = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗", "子涵雨欣浩然思远佳怡俊杰婉清嘉豪梦瑶天佑"


def run() -> list[Row]:
    """Measure all rows. SQLite is enough, because the database needs only a small part of the time."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        _stock(Path(folder))
        with one_core():
            pack, pack_mb = _job(Path(folder), "pack")
            sheets, sheets_mb = _job(Path(folder), "sheets")
    note = f"{PEOPLE} graduates, one core; load {os.getloadavg()[0]:.1f}"
    memory = max(pack_mb, sheets_mb)
    return [
        Row("pack with sheets", pack * 1e3, pack * 1e3, pack / PACK_S, 1, note),
        Row("print sheets alone", sheets * 1e3, sheets * 1e3, sheets / SHEETS_S, 1, note),
        Row("memory of pack and sheets", memory, memory, memory / MEMORY_MB, 1, "greatest of the process", "MB"),
    ]


def _stock(folder: Path) -> None:
    config = make_office(folder, None)
    (folder / "center.toml").write_text(f'folder = "{folder}"\n')
    now = [datetime.now(UTC)]
    with Office.open(config, lambda: now[0]) as office:
        office.booths.enrol("bench", "booth-1")
        office.roster.import_rows("bench", [roster_row(number) for number in range(1, PEOPLE + 1)])
        for number in range(1, PEOPLE + 1):
            # Each graduate has a different picture, because a PDF would contain equal bytes only once.
            jpeg = photo.__wrapped__(number)
            shot_id, data = sent(number, "booth-1", jpeg)
            office.intake.receive("booth-1", shot_id, hashlib.sha256(data).digest(), data)
            shot = office.queue.claim("bench", shot_id)
            office.queue.decide("bench", shot_id, shot.version, Approve())
        now[0] = datetime.fromtimestamp(now[0].timestamp() + 3_600, UTC)
        office.print_locks.unlock("bench", SCHOOL, YEAR, "bench")
        office.deliveries.make("bench", SCHOOL, YEAR)


def roster_row(number: int) -> RosterRow:
    """The roster row of an invented person."""
    person = somebody(number)
    assert person.id_number is not None, "everybody has one"
    assert person.student_no is not None, "everybody has one"
    name = _SURNAMES[number % 20] + _GIVEN[number // 20 % 20] + _GIVEN[number * 7 % 20]
    return RosterRow(
        year=YEAR,
        school=SCHOOL,
        major=f"专业{number % 9}",
        class_name=f"{number % 30 + 1}班",
        student_no=person.student_no,
        id_number=person.id_number,
        name=name,
        sex="女",
        exam_no="26320102150001",
    )


def _job(folder: Path, kind: str) -> tuple[float, float]:
    """Processor seconds (other programs may share the core) and greatest memory in MB of the job `kind`."""
    config = str(folder / "center.toml")
    center = [sys.executable, "-m", "center"]
    if kind == "sheets":
        subprocess.run([*center, "prints", "make", SCHOOL, YEAR, "--config", config], check=True, capture_output=True)
    command = [*center, "jobs", "work", "--once", "--config", config]
    seconds, peak_mb = measured(command)
    listed = subprocess.run([*center, "jobs", "list", "--json", "--config", config], check=True, capture_output=True)
    job = json.loads(listed.stdout.splitlines()[0])
    assert (job["kind"], job["state"]) == (kind, "done"), job
    return seconds, peak_mb
