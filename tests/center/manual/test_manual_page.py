"""The manual as a page of the office: safe, complete, and each page's help link leads to its section."""

import re
from pathlib import Path

from center.accounts.model.roles import Role
from center.manual.document import manual, pictures, read
from center.wiring.console import PAGES
from tests.center.manual.pictures import MANUAL
from tests.center.office_server import OfficeServer
from tests.center.web.stocked_office import seen, stock

TEMPLATES = Path(__file__).parents[3] / "center"
WITHOUT_SECTION = {"manual", "login", ""}
"""The manual itself, the login and refusals."""


def test_a_page_that_is_not_markdown_is_shown_as_text() -> None:
    html = read("# x\n\n## y\n\n<script>alert(1)</script> [a](javascript:alert(1)) ![p](pictures/manual/p.jpg)").html
    assert "<script" not in html
    assert "href" not in html
    assert '<img src="/manual/p.jpg" alt="p" loading="lazy" />' in html


def test_a_heading_names_the_pages_it_is_about() -> None:
    found = read("# t\n\n## Part\n\n### Review `/queue` `/review`\n\ntext")
    assert [(one.level, one.anchor, one.title) for one in found.headings] == [
        (2, "part-1", "Part"),
        (3, "queue", "Review"),
    ]
    assert '<span id="review"></span><h3 id="queue">' in found.html


def test_every_page_has_its_section_and_every_section_a_page() -> None:
    named = {
        name
        for path in TEMPLATES.glob("*/templates/*.html")
        for name in re.findall(r'{% set here = "([^"]*)" %}', path.read_text("utf-8"))
    }
    here = {"r" if name == "receipt" else name for name in named - WITHOUT_SECTION}
    anchors = {one for one in re.findall(r' id="([^"]+)"', manual().html) if not one.startswith("part-")}
    assert anchors >= here
    assert {f"/{anchor}" for anchor in anchors} <= {page.path for page in PAGES}


def test_the_help_link_of_every_page_leads_to_a_section(office_server: OfficeServer) -> None:
    for one in seen(stock(office_server)):
        if one.role not in (Role.SUPERVISOR, Role.SCHOOL, Role.ADMINISTRATOR):
            continue
        answer = office_server.client(f"y.{one.role.value}", one.role).get(one.path)
        if answer.status_code != 200 or "<main" not in answer.text or one.page.path.startswith("/manual"):
            continue
        link = re.search(r'href="/manual#([^"]+)"', answer.text)
        assert link, one.path
        assert f'id="{link[1]}"' in manual().html, one.path


def test_the_office_serves_every_picture_the_manual_shows_and_no_other_file(office_server: OfficeServer) -> None:
    client = office_server.client("anna")
    page = client.get("/manual").text
    shown = re.findall(r'<img src="(/manual/[^"]+)"', page)
    assert len(shown) >= 20
    assert set(shown) == {f"/manual/{name}" for name in pictures()}, "none is left over"
    for path in shown:
        assert client.get(path).headers["content-type"] == "image/jpeg"
    assert client.get("/manual/manual.zh-CN.md").status_code == 404
    assert client.get("/manual/..%2f__init__.py").status_code == 404


def test_every_picture_is_taken_by_a_run_and_has_words() -> None:
    taken = "".join(path.read_text("utf-8") for path in Path(__file__).parent.glob("test_*.py"))
    shown = re.findall(r"!\[([^\]]*)\]\(pictures/manual/([\w-]+)\.jpg\)", MANUAL.read_text("utf-8"))
    for words, name in shown:
        assert words, name
        assert re.search(rf'picture\(\w+, "{name}"\)', taken), name
