"""The school's and the public pages for everybody: axe-core finds nothing, the keyboard alone reaches everything."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

from center.accounts.model.roles import Role
from tests.center.billing.test_billing import payable
from tests.center.delivery.test_deliveries import SCHOOL, YEAR, work
from tests.center.office_server import OfficeServer
from tests.center.own_school.test_own_school import keys, school, stocked

__all__ = ["stocked"]

pytestmark = pytest.mark.xdist_group("chromium")

AXE = (Path(__file__).parents[1] / "assets" / "axe-4.14.1.min.js").read_text("utf-8")
FIELDS = "a[href], button, input:not([type=hidden]), select, textarea, summary"
NUMBER_ALL = f"""() => {{
  const all = [...document.querySelectorAll({FIELDS!r})].filter(one => !one.disabled && one.checkVisibility());
  all.forEach((one, at) => one.dataset.at = at);
  return all.length;
}}"""
OWN = ("/progress", "/checking", "CLASS", "/packs", "/feedback", "/own-roster", "/letters", "/colleges")
PUBLIC = ("/makeup", "/r", "/r/RECE-000001", "/r/NO", "/login")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_axe_finds_nothing_and_tab_reaches_every_field_and_link(
    stocked: OfficeServer,
    browser_window: Callable[..., Page],
    language: str,
) -> None:
    office = stocked.office
    made, _ = office.deliveries.make("sue", SCHOOL, YEAR)
    work(office)
    office.deliveries.hand_over("sue", made.delivery_id, "王老师")
    payable(office)
    office.billing.issue("sue", SCHOOL, YEAR, None)
    client = school(stocked)
    client.post("/colleges", name="math", college="数学学院", majors="数学")
    of = keys(client)[0]
    own = browser_window("shifan", Role.SCHOOL, SCHOOL, language=language, width=1280, height=800)
    public = browser_window(None, language=language, width=390, height=844)
    found: list[str] = []
    for page, paths in ((own, OWN), (public, PUBLIC)):
        for path in paths:
            page.goto(stocked.address + path.replace("CLASS", f"/checking?class={of}"))
            page.evaluate(AXE)
            faults = page.evaluate("axe.run(document).then((result) => result.violations)")
            found += [f"{path}: {one['id']} {[node['html'][:120] for node in one['nodes'][:2]]}" for one in faults]
            left = set(range(page.evaluate(NUMBER_ALL)))
            page.evaluate("document.activeElement.blur()")
            for _ in range(len(left) * 2 + 10):
                page.keyboard.press("Tab")
                left.discard(int(page.evaluate("document.activeElement.dataset.at ?? -1")))
            if left:
                found.append(f"{path}: the keyboard does not reach {sorted(left)}")
    assert not found, "\n".join(found)
