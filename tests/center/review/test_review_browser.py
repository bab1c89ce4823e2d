"""The pages in Debian's browser: keys, photos loaded ahead, both sizes, accessibility."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from center.accounts.model.roles import Role
from center.shots.model.shot import State
from center.shots.model.staff_decision import Reject
from center.shots.service import read_shot
from tests.center.delivery.test_deliveries import enter
from tests.center.factories import report, shot_id, somebody
from tests.center.office_server import PASSWORD, OfficeServer, differ, file_shot
from tests.center.roster.roster_files import HEADER, ROW
from tests.roster_rows import roster_row
from wire.roster_change import RosterRow

pytestmark = pytest.mark.xdist_group("chromium")

WindowOpener = Callable[..., Page]
AXE = (Path(__file__).parents[1] / "assets" / "axe-4.14.1.min.js").read_text("utf-8")
READY = "#stage.is-ready"


def state_of(office_server: OfficeServer, number: int) -> State:
    with office_server.office.database.read() as session:
        return read_shot(session, shot_id(number)).state(office_server.clock.now)


def filed(office_server: OfficeServer, count: int) -> None:
    for number in range(1, count + 1):
        file_shot(office_server.office, number)
        office_server.clock.move(seconds=1)


def on_screen(page: Page, number: int) -> None:
    """The shot is there, its photo decoded."""
    expect(page.locator(f"{READY} #photo-{shot_id(number)}")).to_be_visible()
    expect(page).to_have_url(re.compile(f"/review/{shot_id(number)}"))


def at_work(office_server: OfficeServer, browser_window: WindowOpener, count: int, **window: int) -> Page:
    filed(office_server, count)
    page = browser_window("anna", **window)
    page.goto(f"{office_server.address}/queue")
    page.keyboard.press("Enter")
    on_screen(page, 1)
    if count > 1:
        expect(page.locator("#ahead img")).to_have_count(min(count - 1, 2))
    return page


def test_the_main_path_needs_no_mouse(office_server: OfficeServer, browser_window: WindowOpener) -> None:
    filed(office_server, 5)
    anna = office_server.colleague("anna")
    page = browser_window(None)
    page.goto(f"{office_server.address}/queue")  # the login is in the way; the cursor stands in its first field
    for word in ("anna", PASSWORD, office_server.code(anna)):
        page.keyboard.type(word)
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{office_server.address}/queue")
    page.keyboard.press("Enter")  # start
    on_screen(page, 1)
    page.keyboard.press("a")  # approve, on to the next
    on_screen(page, 2)
    page.keyboard.press("z")  # undo
    on_screen(page, 1)
    page.keyboard.press("a")
    on_screen(page, 2)
    page.keyboard.press("r")  # reject: a reason, and go
    page.keyboard.press("1")
    page.keyboard.press("Enter")
    on_screen(page, 3)
    page.keyboard.press("s")  # skip
    on_screen(page, 4)
    page.keyboard.press("b")  # back to it
    on_screen(page, 3)
    page.keyboard.press("v")  # show in full
    expect(page.locator("#person")).to_contain_text("110105194900000003")
    page.keyboard.press("m")  # mend: one to the right, save
    expect(page.locator("#recropping")).to_be_visible()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#recropping .good")).to_be_enabled()
    page.keyboard.press("Enter")
    on_screen(page, 4)
    page.keyboard.press("q")  # stop
    expect(page).to_have_url(f"{office_server.address}/queue")
    assert [state_of(office_server, number) for number in (1, 2, 3)] == [State.PROVISIONAL] * 3
    assert office_server.office.queue.waiting().claimed == 0


def test_keys_are_dead_inside_text_fields_and_with_other_keys_held(
    office_server: OfficeServer, browser_window: WindowOpener
) -> None:
    page = at_work(office_server, browser_window, 2)
    page.keyboard.press("r")
    page.keyboard.press("0")  # another reason: the cursor is in its field now
    expect(page.locator("#note")).to_be_focused()
    page.keyboard.type("as 1 zebra")
    expect(page.locator("#note")).to_have_value("as 1 zebra")
    expect(page.locator("[value=glasses]")).not_to_be_checked()
    page.keyboard.press("Escape")
    for chord in ("Control+a", "Alt+a", "Meta+a"):
        page.keyboard.press(chord)
    on_screen(page, 1)
    assert state_of(office_server, 1) is State.CLAIMED


def test_own_words_are_sent_from_their_field(office_server: OfficeServer, browser_window: WindowOpener) -> None:
    page = at_work(office_server, browser_window, 2)
    page.keyboard.press("r")
    page.keyboard.press("0")
    page.keyboard.type("tinted lenses")
    page.keyboard.press("Control+Enter")
    on_screen(page, 2)
    assert state_of(office_server, 1) is State.PROVISIONAL


def test_keys_of_the_page_are_dead_under_a_dialog(office_server: OfficeServer, browser_window: WindowOpener) -> None:
    page = at_work(office_server, browser_window, 1)
    page.keyboard.press("r")
    expect(page.locator("#reject")).to_be_visible()
    expect(page.locator("#reject .no")).to_be_disabled()  # no reason yet
    page.keyboard.press("Enter")
    page.keyboard.press("s")  # here it is a reason, not "skip"
    expect(page.locator("[value=top_contrast]")).to_be_checked()
    assert state_of(office_server, 1) is State.CLAIMED


def test_a_key_held_down_decides_once(office_server: OfficeServer, browser_window: WindowOpener) -> None:
    page = at_work(office_server, browser_window, 3)
    page.keyboard.down("a")
    for _ in range(5):
        page.keyboard.down("a")  # what a browser sends while the key is held
    on_screen(page, 2)
    page.keyboard.down("a")
    page.keyboard.up("a")
    on_screen(page, 2)
    assert state_of(office_server, 2) is State.CLAIMED


def test_the_next_photo_is_there_before_it_is_asked_for(
    office_server: OfficeServer, browser_window: WindowOpener
) -> None:
    page = at_work(office_server, browser_window, 4)
    page.wait_for_function("[...document.querySelectorAll('#ahead img')].every((photo) => photo.complete)")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/shots/" in request.url else None)
    page.keyboard.press("a")
    on_screen(page, 2)
    expect(page.locator("#ahead img")).to_have_count(2)
    assert not [url for url in asked if shot_id(2) in url or shot_id(3) in url]
    assert page.locator("#stage img").get_attribute("alt") == "Photo of 王*"


def test_nobody_decides_on_a_photo_that_is_not_there_yet(
    office_server: OfficeServer, browser_window: WindowOpener
) -> None:
    filed(office_server, 1)
    page = browser_window("anna")
    waiting: list[Route] = []

    def wait(route: Route) -> None:
        waiting.append(route)

    page.route(re.compile("/shots/"), wait)
    page.goto(f"{office_server.address}/queue", wait_until="domcontentloaded")
    page.keyboard.press("Enter")
    expect(page.locator(".actions .good")).to_be_disabled()
    page.keyboard.press("a")
    assert state_of(office_server, 1) is State.CLAIMED
    for route in waiting:
        route.continue_()
    expect(page.locator(READY)).to_be_visible()
    page.keyboard.press("a")
    expect(page.locator("h1")).to_contain_text("All done")
    assert state_of(office_server, 1) is State.PROVISIONAL


def test_a_photo_that_fails_to_load_says_so(office_server: OfficeServer, browser_window: WindowOpener) -> None:
    filed(office_server, 1)
    page = browser_window("anna")
    page.route(re.compile("/shots/"), lambda route: route.abort())
    page.goto(f"{office_server.address}/queue")
    page.keyboard.press("Enter")
    expect(page.locator(".stage-wait")).to_have_text("The photo did not load: load the page again.")
    expect(page.locator(".actions .good")).to_be_disabled()


def test_without_a_line_the_page_says_so_and_the_step_can_be_repeated(
    office_server: OfficeServer, browser_window: WindowOpener
) -> None:
    page = at_work(office_server, browser_window, 2)
    page.route("**/approve", lambda route: route.abort())
    page.keyboard.press("a")
    expect(page.get_by_text("The office does not answer now")).to_be_visible()
    assert state_of(office_server, 1) is State.CLAIMED
    page.unroute("**/approve")
    page.keyboard.press("a")
    on_screen(page, 2)
    expect(page.get_by_text("The office does not answer now")).to_be_hidden()


def test_a_visible_page_keeps_its_lease(office_server: OfficeServer, browser_window: WindowOpener) -> None:
    page = at_work(office_server, browser_window, 1)
    office_server.clock.move(seconds=80)
    with page.expect_response("**/review/keep"):
        page.evaluate("htmx.trigger(document.querySelector('[data-keep]'), 'keep')")  # what its timer does
    office_server.clock.move(seconds=80)
    assert state_of(office_server, 1) is State.CLAIMED
    office_server.clock.move(seconds=20)
    office_server.office.queue.claim_next(office_server.colleague("bob").user_id)
    page.evaluate("htmx.trigger(document.querySelector('[data-keep]'), 'keep')")
    expect(page.get_by_text("You were away too long")).to_be_visible()


def test_words_of_a_booth_never_run(office_server: OfficeServer, browser_window: WindowOpener) -> None:
    evil = "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>"
    file_shot(office_server.office, 1, person=somebody(1, name=evil, school=evil, class_name=evil, major=evil))
    page = browser_window("anna")
    for path in ("/queue", "/school", f"/review/{shot_id(1)}"):
        page.goto(office_server.address + path)
    page.keyboard.press("Enter")
    expect(page.locator(".actions .good")).to_be_enabled()
    page.keyboard.press("v")
    expect(page.locator(".person-name")).to_have_text(evil)
    assert "owned" not in page.title()


def test_ticks_choose_what_is_approved_together(office_server: OfficeServer, browser_window: WindowOpener) -> None:
    filed(office_server, 3)
    page = browser_window("anna")
    page.goto(f"{office_server.address}/queue")
    page.on("dialog", lambda dialog: dialog.accept())
    page.locator(f'[value^="{shot_id(2)}"]').uncheck()
    expect(page.locator("[data-counted]")).to_have_text("2")
    page.get_by_text("Approve the ticked photos").click()
    expect(page.get_by_text("2 of 2 approved")).to_be_visible()
    page.keyboard.press("z")
    expect(page.get_by_text("Taken back.")).to_be_visible()
    assert {state_of(office_server, number) for number in (1, 2, 3)} == {State.QUEUED}


def row_of_99() -> RosterRow:
    """The row of somebody(99)."""
    person = somebody(99)
    assert person.id_number is not None
    return roster_row(student_no="2026000099", id_number=person.id_number, name=person.name)


def every_page(
    office_server: OfficeServer, browser_window: WindowOpener, look: Callable[[Page, str], None], **window: object
) -> None:
    """Each page as it looks at work, and its dialogs."""
    office_server.office.roster.import_rows("import", [row_of_99()])
    file_shot(office_server.office, 1, person=somebody(99))
    anna = office_server.colleague("anna").user_id
    shot = office_server.office.queue.claim(anna, shot_id(1))
    office_server.office.queue.decide(anna, shot.shot_id, shot.version, Reject(("glasses",), "note"))
    office_server.clock.move(minutes=1)
    file_shot(
        office_server.office, 2, person=somebody(99), flags=("clock_unsynced",), checks=report(roll=4.0, glasses=0.9)
    )
    file_shot(office_server.office, 3)
    page = browser_window(None, **window)
    for path in ("/makeup", "/r", "/login", "/r/RECE-000001", "/r/NO", "/nothing"):
        page.goto(office_server.address + path)
        look(page, path)
    page = browser_window("anna", **window)
    for path in ("/queue", "/queue?school=x", "/school", "/account", f"/review/{shot_id(1)}", "/review"):
        page.goto(office_server.address + path)
        look(page, path)
    page.goto(f"{office_server.address}/queue")
    page.locator(".head .big").click()
    expect(page.locator(READY)).to_be_visible()
    look(page, "review")
    page.locator(".actions button.no").click()
    look(page, "reject")
    page.keyboard.press("Escape")
    page.locator(".actions [data-key=m]").click()
    expect(page.locator("#recropping")).to_be_visible()
    look(page, "mend")
    for number, flag in ((4, "provisional_row"), (5, "code_only"), (6, "exception_other")):
        file_shot(office_server.office, number, flags=(flag,), person=somebody(99, student_no=None))
        page.goto(f"{office_server.address}/review/{shot_id(number)}")
        page.keyboard.press("Enter")
        page.locator(".actions [data-key=t]:enabled").click()
        expect(page.locator("#answering")).to_be_visible()
        if flag == "provisional_row":
            page.locator("#answering summary").click()
        look(page, flag)
    differ(office_server)
    page = browser_window("sue", role=Role.SUPERVISOR, **window)
    page.goto(f"{office_server.address}/numbers/second-reviews")
    expect(page.get_by_text("The first stands")).to_have_count(1)
    look(page, "/numbers/second-reviews")
    enter(office_server.office, 98)  # nobody photographed her
    page.goto(f"{office_server.address}/attendance?of={roster_row().school}&names=yes")
    expect(page.locator("#reminder")).to_be_visible()
    look(page, "/attendance")
    page.goto(f"{office_server.address}/season")
    look(page, "/season")
    for path in ("/dashboard", "/health", "/mine", "/find"):
        page.goto(f"{office_server.address}{path}")
        look(page, path)
    page.locator("main [name=what]").fill("RECE-000004")
    page.keyboard.press("Enter")
    expect(page.locator(".found")).to_be_visible()
    look(page, "/find with a graduate")
    file_shot(office_server.office, 7, flags=("provisional_row",))
    shot = office_server.office.queue.claim(anna, shot_id(7))
    fields = {**roster_row().model_dump(), "student_no": "2026000007", "id_number": "11010519491231002X"}
    office_server.office.identity_answers.make_row(anna, shot.shot_id, shot.version, fields)
    page.goto(f"{office_server.address}/rosters")
    look(page, "/rosters")
    table = ",".join(HEADER) + "\n" + ",".join(ROW) + "\n" + ",".join([*ROW[:5], "1.1E+17", *ROW[6:]])
    file = {"name": "示范大学.csv", "mimeType": "text/csv", "buffer": table.encode()}
    page.locator("[type=file]").set_input_files(file)  # type: ignore[arg-type]
    page.locator("[value=look]").click()
    expect(page.get_by_text("1 rows are refused")).to_be_visible()
    look(page, "/rosters with a report")
    half_day = "/reconciliation/booth-1/2026-09-01-am"
    for path in ("/campus", "/schools", "/passes", "/retention", "/reconciliation", half_day):
        page.goto(office_server.address + path)
        look(page, path)
    page = browser_window("root", role=Role.ADMINISTRATOR, **window)
    for path in ("/booths", "/accounts", "/numbers", "/numbers/checks", "/numbers/checks/roll?max=2", "/audit"):
        page.goto(office_server.address + path)
        look(page, path)


def test_every_page_is_accessible(office_server: OfficeServer, browser_window: WindowOpener) -> None:
    found: list[str] = []

    def look(page: Page, name: str) -> None:
        page.evaluate(AXE)
        for fault in page.evaluate("axe.run(document).then((result) => result.violations)"):
            places = [node["html"][:160] for node in fault["nodes"][:3]]
            found.append(f"{name}: {fault['id']}: {fault['help']} {places}")

    every_page(office_server, browser_window, look)
    assert not found, "\n".join(found)


def test_every_page_fits_a_phone(office_server: OfficeServer, browser_window: WindowOpener) -> None:
    found: list[str] = []

    def look(page: Page, name: str) -> None:
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if wide > 0:
            widest = page.evaluate(
                "[...document.querySelectorAll('#page *')].filter((one) => one.getBoundingClientRect().right >"
                " document.documentElement.clientWidth + 1).slice(0, 3).map((one) => one.outerHTML.slice(0, 90))"
            )
            found.append(f"{name}: {wide} px too wide: {widest}")

    every_page(office_server, browser_window, look, width=360, height=740)
    assert not found, found


def test_the_photo_and_both_decisions_are_in_sight_without_scrolling(
    office_server: OfficeServer, browser_window: WindowOpener
) -> None:
    page = at_work(office_server, browser_window, 1, width=1280, height=720)
    for size in ({"width": 1280, "height": 720}, {"width": 390, "height": 844}):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        for what in ("#stage", ".actions .good", ".actions button.no"):
            box = page.locator(what).bounding_box()
            assert box is not None
            assert box["y"] >= 0
            assert box["y"] + box["height"] <= size["height"], (what, size)
