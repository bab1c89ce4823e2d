"""The page as a clerk uses it, in a real browser."""

from collections.abc import Callable, Iterator
from pathlib import Path
from unittest.mock import patch

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.desk.conftest import ID_NUMBER, STUDENT, Desk, a_desk

OpenPage = Callable[..., Page]


@pytest.fixture
def page_of(chromium: Browser) -> Iterator[OpenPage]:
    """Opens the address that the command printed. A script that fails fails the test."""
    faults: list[str] = []
    contexts = []

    def open_page(desk: Desk, width: int = 1280, height: int = 900) -> Page:
        context = chromium.new_context(viewport={"width": width, "height": height})
        context.set_default_timeout(60_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda fault: faults.append(str(fault)))
        page.on("console", lambda said: faults.append(said.text) if "Content Security" in said.text else None)
        page.goto(desk.server.address)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not faults, faults


def identified(page: Page) -> None:
    page.get_by_label("毕业生已阅读并同意").check()
    page.get_by_label("学号或考生号").fill(STUDENT)
    page.get_by_label("证件号码").fill(ID_NUMBER)
    page.get_by_role("button", name="查找").click()
    expect(page.locator("#person")).to_contain_text("王*")


def test_a_clerk_saves_a_photo_and_goes_on(tmp_path: Path, portrait: bytes, page_of: OpenPage) -> None:
    with a_desk(tmp_path) as desk:
        page = page_of(desk)
        expect(page).to_have_title("服务台拍照")
        assert "key=" not in page.url, "the key is not left in the address"
        page.get_by_role("button", name="查找").click()
        expect(page.locator("#who .said")).to_contain_text("同意")
        identified(page)
        page.locator("#file").set_input_files({"name": "x.txt", "mimeType": "image/jpeg", "buffer": b"no picture"})
        expect(page.locator("#result .said")).to_contain_text("不是可识别的图片")
        (desk.pictures / "DSC_0002.JPG").write_bytes(portrait)
        page.get_by_role("button", name="DSC_0002.JPG").click()
        expect(page.locator("#finished")).to_be_visible()
        page.get_by_role("button", name="另选一张").click()
        expect(page.locator("#made")).to_be_hidden()
        page.locator("#file").set_input_files({"name": "x.jpg", "mimeType": "image/jpeg", "buffer": portrait})
        expect(page.locator("#finished")).to_be_visible()
        page.get_by_role("button", name="使用这张").click()
        expect(page.locator("#done")).to_be_visible()
        (shot,) = desk.saved()
        expect(page.locator("#receipt")).to_have_text(
            "-".join(shot.manifest.receipt[at : at + 4] for at in range(0, len(shot.manifest.receipt), 4))
        )
        expect(page.locator("#qr")).to_have_js_property("complete", True)
        expect(page.locator("#qr")).not_to_have_js_property("naturalWidth", 0)
        expect(page.locator("#counts")).to_contain_text("本次已保存 1 张")
        page.locator("#done").get_by_role("button", name="下一位").click()
        expect(page.locator("#who")).to_be_visible()
        expect(page.get_by_label("证件号码")).to_have_value("")
        assert "王" not in page.content(), "nothing of the person is left in the page"


def test_the_page_of_a_narrow_window_needs_no_scrolling_sideways(
    tmp_path: Path, portrait: bytes, page_of: OpenPage
) -> None:
    with a_desk(tmp_path) as desk:
        page = page_of(desk, width=390, height=800)
        identified(page)
        page.locator("#file").set_input_files({"name": "x.jpg", "mimeType": "image/jpeg", "buffer": portrait})
        expect(page.locator("#finished")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.parametrize(
    ("status", "said"), [(413, "文件太大"), (500, "未能完成"), (403, "已失效"), (None, "没有响应")]
)
def test_what_the_program_refuses_is_said_and_the_photo_there_is_stays(
    tmp_path: Path, portrait: bytes, page_of: OpenPage, status: int | None, said: str
) -> None:
    with a_desk(tmp_path) as desk:
        page = page_of(desk)
        identified(page)
        page.locator("#file").set_input_files({"name": "x.jpg", "mimeType": "image/jpeg", "buffer": portrait})
        expect(page.locator("#finished")).to_be_visible()
        page.route("**/file", lambda route: route.abort() if status is None else route.fulfill(status=status))
        page.locator("#file").set_input_files({"name": "y.jpg", "mimeType": "image/jpeg", "buffer": portrait})
        expect(page.locator("#gone" if status is None else "#refused")).to_contain_text(said)
        expect(page.locator("#finished")).to_be_visible()


def test_a_file_too_large_for_a_photo_is_not_even_sent(tmp_path: Path, portrait: bytes, page_of: OpenPage) -> None:
    with a_desk(tmp_path) as desk:
        desk.server.fixed |= {"most_bytes": len(portrait) - 1}
        page = page_of(desk)
        identified(page)
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.locator("#file").set_input_files({"name": "x.jpg", "mimeType": "image/jpeg", "buffer": portrait})
        expect(page.locator("#refused")).to_contain_text("文件太大")
        assert not [url for url in asked if url.endswith("/file")]


def test_the_webcam_s_picture_moves_and_is_taken(tmp_path: Path, portrait: bytes, page_of: OpenPage) -> None:
    assert portrait
    with a_desk(tmp_path, webcam=True) as desk:
        page = page_of(desk)
        identified(page)
        expect(page.locator("#live")).to_have_js_property("naturalWidth", 640)
        page.get_by_role("button", name="拍摄").click()
        expect(page.locator("#finished")).to_be_visible()


def test_a_name_in_a_file_s_name_is_text_and_never_runs(tmp_path: Path, portrait: bytes, page_of: OpenPage) -> None:
    with a_desk(tmp_path) as desk:
        page = page_of(desk)
        identified(page)
        name = "<img src=x onerror=document.title=1>.jpg"
        (desk.pictures / name).write_bytes(portrait)
        expect(page.get_by_role("button", name=name)).to_be_visible()
        expect(page).to_have_title("服务台拍照")


def test_a_line_about_trouble_is_as_wide_as_the_cards_on_every_screen(tmp_path: Path, page_of: OpenPage) -> None:
    with a_desk(tmp_path) as desk, patch.object(desk.server, "_sends", lambda: False):
        for width in (1280, 390):
            page = page_of(desk, width=width)
            expect(page.locator("#trouble p")).to_be_visible()
            line, card = (page.locator(one).first.bounding_box() for one in ("#trouble p", ".card"))
            assert line is not None
            assert card is not None
            assert (line["x"], line["width"]) == (card["x"], card["width"])
