"""The season as staff change it, on both databases: every form kept, nothing guessed, nobody's change lost."""

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from center.__main__ import main
from center.audit.tables import AuditRow
from center.platform.faults import Conflict
from center.season.calendar import DayKind, calendar
from center.season.model import (
    DayChange,
    HoursChange,
    SeasonFault,
    WindowChange,
    apply,
    decode,
    encode,
    read_hours,
    read_month_day,
    read_year,
    show_hours,
)
from center.wiring.office import Office
from rules.season import SeasonState, load_season
from rules.workdays import UnconfirmedYear
from tests.center.factories import HandClock

TABLE = load_season("jiangsu")
DAY = date(2026, 9, 1)  # the tests' clock stands on it at nine


def test_until_somebody_changes_it_the_shipped_table_is_in_force(office: Office) -> None:
    current = office.seasons.current()
    assert (current.number, current.table) == (0, TABLE)
    assert office.seasons.now().state is SeasonState.OPEN
    assert office.seasons.history() == []


def test_each_change_is_a_version_with_its_maker_and_in_the_audit(office: Office) -> None:
    office.seasons.change("sue", 0, DayChange(DAY, (), "设备检修"))
    office.seasons.change("sue", 1, HoursChange(read_hours("08:30-12:00 13:00—17:00")))
    assert office.seasons.now().state is SeasonState.CLOSED_TODAY
    newest, before = office.seasons.history()
    assert (newest.number, newest.changed_by, show_hours(newest.table.rules.hours)) == (
        2,
        "sue",
        "08:30-12:00 13:00-17:00",
    )
    assert before.change["note"] == "设备检修"
    with office.database.read() as session:
        rows = session.scalars(select(AuditRow.detail).where(AuditRow.action == "season.changed")).all()
    assert [row["what"] for row in rows] == ["day", "hours"]


def test_who_looked_at_an_older_version_changes_nothing(office: Office) -> None:
    office.seasons.change("sue", 0, DayChange(DAY, ()))
    with pytest.raises(Conflict, match="changed meanwhile"):
        office.seasons.change("tom", 0, DayChange(DAY, None))
    assert office.seasons.current().number == 1


def test_a_change_that_changes_nothing_makes_no_version(office: Office) -> None:
    assert office.seasons.change("sue", 0, HoursChange(TABLE.rules.hours)).number == 0
    assert office.seasons.history() == []


def test_terms_count_working_days_and_an_unconfirmed_year_gives_none(office: Office) -> None:
    assert office.seasons.due(datetime(2026, 9, 24, 4, tzinfo=UTC), 20) == date(2026, 10, 29)
    late = datetime(2026, 12, 20, tzinfo=UTC)
    with pytest.raises(UnconfirmedYear, match="2027"):
        office.seasons.due(late, 20)
    office.seasons.change("sue", 0, read_year("2027", "放假通知", "元旦 2027-01-01 2027-01-03", ""))
    assert office.seasons.due(late, 20) == date(2027, 1, 18)
    office.seasons.change("sue", 1, DayChange(date(2027, 1, 11), ()))
    assert office.seasons.due(late, 20) == date(2027, 1, 18), "the office's own closed day lengthens no term"


@given(st.text(alphabet="0123456789:-：— 至,x", max_size=24))
def test_hours_are_read_in_order_or_refused(text: str) -> None:
    try:
        hours = read_hours(text)
        table = apply(TABLE, HoursChange(hours))
    except SeasonFault:
        return
    assert table.rules.hours == hours == read_hours(show_hours(hours))


def test_a_season_that_contradicts_itself_is_refused_with_the_reason() -> None:
    for text in (
        "13:30-17:00 09:00-11:30",
        "09:00-11:30 11:00-12:00",
        "17:00-09:00",
        "25:00-26:00",
        "",
        "nine to five",
    ):
        with pytest.raises(SeasonFault, match="hours are written"):
            apply(TABLE, HoursChange(read_hours(text)))
    with pytest.raises(SeasonFault, match="window"):
        apply(TABLE, WindowChange(read_month_day("11-20"), read_month_day("08-01")))
    with pytest.raises(SeasonFault, match="window"):
        read_month_day("02-30")
    with pytest.raises(SeasonFault, match="its own year"):
        read_year("2027", "通知", "元旦 2026-01-01", "")
    with pytest.raises(SeasonFault, match="no weekend"):
        read_year("2027", "通知", "", "2027-01-04")
    with pytest.raises(SeasonFault, match="a holiday is a line"):
        read_year("2027", "通知", "2027-01-01", "")
    with pytest.raises(SeasonFault, match="source"):
        read_year("2027", " ", "", "")


def test_a_stored_table_reads_as_it_was() -> None:
    table = apply(apply(TABLE, DayChange(DAY, read_hours("9:00-11:30"), "下午开会")), read_year("2027", "通知", "", ""))
    assert decode(json.loads(json.dumps(encode(table))), TABLE.workdays) == table


def test_the_calendar_has_every_day_of_the_window_once() -> None:
    table = apply(apply(TABLE, DayChange(DAY, (), "设备检修")), DayChange(date(2026, 9, 12), read_hours("9:00-11:30")))
    drawn = calendar(table, 2026)
    assert len(drawn.cells) == len({(cell.x, cell.y) for cell in drawn.cells}) == 112
    kinds = {cell.day: cell.kind for cell in drawn.cells}
    assert kinds[DAY] is DayKind.SHUT
    assert kinds[date(2026, 9, 12)] is DayKind.OWN_HOURS
    assert kinds[date(2026, 10, 1)] is DayKind.OFF
    assert drawn.served == 76
    assert {cell.kind for cell in calendar(TABLE, 2031).cells} == {DayKind.UNKNOWN}


def test_the_command_does_what_the_page_does(
    plain_office: Office, clock: HandClock, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "center.toml"
    config.write_text(f'folder = "{plain_office.config.folder}"\n')

    def run(*words: str, code: int = 0) -> str:
        assert main(["season", *words, "--config", str(config)]) == code
        said = capsys.readouterr()
        return said.out + said.err

    run("day", "2026-09-30", "--hours", "09:00-11:30", "--note", "下午开会")
    run("window", "08-15", "11-20")
    holidays = tmp_path / "holidays.txt"
    holidays.write_text("元旦 2027-01-01 2027-01-03\n春节 2027-02-05 2027-02-11\n", "utf-8")
    run("year", "2027", "通知", str(holidays), "--worked", "2027-02-14")
    said = run("show")
    assert "2026-09-30  09:00-11:30  下午开会" in said
    assert "window    08-15 to 11-20" in said
    assert "2027" in said
    assert json.loads(run("show", "--json"))["version"] == 3
    assert "hours are written" in run("hours", "late", code=1)
    run("day", "2026-09-30", "--usual")
    assert "下午开会" not in run("show").split("version")[0]
