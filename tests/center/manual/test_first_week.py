"""Two answers of docs/first-week.md, followed step by step: a successor at a school, a shift that hands over."""

import re
from pathlib import Path

import pyotp
import pytest

from center.accounts.model.roles import Role
from center.shots.model.shot import State
from tests.center.delivery.test_deliveries import SCHOOL, YEAR, approve, enter
from tests.center.office_server import PASSWORD, Client, OfficeServer, decide, file_shot, held, number_of, state_of

PAGE = Path(__file__).parents[3] / "docs" / "first-week.md"
HALF_DAY = "/reconciliation/booth-1/2026-09-01-am"


def answer_to(question: str) -> str:
    (line,) = (line for line in PAGE.read_text("utf-8").splitlines() if line.startswith(f"| {question} |"))
    return line


def once(page: str, pattern: str) -> str:
    found = re.search(pattern, page)
    assert found, page[:400]
    return found[1]


def reset(client: Client, path: str, name: str, *doings: dict[str, str]) -> tuple[str, pyotp.TOTP]:
    """Reset password and app of an account; both as the pages show them, once."""
    shown = [client.post(path + one.pop("path", ""), {"name": name, **one}).text for one in doings]
    return once(shown[0], r'once-value digits">([^<]+)<'), pyotp.TOTP(once(shown[1], r"secret=([A-Z2-7]+)"))


def test_a_schools_secretary_hands_over_to_a_successor(office_server: OfficeServer) -> None:
    answer = answer_to("The school's secretary hands over to a successor")
    assert re.findall(r"`(/[a-z]+)`", answer) == ["/accounts", "/schools"]
    office, clock = office_server.office, office_server.clock
    enter(office, 1)
    approve(office, clock, 1)
    root = office_server.client("root", Role.ADMINISTRATOR)
    form = {"school": SCHOOL, "year": YEAR}
    root.post("/schools", form, announced="1", name="王老师", phone="025-83335000", mail="wang@shifan.example")
    before = office_server.client("shifan", Role.SCHOOL, SCHOOL)
    of = once(before.get("/checking").text, r"class=([0-9a-f]{16,})")
    assert "classes left 1" in before.get("/progress").text
    seen = once(before.get(f"/checking?class={of}").text, r'name="seen" value="([^"]+)"')
    before.post("/checking/confirm", {"class": of, "seen": seen})
    college = before.post("/colleges", name="math", college="数学学院", majors="数学").text
    assert "shifan.math" in college

    password, app = reset(root, "/accounts", "shifan", {"path": "/reset-password"}, {"path": "/reset-app"})
    assert before.get("/progress").status_code == 303, "the predecessor's open session has ended"
    known = office_server.code(office_server.colleague("shifan"))
    assert office.accounts.login("shifan", PASSWORD, known) is None
    assert office.accounts.login("shifan", password, known) is None, "with the predecessor's app"

    clock.move(seconds=30)
    login = office.accounts.login("shifan", password, app.at(clock.now))
    assert login is not None
    successor = Client(office_server, login.token, login.csrf_token)
    assert successor.get("/progress").headers["location"] == "/account", "a password of one's own comes first"
    successor.post("/account/password", old=password, new="four-unlike-words-here")
    progress = successor.get("/progress")
    assert progress.status_code == 200
    assert "classes left" not in progress.text, "the check of the predecessor stays"

    root.post("/schools", form, announced="", name="李老师", phone="", mail="li@shifan.example")
    (school,) = office.schools.of_year(YEAR)[0].parts
    assert (school.contact.name, school.contact.phone, school.contact.mail) == ("李老师", "", "li@shifan.example")
    assert school.announced == 1, "what the school announced stays"
    of_college = reset(successor, "/colleges/change", "shifan.math", {"do": "password"}, {"do": "app"})
    clock.move(seconds=30)
    assert office.accounts.login("shifan.math", of_college[0], of_college[1].at(clock.now)) is not None


def test_a_shift_hands_over(office_server: OfficeServer) -> None:
    for number in (1, 2, 3):
        file_shot(office_server.office, number)
        office_server.clock.move(seconds=1)
    anna = office_server.client("anna")
    page = decide(anna, anna.post("/review"), "approve")
    assert number_of(page.text) == 2
    ahead = anna.post("/review/ahead", held(page.text)).text
    taken = {**held(page.text), "ahead": once(ahead, r'name="ahead" value="([^"]*)"')}
    assert [state_of(office_server, number) for number in (2, 3)] == [State.CLAIMED] * 2
    assert 'hx-post="/review/stop" data-key="q"' in page.text
    anna.post("/review/stop", taken)
    assert [state_of(office_server, number) for number in (2, 3)] == [State.QUEUED] * 2

    office_server.clock.move(hours=3)
    anna, bob = office_server.client("anna"), office_server.client("bob")  # their logins have run out
    assert HALF_DAY in anna.get("/reconciliation?day=2026-09-01").text
    anna.post(f"{HALF_DAY}/count", counted="4")
    for about in re.findall(r'name="about" value="([^"]+)"', anna.get(HALF_DAY).text):
        anna.post(f"{HALF_DAY}/explain", about=about, words="下午处理")
    for one in (anna, bob):
        digest = once(one.get(HALF_DAY).text, r'name="digest" value="([0-9a-f]{64})"')
        assert one.post(f"{HALF_DAY}/sign", digest=digest).status_code == 303
    assert 'name="digest"' not in bob.get(HALF_DAY).text, "two have signed"
    assert number_of(bob.post("/review").text) == 2, "who comes goes on where the other stopped"


@pytest.mark.parametrize(("role", "of"), [(Role.STAFF, 0), (Role.SUPERVISOR, 1)])
def test_who_comes_may_open_what_the_page_names(office_server: OfficeServer, role: Role, of: int) -> None:
    """The sentence about the next shift names a clerk's pages first, and after the semicolon a supervisor's."""
    coming = answer_to("How does a shift hand over").split("A person who begins the next shift")[1].split(";")
    paths = re.findall(r"`(/[a-z]+)`", coming[of])
    assert len(paths) == 2
    client = office_server.client("x", role)
    assert [client.get(path).status_code for path in paths] == [200, 200]
