"""The season: never guessed, always China's time, and the same working days as the public calendar's."""

from datetime import UTC, date, datetime, time, timedelta, timezone
from pathlib import Path

import chinese_calendar
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.season import (
    CHINA,
    Season,
    SeasonError,
    SeasonRules,
    SeasonState,
    SeasonTable,
    load_season,
    read_workdays,
    season_state,
)
from rules.workdays import UnconfirmedYear

TABLE = load_season("jiangsu")
SEASON_FOLDER = Path(__file__).parents[2] / "rules" / "season"


def at(text: str, synced: bool = True) -> Season:
    """The season at a China time like `2026-10-01 10:00`."""
    return season_state(datetime.fromisoformat(text).replace(tzinfo=CHINA), synced, TABLE)


def test_every_day_from_2019_to_2026_agrees_with_the_public_calendar() -> None:
    day, differing = date(2019, 1, 1), []
    while day <= date(2026, 12, 31):
        if TABLE.workdays.is_working_day(day) != chinese_calendar.is_workday(day):
            differing.append(day)
        day += timedelta(days=1)
    assert differing == []


def test_the_window_of_2026_has_76_working_days() -> None:
    days = [date(2026, 8, 1) + timedelta(days=n) for n in range((date(2026, 11, 20) - date(2026, 8, 1)).days + 1)]
    assert sum(TABLE.workdays.is_working_day(day) for day in days) == 76


@pytest.mark.parametrize(
    ("moment", "state"),
    [
        ("2026-07-31 10:00", SeasonState.BEFORE_SEASON),
        ("2026-08-03 10:00", SeasonState.OPEN),
        ("2026-11-20 10:00", SeasonState.OPEN),  # the last day is in the window
        ("2026-11-21 10:00", SeasonState.AFTER_SEASON),
        ("2026-08-01 10:00", SeasonState.NOT_A_WORKING_DAY),  # a Saturday
        ("2026-09-20 10:00", SeasonState.OPEN),  # a Sunday that is worked
        ("2026-10-10 10:00", SeasonState.OPEN),  # a Saturday that is worked
        ("2026-09-25 10:00", SeasonState.NOT_A_WORKING_DAY),  # a Friday that is a holiday
        ("2026-10-07 10:00", SeasonState.NOT_A_WORKING_DAY),
        ("2026-10-08 08:59:59", SeasonState.OUT_OF_HOURS),
        ("2026-10-08 09:00", SeasonState.OPEN),
        ("2026-10-08 11:29:59", SeasonState.OPEN),
        ("2026-10-08 11:30", SeasonState.OUT_OF_HOURS),
        ("2026-10-08 13:30", SeasonState.OPEN),
        ("2026-10-08 17:00", SeasonState.OUT_OF_HOURS),
    ],
)
def test_the_state_follows_window_working_day_and_hours(moment: str, state: SeasonState) -> None:
    assert at(moment).state is state


@pytest.mark.parametrize(
    ("moment", "opening"),
    [
        ("2026-10-08 08:00", "2026-10-08 09:00"),
        ("2026-10-08 12:00", "2026-10-08 13:30"),
        ("2026-10-09 17:30", "2026-10-10 09:00"),  # Saturday, worked
        ("2026-09-30 18:00", "2026-10-08 09:00"),  # over the national holiday
        ("2026-10-01 10:00", "2026-10-08 09:00"),
        ("2026-01-15 10:00", "2026-08-03 09:00"),
        ("2025-12-01 10:00", "2026-08-03 09:00"),  # next year is confirmed
    ],
)
def test_a_shut_booth_says_when_it_opens_again(moment: str, opening: str) -> None:
    assert at(moment).next_opening == datetime.fromisoformat(opening).replace(tzinfo=CHINA)


def test_an_open_booth_has_no_next_opening() -> None:
    assert at("2026-10-08 10:00") == Season(SeasonState.OPEN, None, date(2026, 8, 1))


def test_after_the_last_confirmed_window_only_its_first_day_is_known() -> None:
    assert at("2026-11-22 18:53") == Season(SeasonState.AFTER_SEASON, None, date(2027, 8, 1))
    assert at("2026-11-20 17:00") == Season(SeasonState.OUT_OF_HOURS, None, date(2026, 8, 1))


@pytest.mark.parametrize(
    ("moment", "state"),
    [
        ("2027-08-02 10:00", SeasonState.YEAR_UNCONFIRMED),
        ("2027-08-01 10:00", SeasonState.YEAR_UNCONFIRMED),  # a Sunday, but it might be worked
        ("2027-08-02 03:00", SeasonState.OUT_OF_HOURS),  # shut on any day
        ("2027-07-31 10:00", SeasonState.BEFORE_SEASON),  # out of the window on any calendar
    ],
)
def test_an_unconfirmed_year_is_said_so_unless_the_answer_does_not_depend_on_it(
    moment: str, state: SeasonState
) -> None:
    season = at(moment)
    assert season.state is state
    assert season.next_opening is None


def test_an_unsynced_clock_is_said_so_and_nothing_is_derived_from_it() -> None:
    assert at("2026-10-08 10:00", synced=False) == Season(SeasonState.CLOCK_UNSYNCED, None, None)


@given(
    st.datetimes(datetime(2019, 1, 1), datetime(2027, 12, 31)),  # noqa: DTZ001 - given its zone below
    st.integers(-14, 14),
)
@settings(max_examples=200)
def test_the_season_does_not_depend_on_the_zone_of_the_moment(moment: datetime, hours: int) -> None:
    aware = moment.replace(tzinfo=UTC)
    elsewhere = aware.astimezone(timezone(timedelta(hours=hours)))
    assert season_state(aware, True, TABLE) == season_state(elsewhere, True, TABLE)


@given(st.datetimes(datetime(2019, 1, 1), datetime(2026, 12, 31), timezones=st.just(CHINA)))  # noqa: DTZ001
@settings(max_examples=200)
def test_at_the_next_opening_the_booth_is_open_and_just_before_it_is_not(moment: datetime) -> None:
    opening = season_state(moment, True, TABLE).next_opening
    if opening is None:
        return
    assert opening > moment
    assert season_state(opening, True, TABLE).state is SeasonState.OPEN
    assert season_state(opening - timedelta(seconds=1), True, TABLE).state is not SeasonState.OPEN


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        season_state(datetime(2026, 10, 8, 10), True, TABLE)  # noqa: DTZ001 - the point of the test


def test_twenty_working_days_of_a_correction_skip_holidays_and_count_worked_weekends() -> None:
    assert TABLE.workdays.working_days_after(date(2026, 9, 24), 1) == date(2026, 9, 28)
    assert TABLE.workdays.working_days_after(date(2026, 9, 30), 3) == date(2026, 10, 10)
    assert TABLE.workdays.working_days_after(date(2026, 9, 24), 20) == date(2026, 10, 29)


@given(st.dates(date(2019, 1, 1), date(2026, 6, 1)), st.integers(1, 30))
@settings(max_examples=100)
def test_working_days_after_counts_what_is_working_day_counts(day: date, count: int) -> None:
    end = TABLE.workdays.working_days_after(day, count)
    passed = [day + timedelta(days=n) for n in range(1, (end - day).days + 1)]
    assert sum(TABLE.workdays.is_working_day(each) for each in passed) == count
    assert TABLE.workdays.is_working_day(end)


def test_working_days_into_an_unconfirmed_year_are_not_guessed() -> None:
    with pytest.raises(UnconfirmedYear, match=r"2027 are not confirmed; add \[years.2027\]") as refused:
        TABLE.workdays.working_days_after(date(2026, 12, 20), 20)
    assert refused.value.year == 2027


def test_no_working_days_after_nothing() -> None:
    with pytest.raises(ValueError, match="count 0 must be 1 or more"):
        TABLE.workdays.working_days_after(date(2026, 9, 24), 0)


YEAR = '[years.2027]\nsource = "x"\nholidays = [{ name = "h", first = 2027-05-01, last = 2027-05-05 }]\n'


def test_a_year_staff_add_is_confirmed_at_once() -> None:
    workdays = read_workdays(YEAR + "working_weekends = [2027-05-08]\n")
    assert workdays.confirmed(2027)
    assert not workdays.is_working_day(date(2027, 5, 3))
    assert workdays.is_working_day(date(2027, 5, 8))
    assert workdays.is_working_day(date(2027, 5, 6))


def test_a_window_without_a_working_day_has_no_next_opening() -> None:
    shut = "".join(
        f'[years.{year}]\nsource = "x"\nworking_weekends = []\n'
        f'holidays = [{{ name = "h", first = {year}-08-01, last = {year}-11-20 }}]\n'
        for year in (2027, 2028)
    )
    table = SeasonTable(TABLE.rules, read_workdays(shut))
    season = season_state(datetime(2027, 9, 1, 10, tzinfo=CHINA), True, table)
    assert season == Season(SeasonState.NOT_A_WORKING_DAY, None, date(2027, 8, 1))


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (YEAR + "working_weekends = [2027-05-06]", "2027-05-06 is no weekend"),
        (YEAR + "working_weekends = [2027-05-02]", "2027-05-02 is both a holiday and a working weekend"),
        (YEAR + "working_weekends = [2026-05-09]", "2026-05-09 stands under 2027"),
        (YEAR.replace("last = 2027-05-05", "last = 2027-04-30") + "working_weekends = []", "is after last 2027-04-30"),
        (YEAR, "years.2027.working_weekends: Field required"),
        (YEAR + 'working_weekends = ["soon"]', "years.2027.working_weekends.0"),
        ("years =", "not TOML"),
    ],
)
def test_a_wrong_calendar_is_named_with_its_place(text: str, complaint: str) -> None:
    with pytest.raises(SeasonError) as refused:
        read_workdays(text)
    assert complaint in str(refused.value)
    assert "workdays.toml" in str(refused.value)


def folder_with(tmp_path: Path, old: str, new: str) -> Path:
    """A folder of one's own, with one place of the season's file changed."""
    text = (SEASON_FOLDER / "jiangsu.toml").read_text(encoding="utf-8")
    assert old in text
    (tmp_path / "ours.toml").write_text(text.replace(old, new), encoding="utf-8")
    (tmp_path / "workdays.toml").write_bytes((SEASON_FOLDER / "workdays.toml").read_bytes())
    return tmp_path


def test_hours_of_ones_own_are_read_from_a_folder(tmp_path: Path) -> None:
    table = load_season("ours", folder_with(tmp_path, "opens = 09:00:00", "opens = 08:00:00"))
    assert season_state(datetime(2026, 10, 8, 8, 30, tzinfo=CHINA), True, table).state is SeasonState.OPEN


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("opens = 09:00:00", "opens = 12:00:00", "opens 12:00:00 must be before closes 11:30:00"),
        ("opens = 13:30:00", "opens = 11:00:00", "hours overlap"),
        ("month = 8, day = 1 }", "month = 12, day = 1 }", "first_day must not be after last_day"),
        ("month = 11, day = 20", "month = 2, day = 29", "last_day"),
        ("month = 11, day = 20", "month = 13, day = 1", "last_day.month"),
        ("schema_version = 1", "schema_version = 2", "schema_version"),
    ],
)
def test_wrong_rules_are_named_with_their_place(tmp_path: Path, old: str, new: str, complaint: str) -> None:
    with pytest.raises(SeasonError) as refused:
        load_season("ours", folder_with(tmp_path, old, new))
    assert complaint in str(refused.value)
    assert "ours.toml" in str(refused.value)


@pytest.mark.parametrize("name", ["hubei", "workdays", "../jiangsu", ""])
def test_an_unknown_season_is_answered_with_the_names_there_are(name: str) -> None:
    with pytest.raises(SeasonError, match=r"there are: jiangsu$"):
        load_season(name)


def test_a_season_without_its_calendar_says_which_file_is_missing(tmp_path: Path) -> None:
    (folder_with(tmp_path, "schema_version", "schema_version") / "workdays.toml").unlink()
    with pytest.raises(SeasonError, match=r"workdays\.toml, is missing"):
        load_season("ours", tmp_path)


def with_exceptions(*exceptions: dict[str, object]) -> SeasonTable:
    rules = SeasonRules.model_validate({**TABLE.rules.model_dump(), "exceptions": tuple(exceptions)})
    return SeasonTable(rules, TABLE.workdays)


def state_at(text: str, table: SeasonTable) -> SeasonState:
    return season_state(datetime.fromisoformat(text).replace(tzinfo=CHINA), True, table).state


MORNING = {"opens": time(9), "closes": time(11, 30)}


def test_a_date_of_its_own_has_its_own_hours() -> None:
    table = with_exceptions({"day": date(2026, 9, 30), "hours": (MORNING,)})
    assert state_at("2026-09-30 10:00", table) is SeasonState.OPEN
    assert state_at("2026-09-30 14:00", table) is SeasonState.OUT_OF_HOURS, "a closed afternoon"
    assert state_at("2026-09-29 14:00", table) is SeasonState.OPEN


def test_a_date_without_hours_is_shut_and_the_next_opening_passes_it_over() -> None:
    table = with_exceptions({"day": date(2026, 10, 19), "note": "设备检修"})
    season = season_state(datetime(2026, 10, 19, 10, tzinfo=CHINA), True, table)
    assert season.state is SeasonState.CLOSED_TODAY
    assert season.next_opening == datetime(2026, 10, 20, 9, tzinfo=CHINA)


def test_a_weekend_with_hours_is_served() -> None:
    table = with_exceptions({"day": date(2026, 9, 12), "hours": (MORNING,)})
    assert state_at("2026-09-12 10:00", table) is SeasonState.OPEN
    assert len(table.window_days(2026)) == 77


def test_two_exceptions_for_one_date_are_refused() -> None:
    with pytest.raises(ValueError, match="2026-10-19 stands twice"):
        with_exceptions({"day": date(2026, 10, 19)}, {"day": date(2026, 10, 19), "hours": (MORNING,)})
