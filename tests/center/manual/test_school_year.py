"""A school's whole year in the browser, as the manual tells it, with its pictures."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from center.accounts.model.roles import Role
from center.corrections.model import CaseKind, CaseState
from rules.idnumber import check_digit
from tests.center.billing.test_billing import payable
from tests.center.delivery.test_deliveries import SCHOOL, YEAR, decide, work
from tests.center.factories import shot_id, somebody
from tests.center.manual.pictures import picture, portrait
from tests.center.office_server import OfficeServer, file_shot

pytestmark = pytest.mark.xdist_group("chromium")

NAMES = ("陈晓雨", "李思远", "王嘉怡", "张子涵")


def id_number(number: int) -> str:
    """One that holds: its check digit is right."""
    digits = f"32010220040101{number * 2:03d}"
    return digits + check_digit(digits)


def roster() -> bytes:
    lines = ["毕业年度,学校名称,专业名称,班级名称,学号,身份证号,姓名,性别,考生号"]
    for number, name in enumerate(NAMES, 1):
        student_no = f"20220100{number:02d}"
        of_class = f"{YEAR},{SCHOOL},数学与应用数学,数学2201"
        lines.append(f"{of_class},{student_no},{id_number(number)},{name},女,26320102150001")
    return "\n".join(lines).encode()


def photographed(office_server: OfficeServer) -> None:
    """The booth's and staff's part: all four are photographed and approved."""
    for number, name in enumerate(NAMES, 1):
        fields = {"name": name, "id_number": id_number(number), "student_no": f"20220100{number:02d}"}
        person = somebody(number, school=SCHOOL, year=YEAR, **fields)
        file_shot(office_server.office, number, jpeg=portrait(number), person=person)
        decide(office_server.office, office_server.clock, number)


def test_a_schools_whole_year(office_server: OfficeServer, browser_window: Callable[..., Page]) -> None:
    office = office_server.office
    page = browser_window("shifan", Role.SCHOOL, SCHOOL, language="zh", width=1280, height=800)
    at = office_server.address

    page.goto(f"{at}/own-roster")
    page.locator("[type=file]").set_input_files({"name": "名单.csv", "mimeType": "text/csv", "buffer": roster()})
    page.locator("[value=look]").click()
    expect(page.locator("#report .figures")).to_be_visible()
    picture(page, "school-roster")
    page.locator("[type=file]").set_input_files({"name": "名单.csv", "mimeType": "text/csv", "buffer": roster()})
    page.locator("[value=import]").click()
    expect(page.locator("#report .notice-good")).to_be_visible()

    photographed(office_server)
    page.goto(f"{at}/progress")
    expect(page.get_by_text("校对照片：还有 1 个班级")).to_be_visible()
    picture(page, "school-progress")

    made, _ = office.deliveries.make("sue", SCHOOL, YEAR)
    work(office)
    page.goto(f"{at}/packs")
    picture(page, "school-packs")
    with page.expect_download() as download:
        page.get_by_role("button", name="下载").click()
    assert download.value.path().read_bytes().startswith(b"PK")
    page.get_by_role("button", name="确认收到").click()
    expect(page.get_by_text("已确认收到")).to_be_visible()

    page.goto(f"{at}/checking")
    page.get_by_role("link", name="数学2201").last.click()
    expect(page.locator(".face img")).to_have_count(4)
    for name, kind, right in (("陈晓雨", "wrong_image", ""), ("李思远", "wrong_id", id_number(9))):
        face = page.locator(".face", has_text=name)
        face.locator("summary").click()
        face.locator("[name=kind]").select_option(kind)
        face.locator("[name=right_id]").fill(right)
        if right:
            picture(page, "school-checking")
        face.get_by_role("button", name="提交").click()
        expect(page.get_by_text("已提交，中心将予以处理")).to_be_visible()
    page.get_by_role("button", name="校对完成").click()
    expect(page.get_by_text("已记录该班级校对完成")).to_be_visible()

    cases = office.corrections.open_kinds(SCHOOL, YEAR)
    assert {case.kind for case in cases} == {CaseKind.WRONG_IMAGE, CaseKind.WRONG_ID}
    for case in cases:
        office.corrections.close("sue", case.case_id, CaseState.DONE, "已核对并更正")
    page.goto(f"{at}/checking")  # the corrected row is to be looked at once more
    page.get_by_role("link", name="数学2201").last.click()
    page.get_by_role("button", name="校对完成").click()
    expect(page.get_by_text("已记录该班级校对完成")).to_be_visible()
    page.goto(f"{at}/feedback")
    page.locator("[name=images]").select_option("满意")
    page.locator("[name=organisation]").select_option("满意")
    picture(page, "school-feedback")
    page.get_by_role("button", name="提交反馈").click()
    expect(page.get_by_text("反馈已提交")).to_be_visible()
    assert (SCHOOL, YEAR) in office.print_locks.unlocked()

    payable(office)
    letter = office.billing.issue("sue", SCHOOL, YEAR, None)
    page.goto(f"{at}/letters")
    picture(page, "school-letter")
    page.get_by_role("button", name="确认无误").click()
    expect(page.get_by_text("已确认结算函")).to_be_visible()
    assert letter.code in page.locator("h2").first.inner_text()
    page.goto(f"{at}/progress")
    expect(page.get_by_text("目前没有需要办理的事项")).to_be_visible()

    public = browser_window(None, language="zh", width=1280, height=800)
    public.goto(f"{at}/makeup")
    picture(public, "makeup")
    public.goto(f"{at}/r/RECE-000001")
    expect(public.get_by_role("heading", name="照片已交付学校")).to_be_visible()
    picture(public, "receipt")
    assert made.number == 1
    assert shot_id(1) not in public.content()
