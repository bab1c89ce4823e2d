"""The pages of accounts: made, closed, reset; sessions and passwords."""

import re

import pyotp
from sqlalchemy import select

from center.accounts.model.roles import Role
from center.audit.tables import AuditRow
from tests.center.office_server import PASSWORD, Client, OfficeServer


def test_a_new_account_works_with_what_is_shown_once(office_server: OfficeServer) -> None:
    import pyotp

    root = office_server.client("root", Role.ADMINISTRATOR)
    page = root.post("/accounts/add", name="carl", role="staff").text
    password = re.search(r'once-value digits">([^<]+)<', page)
    address = re.search(r"(otpauth://[^<]+)<", page)
    assert password
    assert address
    totp = pyotp.parse_uri(address[1].replace("&amp;", "&"))
    assert isinstance(totp, pyotp.TOTP)
    assert office_server.office.accounts.login("carl", password[1], totp.at(office_server.clock.now)) is not None
    assert password[1] not in root.get("/accounts").text
    assert root.post("/accounts/add", name="carl", role="staff").status_code == 409
    assert root.post("/accounts/add", name="dora", role="king").status_code == 400
    assert root.post("/accounts/add", name="dora", role="school").status_code == 400  # without a school


def test_what_is_wrong_with_a_new_account_or_booth_is_reported_beside_the_form(office_server: OfficeServer) -> None:
    root = office_server.client("root", Role.ADMINISTRATOR)
    for form, status, words in (
        ({"name": "root", "role": "staff"}, 409, "There is an account root already"),
        ({"name": "a b", "role": "staff", "school": ""}, 400, "letters, digits, dots"),
        ({"name": "jia", "role": "school"}, 400, "names its school"),
    ):
        answer = root.post("/accounts/add", form)
        assert (answer.status_code, words in answer.text) == (status, True), words
        assert f'value="{form["name"]}"' in answer.text  # as it was typed
    wrong = root.post("/booths/enrol", booth_id="Hall 1")
    assert (wrong.status_code, wrong.headers["HX-Retarget"]) == (400, "#enrol-fault")
    assert "like hall-1" in wrong.text
    assert "enrolled for other schools" in root.post("/booths/enrol", booth_id="booth-1", schools="甲大学").text


def test_a_closed_account_is_out_at_once_and_nobody_closes_the_own(office_server: OfficeServer) -> None:
    anna, root = office_server.client("anna"), office_server.client("root", Role.ADMINISTRATOR)
    assert root.post("/accounts/disable", name="root").status_code == 400
    root.post("/accounts/disable", name="anna")
    assert anna.get("/queue").status_code == 303


def test_an_administrator_ends_a_session_at_once(office_server: OfficeServer) -> None:
    anna, root = office_server.client("anna"), office_server.client("root", Role.ADMINISTRATOR)
    page = root.get("/accounts").text
    row = r'<th scope="row">anna</th><td data-label.*?name="session_id" value="([0-9a-f]+)"'
    session = re.search(row, page, re.DOTALL)
    assert session
    assert anna.get("/queue").status_code == 200
    root.post("/accounts/end-session", session_id=session[1])
    assert anna.get("/queue").status_code == 303


def test_everybody_ends_own_sessions_elsewhere_and_nobody_elses(office_server: OfficeServer) -> None:
    here, elsewhere, bob = office_server.client("anna"), office_server.client("anna"), office_server.client("bob")
    page = here.get("/account").text
    others = re.findall(r'name="session_id" value="([0-9a-f]+)"', page)
    assert len(others) == 1
    assert bob.post("/account/end-session", session_id=others[0]).status_code == 404
    assert elsewhere.get("/account").status_code == 200
    here.post("/account/end-session", session_id=others[0])
    assert elsewhere.get("/account").status_code == 303
    assert here.get("/account").status_code == 200


def test_a_new_password_needs_the_old_one_and_ends_other_sessions(office_server: OfficeServer) -> None:
    here, elsewhere = office_server.client("anna"), office_server.client("anna")
    assert "not right" in here.post("/account/password", old="wrong", new="another-long-password").text
    assert here.post("/account/password", old=PASSWORD, new="short").status_code == 400
    assert elsewhere.get("/account").status_code == 200
    assert here.post("/account/password", old=PASSWORD, new="another-long-password").status_code == 200
    assert here.get("/account").status_code == 200
    assert elsewhere.get("/account").status_code == 303
    colleague = office_server.colleague("anna")
    assert office_server.office.accounts.login("anna", PASSWORD, office_server.code(colleague)) is None
    assert (
        office_server.office.accounts.login("anna", "another-long-password", office_server.code(colleague)) is not None
    )


def test_a_first_password_opens_nothing_but_its_change(office_server: OfficeServer) -> None:
    root = office_server.client("root", Role.ADMINISTRATOR)
    made = root.post("/accounts/add", name="carl", role="staff").text
    first = re.findall(r'once-value digits">([^<]+)<', made)[0]
    app = pyotp.TOTP(re.findall(r"secret=([A-Z2-7]+)", made)[0])
    login = office_server.office.accounts.login("carl", first, app.at(office_server.clock.now))
    assert login is not None
    carl = Client(office_server, login.token, login.csrf_token)
    for path in ("/", "/queue", "/review"):
        answer = carl.get(path)
        assert (answer.status_code, answer.headers["location"]) == (303, "/account")
    assert carl.post("/queue/approve").status_code == 303
    assert "Somebody else gave you this password" in carl.get("/account").text
    assert carl.post("/account/password", old=first, new=first).status_code == 400
    assert carl.post("/account/password", old=first, new="four-unlike-words-here").status_code == 200
    assert carl.get("/queue").status_code == 200


def test_an_administrator_resets_what_somebody_lost_and_reopens_what_was_closed(office_server: OfficeServer) -> None:
    root, anna = office_server.client("root", Role.ADMINISTRATOR), office_server.client("anna")
    shown = root.post("/accounts/reset-password", name="anna").text
    password = re.findall(r'once-value digits">([^<]+)<', shown)[0]
    assert anna.get("/queue").status_code == 303  # the session ended
    shown = root.post("/accounts/reset-app", name="anna").text
    app = pyotp.TOTP(re.findall(r"secret=([A-Z2-7]+)", shown)[0])
    office_server.clock.move(seconds=30)
    assert (
        office_server.office.accounts.login("anna", password, office_server.code(office_server.colleague("anna")))
        is None
    )
    login = office_server.office.accounts.login("anna", password, app.at(office_server.clock.now))
    assert login is not None
    assert login.account.must_change
    root.post("/accounts/disable", name="anna")
    office_server.clock.move(seconds=30)
    assert office_server.office.accounts.login("anna", password, app.at(office_server.clock.now)) is None
    root.post("/accounts/reopen", name="anna")
    assert office_server.office.accounts.login("anna", password, app.at(office_server.clock.now)) is not None
    for path in ("reset-password", "reset-app", "disable"):
        assert root.post(f"/accounts/{path}", name="root").status_code == 400
    with office_server.office.database.read() as session:
        said = set(session.scalars(select(AuditRow.action)))
    assert {"user.password_reset", "user.second_factor_reset", "user.reopened"} <= said
