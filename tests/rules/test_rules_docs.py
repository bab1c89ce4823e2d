"""The example on docs/profiles.md is read."""

import re
from datetime import date
from pathlib import Path

from rules.season import read_workdays

PAGE = (Path(__file__).parents[2] / "docs" / "profiles.md").read_text(encoding="utf-8")


def test_the_example_of_a_year_is_read() -> None:
    (example,) = re.findall(r"^```toml\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    assert not read_workdays(example).is_working_day(date(2027, 1, 1))
