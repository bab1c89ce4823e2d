"""The style sheet of staff's pages."""

import re
from pathlib import Path

OFFICE = Path(__file__).parents[3] / "center"
CSS = OFFICE / "web" / "static" / "console.css"


def test_no_rule_is_for_a_class_that_no_page_has() -> None:
    """A class is on a page if its name is in a class attribute, a block of a template or a quoted text, or if a
    template makes it of its first part and a value ("heat-{{ … }}").
    """
    named: list[str] = []
    templates = "\n".join(path.read_text("utf-8") for path in OFFICE.rglob("*.html"))
    programs = "\n".join(path.read_text("utf-8") for path in OFFICE.rglob("*") if path.suffix in (".js", ".py"))
    named += re.findall(r'class="([^"]*)"', templates) + re.findall(
        r"{% block \w+ %}([\w -]*){% endblock %}", templates
    )
    for text in (*re.findall(r"{[{%].*?[%}]}", templates, re.DOTALL), programs):
        named += re.findall(r"""["'`]([^"'`\n]*)["'`]""", text)
    words = set(re.findall(r"[a-z][a-z0-9-]*", " ".join(named)))
    made = tuple(set(re.findall(r"([a-z][a-z-]*-)\{\{", templates)))
    ruled = set(re.findall(r"\.([a-z][a-z0-9-]*)", CSS.read_text("utf-8")))
    assert {name for name in ruled if name not in words and not name.startswith(made)} == set()
