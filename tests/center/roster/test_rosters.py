"""Rosters as schools send them: read row by row, refused with place and remedy, in wholly or not at all."""

import dataclasses
import io
import json
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from center.__main__ import main
from center.platform.faults import WrongRequest
from center.platform.foreign_tables.reader import read_file
from center.platform.foreign_tables.values import Cell, DateCell, ErrorCell, TableFault, Unreadable
from center.roster.model.file import Reading, in_order, read_roster, with_number_warnings
from center.roster.model.findings import UNKNOWN, Kind, RosterFault, Weight
from center.wiring.office import Office
from tests.center.conftest import file_shot
from tests.center.factories import shot_id
from tests.center.roster.roster_files import HEADER, NUMBER, OTHER, ROW, row, sheets_of, workbook
from wire.roster_change import RosterRow, RowSet


def read(*rows: list[Cell], header: Iterable[Cell] = HEADER) -> Reading:
    return read_roster(sheets_of({"": [list(header), *rows]}))


def refused(reading: Reading) -> list[str]:
    return [str(one) for one in in_order(reading.findings) if one.weight is Weight.REFUSED]


def warned(reading: Reading) -> list[str]:
    return [str(one) for one in in_order(reading.findings) if one.weight is Weight.WARNING]


def test_a_plain_row_is_read_as_it_is() -> None:
    reading = read([*ROW])
    (placed,) = reading.rows
    assert list(placed.row.model_dump().values()) == ROW
    assert reading.findings == ()
    assert NUMBER not in repr(reading)


@pytest.mark.parametrize(
    "header",
    [
        ["Bynd", "xxmc", "Zymc", "Bjmc", "Xh", "Sfzh", "Xm", "Xb", "Ksh"],
        ["BYND", "XXMC", "ZYMC", "BJMC", "XH", "SFZH", "XM", "XB", "KSH"],
        [
            "\ufeff毕业年度",
            " 学校名称 ",
            "专业 名称",
            "班级",
            "学\u200b号",
            "身份证号（文本）",
            "*姓名",
            "性别：",
            "9、【考生号】",
        ],
    ],
)
def test_columns_are_known_by_all_their_names(header: list[str]) -> None:
    assert read([*ROW], header=header).rows[0].row.student_no == "2026000001"


def test_columns_stand_in_any_order_under_titles_between_blank_rows_on_several_sheets() -> None:
    shuffled: list[list[Cell]] = [
        ["示范大学 2026 届毕业生名单", None],
        [None],
        [None, *reversed(HEADER), "备注"],
        [None] * 10,
        [None, *reversed(ROW), "补拍"],
    ]
    graduate: list[list[Cell]] = [[*HEADER], row(school="示范大学研究生院", student_no="G1", id_number=OTHER)]
    reading = read_roster(sheets_of({"本科": shuffled, "研究生": graduate, "说明": [["请按文本格式填写"]]}))
    assert [(one.sheet, one.number, one.row.student_no) for one in reading.rows] == [
        ("本科", 5, "2026000001"),
        ("研究生", 2, "G1"),
    ]
    assert reading.passed_over == ("说明",)


def test_a_missing_column_is_named() -> None:
    with pytest.raises(WrongRequest, match="身份证号"):
        read([value for value in ROW if value != NUMBER], header=[name for name in HEADER if name != "身份证号"])
    with pytest.raises(WrongRequest, match="columns' names"):
        read_roster(sheets_of({"": [["hello"], [*ROW]]}))


def test_hidden_signs_go_and_rare_characters_stay() -> None:
    reading = read(
        row(student_no="２０２６ 000001\u200e", id_number=" 11010519491231002x\u200b", name="\u202d张\U00020bb7\ue863 ")
    )
    (placed,) = reading.rows
    assert (placed.row.student_no, placed.row.id_number) == ("2026000001", NUMBER)
    assert placed.row.name == "张\U00020bb7\ue863"
    assert "no font has" in warned(reading)[0]


@pytest.mark.parametrize("cell", [110105194912310000.0, "1.10105E+17", "1.10105194912310E+17"])
def test_an_id_number_typed_as_a_number_is_refused_and_never_repaired(cell: Cell) -> None:
    reading = read(row(id_number=cell))
    assert reading.rows == ()
    (said,) = refused(reading)
    for word in ("row 2", "身份证号", "set the column to text", "阿*", "2026****01"):
        assert word in said
    assert "阿依古丽" not in said


def test_a_student_number_typed_as_a_number_is_kept_with_a_warning() -> None:
    reading = read(row(student_no=2026000001.0))
    assert reading.rows[0].row.student_no == "2026000001"
    assert "zeros at its beginning" in warned(reading)[0]
    assert "last digits are lost" in refused(read(row(student_no=2026000000000000001.0)))[0]


def test_a_residence_card_of_2017_is_an_id_number_too() -> None:
    reading = read(row(id_number="abc310198001010", sex="男"))
    assert (reading.rows[0].row.id_number, reading.rows[0].row.sex) == ("ABC310198001010", "男")
    assert reading.findings == ()
    unsaid = read(row(id_number="ABC310198001010", sex=None))
    assert unsaid.rows[0].row.sex == UNKNOWN
    assert [one.kind for one in unsaid.findings] == [Kind.SEX_UNCLEAR]


@pytest.mark.parametrize("cell", ['="11010519491231002X"', "'11010519491231002X", "\t11010519491231002X"])
def test_tricks_that_keep_a_number_text_are_undone(cell: str) -> None:
    assert read(row(id_number=cell)).rows[0].row.id_number == NUMBER


@pytest.mark.parametrize("number", ["110105194912310021", "1101051949123100", "11010519491331002X", "護照A123"])
def test_a_wrong_id_number_is_refused_masked(number: str) -> None:
    (said,) = refused(read(row(id_number=number)))
    assert number not in said


@pytest.mark.parametrize("name", ["year", "school", "student_no", "id_number", "name"])
def test_a_row_nobody_can_be_found_by_is_refused(name: str) -> None:
    (said,) = refused(read(row(**{name: " \u200b"})))
    assert f"({name})" in said
    assert "is empty" in said


def test_other_empty_fields_are_warned_of_and_marked() -> None:
    reading = read(row(major=None, class_name="", exam_no=None, sex=None))
    (placed,) = reading.rows
    assert (placed.row.major, placed.row.class_name, placed.row.exam_no, placed.row.sex) == (UNKNOWN,) * 3 + ("女",)
    assert len(warned(reading)) == 3


def test_the_sex_is_held_against_the_id_number() -> None:
    assert read(row(sex="F")).rows[0].row.sex == "女"
    assert "17th digit" in warned(read(row(sex="1")))[0]
    assert "neither" in warned(read(row(sex="?")))[0]


def test_a_row_given_twice_counts_once_and_given_differently_not_at_all() -> None:
    assert len(read([*ROW], [*ROW]).rows) == 1
    assert read([*ROW], [*ROW]).findings == ()
    for other in (row(name="李四"), row(student_no="2026000002")):
        reading = read([*ROW], other)
        assert reading.rows == ()
        assert reading.refused == 2
        assert "row 3" in refused(reading)[0]
        assert "row 2" in refused(reading)[1]
        assert NUMBER not in "".join(refused(reading))


_DOUBLES = st.lists(
    st.builds(
        row,
        student_no=st.sampled_from(["A1", "a1", "B2"]),
        id_number=st.sampled_from([NUMBER, OTHER]),
        class_name=st.sampled_from(["1班", "2班"]),
    ),
    max_size=6,
)


@given(_DOUBLES)
@example([row(), row(), row(class_name="2班")])
@example([row(), row(class_name="2班"), row()])
def test_no_row_that_is_read_has_a_number_of_a_refused_one_in_whatever_order(rows: list[list[Cell]]) -> None:
    reading = read(*rows)
    kept = [one.row for one in reading.rows]
    for name in ("student_no", "id_number"):
        mine = [one.model_dump()[name].upper() for one in kept]
        assert len(set(mine)) == len(mine), "each once"
        assert set(mine).isdisjoint(one.texts[name].upper() for one in reading.refused_rows)
    lines = {one.number for one in reading.refused_rows}
    assert {one.row for one in reading.findings if one.weight is Weight.REFUSED} == lines, "each says why"
    assert {json.dumps(one) for at, one in enumerate(rows, start=2) if at not in lines} == {
        json.dumps(list(one.model_dump().values())) for one in kept
    }, "what is not refused is read"


def test_an_id_number_of_another_student_of_the_roster_is_warned_of() -> None:
    reading = read([*ROW])
    assert with_number_warnings(reading, {OTHER}).findings == ()
    (said,) = warned(with_number_warnings(reading, {NUMBER}))
    assert "another student" in said


@given(
    st.lists(st.lists(st.none() | st.text(max_size=12) | st.floats(allow_nan=False, allow_infinity=False), max_size=12))
)
def test_no_cells_break_the_reading(cells: list[list[Cell]]) -> None:
    reading = read_roster(sheets_of({"": [[*HEADER], *cells]}))
    assert len(reading.rows) + reading.refused <= len(cells)


# Structure and plausibility ---------------------------------------------------------------------------------------


def kinds(reading: Reading) -> list[tuple[int, Kind]]:
    return [(one.row, one.kind) for one in in_order(reading.findings)]


def test_two_columns_of_one_name_are_never_chosen_between() -> None:
    reading = read(["辅导员甲", *ROW], header=["姓名", *HEADER])
    assert (reading.rows, kinds(reading)) == ((), [(1, Kind.COLUMN_TWICE)])
    assert "columns A, H" in str(reading.findings[0])


def test_a_second_table_beside_the_first_is_reported_and_none_is_dropped() -> None:
    reading = read([*ROW, None, *row(student_no="2", id_number=OTHER)], header=[*HEADER, None, *HEADER])
    assert (reading.rows, kinds(reading)) == ((), [(1, Kind.TABLES_BESIDE)])
    assert "column K" in str(reading.findings[0])


def test_a_second_table_below_is_reported_and_a_repeated_header_is_left_out() -> None:
    below = read([*ROW], [*reversed(HEADER)], [*reversed(ROW)])
    assert kinds(below) == [(3, Kind.SECOND_TABLE)]
    again = read([*ROW], [*HEADER], row(student_no="2", id_number=OTHER))
    assert ([one.number for one in again.rows], kinds(again)) == ([2, 4], [(3, Kind.HEADER_AGAIN)])
    assert again.refused == 0


def test_the_one_sheet_that_lacks_a_column_is_named_with_it_and_the_others_are_read() -> None:
    reading = read_roster(sheets_of({"1班": [[*HEADER], [*ROW]], "2班": [[*HEADER[:8]], [*ROW[:8]]]}))
    assert (len(reading.rows), reading.refused) == (1, 1)
    assert refused(reading) == [
        "2班 row 1: refused: this row of names lacks the column 考生号 (ksh): add it here, as text"
    ]


def test_hidden_sheets_are_reported_and_read_only_when_asked_for() -> None:
    shown, hidden = sheets_of({"名册": [[*HEADER], [*ROW]], "旧": [[*HEADER], row(student_no="2", id_number=OTHER)]})
    hidden = dataclasses.replace(hidden, hidden=True)
    reading = read_roster([shown, hidden])
    assert (len(reading.rows), reading.hidden) == (1, ("旧",))
    assert len(read_roster([shown, hidden], hidden_too=True).rows) == 2
    with pytest.raises(RosterFault, match=r"hidden sheets hold a roster \(旧\)"):
        read_roster([hidden])


def test_hidden_rows_and_columns_are_reported() -> None:
    (sheet,) = sheets_of({"名册": [[*HEADER], [*ROW]]})
    reading = read_roster([dataclasses.replace(sheet, hidden_rows=(2,), hidden_columns=(6,))])
    assert len(reading.rows) == 1
    assert [kind for _, kind in kinds(reading)] == [Kind.HIDDEN_ROWS, Kind.HIDDEN_COLUMNS]
    assert "columns G are hidden" in warned(reading)[1]


@pytest.mark.parametrize(
    ("field", "cell", "kind"),
    [
        ("class_name", DateCell("2026-02-02"), Kind.DATE_CELL),
        ("class_name", ErrorCell("inf"), Kind.ERROR_CELL),
        ("major", ErrorCell("#N/A"), Kind.ERROR_CELL),
        ("name", ErrorCell("#REF!"), Kind.ERROR_CELL),
        ("name", True, Kind.ERROR_CELL),
        ("name", 12345.0, Kind.NO_NAME),
        ("name", "#N/A", Kind.ERROR_CELL),
        ("name", "########", Kind.ERROR_CELL),
        ("name", "True", Kind.ERROR_CELL),
        ("name", "12345", Kind.NO_NAME),
        ("name", "无", Kind.NO_NAME),
        ("name", UNKNOWN, Kind.NO_NAME),
        ("name", "·", Kind.NO_NAME),
        ("school", "1", Kind.NO_SCHOOL),
        ("year", "26", Kind.NO_YEAR),
        ("year", "二〇二六", Kind.NO_YEAR),
        ("year", "2026级", Kind.NO_YEAR),
        ("year", 26.0, Kind.NO_YEAR),
        ("student_no", "2.02612E+11", Kind.DIGITS_LOST),
        ("student_no", 202600001.5, Kind.DIGITS_LOST),
        ("student_no", 2.026e19, Kind.DIGITS_LOST),
        ("student_no", 0.5, Kind.DIGITS_LOST),
        ("student_no", DateCell("2026-02-02"), Kind.DATE_CELL),
        ("student_no", "张三", Kind.NO_STUDENT_NO),
        ("sex", ErrorCell("#N/A"), Kind.ERROR_CELL),
    ],
)
def test_what_can_not_be_the_field_is_refused_by_name(field: str, cell: Cell, kind: Kind) -> None:
    reading = read(row(**{field: cell}), row(student_no="2", id_number=OTHER))
    assert [one.number for one in reading.rows] == [3]
    assert (2, kind) in kinds(reading)
    assert [one.number for one in reading.refused_rows] == [2]


@pytest.mark.parametrize("cell", ["2026届", "2026年", "２０２６", 2026.0, "2026年度", DateCell("2026-06-30")])
def test_a_year_is_kept_in_one_form_so_that_nobody_doubles(cell: Cell) -> None:
    assert read(row(year=cell)).rows[0].row.year == "2026"


@pytest.mark.parametrize("number", ["2E10", "1E2026", "B2026-01"])
def test_a_student_number_with_letters_is_no_number_of_a_spreadsheet(number: str) -> None:
    reading = read(row(student_no=number))
    assert (reading.rows[0].row.student_no, reading.findings) == (number, ())


@pytest.mark.parametrize("name", ["测试1号", "\ue863", "张\U000300d0", "阿卜杜拉·穆罕默德", "Li Wei", "Ōe"])
def test_every_kind_of_real_name_goes_in(name: str) -> None:
    assert read(row(name=name)).rows[0].row.name == name


# Files ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("separator", [",", "\t", ";"])
def test_text_files_are_read_in_every_encoding_schools_use(tmp_path: Path, encoding: str, separator: str) -> None:
    path = tmp_path / "roster.csv"
    path.write_bytes("\r\n".join(separator.join(line) for line in (HEADER, ROW)).encode(encoding))
    (placed,) = read_roster(read_file(path)).rows
    assert list(placed.row.model_dump().values()) == ROW


def test_workbooks_old_and_new_are_read_and_numbers_stay_numbers(tmp_path: Path) -> None:
    for path in (workbook(tmp_path / "roster.xlsx", [*ROW]), Path(__file__).parent / "roster.xls"):
        (placed,) = read_roster(read_file(path)).rows
        assert list(placed.row.model_dump().values()) == ROW
    sheets = read_file(workbook(tmp_path / "numbers.xlsx", row(id_number=110105194912310000, student_no=2026000001)))
    reading = read_roster(sheets)
    assert reading.refused == 1
    assert len(warned(reading)) == 1


def test_an_encrypted_workbook_opens_with_its_password_only(tmp_path: Path) -> None:
    path = workbook(tmp_path / "roster.xls", [*ROW], password="毕业2026")  # whatever its name says
    for password, kind in ((None, Unreadable.ENCRYPTED), ("wrong", Unreadable.WRONG_KEY)):
        with pytest.raises(TableFault, match="password") as refused:
            read_file(path, password)
        assert refused.value.kind is kind
    assert read_roster(read_file(path, "毕业2026")).rows[0].row.student_no == "2026000001"


@pytest.mark.parametrize(
    "data", [b"", b"\x00\x01\x02\x03" * 50, b"PK\x03\x04 no zip", bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600)]
)
def test_what_is_no_roster_is_refused_with_a_remedy(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "roster.xlsx"
    path.write_bytes(data)
    with pytest.raises(TableFault, match=r"roster\.xlsx: the file .*: (choose|save|open)"):
        read_file(path)


# The command ------------------------------------------------------------------------------------------------------


@pytest.fixture
def command(plain_office: Office, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str]]:
    """`center rosters import` on an office; its code and what it said."""
    config = tmp_path / "center.toml"
    config.write_text(f'folder = "{plain_office.config.folder}"\n')

    def run(path: Path, *options: str) -> tuple[int, str]:
        code = main(["rosters", "import", str(path), "--config", str(config), *options])
        said = capsys.readouterr()
        return code, said.out + said.err

    return run


def rows_of(office: Office) -> list[RosterRow]:
    return [change.row for change in office.roster_feed.page(None, 0, 100).changes if isinstance(change, RowSet)]


def test_an_import_reaches_the_feed_and_the_same_file_again_changes_nothing(
    plain_office: Office, command: Callable[..., tuple[int, str]], tmp_path: Path
) -> None:
    path = workbook(tmp_path / "roster.xlsx", [*ROW], row(student_no="2026000002", id_number=OTHER, sex="男"))
    code, said = command(path, "--dry-run")
    assert (code, rows_of(plain_office)) == (0, [])
    assert "2 new, 0 changed, 0 as they were" in said
    assert command(path)[0] == 0
    assert len(rows_of(plain_office)) == 2
    place = plain_office.roster_feed.page(None, 0, 100).next
    code, said = command(path)
    assert "0 new, 0 changed, 2 as they were" in said
    assert plain_office.roster_feed.page(None, 0, 100).next == place
    corrected = workbook(tmp_path / "corrected.xlsx", row(class_name="2班"))
    assert "0 new, 1 changed, 0 as they were" in command(corrected)[1]
    assert plain_office.roster_feed.page(None, place, 100).changes[0].sequence == place + 1


def test_one_refused_row_keeps_all_out_unless_the_good_ones_are_asked_for(
    plain_office: Office, command: Callable[..., tuple[int, str]], tmp_path: Path
) -> None:
    path = workbook(tmp_path / "roster.xlsx", [*ROW], row(student_no="2026000002", id_number=110105194912310000))
    code, said = command(path)
    assert (code, rows_of(plain_office)) == (1, [])
    assert "Sheet row 3: refused: 身份证号 (id_number) 110105********0000: was typed as a number" in said
    assert "nothing was changed" in said
    code, said = command(path, "--good-rows")
    assert (code, len(rows_of(plain_office))) == (0, 1)
    for secret in (NUMBER, "阿依古丽", "2026000001"):
        assert secret not in said


def test_a_provisional_row_is_listed_and_taken_back_by_command(
    plain_office: Office, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "center.toml"
    config.write_text(f'folder = "{plain_office.config.folder}"\n')
    file_shot(plain_office, 1, flags=("provisional_row",))
    shot = plain_office.queue.claim("anna", shot_id(1))
    fields = {"year": "2026", "school": "示范大学", "student_no": "2026000009", "id_number": OTHER, "name": "李四"}
    plain_office.identity_answers.make_row("anna", shot.shot_id, shot.version, fields)

    def said(*words: str) -> tuple[int, str]:
        code = main(["rosters", *words, "--config", str(config)])
        out = capsys.readouterr()
        return code, out.out + out.err

    code, line = said("provisional")
    assert (code, "李*  110105********0046  示范大学" in line, "李四" in line) == (0, True, False)
    (row_id,) = [json.loads(one)["row"] for one in said("provisional", "--json")[1].splitlines()]
    code, line = said("take-back", row_id)
    assert (code, "ask again who is on them: 1" in line) == (0, True)
    assert rows_of(plain_office) == []
    code, line = said("take-back", row_id)
    assert (code, "no such provisional row" in line) == (1, True)
    assert said("provisional") == (0, "")


def test_programs_get_an_object_a_line(command: Callable[..., tuple[int, str]], tmp_path: Path) -> None:
    path = workbook(tmp_path / "roster.xlsx", row(id_number="1"))
    code, said = command(path, "--json")
    finding, summary = map(json.loads, said.splitlines())
    assert (code, finding["row"], finding["weight"]) == (1, 2, "refused")
    assert summary == {
        "written": False,
        "new": 0,
        "changed": 0,
        "same": 0,
        "refused": 1,
        "warnings": 0,
        "passed_over": [],
        "hidden": [],
    }


def test_an_encrypted_file_takes_its_password_from_a_file(
    plain_office: Office,
    command: Callable[..., tuple[int, str]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    path = workbook(tmp_path / "roster.xlsx", [*ROW], password="secret")
    code, said = command(path)
    assert code == 1
    assert "encrypted" in said
    (tmp_path / "password").write_text("secret\n")
    assert command(path, "--password-file", str(tmp_path / "password"))[0] == 0
    assert len(rows_of(plain_office)) == 1


def test_refused_rows_go_back_to_the_school_with_the_reason_beside_each_and_come_in_when_put_right(
    plain_office: Office, command: Callable[..., tuple[int, str]], tmp_path: Path
) -> None:
    path = workbook(tmp_path / "roster.xlsx", [*ROW], row(student_no="2026000002", id_number="110105194912310047"))
    out = tmp_path / "refused.xlsx"
    assert command(path, "--good-rows", "--refused", str(out))[0] == 0
    assert out.stat().st_mode & 0o077 == 0
    (sheet,) = read_file(out)
    titles, back = sheet.rows
    assert titles.cells[:9] == tuple(HEADER)
    assert back.cells[4:6] == ("2026000002", "110105194912310047")
    assert back.cells[9:11] == ("Sheet", "3")
    assert "与校验码不符" in str(back.cells[11])
    mended = [*back.cells[:5], OTHER, *back.cells[6:]]
    again = workbook(tmp_path / "again.xlsx", mended[:9])
    assert command(again)[0] == 0
    assert len(rows_of(plain_office)) == 2


def test_the_empty_form_is_read_back_as_one_without_rows(tmp_path: Path) -> None:
    out = tmp_path / "form.xlsx"
    assert main(["rosters", "template", str(out)]) == 0
    assert read_roster(read_file(out)).rows == ()
    assert main(["rosters", "template", str(out)]) == 1  # nothing is written over
