"""Second reviews as people meet them: the reviewer can't tell, the supervisor sees both and arbitrates."""

import re

import pytest

from center.accounts.model.roles import Role
from center.shots.service import read_shot
from tests.center.factories import shot_id
from tests.center.office_server import OfficeServer, differ, file_shot, here
from wire.decision import Decision


@pytest.fixture
def drawing(office_server: OfficeServer) -> OfficeServer:
    """An office in which every decided shot is drawn."""
    queue = office_server.office.queue
    queue._share, queue._chance = 1, lambda: 0.0
    return office_server


def bare(page: str) -> str:
    """A page without what differs between any two shots: ids, tickets, tokens, moments, numbers' ends, forms."""
    page = re.sub(r'name="once" value="[^"]*"', "", page)
    page = re.sub(r'\s*<a class="language".*?</a>', "", page)  # the answer to a form has none
    return re.sub(r"\*+\d+|[0-9a-f]{32}(?:\.\d+)?|[\w-]{40,}|\d{2}:\d{2}(?::\d{2})?|RECE-\d+", "", page)


def test_the_page_of_a_second_review_is_the_page_of_a_fresh_shot(drawing: OfficeServer) -> None:
    file_shot(drawing.office, 1)
    anna = drawing.client("anna")
    first = anna.post("/review").text
    anna.post(f"/review/{shot_id(1)}/approve", here=here(first), ahead="")
    drawing.clock.move(seconds=11)
    bob = drawing.client("bob")
    second = bob.post("/review").text
    assert here(second).startswith(shot_id(1))
    file_shot(drawing.office, 2)
    cora = drawing.client("cora")
    assert here(cora.post("/review").text).startswith(shot_id(2))
    for name in ("Approved", "anna", "econd look"):
        assert name not in second
    assert bare(second) == bare(cora.get(f"/review/{shot_id(2)}").text).replace("cora", "bob")
    answer = bob.post(f"/review/{shot_id(1)}/reject", here=here(second), ahead="", reasons="glasses")
    assert "Rejected: 王*" in answer.text
    again = bob.get(f"/review/{shot_id(1)}").text
    assert "Rejected by bob" in again
    assert "anna" not in again
    with drawing.office.database.read() as session:
        assert read_shot(session, shot_id(1)).decision is Decision.APPROVED


def test_a_supervisor_arbitrates_and_an_administrator_sees_the_rate_alone(office_server: OfficeServer) -> None:
    name = differ(office_server)
    root, sue = office_server.client("root", Role.ADMINISTRATOR), office_server.client("sue", Role.SUPERVISOR)
    rate = root.get("/numbers/second-reviews").text
    assert "100.0 %" in rate
    assert "20.7–100.0 %" in rate  # Wilson's interval of 1 in 1
    assert name not in rate
    page = sue.get("/numbers/second-reviews").text
    look = re.search(r'name="look_id" value="(\d+)"', page)
    version = re.search(r'name="version" value="(\d+)"', page)
    assert look
    assert version
    assert root.post("/numbers/second-reviews", look_id=look[1], outcome="first").status_code == 403
    assert sue.post("/numbers/second-reviews", look_id=look[1], outcome="neither").status_code == 400
    sue.post("/numbers/second-reviews", look_id=look[1], outcome="back", version=version[1])
    assert name not in sue.get("/numbers/second-reviews").text
    assert office_server.office.queue.waiting().waiting == 1
    assert sue.post("/numbers/second-reviews", look_id=look[1], outcome="back", version=version[1]).status_code == 404


def test_the_first_decision_may_be_said_to_stand(office_server: OfficeServer) -> None:
    name = differ(office_server)
    sue = office_server.client("sue", Role.SUPERVISOR)
    look = re.search(r'name="look_id" value="(\d+)"', sue.get("/numbers/second-reviews").text)
    assert look
    sue.post("/numbers/second-reviews", look_id=look[1], outcome="first")
    assert "No disagreement waits" in sue.get("/numbers/second-reviews").text
    with office_server.office.database.read() as session:
        assert read_shot(session, name).decision is Decision.APPROVED
