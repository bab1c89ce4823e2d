"""Settling by HTTP and in the browser: one question after the other, masked, by keys, on a desk and a phone."""

import re
from collections.abc import Callable
from typing import Any

import pytest
import requests
from playwright.sync_api import Page, expect
from sqlalchemy import select

from center.accounts.model.roles import Role
from center.audit.tables import AuditRow
from center.identity.model import ASKS, GROUND_OF, Ground, Question, Way
from center.identity.tables import AnswerRow
from center.shots.model.shot import State
from center.shots.service import read_shot
from kiosk.core.session.state import Flag
from tests.center.factories import shot_id, somebody
from tests.center.office_server import Client, OfficeServer, file_shot, here
from tests.roster_rows import roster_row
from wire.manifest import Person

NUMBER = "11010519491231002X"


def on_the_roster(office_server: OfficeServer) -> None:
    row = roster_row(student_no="2026000001", id_number=NUMBER, name="王小明", sex="女")
    office_server.office.roster.import_rows("import", [row])


def stranger(**changes: str | None) -> Person:
    nothing = dict.fromkeys(("student_no", "exam_no", "school", "major", "class_name", "year"))
    return somebody(1, **({**nothing, "id_number": NUMBER} | changes))


def answer(client: Client, page: requests.Response, do: str = "", **form: Any) -> requests.Response:
    held = here(page.text)
    number = held.split(".")[0]
    return client.post(f"/review/{number}/settle", {"here": held, "do": do, **form})


def answered(office_server: OfficeServer) -> list[tuple[str, list[str]]]:
    with office_server.office.database.read() as session:
        rows = session.scalars(select(AnswerRow).order_by(AnswerRow.settlement_id))
        return [(row.way, row.flags) for row in rows]


def state_of(office_server: OfficeServer, number: int) -> State:
    with office_server.office.database.read() as session:
        return read_shot(session, shot_id(number)).state(office_server.clock.now)


def test_every_flag_of_a_booth_either_asks_something_or_only_comes_first() -> None:
    only_first = {
        *(Flag.CARD_EXPIRED, Flag.CARD_VALIDITY_UNKNOWN, Flag.CLOCK_UNSYNCED, Flag.YEAR_UNCONFIRMED),
        *(Flag.STAFF_DESK, Flag.OTHER_DOCUMENT),  # where the photo comes from
        *(Flag.BY_APPOINTMENT, Flag.DATA_WRONG),  # a pass was issued for it; the review page leads to a case
        *(Flag.TOP_KEPT, Flag.PICTURE_DOUBTED),  # the reviewer sees the top, and what the picture is
    }
    before_02 = {flag for flag in ASKS if flag.startswith("says_")}
    assert {flag.value for flag in Flag} - {flag.value for flag in only_first} == set(ASKS) - {"not_judged"} - before_02
    assert set(GROUND_OF) < set(ASKS)


def test_a_flagged_shot_offers_its_questions_in_place_of_approval(office_server: OfficeServer) -> None:
    file_shot(office_server.office, 1, flags=("provisional_row",), person=stranger())
    anna = office_server.client("anna")
    page = anna.post("/review")
    assert 'data-key="t"' in page.text
    assert 'data-key="a" data-needs-photo' not in page.text
    refused = anna.post(f"/review/{shot_id(1)}/approve", here=here(page.text))
    assert refused.status_code == 409
    assert "Not on the roster" in refused.text


def test_the_row_of_a_person_is_found_masked_and_attached(office_server: OfficeServer) -> None:
    on_the_roster(office_server)
    file_shot(office_server.office, 1, flags=("provisional_row",), person=stranger())
    anna = office_server.client("anna")
    page = anna.post("/review")
    dialog = answer(anna, page)
    for word in ("110105********002X", "王*", "same ID number", "same name", "2026****01"):
        assert word in dialog.text
    for word in (NUMBER, "王小明", "2026000001"):
        assert word not in dialog.text
    row = re.search(r'"row": "([0-9a-f]{32})"', dialog.text)
    assert row
    page = answer(anna, page, "attach", row=row[1])
    assert 'data-key="a" data-needs-photo' in page.text
    assert "Row found on the roster" in page.text
    assert answered(office_server) == [("attached", ["provisional_row"])]
    assert "answering" not in page.text


def test_questions_are_asked_one_after_the_other(office_server: OfficeServer) -> None:
    file_shot(office_server.office, 1, flags=("exception_skin", "code_only"))
    anna = office_server.client("anna")
    page = anna.post("/review")
    assert "Is it this person?" in answer(anna, page).text
    page = answer(anna, page, "confirm")
    assert "May this photo be approved?" in page.text
    assert re.search(r'value="skin"[^>]*checked', page.text)  # what the graduate said
    page = answer(anna, page, "exempt", ground="skin", words="<b>old burn</b>")
    assert "&lt;b&gt;old burn&lt;/b&gt;" in page.text
    assert answered(office_server) == [("confirmed", ["code_only"]), ("exception", ["exception_skin"])]
    approved = anna.post(f"/review/{shot_id(1)}/approve", here=here(page.text))
    assert approved.status_code == 200
    assert state_of(office_server, 1) is State.PROVISIONAL


@pytest.mark.parametrize(
    ("do", "form"),
    [
        ("exempt", {}),
        ("exempt", {"ground": "because"}),
        ("exempt", {"ground": "other"}),
        ("exempt", {"ground": "seen", "words": "x" * 501}),
        ("confirm", {}),
        ("attach", {"row": "f" * 32}),
        ("dance", {}),
    ],
)
def test_an_answer_that_is_none_changes_nothing(office_server: OfficeServer, do: str, form: dict[str, str]) -> None:
    file_shot(office_server.office, 1, flags=("exception_other",))
    anna = office_server.client("anna")
    assert answer(anna, anna.post("/review"), do, **form).status_code == 400
    assert answered(office_server) == []


def test_a_provisional_row_is_made_from_the_form_and_its_faults_are_reported_masked(
    office_server: OfficeServer,
) -> None:
    file_shot(office_server.office, 1, flags=("provisional_row",), person=stranger())
    anna = office_server.client("anna")
    page = anna.post("/review")
    assert "nobody with what is known" in answer(anna, page).text
    assert "Nobody on the roster has exactly" in answer(anna, page, "search", search="李四").text
    fields = {"name": "王小明", "id_number": NUMBER, "student_no": "2026000007", "school": "示范大学", "year": "2026"}
    wrong = answer(anna, page, "make", **(fields | {"id_number": "110105194912310021"}))
    assert wrong.status_code == 400
    assert "110105194912310021" not in wrong.text
    assert "ID number: does not fit its check digit" in wrong.text
    assert wrong.headers["HX-Retarget"] == "#answer-fault"  # beside the form, which stays as it was typed
    assert "Name: is empty" in answer(anna, page, "make", **(fields | {"name": " "})).text
    on_the_roster(office_server)
    assert "search for it instead" in answer(anna, page, "make", **(fields | {"student_no": "2026000001"})).text
    page = answer(anna, page, "make", **fields)
    assert "Provisional row made" in page.text
    assert len(office_server.office.roster_feed.page(None, 0, 10).changes) == 2


def test_searches_and_answers_are_in_the_audit(office_server: OfficeServer) -> None:
    on_the_roster(office_server)
    file_shot(office_server.office, 1, flags=("provisional_row",), person=stranger())
    anna = office_server.client("anna")
    page = anna.post("/review")
    row = re.search(r'"row": "([0-9a-f]{32})"', answer(anna, page).text)
    assert row
    answer(anna, page, "attach", row=row[1])
    with office_server.office.database.read() as session:
        query = select(AuditRow.action, AuditRow.detail).where(AuditRow.subject == shot_id(1)).order_by(AuditRow.place)
        noted = [(action, detail) for action, detail in session.execute(query) if action != "shot.shown"]
    assert noted == [
        ("roster.searched", {"rows": [row[1]]}),
        (
            "shot.settled",
            {"flags": ["provisional_row"], "way": "attached", "ground": None, "row": row[1], "same_number": True},
        ),
    ]


def test_another_reviewer_who_decided_first_is_named(office_server: OfficeServer) -> None:
    file_shot(office_server.office, 1, flags=("code_only",))
    anna, bob = office_server.client("anna"), office_server.client("bob")
    page = anna.post("/review")
    office_server.clock.move(seconds=91)
    bob.post("/review")
    late = answer(anna, page, "confirm")
    assert late.status_code == 409
    assert "bob moved this photo on" in late.text
    assert answered(office_server) == []


def test_an_answered_flag_is_shown_in_the_list_and_the_rest_stay(office_server: OfficeServer) -> None:
    file_shot(office_server.office, 1, flags=("code_only", "clock_unsynced"))
    anna = office_server.client("anna")
    page = answer(anna, anna.post("/review"), "confirm")
    anna.post("/review/stop", here=here(page.text))
    tile = anna.get("/queue").text
    assert "Answered" in tile
    assert "clock not synchronised" in tile
    assert "Identified by code only" not in tile


def test_only_reviewers_answer(office_server: OfficeServer) -> None:
    file_shot(office_server.office, 1, flags=("code_only",))
    for role, school in ((Role.ADMINISTRATOR, None), (Role.SCHOOL, "示范大学")):
        client = office_server.client(role.value, role, school)
        assert client.post(f"/review/{shot_id(1)}/settle", here=f"{shot_id(1)}.1", do="confirm").status_code == 403


def test_every_answer_and_ground_has_its_word() -> None:
    from center.web.catalog import catalog

    for language in ("zh", "en"):
        words = catalog(language).messages
        assert {f"answer.way_{way.value}" for way in Way} <= set(words)
        assert {f"answer.{question.value}" for question in Question} <= set(words)
        assert {f"ground.{ground.value}" for ground in Ground} <= set(words)


@pytest.mark.xdist_group("chromium")
def test_a_wrong_number_is_reported_in_the_dialog_and_what_was_typed_stays(
    office_server: OfficeServer, browser_window: Callable[..., Page]
) -> None:
    file_shot(office_server.office, 1, flags=("provisional_row",), person=stranger())
    page = browser_window("anna", language="zh")
    page.goto(f"{office_server.address}/queue")
    page.keyboard.press("Enter")
    page.locator(".actions [data-key=t]:enabled").click()
    page.locator("#answering summary").click()
    typed = {"name": "王小明", "id_number": NUMBER[:-1] + "1", "student_no": "2026000007", "school": "示范大学"}
    for name, value in (typed | {"year": "2026"}).items():
        page.locator(f"#answering [name={name}]").fill(value)
    page.locator("#answering .make button.good").click()
    expect(page.locator("#answer-fault")).to_contain_text("身份证号：与校验码不符")
    expect(page.locator("#answering [name=name]")).to_have_value("王小明")
    expect(page.locator("body.is-busy")).to_have_count(0)  # keys work again
    page.locator("#answering [name=id_number]").fill(NUMBER)
    page.locator("#answering .make button.good").click()
    expect(page.locator("#answering")).to_have_count(0)
    assert [way for way, _ in answered(office_server)] == ["provisional"]


@pytest.mark.xdist_group("chromium")
def test_answering_needs_no_mouse(office_server: OfficeServer, browser_window: Callable[..., Page]) -> None:
    on_the_roster(office_server)
    file_shot(office_server.office, 1, flags=("provisional_row", "code_only", "exception_eyes"), person=stranger())
    page = browser_window("anna")
    page.goto(f"{office_server.address}/queue")
    page.keyboard.press("Enter")
    expect(page.locator("#stage.is-ready")).to_be_visible()
    page.keyboard.press("t")
    expect(page.locator("#answering h2")).to_have_text("Which row of the roster is this person?")
    page.locator("#answering input[name=search]").focus()
    page.keyboard.type("1 nobody")  # a digit in the field attaches nothing
    page.keyboard.press("Enter")
    expect(page.get_by_text("Nobody on the roster has exactly")).to_be_visible()
    page.locator("#answering input[name=search]").fill("2026000001")
    page.keyboard.press("Enter")
    expect(page.get_by_text("same ID number")).to_be_visible()
    page.locator("#answering").focus()
    page.keyboard.press("1")
    expect(page.locator("#answering h2")).to_have_text("Is it this person?")
    page.keyboard.press("Enter")
    expect(page.locator("#answering h2")).to_have_text("May this photo be approved?")
    expect(page.locator("[value=eyes]")).to_be_checked()
    page.keyboard.press("1")
    expect(page.locator("[value=seen]")).to_be_checked()
    page.keyboard.press("Enter")
    expect(page.locator("#answering")).to_have_count(0)
    expect(page.locator(".actions [data-key=a]:enabled")).to_be_visible()
    page.keyboard.press("a")
    expect(page.locator("h1")).to_contain_text("All done")
    assert state_of(office_server, 1) is State.PROVISIONAL
    assert [way for way, _ in answered(office_server)] == ["attached", "confirmed", "exception"]
