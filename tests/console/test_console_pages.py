"""The other pages: receipts for everybody, a school's progress, booths, numbers, accounts, audit, monitoring."""

import re

import pyotp
import pytest
import requests
from sqlalchemy import select, text

from center.accounts.model.roles import Role
from center.audit.tables import AuditRow
from center.shots.model.staff_decision import Approve, Reject
from tests.center.factories import shot_id, somebody
from tests.console.office_server import PASSWORD, Client, OfficeServer, differ, file_shot
from wire.heartbeat import DeviceFailure, Heartbeat


def decided(office_server: OfficeServer, number: int, staff_decision: Approve | Reject, seconds: float = 5) -> None:
    who = office_server.colleague("anna").user_id
    shot = office_server.office.queue.claim(who, shot_id(number))
    office_server.clock.move(seconds=seconds)
    office_server.office.queue.decide(who, shot.shot_id, shot.version, staff_decision)


def beat(office_server: OfficeServer, booth_id: str, **changes: object) -> None:
    values: dict[str, object] = {
        "booth_id": booth_id,
        "at": office_server.clock.now,
        "clock_synced": True,
        "version": "0.1.0",
        "profile": "jiangsu-2019",
        "uptime_s": 7_200,
        "waiting_envelopes": 3,
        "oldest_waiting_s": 95,
        "free_bytes": 20 << 30,
    }
    office_server.office.booths.heard(booth_id, Heartbeat(**(values | changes)))  # type: ignore[arg-type]


def receipt(office_server: OfficeServer, code: str, language: str = "en") -> requests.Response:
    return requests.get(f"{office_server.address}/r/{code}", headers={"Accept-Language": language}, timeout=20)


def test_a_receipt_tells_waiting_approved_or_retake_once_it_is_final(office_server: OfficeServer) -> None:
    file_shot(office_server.office, 1)
    file_shot(office_server.office, 2)
    assert "Waiting for review" in receipt(office_server, "RECE-000001").text
    decided(office_server, 1, Approve())
    decided(office_server, 2, Reject(("glasses",)))
    assert "Waiting for review" in receipt(office_server, "RECE-000001").text
    office_server.clock.move(seconds=11)
    assert "Photo approved" in receipt(office_server, "rece 000001").text
    assert "Please take it again" in receipt(office_server, "RECE-000002").text
    assert "请重新拍照" in receipt(office_server, "RECE-000002", "zh-CN,zh;q=0.9").text


def test_a_receipts_page_is_the_same_for_everybody(office_server: OfficeServer) -> None:
    file_shot(office_server.office, 1)
    file_shot(office_server.office, 2, person=somebody(2, name="李四", school="他大学"), flags=("code_only",))
    decided(office_server, 1, Reject(("glasses", "head_cover"), "own words"))
    decided(office_server, 2, Reject(("other",), "other words"))
    office_server.clock.move(seconds=11)
    pages = [re.sub("RECE-00000[12]", "", receipt(office_server, f"RECE-00000{number}").text) for number in (1, 2)]
    assert pages[0] == pages[1]  # neither person nor reason makes a difference


def test_an_unknown_receipt_is_not_found_and_says_what_to_do(office_server: OfficeServer) -> None:
    answer = receipt(office_server, "WRONG")
    assert answer.status_code == 404
    assert "check the address" in answer.text


def test_a_school_sees_only_its_own(office_server: OfficeServer) -> None:
    file_shot(office_server.office, 1, person=somebody(1, school="甲大学", student_no="2026111111"))
    file_shot(office_server.office, 2, person=somebody(2, school="乙大学", student_no="2026222222"))
    school = office_server.client("jia", Role.SCHOOL, "甲大学")
    for path in ("/school", "/school?school=乙大学"):
        page = school.get(path).text
        assert "2026****11" in page
        assert "2026****22" not in page
        assert "乙大学" not in page
        assert "/shots/" not in page
    for path in ("/queue", f"/review/{shot_id(1)}", "/numbers", "/booths", "/accounts", "/audit"):
        assert school.get(path).status_code == 403
    assert school.get("/").headers["location"] == "/school"


def test_a_school_hears_of_a_decision_when_it_is_final(office_server: OfficeServer) -> None:
    file_shot(office_server.office, 1)
    school = office_server.client("shifan", Role.SCHOOL, "示范大学")
    decided(office_server, 1, Approve())
    assert "<strong>0</strong><span>approved" in school.get("/school").text
    office_server.clock.move(seconds=11)
    assert "<strong>1</strong><span>approved" in school.get("/school").text


def test_booths_show_what_they_said_and_how_long_ago(office_server: OfficeServer) -> None:
    file_shot(office_server.office, 1)
    beat(office_server, "booth-1")
    fault = DeviceFailure(device="lamp_left", cause="fault.lamp_dead")
    beat(office_server, "booth-2", free_bytes=1 << 30, oldest_waiting_s=7_200, waiting_envelopes=61, failures=(fault,))
    office_server.clock.move(seconds=60)
    page = office_server.client("root", Role.ADMINISTRATOR).get("/booths").text
    words = re.sub(r"<[^>]+>|\s+", " ", page)
    words = re.sub(" +", " ", words)
    assert "booth-1 fine" in words
    assert "booth-2 needs care" in words
    assert "Waiting for review 1" in words
    assert "Free space 1.0 GB" in words
    assert "61 · oldest 2 h" in words
    assert "Left lamp · A lamp does not light" in words
    office_server.clock.move(minutes=10)
    assert page.count("booth-quiet") == 0
    assert office_server.client("root", Role.ADMINISTRATOR).get("/booths").text.count("booth-quiet") == 2


def test_a_booth_is_enrolled_with_a_code_shown_once_and_revoked(office_server: OfficeServer) -> None:
    root = office_server.client("root", Role.ADMINISTRATOR)
    page = root.post("/booths/enrol", booth_id="hall-9", schools="甲大学，乙大学").text
    code = re.search(r"([0-9A-Z]{5}-){3}[0-9A-Z]{5}", page)
    assert code
    assert "甲大学, 乙大学" in page
    assert code[0] not in root.get("/booths").text
    token = office_server.office.booths.exchange("hall-9", code[0])
    assert token is not None
    root.post("/booths/revoke", booth_id="hall-9")
    assert office_server.office.booths.authenticate(token) is None
    assert root.post("/booths/enrol", booth_id="Hall 9!").status_code == 400


def test_what_could_not_be_opened_is_listed_with_its_reasons(office_server: OfficeServer) -> None:
    import hashlib

    data = b"not an envelope"
    office_server.office.intake.receive("booth-1", shot_id(5), hashlib.sha256(data).digest(), data)
    assert "not an envelope" in office_server.client("root", Role.ADMINISTRATOR).get("/booths").text


def test_numbers_count_seconds_reasons_and_decisions_that_stand(office_server: OfficeServer) -> None:
    for number in range(1, 12):
        file_shot(office_server.office, number)
    for number in range(1, 11):
        decided(
            office_server, number, Approve() if number > 2 else Reject(("glasses", "ears")[:number]), seconds=number
        )
    page = office_server.client("sue", Role.SUPERVISOR).get("/numbers").text
    row = re.search(r'<th scope="row">anna</th>(.*?)</tr>', page)
    assert row
    cells = re.findall(r">([^<>]+)</td>", row[1])
    assert cells == ["8", "0", "2", "0", "5 s", "9 s", "0"]
    assert re.search(r"Wears glasses</th>.*?>2</td>", page)
    assert re.search(r"Ears hidden</th>.*?>1</td>", page)
    assert "<strong>1</strong><span>waiting" in page
    assert "rejected · 20 %" in page


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


def test_what_is_wrong_with_a_new_account_or_booth_is_told_beside_the_form(office_server: OfficeServer) -> None:
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


def test_the_audit_page_proves_the_chain_and_finds_a_changed_row(office_server: OfficeServer) -> None:
    file_shot(office_server.office, 1)
    decided(office_server, 1, Approve())
    sue = office_server.client("sue", Role.SUPERVISOR)
    assert "It holds" in sue.post("/audit/verify").text
    assert "approved" in sue.get(f"/audit?about={shot_id(1)}").text
    with office_server.office.database.engine.connect() as connection:
        for name in connection.scalars(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all():
            connection.execute(text(f"DROP TRIGGER {name}"))
        connection.execute(text("UPDATE audit SET actor = 'somebody else' WHERE action = 'shot.approved'"))
        connection.commit()
    assert "does not hold in" in sue.post("/audit/verify").text


def test_a_monitor_reads_numbers_and_nothing_about_people(office_server: OfficeServer) -> None:
    differ(office_server)
    file_shot(office_server.office, 1, flags=("code_only",))
    beat(office_server, "booth-1")
    office_server.clock.move(seconds=30)
    url = f"{office_server.address}/metrics"
    assert requests.get(url, timeout=20).status_code == 403
    assert requests.get(url, headers={"Authorization": "Bearer wrong"}, timeout=20).status_code == 403
    root = office_server.client("root", Role.ADMINISTRATOR)
    token = re.search(r"Bearer ([\w-]{40,})", root.post("/accounts/monitor").text)
    assert token
    assert token[1] not in root.get("/accounts").text  # shown once
    answer = requests.get(url, headers={"Authorization": f"Bearer {token[1]}"}, timeout=20)
    assert answer.headers["content-type"].startswith("application/openmetrics-text")
    lines = answer.text.splitlines()
    assert lines[-1] == "# EOF"
    samples = dict(line.rsplit(" ", 1) for line in lines if not line.startswith("#"))
    assert samples["center_shots_waiting"] == "1"
    assert samples["center_shots_flagged"] == "1"
    assert (samples["center_second_looks_decided"], samples["center_second_looks_differing"]) == ("1", "1")
    assert samples['center_decisions_total{decision="approved"}'] == "1"
    assert samples["center_decisions_taken_back_total"] == "0"
    assert samples["center_oldest_waiting_seconds"] == "60"
    assert samples['center_booth_heartbeat_age_seconds{booth="booth-1"}'] == "60"
    assert samples['center_booth_free_bytes{booth="booth-1"}'] == str(20 << 30)
    sample = r'[a-z_]+(\{(booth|decision)="[a-z0-9-]+"\}|\{part="[a-z_]+"\})?'
    assert all(re.fullmatch(sample, name) for name in samples)


@pytest.mark.parametrize("language", ["zh-CN,zh;q=0.9", "en-GB", "fr", ""])
def test_the_browsers_language_is_spoken_and_chinese_to_others(office_server: OfficeServer, language: str) -> None:
    answer = requests.get(f"{office_server.address}/login", headers={"Accept-Language": language}, timeout=20)
    assert ('lang="en"' in answer.text.split("<head>")[0]) == language.startswith("en")


def test_a_chosen_language_is_remembered(office_server: OfficeServer) -> None:
    came = {"Referer": f"{office_server.address}/login?next=%2Fqueue"}
    answer = requests.get(f"{office_server.address}/language/en", headers=came, allow_redirects=False, timeout=20)
    assert answer.headers["location"] == "/login?next=%2Fqueue"
    assert answer.headers["set-cookie"].startswith("__Host-language=en")


def test_a_new_monitor_token_ends_the_one_before(office_server: OfficeServer) -> None:
    root = office_server.client("root", Role.ADMINISTRATOR)
    tokens = [re.findall(r"Bearer ([\w-]{40,})", root.post("/accounts/monitor").text)[0] for _ in range(2)]
    codes = [
        requests.get(
            f"{office_server.address}/metrics", headers={"Authorization": f"Bearer {token}"}, timeout=20
        ).status_code
        for token in tokens
    ]
    assert codes == [403, 200]


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
