"""Closing a school's account closes those of its colleges: nobody is left to manage them."""

from threading import Thread

import pytest
from sqlalchemy import text

from center.accounts.model.roles import College, Role
from center.commands.jobs import _when_idle
from center.platform.faults import NotThere, WrongRequest
from center.wiring.office import Office
from tests.center.office_server import PASSWORD, OfficeServer

MATHS = College("数学学院", ("数学",))

pytestmark = pytest.mark.usefixtures("quick_hashes")


def school(office: Office, *names: str, school: str = "示范大学") -> None:
    for name in names:
        office.accounts.add("test", name, Role.SCHOOL, PASSWORD, school)


def college(office: Office, *names: str, school: str = "示范大学") -> None:
    for name in names:
        office.accounts.add("test", name, Role.COLLEGE, PASSWORD, school, college=MATHS)


def open_accounts(office: Office) -> list[str]:
    return [one.name for one in office.accounts.all() if not one.disabled]


def test_the_last_open_account_of_a_school_takes_its_colleges_along(office: Office) -> None:
    school(office, "jia", "jia2")
    college(office, "jia.math", "jia.law", "jia.gone")
    school(office, "yi", school="另一大学")
    college(office, "yi.math", school="另一大学")
    office.accounts.disable("root", "jia.gone")
    assert office.accounts.disable("root", "jia") == 0
    assert open_accounts(office) == ["jia.law", "jia.math", "jia2", "yi", "yi.math"], "jia2 manages the colleges"
    assert office.accounts.disable("root", "jia2") == 2
    assert open_accounts(office) == ["yi", "yi.math"]
    ids = {one.name: one.user_id for one in office.accounts.all()}
    with office.database.read() as session:
        for name in ("jia.law", "jia.math"):
            entry = office.audit.entries(session, ids[name])[-1]
            assert (entry.actor, entry.action) == ("root", "user.closed_with_school")


def test_colleges_open_again_one_by_one_and_only_after_their_school(office: Office) -> None:
    school(office, "jia")
    college(office, "jia.math")
    office.accounts.disable("root", "jia")
    with pytest.raises(WrongRequest, match="account of the school is closed"):
        office.accounts.reopen("root", "jia.math")
    office.accounts.reopen("root", "jia")
    assert open_accounts(office) == ["jia"]
    office.accounts.reopen("root", "jia.math")
    assert open_accounts(office) == ["jia", "jia.math"]


def test_a_school_that_is_closed_just_now_makes_no_account_any_more(office: Office) -> None:
    school(office, "jia")
    (jia,) = office.accounts.all()
    office.accounts.disable("root", "jia")
    with pytest.raises(NotThere):
        office.accounts.add(jia.user_id, "jia.math", Role.COLLEGE, PASSWORD, "示范大学", college=MATHS)


def test_two_accounts_of_a_school_closed_at_once_leave_no_college_open(office: Office) -> None:
    for turn in range(5):
        names, name = (f"a{turn}", f"b{turn}"), f"学校{turn}"
        school(office, *names, school=name)
        college(office, f"c{turn}", school=name)
        threads = [Thread(target=office.accounts.disable, args=("root", one)) for one in names]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert open_accounts(office) == []


def test_a_colleges_login_ends_with_its_schools_and_the_page_says_so_before(office_server: OfficeServer) -> None:
    root = office_server.client("root", Role.ADMINISTRATOR)
    office_server.client("jia", Role.SCHOOL)
    maths = office_server.client("jia.math", Role.COLLEGE)
    assert maths.get("/progress").status_code == 200
    assert "the accounts of its 1 colleges close with it" in root.get("/accounts").text
    office_server.clock.move(days=181)
    root = office_server.client("root", Role.ADMINISTRATOR)
    maths = office_server.client("jia.math", Role.COLLEGE)
    assert "Accounts of colleges that close with it: 1" in root.get("/accounts/review").text
    root.post("/accounts/disable", name="jia")
    assert maths.get("/progress").status_code == 303
    page = root.get("/accounts").text
    assert "closed; open the school&#39;s account first" in page
    assert root.post("/accounts/reopen", name="jia.math").status_code == 400
    root.post("/accounts/reopen", name="jia")
    assert "closed; open the school" not in root.get("/accounts").text
    assert "closed a college&#39;s account with its school&#39;s" in root.get("/audit").text


def test_the_office_closes_colleges_that_a_version_before_left_open(office: Office) -> None:
    school(office, "jia", "yi")
    college(office, "jia.math")
    school(office, "bing", school="另一大学")
    college(office, "bing.math", school="另一大学")
    with office.database.write() as session:  # as that version closes accounts, at any time
        session.execute(text("UPDATE users SET disabled_at = 1 WHERE name IN ('jia', 'bing')"))
    for _ in range(2):
        _when_idle(office)
        assert open_accounts(office) == ["jia.math", "yi"], "yi still manages the colleges"
    closed = next(one.user_id for one in office.accounts.all() if one.name == "bing.math")
    with office.database.read() as session:
        told = [(one.actor, one.action) for one in office.audit.entries(session, closed)]
    assert told.count(("office", "user.closed_with_school")) == 1
