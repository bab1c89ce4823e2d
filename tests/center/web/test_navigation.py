"""The navigation leads each account to every page it may open, and to no other."""

import re
from collections.abc import Callable
from functools import partial

import pytest
from playwright.sync_api import Page

from center.accounts.model.roles import Role, may
from center.shots.model.staff_decision import Reject
from center.web.navigation import SECTIONS, navigation
from tests.center.delivery.test_deliveries import decide, enter, person_of
from tests.center.office_server import OfficeServer, file_shot

pytestmark = pytest.mark.xdist_group("chromium")


def test_each_page_stands_in_one_section() -> None:
    names = [entry.name for section in SECTIONS for entry in section.entries]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("role", Role)
def test_an_account_is_led_to_what_it_may_open_and_nowhere_else(office_server: OfficeServer, role: Role) -> None:
    client = office_server.client("x", role)
    shown = navigation(partial(may, role), "")
    for section in shown.sections:
        for entry in section.entries:
            page = client.get(entry.path)
            assert page.status_code == 200, f"{entry.path} is shown to {role} and refused"
            current = re.findall(r'<a href="([^"]+)" aria-current="page">', page.text.split("<main")[0])
            assert current == ([entry.path] if len(section.entries) > 1 else []), entry.path
            assert re.search(rf'<a href="{section.entries[0].path}" aria-current="true">', page.text)
    hidden = {entry.path for section in SECTIONS for entry in section.entries} - {
        entry.path for section in shown.sections for entry in section.entries
    }
    assert [path for path in sorted(hidden) if client.get(path).status_code != 403] == []


RUNS_OFF = """() => [...document.querySelectorAll('main *')].filter(one => {
  const frame = one.closest('.scroll');
  if (one.closest('svg') || (frame && !frame.querySelector('table.stack'))) return false;
  const box = one.getBoundingClientRect();
  return box.width > 1 && box.right > document.documentElement.clientWidth + 1;
}).map(one => one.tagName + ' ' + one.className + ' ' + one.textContent.trim().slice(0, 60))"""


@pytest.mark.parametrize("language", ["zh", "en"])
def test_on_a_phone_nothing_runs_off_a_page(
    office_server: OfficeServer, browser_window: Callable[..., Page], language: str
) -> None:
    enter(office_server.office, 1, 2, 3, 4, class_name="电气工程及其自动化2026级本科（中外合作办学）第12班")
    for number in (1, 2, 3):
        file_shot(office_server.office, number, person=person_of(number))
    decide(office_server.office, office_server.clock, 1)
    decide(office_server.office, office_server.clock, 2, Reject(("glasses",)))
    for role in (Role.SUPERVISOR, Role.ADMINISTRATOR, Role.SCHOOL):
        page = browser_window(role.value, role, language=language, width=390, height=844)
        for section in navigation(partial(may, role), "").sections:
            for entry in section.entries:
                page.goto(office_server.address + entry.path)
                assert page.evaluate(RUNS_OFF) == [], f"{entry.path}, {role}"
