"""What the pages' documents say is so: every test named is there, every key described, every page listed."""

import re
from pathlib import Path

from center.web.routes import PAGES

ROOT = Path(__file__).parents[2]
CONSOLE, SECURITY = (ROOT / "docs" / name for name in ("console.md", "security.md"))
TESTS = {
    found
    for path in [*ROOT.glob("tests/console/test_*.py"), *ROOT.glob("tests/center/**/test_*.py")]
    for found in re.findall(r"def test_(\w+)", path.read_text("utf-8"))
}


def test_every_test_the_security_page_names_is_there() -> None:
    named = re.findall(r"(?<=[`: ])([a-z][a-z_]{12,}[a-z])…?`", SECURITY.read_text("utf-8"))
    assert len(named) > 60
    for name in named:
        assert any(test.startswith(name) or test.endswith(name) for test in TESTS), name


def test_every_page_and_key_is_described() -> None:
    text = CONSOLE.read_text("utf-8")
    for page in PAGES:
        first = page.path.split("/")[1]
        if page.method == "GET" and first not in ("", "static", "language", "shots"):
            assert f"`/{first}" in text, page.path
    templates = "".join(path.read_text("utf-8") for path in (ROOT / "center/web/templates").glob("*.html"))
    keys = set(re.findall(r'data-key="([a-z])"', templates))
    assert len(keys) > 9
    for key in keys:
        assert re.search(rf"^\| {key.upper()} \|", text, re.MULTILINE), key
