"""Every kind of roster that went wrong somewhere, and others of its kind: what is right is in the table of
`tests/cases/rosters.py`."""

import pytest

from center.platform.foreign_tables.parse import parse
from center.platform.foreign_tables.reader import read_bytes
from center.platform.foreign_tables.values import TableFault
from center.roster.model.file import read_roster, with_year_warnings
from center.roster.model.findings import RosterFault
from tests.cases.foreign_workbooks import student
from tests.cases.made_rosters import CLASS, EXAM, ID, MAJOR, NAME, PASSWORD, SCHOOL, SEX, STUDENT, YEAR, as_csv
from tests.cases.rosters import KINDS

FILLS_MEMORY = {"a blank in the last row"}
"""The library makes a million rows of these: 300 MB."""


def said_of(data: bytes, *, apart: bool = False) -> str:
    """The words of the table for what reading `data` comes to. `apart`: read by a process of its own, as the office
    does; that takes a third of a second more.
    """
    sheet = ""

    def at_sheet(name: str) -> None:
        nonlocal sheet
        sheet = name

    try:
        reading = read_roster(read_bytes(data, PASSWORD) if apart else tuple(parse(data, PASSWORD, at_sheet)))
    except TableFault as fault:
        return fault.kind.value
    except RosterFault as fault:
        return fault.kind.value
    except Exception:
        return "damaged_sheet" if sheet else "damaged"
    kinds = {finding.kind.value for finding in reading.findings} | ({"hidden sheet"} if reading.hidden else set())
    return ", ".join(sorted(kinds)) or "clean"


@pytest.mark.parametrize("name", KINDS)
def test_each_kind_of_roster_file_comes_to_its_right_end(name: str) -> None:
    kind = KINDS[name]
    assert said_of(kind.make(), apart=name in FILLS_MEMORY) == kind.right


@pytest.mark.parametrize(
    ("field", "texts", "right"),
    [
        (NAME, "#NAME? #FIELD! #BUSY! #GETTING_DATA #VALUE Err:502 <NA> NaT (null) [NULL] \\N undefined", "error_cell"),
        (
            NAME,
            "N/A - — / 0 男 合计 姓名 学号 张? 张？ 王* 张三、李四 张三,李四 王@ 匿名 待补 110105194912310046",
            "no_name",
        ),
        (NAME, "阿卜杜拉·穆罕默德 Li-Wei O'Neil Tan-A/L-Raj Tan@Ali Smith,John 张三2 一 Na 'ǎ张 〇一", "clean"),
        (SCHOOL, "N/A 12 学校名称 - 无", "no_school"),
        (CLASS, "2026/2/2 2026-02-02 2-Feb Feb-26 2月2日 2026年2月2日 12:30 12:30:00", "date_cell"),
        (CLASS, "#N/A #FIELD! Err:504 nan None null TRUE", "error_cell"),
        (CLASS, "N/A - — / 无 0", "empty"),
        (CLASS, "2-2 1/2 1班 12 A-1 Mars 二〇二六", "clean"),
        (MAJOR, "#REF! NaN undefined", "error_cell"),
        (MAJOR, "-- n/a 无", "empty"),
        (EXAM, "无 - N/A", "empty"),
        (YEAR, "26 2026-06-30 2026/6 2026年6月 二〇二六 2025-2026 1926 26届 2026级", "no_year"),
        (YEAR, "2026届 2026年 ２０２６ 2026.0 '2026 2026年度", "clean"),
        (STUDENT, "2.026E8 2.026e+008 2.02612E+011 2.026E+08", "digits_lost"),
        (STUDENT, "2026000001.0 2026000001.00", "zeros_lost"),
        (STUDENT, "0 000 张三 2,026,000,001 -2026000001", "no_student_no"),
        (STUDENT, "2E10 ２０２６０００００２ 0002026001 2026－01 B2026.1", "clean"),
        (ID, "3.20102E+17 110105194912310020.0 1.1010519491231E17", "digits_lost"),
        (ID, "32010220030405002Х 32010220030405002× 110105********002X", "id_characters"),
        (ID, "320102209912310010 320102201612310012", "id_birth"),
        (SEX, "2.0 female F 女性", "clean"),
    ],
)
def test_what_stands_in_a_field_is_told_or_taken_for_what_it_is(field: int, texts: str, right: str) -> None:
    for word in texts.split():
        row = student(2)
        row[field] = word
        assert said_of(as_csv(student(3), row)) == right, word


def test_a_year_far_from_the_present_is_warned_of() -> None:
    reading = read_roster(tuple(parse(as_csv(student(1), student(2, bynd="2062")), None, lambda _name: None)))
    told = [(one.row, one.kind.value) for one in with_year_warnings(reading, 2026).findings]
    assert told == [(3, "year_far")]
    assert with_year_warnings(reading, 2061).findings[0].row == 2
