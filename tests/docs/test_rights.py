"""docs/console.md lists every page with the right it needs."""

import re
from pathlib import Path

from center.wiring.console import PAGES

CONSOLE = Path(__file__).parents[2] / "docs" / "console.md"


def test_every_page_is_listed_with_the_right_it_needs() -> None:
    listed = re.findall(r"^\| (GET|POST) \| `([^`]+)` \| (.+) \|$", CONSOLE.read_text("utf-8"), re.MULTILINE)
    wanted = [
        (page.method, page.path, "everybody" if page.public else page.right.value if page.right else "every account")
        for page in PAGES
    ]
    assert listed == wanted
