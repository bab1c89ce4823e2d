"""The examples on docs/profiles.md are read."""

import re
from datetime import date
from pathlib import Path

from rules.season import load_season, read_workdays

ROOT = Path(__file__).parents[2]
SEASON = (ROOT / "docs/profiles.md").read_text(encoding="utf-8").partition("\n## A season\n")[2]
EXCEPTIONS, YEAR = re.findall(r"^```toml\n(.*?)^```", SEASON, re.MULTILINE | re.DOTALL)


def test_the_example_of_a_year_is_read() -> None:
    assert not read_workdays(YEAR).is_working_day(date(2027, 1, 1))


def test_the_example_of_exceptions_is_read(tmp_path: Path) -> None:
    for name in ("jiangsu.toml", "workdays.toml"):
        (tmp_path / name).write_bytes((ROOT / "rules/season" / name).read_bytes())
    with (tmp_path / "jiangsu.toml").open("a", encoding="utf-8") as file:
        file.write(EXCEPTIONS)
    closed = load_season("jiangsu", tmp_path).rules.exception(date(2026, 10, 19))
    assert closed is not None
    assert closed.hours == ()
