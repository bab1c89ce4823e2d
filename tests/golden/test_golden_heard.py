"""What is heard on each screen: the prompts in their order, one line a screen of the gallery."""

from pathlib import Path

import pytest

from kiosk.ui.narration import script
from kiosk.ui.viewmodel import view
from sim.gallery import Known, gallery

GOLDEN = Path(__file__).parent / "heard.txt"


def table() -> str:
    """Screen: prompts, in the gallery's order."""
    lines = []
    for shown in gallery():
        said = script(view(shown.session, shown.policy, shown.facts, Known(), shown.now_ns))
        lines.append(f"{shown.name}: {' '.join(said) or '(silent)'}")
    return "\n".join(lines) + "\n"


def test_each_screen_says_what_its_golden_line_says(request: pytest.FixtureRequest) -> None:
    if request.config.getoption("--update-golden"):
        GOLDEN.write_text(table(), "utf-8")
    assert table() == GOLDEN.read_text("utf-8"), "pytest tests/golden --update-golden, and read what changed"
