"""What the office writes for schools is opened by LibreOffice, cell by cell as it was written (`make faults`)."""

import csv
import shutil
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from center.attendance.model import Group
from center.attendance.workbooks import reminder_workbook
from center.corrections.workbooks import form
from center.delivery.model import MANIFEST_COLUMNS
from center.platform.documents.workbook import Column, workbook
from center.roster.workbooks import template
from tests.faults.sites import LONG

pytestmark = pytest.mark.skipif(
    not LONG or shutil.which("soffice") is None, reason="NOT RUN: FAULTS=long, and LibreOffice installed"
)
LINE = (
    "新增",
    "示范大学/1班/0012.jpg",
    "2026",
    "示范大学",
    "数学",
    "1班",
    "0012",
    "32010220040101001X",
    "=王\ue863",
    "女",
)


def test_libreoffice_reads_every_cell_as_it_was_written(tmp_path: Path) -> None:
    books = {
        "manifest": workbook("清单", [Column(*one) for one in MANIFEST_COLUMNS], [LINE]),
        "reminder": reminder_workbook([Group("数学", "1班", Counter(), ("张三", "李四"))]),
        "form": form("示范大学", "2026"),
        "template": template(),
    }
    for name, book in books.items():
        (tmp_path / f"{name}.xlsx").write_bytes(book)
    told = ["--convert-to", "csv:Text - txt - csv (StarCalc):44,34,76", "--outdir", str(tmp_path)]
    place = f"-env:UserInstallation=file://{tmp_path / 'profile'}"
    files = [str(path) for path in sorted(tmp_path.glob("*.xlsx"))]
    subprocess.run(["soffice", place, "--headless", *told, *files], check=True, capture_output=True, timeout=300)
    read = {name: list(csv.reader((tmp_path / f"{name}.csv").read_text("utf-8").splitlines())) for name in books}
    assert read["manifest"][0] == [title for title, _ in MANIFEST_COLUMNS]
    assert read["manifest"][1][: len(LINE)] == list(LINE), "no zero lost, no formula computed"
    assert read["reminder"][1:] == [["数学", "1班", "张三"], ["数学", "1班", "李四"]]
    assert ["学校名称", "示范大学"] in [row[:2] for row in read["form"]]
    assert len(read["template"][0]) == 9
