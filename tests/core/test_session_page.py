"""docs/session.md says what the tables say."""

import importlib.util
from pathlib import Path
from types import ModuleType

from kiosk.core.session import transitions
from kiosk.core.session.state import State

DOCS = Path(__file__).parents[2] / "docs"


def drawing() -> ModuleType:
    spec = importlib.util.spec_from_file_location("draw_session", DOCS / "draw_session.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_page_is_as_the_tables_are() -> None:
    page = (DOCS / "session.md").read_text(encoding="utf-8")
    assert drawing().written(page) == page, "stale: run `python docs/draw_session.py`"


def test_every_state_and_every_rule_is_on_the_page() -> None:
    text = drawing().generated()
    for state in State:
        assert f"### {state.value}\n" in text
    rows = sum(line.startswith("| ") and not line.startswith("| on ") for line in text.splitlines())
    deadlines = sum(len(deadlines) for deadlines in transitions.DEADLINES.values())
    assert rows == len(transitions.RULES) + len(transitions.ANY_STATE_RULES) + deadlines
