"""docs/profiles.md names every entry of a profile and a season, and its example is read."""

import re
from datetime import date
from pathlib import Path

import pytest

from rules.profile import Background, BackgroundMode, Check, Consent, IdentificationRule, Prepare, Profile
from rules.season import SeasonRules, read_workdays

PAGE = (Path(__file__).parents[2] / "docs" / "profiles.md").read_text(encoding="utf-8")
ENTRIES = {
    *(set(Profile.model_fields) - {"name"}),
    *Background.model_fields,
    *Consent.model_fields,
    *Check.model_fields,
    *SeasonRules.model_fields,
}
WORDS = [word.value for kind in (Prepare, BackgroundMode, IdentificationRule) for word in kind]


@pytest.mark.parametrize("word", sorted({*ENTRIES, *WORDS}))
def test_every_entry_and_word_is_described(word: str) -> None:
    assert re.search(rf"`\[?{re.escape(word)}(\.NAME)?\]?`", PAGE), f"{word} is not in docs/profiles.md"


def test_the_example_of_a_year_is_read() -> None:
    (example,) = re.findall(r"^```toml\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    assert not read_workdays(example).is_working_day(date(2027, 1, 1))
