"""Times the import of a roster with ten thousand rows, and the writing of a manifest with as many rows, on one core."""

import csv
import os
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path

from bench.child import measured
from bench.office_prints import roster_row
from bench.office_stock import make_office
from bench.row import Row, one_core
from center.delivery.model import MANIFEST_COLUMNS, Change, Item, manifest_row
from center.platform.documents.workbook import Column, workbook
from rules.idnumber import check_digit
from wire.roster_change import RosterRow

ROWS = 10_000
LIMIT_S = 5.0
_HEAD = ("Bynd", "xxmc", "Zymc", "Bjmc", "Xh", "Sfzh", "Xm", "Xb", "Ksh")


def run() -> list[Row]:
    """Time the import from Excel and from CSV by its command, including the command's start."""
    rows = [_row_of(number) for number in range(1, ROWS + 1)]
    found = []
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        for name, write in (("Excel", _excel), ("CSV", _csv)):
            place = Path(folder) / name
            place.mkdir()
            make_office(place, None)
            config = place / "center.toml"
            config.write_text(f'folder = "{place}"\n')
            file = write(place, rows)
            command = [sys.executable, "-m", "center", "rosters", "import", str(file), "--config", str(config)]
            with one_core():
                seconds, _ = measured(command)
            found.append(_row(f"import of {ROWS} rows, {name}", seconds))
    with one_core():
        found.append(_row(f"manifest of {ROWS}", _manifest(rows)))
    return found


def _row_of(number: int) -> RosterRow:
    """A row as schools send it. Its ID number is valid, and contains the sex."""
    birth = date(2003, 1, 1) + timedelta(days=number // 999)
    digits = f"320102{birth:%Y%m%d}{number % 999:03d}"
    said = {"id_number": digits + check_digit(digits), "sex": "男" if number % 999 % 2 else "女"}
    return roster_row(number).model_copy(update=said)


def _row(name: str, seconds: float) -> Row:
    note = f"processor, one core; load {os.getloadavg()[0]:.1f}"
    return Row(name, seconds * 1e3, seconds * 1e3, seconds / LIMIT_S, 1, note)


def _fields(row: RosterRow) -> tuple[str, ...]:
    return tuple(row.model_dump().values())


def _excel(folder: Path, rows: list[RosterRow]) -> Path:
    path = folder / "roster.xlsx"
    path.write_bytes(workbook("名单", [Column(title, 12) for title in _HEAD], map(_fields, rows)))
    return path


def _csv(folder: Path, rows: list[RosterRow]) -> Path:
    path = folder / "roster.csv"
    with path.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows([_HEAD, *map(_fields, rows)])
    return path


def _manifest(rows: list[RosterRow]) -> float:
    """The processor seconds needed for the workbook that a pack contains beside its photos."""
    begun = time.process_time()
    lines = [
        manifest_row(
            Item(Change.NEW, "0" * 32, "0" * 32, f"{row.class_name}/{row.student_no}.jpg", "", row), "0" * 64, ()
        )
        for at, row in enumerate(rows)
    ]
    workbook("清单", [Column(title, width) for title, width in MANIFEST_COLUMNS], lines)
    return time.process_time() - begun
