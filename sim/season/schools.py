"""Made-up schools and graduates, and their rosters as schools send them: encrypted workbooks with mistakes."""

import io
import random
from collections.abc import Sequence
from dataclasses import dataclass

import msoffcrypto.format.ooxml as ooxml
import xlsxwriter

from rules.idnumber import check_digit
from wire.roster_change import RosterRow

YEAR = "2026"
SUFFIXES = ("", "（研究生）", "（北圩校区）", "（吴中）", "继续教育学院", "分院")
"""The kinds of suffixes that the schools' names in annex 1 of the notice have. One university can have several of these
names, each with a roster of its own."""
_TOWNS = ("南京", "苏州", "无锡", "常州", "镇江", "扬州", "泰州", "南通", "盐城", "淮安", "宿迁", "徐州", "连云港")
_KINDS = ("示范大学", "示范理工学院", "示范师范学院", "示范职业技术学院")
_MAJORS = ("数学与应用数学", "计算机科学与技术", "护理学", "汉语言文学", "机械工程")
_SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗"
_GIVEN = ("子涵", "雨欣", "浩然", "思远", "佳怡", "俊杰", "婉清", "嘉豪", "梦瑶", "㛃", "𬭎", "天佑")
_TITLES = ("Bynd", "XXMC", "zymc", "Bjmc", "xh", "SFZH", "Xm", "xb", "Ksh")


@dataclass(frozen=True, slots=True)
class MadeSchool:
    """A school, the true data of its graduates, and the password of its files."""

    name: str
    rows: tuple[RosterRow, ...]
    password: str


def made_schools(count: int, each: int) -> list[MadeSchool]:
    """Make `count` schools with `each` graduates; the result is always the same."""
    names = [f"{town}{kind}{suffix}" for kind in _KINDS for town in _TOWNS for suffix in SUFFIXES]
    # Sort the names so that the first ones contain every suffix.
    names = sorted(names, key=lambda name: names.index(name) % 97)[:count]
    return [
        MadeSchool(name, tuple(_row(name, at, number) for number in range(each)), f"school-{at:02}-{len(name)}")
        for at, name in enumerate(names)
    ]


def _row(school: str, at: int, number: int) -> RosterRow:
    serial = at * 1_000 + number
    female = number % 2 == 0
    # No two graduates share both the birthday and the serial number within that day.
    born = f"{2004 - serial % 3}{1 + serial // 3 % 12:02}{1 + serial // 36 % 28:02}"
    body = f"320102{born}{serial // 1008 * 2 + (not female):03}"
    name = _SURNAMES[serial % 20] + _GIVEN[serial // 20 % len(_GIVEN)] + ("" if serial % 3 else _GIVEN[serial % 9][:1])
    major = _MAJORS[number // 20 % len(_MAJORS)]
    return RosterRow(
        year=YEAR,
        school=school,
        major=major,
        class_name=f"{major[:2]}26{1 + number // 10 % 2:02}",
        student_no=f"26{at:02}{number:05}",
        id_number=body + check_digit(body),
        name=name,
        sex="女" if female else "男",
        exam_no=f"26320102{serial:06}",
    )


def dirty_workbook(school: MadeSchool, seed: int) -> bytes:
    """A roster as schools send it: encrypted, with mixed titles, hidden characters, blanks, a repeated row, and rows
    that are refused."""
    chance = random.Random(seed)
    lines = [_soiled(list(row.model_dump().values()), chance) for row in school.rows]
    lines.insert(len(lines) // 2, list(lines[3]))  # this row is there twice
    # the ID number of this row is too short
    lines.append([*lines[0][:4], f"26{seed:02}99991", "32010220040101", "查无此号", "女", ""])
    lines.append(["", "", "", "", "", "", "合计", str(len(school.rows)), ""])
    return encrypted([_TITLES, *lines], school.password)


def _soiled(cells: list[str], chance: random.Random) -> list[str]:
    for at, text in enumerate(cells):
        match chance.randrange(12):
            case 0:
                cells[at] = f" {text} "
            case 1:
                cells[at] = f"\u200b{text}"
            case 2 if at in (4, 5, 8):
                cells[at] = text.translate({ord("0") + digit: ord("０") + digit for digit in range(10)})
    return cells


def encrypted(lines: Sequence[Sequence[str]], password: str) -> bytes:
    """A workbook of text cells that only the password opens."""
    plain, out = io.BytesIO(), io.BytesIO()
    with xlsxwriter.Workbook(plain, {"in_memory": True, "strings_to_numbers": False}) as book:
        page = book.add_worksheet("名单")
        for number, line in enumerate(lines):
            page.write_row(number, 0, line)
    ooxml.OOXMLFile(plain).encrypt(password, out)
    return out.getvalue()
