"""The office's season in the browser, step by step as the manual tells it, with its pictures."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from center.accounts.model.roles import Role
from center.corrections.model import CaseKind, CaseState
from center.shots.model.staff_decision import Reject
from tests.center.billing.test_billing import payable
from tests.center.delivery.test_deliveries import SCHOOL, YEAR, decide, work
from tests.center.factories import shot_id, somebody
from tests.center.manual.pictures import picture, portrait
from tests.center.manual.test_school_year import NAMES, id_number, roster
from tests.center.office_server import OfficeServer, beat, file_shot

pytestmark = pytest.mark.xdist_group("chromium")

OF = f"{YEAR} {SCHOOL}"
HALF_DAY = "/reconciliation/booth-1/2026-09-01-am"


def send(page: Page, data: bytes, do: str) -> None:
    page.locator("[type=file]").set_input_files({"name": "名单.csv", "mimeType": "text/csv", "buffer": data})
    page.locator(f"[value={do}]").click()


def press(page: Page, name: str) -> None:
    """Press a button and wait for the page it leads to."""
    with page.expect_navigation():
        page.get_by_role("button", name=name, exact=True).click()


def arrives(server: OfficeServer, number: int) -> None:
    """The photo of the roster's graduate of this number comes from a booth."""
    fields = {"name": NAMES[number - 1], "id_number": id_number(number), "student_no": f"20220100{number:02d}"}
    person = somebody(number, school=SCHOOL, year=YEAR, major="数学与应用数学", class_name="数学2201", **fields)
    file_shot(server.office, number, jpeg=portrait(number), person=person)


def test_the_offices_season(office_server: OfficeServer, browser_window: Callable[..., Page]) -> None:
    office, at = office_server.office, office_server.address
    office_server.clock.move(hours=1)
    page = browser_window("liu", Role.SUPERVISOR, language="zh", width=1280, height=800)

    # 1. The roster: looked at, a wrong row told, mended, imported; beside it what the school announced.
    page.goto(f"{at}/rosters")
    send(page, roster().replace(id_number(2).encode(), b"320102200401010000"), "look")
    expect(page.locator("#report .bad")).to_have_text("1")
    page.evaluate("window.scrollTo(0, 0)")
    picture(page, "office-rosters")
    send(page, roster(), "import")
    expect(page.get_by_text("已导入")).to_be_visible()
    page.goto(f"{at}/schools")
    page.locator("form.fields [name=school]").fill(SCHOOL)
    page.locator("[name=announced]").fill("5")
    page.locator("form.fields [name=name]").fill("王老师")
    page.locator("[name=mail]").fill("wang@shifan.example")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_text("王老师")).to_be_visible()
    picture(page, "office-schools")

    # 2. Photos come and are reviewed by keys.
    beat(office_server, "booth-1")
    for number in (1, 2, 3):
        arrives(office_server, number)
    page.goto(f"{at}/queue")
    picture(page, "office-queue")
    page.keyboard.press("Enter")
    expect(page.locator("#stage.is-ready")).to_be_visible()
    page.keyboard.press("g")  # without the guides, which this photo's report does not fit
    picture(page, "office-review")
    page.keyboard.press("a")
    expect(page.locator(".toast")).to_be_visible()
    page.keyboard.press("q")
    expect(page.locator(".toast")).to_be_hidden()
    office_server.clock.move(seconds=101)  # past undoing, and past the lease of what the page took next
    decide(office, office_server.clock, 2)
    decide(office, office_server.clock, 3, Reject(("glasses",)))

    # 3. Who came: by class; the list of those who did not, without numbers.
    page.goto(f"{at}/attendance?of={SCHOOL}")
    picture(page, "office-attendance")

    # 4. The half day is over: the booth's count, the difference explained, two signatures.
    office_server.clock.move(hours=2)
    page = browser_window("liu", Role.SUPERVISOR, language="zh", width=1280, height=800)
    page.goto(f"{at}{HALF_DAY}")
    page.locator("[name=counted]").fill("4")
    press(page, "填入")
    page.locator("[name=words]").fill("一人中途离开，未提交")
    press(page, "保存")
    press(page, "核对无误，签字")
    expect(page.locator(".signatures").get_by_text("liu")).to_be_visible()
    picture(page, "office-half-day")
    other = browser_window("chen", Role.STAFF, language="zh", width=1280, height=800)
    other.goto(f"{at}{HALF_DAY}")
    press(other, "核对无误，签字")
    expect(other.locator(".signatures").get_by_text("chen")).to_be_visible()

    # 5. The memo: who is missing and why.
    page.goto(f"{at}/attendance?of={SCHOOL}&names=yes")
    line = page.locator("tr", has_text="张子涵")
    line.locator("select").select_option(index=1)
    line.get_by_role("button").click()
    page.goto(f"{at}/attendance?of={SCHOOL}&names=yes")
    page.get_by_role("heading", name="备忘表").scroll_into_view_if_needed()
    page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
    picture(page, "office-memo")

    # 6. The pack, its password told apart, its receiver.
    page.goto(f"{at}/deliveries?of={OF}")
    page.get_by_role("button", name="生成交付包").click()
    expect(page.locator(".once-value")).to_be_visible()
    picture(page, "office-delivery")
    work(office)
    page.goto(f"{at}/deliveries?of={OF}")
    page.locator("[name=receiver]").fill("王老师")
    page.get_by_role("button", name="登记").click()
    expect(page.get_by_text("王老师")).to_be_visible()

    # 7. A correction.
    office.corrections.open_of_shot("sue", shot_id(1), CaseKind.WRONG_IMAGE, "", "与学生本人不符")
    page.goto(f"{at}/corrections?of={OF}")
    page.locator("[name=done]").fill("已与学校核对，照片为本人")
    picture(page, "office-corrections")
    page.get_by_role("button", name="已处理").click()
    expect(page.get_by_text("已与学校核对")).to_be_visible()
    assert {case.state for case in office.corrections.cases("test", SCHOOL, YEAR)} == {CaseState.DONE}

    # 8. Prints: unlocked, made, sent.
    page.goto(f"{at}/prints?of={OF}")
    page.locator("[name=reason]").fill("学校已电话确认")
    page.get_by_role("button", name="放行").click()
    page.locator("[name=do][value=make]").click()
    work(office)
    page.goto(f"{at}/prints?of={OF}")
    page.locator("[name=how]").fill("EMS 1234567890")
    picture(page, "office-prints")
    page.get_by_role("button", name="登记已寄送").click()
    expect(page.locator(".plain-list")).to_contain_text("EMS 1234567890")

    # 9. Settlement: three counts that agree, the letter.
    payable(office)
    page.goto(f"{at}/billing?of={OF}")
    page.locator("form[action='/billing'] .primary").click()
    expect(page.get_by_text("已生成")).to_be_visible()
    page.goto(f"{at}/billing?of={OF}")
    picture(page, "office-billing")

    # Now and then: a pass for one graduate; the dashboard; accounts.
    page.goto(f"{at}/passes")
    page.locator("[name=text]").fill("张子涵")
    page.get_by_role("button", name="查找", exact=True).last.click()
    expect(page.locator(".row-found")).to_be_visible()
    picture(page, "office-passes")
    page.goto(f"{at}/dashboard")
    picture(page, "office-dashboard")
    root = browser_window("zhou", Role.ADMINISTRATOR, language="zh", width=1280, height=800)
    office_server.colleague("shifan", Role.SCHOOL, SCHOOL)
    root.goto(f"{at}/accounts")
    picture(root, "office-accounts")
    page.goto(f"{at}/week?of=2026-09-01")
    picture(page, "office-week")

    # The end of the season: what is due is purged.
    office_server.clock.move(days=500)
    root = browser_window("zhou", Role.ADMINISTRATOR, language="zh", width=1280, height=800)
    root.goto(f"{at}/accounts/review")
    picture(root, "office-account-review")
    page = browser_window("liu", Role.SUPERVISOR, language="zh", width=1280, height=800)
    page.goto(f"{at}/retention")
    page.locator("[name=sure]").check()
    picture(page, "office-retention")
    page.get_by_role("button", name="清除").first.click()
    expect(page.locator("main progress")).to_be_visible()
    work(office_server.office)
    expect(page.locator(".notice-good")).to_be_visible()
