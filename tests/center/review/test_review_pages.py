"""The reviewers' work by HTTP: claims, decisions, undo, versions, bulk, mending; what the audit notes of it."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests
from sqlalchemy import select

from center.accounts.model.roles import Role
from center.audit.tables import AuditRow
from center.shots.model.shot import State
from tests.center.factories import PROFILE, report, shot_id, somebody
from tests.center.office_server import (
    FINISH,
    Client,
    OfficeServer,
    decide,
    decisions,
    file_shot,
    held,
    here,
    number_of,
    state_of,
)


def actions(office_server: OfficeServer, who: str) -> list[tuple[str, str]]:
    user_id = office_server.colleague(who).user_id
    with office_server.office.database.read() as session:
        rows = session.scalars(select(AuditRow).where(AuditRow.actor == user_id).order_by(AuditRow.place))
        return [(row.action, row.subject) for row in rows]


def test_two_reviewers_never_get_the_same_shot(office_server: OfficeServer) -> None:
    for number in range(1, 25):
        file_shot(office_server.office, number)
    clients = [office_server.client(name) for name in ("anna", "bob", "carl")]

    def work(client: Client) -> list[int]:
        seen = []
        page = client.post("/review")
        while 'name="here"' in page.text:
            seen.append(number_of(page.text))
            ahead = client.post("/review/ahead", held(page.text))
            more = re.search(r'name="ahead" value="([^"]*)"', ahead.text)
            assert more
            page = decide(client, page, "approve", ahead=more[1])
            assert page.status_code == 200
        return seen

    with ThreadPoolExecutor(3) as pool:
        seen = [number for numbers in pool.map(work, clients) for number in numbers]
    assert sorted(seen) == list(range(1, 25))
    assert len(decisions(office_server)) == 24


@pytest.mark.parametrize(
    ("number", "word"),
    [("11010519491231002X", "female"), ("110105194912310011", "male"), ("ABC123456789012", None), (None, None)],
)
def test_the_sex_that_the_id_number_says_stands_beside_the_photo(
    office_server: OfficeServer, number: str | None, word: str | None
) -> None:
    file_shot(office_server.office, 1, person=somebody(1, id_number=number))
    anna = office_server.client("anna")
    tile = re.search(r'<p class="tile-name">.*?</p>', anna.get("/queue").text, re.DOTALL)
    assert tile
    page = anna.post("/review").text
    told = re.search(r"<dt>Sex</dt><dd>(\w+)", page)
    assert (told and told[1]) == word
    assert re.findall(r"<span>(female|male)</span>", tile[0]) == ([] if word is None else [word])


def test_flagged_shots_come_first_with_their_reason(office_server: OfficeServer) -> None:
    file_shot(office_server.office, 1)
    office_server.clock.move(seconds=5)
    file_shot(office_server.office, 2, flags=("provisional_row",))
    anna = office_server.client("anna")
    page = anna.post("/review")
    assert number_of(page.text) == 2
    assert "Not on the roster" in page.text
    tiles = re.findall(r'class="tile( tile-flagged)?"', anna.get("/queue").text)
    assert tiles == [" tile-flagged", ""]


def test_one_key_decides_and_shows_the_next_shot(office_server: OfficeServer) -> None:
    for number in (1, 2, 3):
        file_shot(office_server.office, number)
        office_server.clock.move(seconds=1)
    anna = office_server.client("anna")
    first = anna.post("/review")
    second = decide(anna, first, "approve")
    assert (number_of(first.text), number_of(second.text)) == (1, 2)
    assert second.headers["hx-push-url"] == f"/review/{shot_id(2)}"
    assert state_of(office_server, 1) is State.PROVISIONAL


def test_the_seconds_counted_are_those_the_photo_was_looked_at(office_server: OfficeServer) -> None:
    file_shot(office_server.office, 1)
    anna = office_server.client("anna")
    page = anna.post("/review")
    office_server.clock.move(seconds=20)
    decide(anna, page, "approve", looked_ms="7300")
    (made,) = decisions(office_server)
    assert made.shown_at is not None
    assert (made.decided_at - made.shown_at).total_seconds() == 7.3


def test_a_stale_version_is_refused_with_who_and_when(office_server: OfficeServer) -> None:
    file_shot(office_server.office, 1)
    anna, bob = office_server.client("anna"), office_server.client("bob")
    page = anna.post("/review")
    office_server.clock.move(seconds=91)  # her lease runs out
    other = bob.post("/review")
    decide(bob, other, "reject", reasons="glasses")
    late = decide(anna, page, "approve")
    assert late.status_code == 409
    clock = (office_server.clock.now.timestamp() + 8 * 3600) % 86_400
    when = f"{int(clock // 3600):02d}:{int(clock % 3600 // 60):02d}:{int(clock % 60):02d}"
    assert f"bob moved this photo on at {when}" in late.text
    assert [made.decision for made in decisions(office_server)] == ["rejected"]


def test_a_renewed_lease_keeps_other_reviewers_away(office_server: OfficeServer) -> None:
    file_shot(office_server.office, 1)
    anna, bob = office_server.client("anna"), office_server.client("bob")
    page = anna.post("/review")
    for _ in range(4):
        office_server.clock.move(seconds=60)
        kept = anna.post("/review/keep", held(page.text))
        assert "away too long" not in kept.text
        assert 'name="here"' not in bob.post("/review").text
    office_server.clock.move(seconds=91)
    assert number_of(bob.post("/review").text) == 1
    assert "away too long" in anna.post("/review/keep", held(page.text)).text


def test_a_decision_can_be_undone_for_some_seconds_and_then_is_reported(office_server: OfficeServer) -> None:
    file_shot(office_server.office, 1)
    anna = office_server.client("anna")
    page = anna.post("/review")
    done = decide(anna, page, "approve")
    version = re.search(r'"undo_version": "(\d+)"', done.text)
    assert version
    assert anna.get("/r/RECE-000001").text.count("Waiting for review") == 1
    office_server.clock.move(seconds=9)
    undone = anna.post(f"/review/{shot_id(1)}/undo", undo_version=version[1])
    assert state_of(office_server, 1) is State.CLAIMED
    again = decide(anna, undone, "approve")
    version = re.search(r'"undo_version": "(\d+)"', again.text)
    assert version
    office_server.clock.move(seconds=11)
    late = anna.post(f"/review/{shot_id(1)}/undo", undo_version=version[1])
    assert late.status_code == 409
    assert "final" in late.text
    assert "Photo approved" in anna.get("/r/RECE-000001").text


def test_what_was_on_the_screen_comes_after_an_undone_shot(office_server: OfficeServer) -> None:
    for number in (1, 2):
        file_shot(office_server.office, number)
        office_server.clock.move(seconds=1)
    anna = office_server.client("anna")
    second = decide(anna, anna.post("/review"), "approve")
    version = re.search(r'"undo_version": "(\d+)"', second.text)
    assert version
    first = anna.post(f"/review/{shot_id(1)}/undo", {**held(second.text), "undo_version": version[1]})
    assert number_of(first.text) == 1
    assert shot_id(2) in held(first.text)["ahead"]
    assert number_of(decide(anna, first, "approve").text) == 2


def test_a_rejection_needs_a_reason_and_another_reason_needs_words(office_server: OfficeServer) -> None:
    file_shot(office_server.office, 1)
    anna = office_server.client("anna")
    page = anna.post("/review")
    for form in ({}, {"reasons": "ugly"}, {"reasons": "other"}, {"reasons": "other", "note": "  "}):
        assert decide(anna, page, "reject", **form).status_code == 400
    assert decisions(office_server) == []
    decide(anna, page, "reject", reasons=["glasses", "other"], note="tinted lenses")
    (made,) = decisions(office_server)
    assert (made.reasons, made.note) == (["glasses", "other"], "tinted lenses")


def test_a_skipped_shot_goes_to_other_reviewers_and_back_finds_it_again(office_server: OfficeServer) -> None:
    for number in (1, 2):
        file_shot(office_server.office, number)
        office_server.clock.move(seconds=1)
    anna, bob = office_server.client("anna"), office_server.client("bob")
    second = decide(anna, anna.post("/review"), "skip")
    assert number_of(second.text) == 2
    assert f"/review/{shot_id(1)}/take" in second.text  # what the key "back" sends
    back = anna.post(f"/review/{shot_id(1)}/take", held(second.text))
    assert number_of(back.text) == 1
    office_server.clock.move(seconds=1)
    decide(anna, back, "skip")
    assert number_of(bob.post("/review").text) == 1


def test_the_number_is_masked_until_revealed_and_the_audit_has_it(office_server: OfficeServer) -> None:
    file_shot(office_server.office, 1)
    anna = office_server.client("anna")
    page = anna.post("/review")
    assert "110105194900000001" not in page.text
    assert "王小明" not in page.text
    assert "110105********0001" in page.text
    shown = anna.post(f"/review/{shot_id(1)}/reveal")
    assert "110105194900000001" in shown.text
    assert "王小明" in shown.text
    assert ("person.revealed", shot_id(1)) in actions(office_server, "anna")


def test_every_look_is_in_the_audit(office_server: OfficeServer) -> None:
    file_shot(office_server.office, 1)
    anna = office_server.client("anna")
    anna.get("/queue")
    anna.get(f"/review/{shot_id(1)}")
    anna.get("/school")
    anna.post("/review")
    done = [action for action, _ in actions(office_server, "anna")]
    assert done == ["user.login", "list.shown", "shot.seen", "list.shown", "shot.shown"]


def test_every_check_is_listed_with_value_limit_and_result(office_server: OfficeServer) -> None:
    file_shot(office_server.office, 1, checks=report(roll=4.2))
    page = office_server.client("anna").post("/review").text
    row = re.search(r'<tr class="row-fail"[^>]*>.*?</tr>', page, re.DOTALL)
    assert row
    words = re.sub(r"<[^>]+>|\s+", " ", row[0])
    limit = next(rule.limit for rule in PROFILE.shot_rules if rule.check.value == "roll")
    for word in ("Head tilted", "4.2", f"−{limit.max:g} – {limit.max:g}", "fail"):
        assert word in words, words


def test_the_guides_show_where_a_limit_is_broken(office_server: OfficeServer) -> None:
    low: dict[str, Any] = {**FINISH, "output": {**FINISH["output"], "hair_top": 119.5}}  # type: ignore[dict-item]
    file_shot(office_server.office, 1)
    office_server.clock.move(seconds=1)
    file_shot(office_server.office, 2, finish=low)
    anna = office_server.client("anna")
    first = anna.post("/review")
    assert "found-no" not in first.text
    second = decide(anna, first, "skip")
    assert second.text.count("found-no") == 1
    assert re.search(r"Hair top</th><td class=\"num\">120 px", second.text)


@pytest.mark.parametrize("finish", [{}, {"output": 3}, {"output": {"pupil_l": ["x", None]}}, {"scale": 1e400}])
def test_a_photo_without_a_readable_report_shows_the_limits_alone(
    office_server: OfficeServer, finish: dict[str, Any]
) -> None:
    file_shot(office_server.office, 1, finish={name: value for name, value in finish.items() if value != float("inf")})
    page = office_server.client("anna").post("/review")
    assert page.status_code == 200
    assert 'class="guides"' in page.text
    assert "/mend" not in page.text


def test_earlier_shots_of_the_person_stand_beside_it_with_their_reasons(office_server: OfficeServer) -> None:
    file_shot(office_server.office, 1, person=somebody(7))
    anna = office_server.client("anna")
    decide(anna, anna.post("/review"), "reject", reasons="glasses")
    office_server.clock.move(minutes=5)
    file_shot(office_server.office, 2, person=somebody(7))
    page = anna.post("/review").text
    beside = page[page.index('class="earlier"') :]
    assert f"/review/{shot_id(1)}" in beside
    assert "Rejected" in beside
    assert "Wears glasses" in beside


def test_an_approved_photo_is_replaced_only_by_the_key_that_says_so(office_server: OfficeServer) -> None:
    file_shot(office_server.office, 1, person=somebody(7))
    anna = office_server.client("anna")
    decide(anna, anna.post("/review"), "approve")
    office_server.clock.move(minutes=5)
    file_shot(office_server.office, 2, person=somebody(7))
    page = anna.post("/review")
    assert "The person has an approved photo" in page.text
    assert "Approve instead" in page.text
    assert f"/review/{shot_id(2)}/approve" in page.text
    assert 'data-key="a" data-needs-photo' not in page.text
    refused = decide(anna, page, "approve")
    assert refused.status_code == 409
    assert state_of(office_server, 1) is State.FINAL
    decide(anna, refused, "approve", replaces=shot_id(1))
    assert state_of(office_server, 1) is State.REPLACED


def tick(page: requests.Response) -> dict[str, Any]:
    items = re.findall(r'name="item" value="([^"]+)"', page.text)
    shown = re.search(r'name="shown" value="(\d+)"', page.text)
    assert shown
    return {"item": items, "shown": shown[1]}


def test_a_page_is_approved_only_where_all_passed_each_with_its_answer(office_server: OfficeServer) -> None:
    file_shot(office_server.office, 1)
    file_shot(office_server.office, 2, checks=report(glasses=0.9))
    file_shot(office_server.office, 3, flags=("code_only",))
    file_shot(office_server.office, 4)
    file_shot(office_server.office, 5)
    anna, bob = office_server.client("anna"), office_server.client("bob")
    form = tick(anna.get("/queue"))
    assert [item.split(".")[0] for item in form["item"]] == [shot_id(number) for number in (1, 4, 5)]
    office_server.office.queue.claim(office_server.colleague("bob").user_id, shot_id(4))
    form["item"].append(f"{shot_id(2)}.1")  # smuggled in
    answer = anna.post("/queue/approve", form)
    assert "2 of 4 approved" in answer.text
    assert "bob was quicker" in answer.text
    states = [state_of(office_server, number) for number in range(1, 6)]
    assert states == [State.PROVISIONAL, State.QUEUED, State.QUEUED, State.CLAIMED, State.PROVISIONAL]
    assert all(made.in_bulk for made in decisions(office_server))
    undo = re.findall(r'name="item" value="([^"]+)"', answer.text)
    assert "Taken back" in anna.post("/queue/undo", item=undo).text
    assert state_of(office_server, 1) is State.QUEUED
    assert bob.get("/queue").status_code == 200


def test_filters_show_and_claim_only_what_fits(office_server: OfficeServer) -> None:
    file_shot(office_server.office, 1, booth_id="booth-1", person=somebody(1, school="甲大学"))
    file_shot(
        office_server.office, 2, booth_id="booth-2", person=somebody(2, school="乙大学"), checks=report(glasses=0.9)
    )
    anna = office_server.client("anna")
    for query, number in (("booth=booth-2", 2), ("school=甲大学", 1), ("check=glasses", 2)):
        page = anna.get(f"/queue?{query}")
        assert page.text.count('class="tile"') == 1
        claimed = anna.post(f"/review?{query}")
        assert number_of(claimed.text) == number
        anna.post("/review/stop", held(claimed.text))
    assert "No photos fit" in anna.get("/queue?school=丙大学").text
    after = anna.post("/review?booth=booth-2")
    assert "?booth=booth-2" in after.headers["hx-push-url"]


def test_the_list_goes_on_where_it_ended(office_server: OfficeServer) -> None:
    for number in range(1, 31):
        file_shot(office_server.office, number)
        office_server.clock.move(seconds=1)
    anna = office_server.client("anna")
    seen: list[str] = []
    path = "/queue"
    while path:
        page = anna.get(path).text
        seen += re.findall(r'class="tile-photo" href="/review/([0-9a-f]+)"', page)
        onward = re.search(r'href="(/queue\?after=[^"]+)"', page)
        path = onward[1] if onward else ""
    assert seen == [shot_id(number) for number in range(1, 31)]


def test_leaving_gives_everything_back(office_server: OfficeServer) -> None:
    for number in (1, 2, 3):
        file_shot(office_server.office, number)
    anna = office_server.client("anna")
    page = anna.post("/review")
    ahead = anna.post("/review/ahead", held(page.text)).text
    more = re.search(r'name="ahead" value="([^"]*)"', ahead)
    assert more
    assert office_server.office.queue.waiting().claimed == 3
    anna.post("/review/stop", here=here(page.text), ahead=more[1])
    assert office_server.office.queue.waiting().claimed == 0


def test_only_a_supervisor_reopens_a_final_decision(office_server: OfficeServer) -> None:
    file_shot(office_server.office, 1)
    anna, sue = office_server.client("anna"), office_server.client("sue", Role.SUPERVISOR)
    decide(anna, anna.post("/review"), "approve")
    office_server.clock.move(seconds=11)
    page = sue.get(f"/review/{shot_id(1)}").text
    version = re.search(r'reopen".*?"undo_version": "(\d+)"', page, re.DOTALL)
    assert version
    assert anna.post(f"/review/{shot_id(1)}/reopen", undo_version=version[1]).status_code == 403
    sue.post(f"/review/{shot_id(1)}/reopen", undo_version=version[1])
    assert state_of(office_server, 1) is State.QUEUED


@pytest.fixture
def injected(office_server: OfficeServer) -> Callable[[], str]:
    """A shot whose every word is hostile; the page that shows it."""
    evil = "<img src=x onerror=alert(1)>'\"{{7*7}}"
    person = somebody(1, name=evil, school=evil, major=evil, class_name=evil, student_no=evil[:20], id_number=evil[:18])
    file_shot(office_server.office, 1, person=person, flags=("<script>",))

    def page() -> str:
        anna = office_server.client("anna")
        shown = anna.post("/review").text + anna.post(f"/review/{shot_id(1)}/reveal").text
        return shown + anna.get("/queue").text + anna.get("/school").text

    return page


def test_words_from_a_booth_are_words_on_the_page(injected: Callable[[], str]) -> None:
    html = injected()
    assert "<img src=x" not in html
    assert "<script>" not in html
    assert "{{7*7}}" in html
    assert "&lt;img src=x onerror=alert(1)&gt;" in html


def test_a_reviewer_meets_the_next_shot_when_the_file_of_the_first_is_gone(office_server: OfficeServer) -> None:
    anna = office_server.client("anna")
    for number in (1, 2):
        file_shot(office_server.office, number)
    (file,) = (office_server.office.config.folder / "photos").rglob(f"{shot_id(1)}-*")
    file.unlink()
    page = anna.post("/review")
    assert page.status_code == 200
    assert shot_id(2) in page.text
    assert state_of(office_server, 1) is State.REFUSED
    board = office_server.client("sue", Role.SUPERVISOR).get("/booths").text
    assert "the photo store has no file" in board
    assert shot_id(1)[:12] in board
