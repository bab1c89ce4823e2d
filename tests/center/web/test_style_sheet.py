"""The style sheet of staff's pages."""

import re
from pathlib import Path

OFFICE = Path(__file__).parents[3] / "center"
CSS = OFFICE / "web" / "static" / "console.css"


def test_no_rule_is_for_a_class_that_no_page_has() -> None:
    """A class is on a page by its whole name, or a template makes it of its first part and a value ("heat-{{ … }}")."""
    pages = "\n".join(path.read_text("utf-8") for path in OFFICE.rglob("*") if path.suffix in (".html", ".js", ".py"))
    words = set(re.findall(r"[a-z][a-z0-9-]*", pages))
    made = tuple(set(re.findall(r"([a-z][a-z-]*-)\{\{", pages)))
    ruled = set(re.findall(r"\.([a-z][a-z0-9-]*)", CSS.read_text("utf-8")))
    assert {name for name in ruled if name not in words and not name.startswith(made)} == set()
