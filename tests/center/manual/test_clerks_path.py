"""The clerk's path of docs/season.md: one season done in the browser as a newcomer does it, by the navigation alone.

Every click of the mouse is counted; the seconds of hands and eyes are told by the keystroke-level model.

The model (Card, Moran, Newell 1980: a trained adult at an unknown program): pointing 1.1 s, a click 0.2 s, a key 0.28 s
(40 words a minute), a moment of thought before each thing that is done 1.35 s; a newcomer gets two of them. What the
office takes to answer is not in it: it is a fraction of a second, and this machine's.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from center.accounts.model.roles import Role
from tests.center.billing.test_billing import payable
from tests.center.corrections.test_corrections import HEAD, book
from tests.center.delivery.test_deliveries import SCHOOL, YEAR, decide, work
from tests.center.factories import somebody
from tests.center.manual.test_school_year import NAMES, id_number, roster
from tests.center.office_server import OfficeServer, beat, file_shot

pytestmark = pytest.mark.xdist_group("chromium")

PAGE = Path(__file__).parents[3] / "docs" / "season.md"
POINT_S, PRESS_S, KEY_S, THINK_S = 1.1, 0.2, 0.28, 2 * 1.35
ROSTER_TO_PACK = 12


@dataclass
class Hand:
    """A clerk's hand on the mouse, and what it has done in the present step."""

    page: Page
    clicks: int = 0
    seconds: float = 0.0
    steps: dict[str, tuple[int, int]] = field(default_factory=dict)

    def press(self, what: Locator | str, clicks: int = 1) -> None:
        """Click a thing that can be seen; what else it takes is in `clicks`."""
        (self.page.locator(what) if isinstance(what, str) else what).click()
        self._did(clicks)

    def button(self, name: str) -> None:
        self.press(self.page.get_by_role("button", name=name, exact=True).first)

    def send(self, name: str) -> None:
        """A button whose answer leads to another page: the next click is for that one."""
        with self.page.expect_navigation():
            self.button(name)

    def go(self, path: str) -> None:
        """By the navigation: a section's link, or a page's below it."""
        self.press(self.page.locator(f"nav a[href='{path}']").first)

    def choose(self, what: str, value: str) -> None:
        """Open a list and click its line: two clicks."""
        self.page.locator(what).select_option(value)
        self._did(2)

    def file(self, name: str, data: bytes, kind: str) -> None:
        """Press the file field, then the file: two clicks."""
        self.page.locator("[type=file]").set_input_files({"name": name, "mimeType": kind, "buffer": data})
        self._did(2)

    def type(self, what: Locator, text: str) -> None:
        """Into a field that a click goes to."""
        what.click()
        what.fill(text)
        self._did(1)
        self.seconds += len(text) * KEY_S

    def take(self, what: Locator) -> bytes:
        """Click something that gives a file."""
        with self.page.expect_download() as download:
            what.click()
        self._did(1)
        return download.value.path().read_bytes()

    def done(self, step: str) -> None:
        """The step ends here."""
        clicks, seconds = self.steps.get(step, (0, 0))
        self.steps[step] = (clicks + self.clicks, seconds + round(self.seconds))
        self.clicks, self.seconds = 0, 0.0

    def _did(self, clicks: int) -> None:
        self.clicks += clicks
        self.seconds += THINK_S + clicks * (POINT_S + PRESS_S)


def photographed(server: OfficeServer, *numbers: int) -> None:
    """The booths' and reviewers' part."""
    for number in numbers:
        fields = {"name": NAMES[number - 1], "id_number": id_number(number), "student_no": f"20220100{number:02d}"}
        person = somebody(number, school=SCHOOL, year=YEAR, major="数学与应用数学", class_name="数学2201", **fields)
        file_shot(server.office, number, person=person)
        decide(server.office, server.clock, number)


def test_nine_steps_by_the_navigation_alone(office_server: OfficeServer, browser_window: Callable[..., Page]) -> None:
    office = office_server.office
    office_server.clock.move(hours=1)
    beat(office_server, "booth-1")
    payable(office)
    page = browser_window("liu", Role.SUPERVISOR, language="zh", width=1280, height=800)
    page.goto(office_server.address)
    clerk, steps = Hand(page), {}

    clerk.go("/rosters")
    clerk.file("名单.csv", roster(), "text/csv")
    clerk.button("预检")
    expect(page.locator("#report .figures")).to_be_visible()
    clerk.button("导入")
    expect(page.locator("#report .notice-good")).to_be_visible()
    clerk.done("roster")

    photographed(office_server, 1, 2, 3)
    office_server.clock.move(hours=3)
    page = clerk.page = browser_window("liu", Role.SUPERVISOR, language="zh", width=1280, height=800)
    page.goto(f"{office_server.address}/rosters")
    clerk.go("/attendance")
    clerk.choose("main [name=of]", SCHOOL)
    clerk.press("main .filters button")
    expect(page.locator("main h2").first).to_contain_text(SCHOOL)
    assert clerk.take(page.get_by_role("link", name="存为 Excel").first).startswith(b"PK")
    clerk.done("attendance")

    page.goto(office_server.address)
    clerk.go("/season")
    clerk.go("/reconciliation")
    clerk.press(page.locator("main tbody a").first)
    clerk.type(page.locator("[name=counted]"), "4")
    clerk.send("填入")
    clerk.type(page.locator("[name=words]"), "一人中途离开，未提交")
    clerk.send("保存")
    clerk.send("核对无误，签字")
    expect(page.locator(".signatures").get_by_text("liu")).to_be_visible()
    clerk.page = browser_window("chen", Role.STAFF, language="zh", width=1280, height=800)
    clerk.page.goto(office_server.address)
    clerk.go("/reconciliation")
    clerk.press(clerk.page.locator("main tbody a").first)
    clerk.send("核对无误，签字")
    expect(clerk.page.locator(".signatures").get_by_text("chen")).to_be_visible()
    clerk.done("half day")

    clerk.page = page
    clerk.go("/rosters")
    clerk.go("/attendance")
    clerk.choose("main [name=of]", SCHOOL)
    clerk.press("main .filters button")
    clerk.press(page.get_by_role("link", name="姓名").first)
    line = page.locator("tr", has_text="张子涵")
    clerk.choose("tr:has-text('张子涵') select", "ill")
    clerk.press(line.get_by_role("button"))
    assert clerk.take(page.locator("a[href*='/attendance/memo']")).startswith(b"PK")
    clerk.done("memo")

    clerk.go("/deliveries")
    clerk.choose("main [name=of]", f"{YEAR} {SCHOOL}")
    clerk.press("main .filters button")
    clerk.button("生成交付包")
    expect(page.locator(".once-value")).to_be_visible()
    work(office)
    assert clerk.take(page.get_by_role("button", name="下载", exact=True)).startswith(b"PK")
    to_pack = clerk.steps["roster"][0] + clerk.clicks
    clerk.type(page.locator("[name=receiver]"), "王老师")
    clerk.button("登记")
    expect(page.get_by_text("王老师")).to_be_visible()
    clerk.done("delivery")

    clerk.go("/corrections")
    clerk.press(page.locator("main tbody a").first)
    form = book(("学校名称：", SCHOOL), HEAD, ("1", NAMES[0], id_number(1), "图像不符", "", ""))
    clerk.file("勘误.xlsx", form, "application/octet-stream")
    clerk.button("预检")
    expect(page.locator("main .notice-info")).to_be_visible()
    clerk.file("勘误.xlsx", form, "application/octet-stream")
    clerk.button("导入")
    expect(page.locator("main .notice-good")).to_be_visible()
    clerk.type(page.locator("[name=done]"), "已核对，照片为本人")
    clerk.button("已处理")
    expect(page.get_by_text("已核对")).to_be_visible()
    clerk.done("correction")

    clerk.go("/billing")
    clerk.choose("main [name=of]", f"{YEAR} {SCHOOL}")
    clerk.press("main .filters button")
    clerk.press(page.locator("form[action='/billing'] .primary"))
    assert clerk.take(page.locator("a[href*='/billing/letter']").first).startswith(b"%PDF")
    clerk.press("[name=do][value=pay]")
    expect(page.locator("main tbody").last).to_contain_text("36")
    clerk.done("settlement")

    clerk.go("/prints")
    clerk.choose("main [name=of]", f"{YEAR} {SCHOOL}")
    clerk.press("main .filters button")
    clerk.press("[name=do][value=make]")
    work(office)
    assert clerk.take(page.get_by_role("button", name="下载", exact=True)).startswith(b"PK")
    clerk.type(page.locator("[name=how]"), "EMS 1234567890")
    clerk.button("登记已寄送")
    clerk.done("prints")

    office_server.clock.move(days=500)
    page = clerk.page = browser_window("liu", Role.SUPERVISOR, language="zh", width=1280, height=800)
    page.goto(office_server.address)
    clerk.press(page.locator("header nav a").last)
    clerk.go("/retention")
    clerk.press("[name=sure]")
    clerk.button("清除")
    expect(page.locator("main progress")).to_be_visible()
    work(office)
    expect(page.locator(".notice-good")).to_be_visible()
    clerk.done("end")

    steps = clerk.steps
    told = {
        name: (int(clicks), int(seconds))
        for name, clicks, seconds in re.findall(
            r"^\| ([a-z ]+) \| `/\w+` \|.*\| (\d+) \| (\d+) \|$", PAGE.read_text("utf-8"), re.MULTILINE
        )
    }
    assert told == steps, "docs/season.md tells other clicks or seconds than this run has counted"
    assert to_pack <= ROSTER_TO_PACK
    assert f"A clerk needs {to_pack} clicks from a roster to a pack" in PAGE.read_text("utf-8")
