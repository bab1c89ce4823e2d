"""Whoever consents is told the same, at the booth and at the desk, on the screen and by voice."""

from dataclasses import replace

import pytest

from kiosk.desk.view import DeskView
from kiosk.text.catalog import LANGUAGES, load
from kiosk.text.consent import CONSENT_ROWS
from kiosk.ui.narration import script
from kiosk.ui.screens import draw
from kiosk.ui.screens.ops import Text
from kiosk.ui.viewmodel import view
from rules.profile import load_profile
from sim.gallery import Known, Shown, gallery

PROFILE = load_profile("jiangsu-2019")
SHOWN = next(one for one in gallery() if one.name == "consent")


def words(language: str, days: int, keep_days: int) -> set[str]:
    catalog = load(language)
    told = {catalog.text(f"consent.{row}_text", days=days, keep_days=keep_days) for row in CONSENT_ROWS}
    return told | {catalog.text(f"consent.{row}") for row in CONSENT_ROWS}


def drawn(shown: Shown, language: str, *, large: bool) -> str:
    """All words on the screen's pages, without spaces: large text breaks them into lines, and takes three pages."""
    words = []
    for page in range(3):
        session = replace(shown.session, language=language, large=large, page=page)
        seen = view(session, shown.policy, shown.facts, Known(), shown.now_ns)
        words += [op.text for op in draw(seen, load(language)) if isinstance(op, Text)]
    return "".join("".join(words).split())


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("large", [False, True])
def test_the_booth_shows_every_row(language: str, *, large: bool) -> None:
    facts = SHOWN.facts
    pages = drawn(SHOWN, language, large=large)
    for told in words(language, facts.retention_days, facts.keep_days):
        assert "".join(told.split()) in pages


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_desk_shows_every_row(language: str) -> None:
    rows = DeskView(language, PROFILE, 14).fixed(folder=False, webcam=False)["consent"]
    assert isinstance(rows, list)
    shown = {str(text) for row in rows if isinstance(row, list) for text in row}
    assert words(language, PROFILE.consent.retention_days, 14) <= shown


@pytest.mark.parametrize("guide", [False, True])
def test_the_voice_says_every_row(*, guide: bool) -> None:
    session = replace(SHOWN.session, audio_guide=guide)
    said = script(view(session, SHOWN.policy, SHOWN.facts, Known(), SHOWN.now_ns))
    assert [prompt for prompt in said if prompt.endswith("_text")] == [f"consent.{row}_text" for row in CONSENT_ROWS]
