"""Files that somebody else made are read in a process of their own: whatever they are, the office goes on."""

import contextlib
import io
import json
import random
import subprocess
import zipfile
from collections.abc import Callable

import pytest

from center.platform.foreign_tables import limits
from center.platform.foreign_tables.parse import parse
from center.platform.foreign_tables.reader import read_bytes
from center.platform.foreign_tables.reading_process import decode, encode
from center.platform.foreign_tables.values import (
    Cell,
    DateCell,
    ErrorCell,
    TableFault,
    Unreadable,
    column_name,
)
from tests.cases.foreign_workbooks import (
    DAMAGED,
    encrypted,
    raw,
    roster,
    sheet,
    student,
    table,
    text,
    with_cell,
    workbook,
)


def refused(data: bytes, password: str | None = None) -> TableFault:
    with pytest.raises(TableFault) as fault:
        read_bytes(data, password, "roster.xlsx")
    return fault.value


@pytest.mark.parametrize("make", DAMAGED.values(), ids=DAMAGED.keys())
def test_whatever_a_parser_dies_of_is_a_damaged_file(make: Callable[[], bytes]) -> None:
    fault = refused(make())
    assert fault.kind in (Unreadable.DAMAGED, Unreadable.DAMAGED_SHEET)
    assert "roster.xlsx: the file is damaged" in str(fault)


def test_damage_in_a_sheet_names_the_sheet() -> None:
    whole, torn = sheet(table(student(1))), sheet(table(student(2)))[:400]
    fault = refused(workbook({"1班": whole, "2班": torn}))
    assert (fault.kind, fault.values) == (Unreadable.DAMAGED_SHEET, {"sheet": "2班"})


@pytest.mark.parametrize("address", ["XFD1048576", "IW2", "XFD1"])
def test_a_cell_far_from_the_table_is_refused_by_its_name_before_room_is_made(address: str) -> None:
    fault = refused(roster(student(1), far={address: text("x")}))
    assert fault.kind is Unreadable.FAR_CELL
    assert fault.values == {"sheet": "名册", "cell": address if address == "XFD1048576" else f"{address[:-1]}2"}


def test_blank_rows_do_not_count_however_many() -> None:
    (read,) = read_bytes(roster(student(1), far={"A1048576": text(" ")}))
    assert [row.number for row in read.rows] == [1, 2]


def test_rows_and_columns_keep_the_numbers_of_the_spreadsheet() -> None:
    (read,) = read_bytes(workbook({"名册": sheet([[], [], []], far={"C5": text("x"), "D7": text("y")})}))
    assert [(row.number, row.cells) for row in read.rows] == [(5, (None, None, "x")), (7, (None, None, None, "y"))]


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        (raw("n", "1e400"), ErrorCell("inf")),
        (raw("n", "12345"), 12345.0),
        (raw("n", "46203", style=1), DateCell("2026-06-30")),
        (raw("b", "1"), True),
        (raw("e", "#N/A"), ErrorCell("#N/A")),
        (text("#N/A"), "#N/A"),
        (text(""), None),
    ],
)
def test_the_type_of_a_cell_is_kept(cell: str, expected: Cell) -> None:
    (read,) = read_bytes(with_cell(3, cell))
    assert read.rows[2].cell(3) == expected
    assert decode(json.loads(json.dumps(encode(expected)))) == expected


def test_hidden_sheets_rows_and_columns_are_reported() -> None:
    shown = sheet(table(student(1), student(2), student(3)), hidden_rows=(3,), hidden_columns="BZ")
    book = workbook(
        {"名册": shown, "旧": sheet(table(student(4))), "最隐": sheet(table(student(5)))},
        {"旧": "hidden", "最隐": "veryHidden"},
    )
    first, second, third = read_bytes(book)
    assert (first.hidden, second.hidden, third.hidden) == (False, True, True)
    assert (first.hidden_rows, first.hidden_columns) == ((3,), (1,))


def test_an_encryption_that_would_take_minutes_is_refused_unopened() -> None:
    fault = refused(encrypted(roster(student(1)), "secret", spins=999_999), "secret")
    assert (fault.kind, fault.values["count"]) == (Unreadable.SLOW_ENCRYPTION, "999999")
    assert len(read_bytes(encrypted(roster(student(1)), "secret"), "secret")) == 1


@pytest.mark.parametrize(
    "head", ["<html><body><table>", "\n<!DOCTYPE html>", '<?xml version="1.0"?><Workbook>', "<table>"]
)
def test_a_web_page_that_calls_itself_a_workbook_says_what_to_do(head: str) -> None:
    fault = refused(f"{head}<tr><td>姓名</td></tr></table>".encode())
    assert fault.kind is Unreadable.WEB_PAGE
    assert "save it as .xlsx" in str(fault)


def test_more_rows_than_any_school_has_are_refused() -> None:
    lines = "\n".join(f"{number},x" for number in range(limits.MOST_ROWS + 1))
    assert refused(lines.encode()).kind is Unreadable.TOO_MANY_ROWS


def test_an_archive_that_would_fill_the_memory_is_refused_whatever_it_says_of_itself() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in range(9):
            archive.writestr(f"part{part}", bytes(64 << 20))
    assert refused(out.getvalue()).kind is Unreadable.TOO_LARGE
    small = io.BytesIO()
    with zipfile.ZipFile(small, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("sheet", bytes(3 << 20))
    said, lie = ((count).to_bytes(4, "little") for count in (3 << 20, 1_000))
    assert refused(small.getvalue().replace(said, lie)).kind is Unreadable.DAMAGED


def test_bytes_changed_at_random_give_sheets_or_a_fault_and_nothing_else() -> None:
    """Seeded: every run changes the same bytes. Old and new workbooks, plain and encrypted ones."""
    chance = random.Random(12)
    plain = roster(student(1), student(2))
    sources = [plain, encrypted(plain, "secret")]
    for trial in range(24):
        data = bytearray(sources[trial % len(sources)])
        for _ in range(chance.choice([1, 4, 40])):
            data[chance.randrange(8, len(data))] = chance.randrange(256)
        with contextlib.suppress(TableFault):
            read_bytes(bytes(data), "secret")


def test_the_reading_process_sees_no_secret_and_writes_no_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is isolated: an environment variable of the office does not reach it, and a file can't be written."""
    started: list[dict[str, object]] = []
    real = subprocess.Popen

    def popen(command: list[str], **options: object) -> subprocess.Popen[bytes]:
        started.append(options)
        return real(command, **options)  # type: ignore[call-overload, no-any-return]

    monkeypatch.setenv("MAKEUP_SECRET", "x")
    monkeypatch.setattr(subprocess, "Popen", popen)
    read_bytes(roster(student(1)))
    assert "MAKEUP_SECRET" not in started[0]["env"]  # type: ignore[operator]


def test_the_columns_are_called_as_spreadsheets_call_them() -> None:
    assert [column_name(at) for at in (0, 25, 26, 701, 702, 16383)] == ["A", "Z", "AA", "ZZ", "AAA", "XFD"]


@pytest.mark.parametrize("major", ["數學系", "機械工程學系", "中國文學系"])
def test_a_text_in_big5_is_refused_and_not_read_as_other_characters(major: str) -> None:
    text = f"bynd,xxmc,zymc,bjmc,xh,sfzh,xm,xb,ksh\r\n2026,國立東華大學,{major},1,20220001,x,王小明,男,1\r\n"
    assert refused(text.encode("big5")).kind is Unreadable.NO_TEXT


def test_a_rare_name_of_the_private_use_area_is_read() -> None:
    (read,) = parse("姓名,学号\r\n张\ue863,1".encode("gb18030"), None, lambda _name: None)
    assert read.rows[1].cells == ("张\ue863", "1")


def test_a_text_file_is_one_sheet_without_a_name() -> None:
    (read,) = parse("姓名,学号\r\n\r\n张三,1".encode("gb18030"), None, lambda _name: None)
    assert [(row.number, row.cells) for row in read.rows] == [(1, ("姓名", "学号")), (3, ("张三", "1"))]
