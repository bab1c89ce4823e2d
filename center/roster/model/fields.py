"""The fields of a roster row: the text of a cell, and whether it is plausible for its column.

Nothing is repaired if the repair could turn one person into another. The type of the cell matters: a spreadsheet that
stored a code as a number, or a class as a date, has destroyed what somebody typed.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping

from center.platform.foreign_tables.values import Cell, DateCell, ErrorCell
from center.roster.model.card_number import parse_card_number
from center.roster.model.columns import COLUMNS
from center.roster.model.findings import ID_FAULTS, UNKNOWN, Kind
from rules.idnumber import IdNumberError, mask_id_number
from rules.names import clean_code, clean_name, delete_hidden, mask_code, mask_name

KNOWN_BY = ("year", "school", "student_no", "id_number", "name")
"""The fields that a row must have, because without them the office can't find its person."""

_CODES = frozenset({"year", "student_no", "id_number", "exam_no"})
_LONGEST = 200
_WITH_BIRTH = 18  # length of the numbers whose 7th to 14th characters are a date of birth
_YOUNGEST, _OLDEST = 12, 100  # the least and the greatest age of a graduate, in years
_EXACT_DIGITS = 15  # a spreadsheet's numbers keep at most this many digits
_SEX = {"男": "男", "女": "女", "1": "男", "2": "女", "m": "男", "f": "女", "男性": "男", "女性": "女"} | {
    "1.0": "男",
    "2.0": "女",
    "male": "男",
    "female": "女",
}
_EXPONENT = re.compile(r"[0-9](\.[0-9]+)?[eE]\+[0-9]{2,3}|[0-9]\.[0-9]+[eE][0-9]{1,3}")
"""A long number as spreadsheets and programs show it: with an exponent (1.23E+17).

The pattern demands a plus sign or a decimal point, so that the code 2E10 does not match.
"""
_WRITTEN_FLOAT = re.compile(r"([0-9]+)\.0+")
"""A whole number that a program wrote as a decimal fraction (12.0), because it had stored it as one."""
_QUOTED = re.compile(r'="(.*)"|\'(.*)')  # how exporting programs keep a code from being read as a number
_ERROR = re.compile(
    r"#(N/A N/A|[A-Z]+(/[A0])?[!?]|N/A|VALUE|REF|NAME|GETTING_DATA|名称\?)|#+|Err:[0-9]{3}|<NA>|[(\[]null[)\]]|\\N"
    r"|True|False|nan|nat|inf|NULL|None|undefined",
    re.IGNORECASE,
)
"""What Excel, LibreOffice and other programs write instead of a missing value."""
_NOTHING = frozenset(
    {"无", "空", "暂无", "没有", "未知", "不详", "未填写", "待补", "待定", "缺", "n/a", "na", "0", "-", "--", "/"}
)
"""What people write into a field when they do not know its value; any kind of dash counts as `-`."""
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―－", "-"))
_NO_NAMES = frozenset({"男", "女", "匿名", "合计", "总计", "小计"}) | _NOTHING - {"na"}
_NO_SIGN_OF_NAMES = frozenset('?？*＊#＃=＝<>＜＞{}[]|｜~～^&＆%$￥\\＼"“”:：!！')
"""Characters that no name has: they stand for lost characters, mask something, or belong to another field."""
_BETWEEN_NAMES = frozenset(",，、;；/／@＠")
"""Characters that separate names. A Chinese name has none of them; a Latin name may have one, for example in `S/O`, or
`@` before another name."""
_TITLES = frozenset(name for names in COLUMNS.values() for name in names)
_TEXT_DATE = re.compile(
    r"(19|20)[0-9]{2}([-/.])[0-9]{1,2}\2[0-9]{1,2}([ T][0-9:.]+)?|((19|20)[0-9]{2}年)?[0-9]{1,2}月[0-9]{1,2}日"
    r"|([0-9]{1,2}-)?(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)(-[0-9]{1,4})?|[0-9]{1,2}:[0-9]{2}(:[0-9]{2})?",
    re.IGNORECASE,
)
"""The name of a class or major that a spreadsheet turned into a date or a time before saving it as text."""
_YEAR = re.compile(r"(20[0-9]{2})(\.0)?(年|届|年度)?")
_STUDENT_NO = re.compile(r"(?!0+$)(?=.*[0-9])[0-9A-Za-z][0-9A-Za-z/_.\-]{0,29}")
_EXAM_NO = re.compile(r"[0-9A-Za-z]{6,20}")

Say = Callable[..., None]
"""The function by which a check reports a finding. Its arguments: the field's name, the kind of the finding, the masked
value, and the values for the finding's text.
"""


def read_fields(raw: Mapping[str, Cell], say: Say) -> dict[str, str]:
    """The fields of one row as text; mistakes are reported by `say`. The text of a refused field has no meaning."""
    fields = {name: text_of(name, cell) for name, cell in raw.items()}
    wrong = {name for name in COLUMNS if _check_type(name, raw[name], fields, say)}
    for name in COLUMNS.keys() - wrong:
        _check_presence(name, fields, say)
    for name, check in _CHECKS.items():
        if name not in wrong and fields[name] and (name in KNOWN_BY or fields[name] != UNKNOWN):
            check(fields, say)
    return fields


def text_of(name: str, cell: Cell) -> str:
    """A cell as the text of its field."""
    match cell:
        case None:
            return ""
        case DateCell():
            return cell.text
        case ErrorCell():
            return cell.code
        case bool():
            return str(cell)
        case float():
            return f"{cell:.0f}" if cell == int(cell) else repr(cell)
    bare = _QUOTED.fullmatch(delete_hidden(cell).strip())
    text = next(part for part in bare.groups() if part is not None) if bare else cell
    return clean_code(text) if name in _CODES else clean_name(text)


def _check_type(name: str, cell: Cell, fields: dict[str, str], say: Say) -> bool:
    """Check the type of the cell; mistakes are reported. True if the field needs no further check."""
    text = fields[name]
    if isinstance(cell, ErrorCell) or (isinstance(cell, str | bool) and _ERROR.fullmatch(text)):
        say(name, Kind.ERROR_CELL, text[:12])
        return True
    if isinstance(cell, DateCell):
        year = _YEAR.match(text) if name == "year" else None
        if year is None:
            say(name, Kind.DATE_CELL, "" if name in _CODES or name == "name" else text[:10])
            return True
        fields["year"] = year[1]
        say("year", Kind.YEAR_OF_DATE, text[:10], kept=year[1])
        return True
    if name in ("id_number", "student_no", "exam_no"):
        return _check_number(name, cell, fields, say)
    if name in ("class_name", "major"):
        return _check_words(name, cell, text, say)
    return False


def _check_words(name: str, cell: Cell, text: str, say: Say) -> bool:
    """Check whether a spreadsheet has changed the name of a class or major; any other text is accepted. True if the
    field needs no further check."""
    if _TEXT_DATE.fullmatch(text):
        say(name, Kind.DATE_CELL, text[:10])
        return True
    if isinstance(cell, float) and cell != int(cell):
        say(name, Kind.ZEROS_LOST, text[:10])
    return False


def _check_number(name: str, cell: Cell, fields: dict[str, str], say: Say) -> bool:
    """Check a code that a spreadsheet or a program stored as a number, so that it may have lost digits or leading
    zeros. True if the field needs no further check."""
    text = fields[name]
    if isinstance(cell, float):
        whole = cell == int(cell) and cell > 0
    elif written := _WRITTEN_FLOAT.fullmatch(text):
        text = fields[name] = written[1]
        whole = int(text) > 0
    elif _EXPONENT.fullmatch(text):
        whole = False
    else:
        return False
    if name != "id_number" and whole and len(text) <= _EXACT_DIGITS:
        say(name, Kind.ZEROS_LOST, mask_code(text))
        return False
    shown = mask_id_number(text) if name == "id_number" else mask_code(text)
    whose = {"who": mask_name(fields["name"]), "student": mask_code(fields["student_no"])}
    say(name, Kind.DIGITS_LOST, shown, **whose)
    return True


def _check_presence(name: str, fields: dict[str, str], say: Say) -> None:
    value = fields[name]
    if len(value) > _LONGEST:
        say(name, Kind.TOO_LONG, count=str(len(value)), most=str(_LONGEST))
    elif name in KNOWN_BY:
        if not value:
            say(name, Kind.NEEDED)
    elif (not value or _folded(value) in _NOTHING) and name != "sex":
        say(name, Kind.EMPTY, unknown=UNKNOWN)
        fields[name] = UNKNOWN


def _folded(text: str) -> str:
    """The text in the form in which `_NOTHING` lists its words."""
    return text.translate(_DASHES).casefold()


def _check_year(fields: dict[str, str], say: Say) -> None:
    """Check the year and reduce it to four digits: if 2026 and 2026届 were different years, the same students would be
    in the roster twice."""
    found = _YEAR.fullmatch(fields["year"])
    if found is None:
        say("year", Kind.NO_YEAR, fields["year"][:12])
    else:
        fields["year"] = found[1]


def _check_name(fields: dict[str, str], say: Say) -> None:
    name = fields["name"]
    is_word = _folded(name) in _NO_NAMES or name.casefold() in _TITLES
    if is_word or _has_foreign_sign(name) or not any(map(_is_letter, name)):
        say("name", Kind.NO_NAME, mask_name(name))
    elif any("\ue000" <= char <= "\uf8ff" for char in name):
        say("name", Kind.RARE_CHARACTER, mask_name(name))


def _has_foreign_sign(name: str) -> bool:
    signs = set(name)
    is_chinese = any("\u3400" <= char <= "\U0003ffff" for char in name)
    return bool(_NO_SIGN_OF_NAMES & signs) or (is_chinese and bool(_BETWEEN_NAMES & signs))


def _is_letter(char: str) -> bool:
    # Co: private use. Cn: characters that are newer than Python's tables. Both may be rare characters of names.
    category = unicodedata.category(char)
    return category[0] == "L" or category in ("Co", "Cn")


def _check_school(fields: dict[str, str], say: Say) -> None:
    school = fields["school"]
    letters = sum(unicodedata.category(char)[0] == "L" for char in school)
    if letters < 2 or _folded(school) in _NOTHING or school.casefold() in _TITLES:
        say("school", Kind.NO_SCHOOL, school[:12])


def _check_student(fields: dict[str, str], say: Say) -> None:
    if _STUDENT_NO.fullmatch(fields["student_no"]) is None:
        say("student_no", Kind.NO_STUDENT_NO, mask_code(fields["student_no"]))


def _check_exam(fields: dict[str, str], say: Say) -> None:
    if _EXAM_NO.fullmatch(fields["exam_no"]) is None:
        say("exam_no", Kind.EXAM_NO_UNUSUAL, mask_code(fields["exam_no"]))


def _check_id(fields: dict[str, str], say: Say) -> None:
    """Check the ID number, and compare the sex that it contains with the field `sex`."""
    text = fields["id_number"]
    try:
        number = parse_card_number(text)
    except IdNumberError as fault:
        say("id_number", ID_FAULTS[fault.fault], mask_id_number(text), count=str(len(text)))
        return
    if not _can_graduate(number.number, fields["year"]):
        say("id_number", Kind.ID_BIRTH, mask_id_number(number.number))
        return
    fields["id_number"] = number.number
    said = _SEX.get(clean_code(fields["sex"]).casefold())
    kept = said or number.sex or UNKNOWN
    if said is None and (fields["sex"] or number.sex is None):
        say("sex", Kind.SEX_UNCLEAR, kept=kept)
    elif said is not None and number.sex is not None and said != number.sex:
        say("sex", Kind.SEX_DIFFERS, said)
    fields["sex"] = kept
    if not number.region_known:
        say("id_number", Kind.REGION_UNKNOWN, mask_id_number(number.number))


def _can_graduate(number: str, year: str) -> bool:
    """Whether somebody with this number's date of birth can graduate in `year`.

    True if the number or year is unclear.
    """
    if len(number) != _WITH_BIRTH or _YEAR.fullmatch(year) is None:
        return True
    return int(number[6:10]) + _YOUNGEST <= int(year) <= int(number[6:10]) + _OLDEST


_CHECKS: dict[str, Callable[[dict[str, str], Say], None]] = {
    "year": _check_year,
    "school": _check_school,
    "student_no": _check_student,
    "name": _check_name,
    "exam_no": _check_exam,
    "id_number": _check_id,
}
"""Field -> its plausibility check. Major and class have none: a school may call them anything."""
