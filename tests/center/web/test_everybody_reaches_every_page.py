"""Every page for everybody: axe-core finds nothing, Tab alone reaches every field and link, nothing runs off a phone,
no page mixes languages.

`make test` looks at the pages of strangers, schools and auditors in Chinese on a phone, `make faults` at every page of
everybody, in both languages and at both sizes. With PAGE_PICTURES=FOLDER the run also writes a picture of each page.
"""

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from center.accounts.model.roles import Role
from center.wiring.console import PAGES
from tests.center.delivery.test_deliveries import SCHOOL
from tests.center.office_server import OfficeServer
from tests.center.web.stocked_office import FILE_OF_THE_CHECK, Seen, seen, stock

pytestmark = pytest.mark.xdist_group("chromium")

AXE = (Path(__file__).parents[1] / "assets" / "axe-4.14.1.min.js").read_text("utf-8")
LONG = os.environ.get("FAULTS") == "long"
SIZES = ((1280, 800), (390, 844)) if LONG else ((390, 844),)
LANGUAGES = ("zh", "en") if LONG else ("zh",)
OUTSIDERS = {None, Role.SCHOOL, Role.COLLEGE, Role.AUDITOR}
FIELDS = "a[href], button, input:not([type=hidden]), select, textarea, summary"
NUMBER_ALL = f"""() => {{
  const all = [...document.querySelectorAll({FIELDS!r})].filter(one => !one.disabled && one.checkVisibility());
  // Of radio buttons with one name Tab reaches one, and arrows the others.
  const groups = new Set();
  const shown = all.filter(one => one.type !== 'radio' || (!groups.has(one.name) && groups.add(one.name)));
  shown.forEach((one, at) => one.dataset.at = at);
  window.reached = new Set();
  const first = one => one.type === 'radio' ? document.querySelector(`[name="${{one.name}}"]`) : one;
  document.addEventListener('focusin', event => window.reached.add(Number(first(event.target).dataset.at)));
  document.activeElement.blur();
  return shown.length;
}}"""
NOT_REACHED = """() => [...document.querySelectorAll('[data-at]')]
  .filter(one => !window.reached.has(Number(one.dataset.at)))
  .map(one => one.outerHTML.slice(0, 90))"""
RUNS_OFF = """() => [...document.querySelectorAll('main *')].filter(one => {
  const frame = one.closest('.scroll');
  if (one.closest('svg') || (frame && !frame.querySelector('table.stack'))) return false;
  const box = one.getBoundingClientRect();
  return box.width > 1 && box.right > document.documentElement.clientWidth + 1;
}).map(one => one.tagName + ' ' + one.className + ' ' + one.textContent.trim().slice(0, 60))"""
SPLIT = """() => {
  const walk = document.createTreeWalker(document.querySelector('main'), NodeFilter.SHOW_TEXT), found = [];
  while (walk.nextNode()) for (const span of walk.currentNode.data.matchAll(/\\d\\d:\\d\\d-\\d\\d:\\d\\d/g)) {
    const range = document.createRange();
    range.setStart(walk.currentNode, span.index);
    range.setEnd(walk.currentNode, span.index + span[0].length);
    if (new Set([...range.getClientRects()].map(box => Math.round(box.top))).size > 1) found.push(span[0]);
  }
  return found;
}"""
"""Opening hours, 09:00-11:30, that begin on one line and end on the next."""
MIXED = """language => {
  const page = document.querySelector('#page').cloneNode(true);
  page.querySelectorAll('[lang], code, textarea, svg, .language').forEach(one => one.remove());
  const wrong = language === 'zh' ? /(?<!center )\\b(?!center )[A-Za-z']{2,} [A-Za-z']{2,} [A-Za-z']{2,}/ : /[，。；]/;
  const walk = document.createTreeWalker(page, NodeFilter.SHOW_TEXT), found = [];
  while (walk.nextNode()) if (wrong.test(walk.currentNode.data)) found.push(walk.currentNode.data.trim().slice(0, 60));
  for (const one of page.querySelectorAll('[title], [aria-label], [placeholder], [alt], [data-label]'))
    for (const name of ['title', 'aria-label', 'placeholder', 'alt', 'data-label'])
      if (wrong.test(one.getAttribute(name) || '')) found.push(one.getAttribute(name).slice(0, 60));
  return found;
}"""
"""Words of the other language: three English ones beside each other that are no command, a Chinese full stop."""
_ROUNDS = 4
NO_PAGE = {FILE_OF_THE_CHECK, "/metrics", "/jobs/{job_id:int}", "/static/{name}", "/language/{language}", "/"}
"""Read by programs, a part of other pages, a file, or a way to another page."""


def faults(page: Page, language: str) -> Iterator[str]:
    """What is wrong with the open page for somebody."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    for one in page.evaluate("axe.run(document).then((result) => result.violations)"):
        yield f"{one['id']} {[node['html'][:120] for node in one['nodes'][:2]]}"
    fields, left = page.evaluate(NUMBER_ALL), []
    for _ in range(_ROUNDS):  # a date has three stops, and the first Tab may begin anywhere
        for _ in range(fields + 5):
            page.keyboard.press("Tab")
        if not (left := page.evaluate(NOT_REACHED)):
            break
    if left:
        yield f"the keyboard does not reach {left[:5]}"
    if off := page.evaluate(RUNS_OFF):
        yield f"runs off: {off[:5]}"
    if split := page.evaluate(SPLIT):
        yield f"hours break in the middle: {split[:5]}"
    if mixed := page.evaluate(MIXED, language):
        yield f"is in another language than {language}: {mixed[:5]}"


def test_every_page_of_everybody_has_one_main_heading(office_server: OfficeServer) -> None:
    wrong: list[str] = []
    for one in seen(stock(office_server)):
        if one.role is None or one.page.path in NO_PAGE:
            continue  # strangers' pages are all opened below
        school = SCHOOL if one.role in (Role.SCHOOL, Role.COLLEGE) else None
        answer = office_server.client(f"x.{one.role.value}", one.role, school).get(one.path)
        if "text/html" in answer.headers.get("content-type", "") and answer.text.count("<h1") != 1:
            wrong.append(f"{one.path} as {one.role}: {answer.text.count('<h1')}")
    assert wrong == []


@pytest.mark.timeout(1_800)  # whole it goes through some 250 pages in two sizes
@pytest.mark.parametrize("language", LANGUAGES)
def test_axe_finds_nothing_tab_reaches_all_and_nothing_runs_off(
    office_server: OfficeServer, browser_window: Callable[..., Page], language: str
) -> None:
    all_pages = [one for one in seen(stock(office_server)) if LONG or one.role in OUTSIDERS]
    looked: set[str] = set()
    found: list[str] = []
    for role in sorted({one.role for one in all_pages}, key=str):
        name = None if role is None else f"x.{role.value}"
        school = SCHOOL if role in (Role.SCHOOL, Role.COLLEGE) else None
        window = browser_window(name, role or Role.STAFF, school, language=language)
        client = None if name is None else office_server.client(name, role or Role.STAFF, school)
        for one in (one for one in all_pages if one.role is role and one.page.path not in NO_PAGE):
            if client is not None and "text/html" not in client.get(one.path).headers.get("content-type", ""):
                continue  # a file to take
            looked.add(one.page.path)
            for width, height in SIZES:
                window.set_viewport_size({"width": width, "height": height})
                window.goto(office_server.address + one.path)
                found += [f"{one.path} as {role}, {width} px: {fault}" for fault in faults(window, language)]
                picture(window, one, language, width)
    assert not found, "\n".join(found)
    if not LONG:
        return
    files = {page.path for page in PAGES if page.method == "GET"} - looked - NO_PAGE
    to_take = r"(table|still|form|letter|reminder|slip|people|differences|memo|\.jpg|manual/{name})$"
    assert [path for path in files if not re.search(to_take, path)] == []


def picture(page: Page, one: Seen, language: str, width: int) -> None:
    if folder := os.environ.get("PAGE_PICTURES"):
        name = re.sub(r"[^\w.-]+", "_", one.path.strip("/")) or "start"
        page.evaluate("document.activeElement.blur()")
        page.screenshot(path=Path(folder) / f"{name}-{one.role or 'public'}-{language}-{width}.png", full_page=True)
