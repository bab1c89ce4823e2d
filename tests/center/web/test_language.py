"""The language of a page."""

import re

import pytest
import requests

from center.accounts.model.roles import Role, may
from center.wiring.console import PAGES
from tests.center.office_server import OfficeServer
from tests.center.web.stocked_office import ASKED_FIRST, stock


@pytest.mark.parametrize("language", ["zh-CN,zh;q=0.9", "en-GB", "fr", ""])
def test_the_browsers_language_is_spoken_and_chinese_to_others(office_server: OfficeServer, language: str) -> None:
    answer = requests.get(f"{office_server.address}/login", headers={"Accept-Language": language}, timeout=20)
    assert ('lang="en"' in answer.text.split("<head>")[0]) == language.startswith("en")


def test_a_chosen_language_is_remembered(office_server: OfficeServer) -> None:
    came = {"Referer": f"{office_server.address}/login?next=%2Fqueue"}
    answer = requests.get(f"{office_server.address}/language/en", headers=came, allow_redirects=False, timeout=20)
    assert answer.headers["location"] == "/login?next=%2Fqueue"
    assert answer.headers["set-cookie"].startswith("__Host-language=en")


def test_the_address_of_every_form_leads_to_a_page_when_it_is_loaded(office_server: OfficeServer) -> None:
    known = stock(office_server)
    clients = {role: office_server.client(f"x.{role.value}", role) for role in ASKED_FIRST}
    for page in PAGES:
        if page.method != "POST" or any(one.path == page.path and one.method == "GET" for one in PAGES):
            continue
        path = re.sub(r"\{(\w+)(?::\w+)?\}", lambda part: known[part[1]], page.path)
        role = next(role for role in ASKED_FIRST if page.right is None or may(role, page.right))
        answer = clients[role].get(path)
        for _ in range(3):
            if answer.status_code == 303:
                answer = clients[role].get(answer.headers["location"])
        assert answer.status_code == 200, path
        came = clients[role].get("/language/zh", Referer=f"{office_server.address}{path}")
        assert clients[role].get(came.headers["location"]).status_code in (200, 303), path


def test_no_link_leads_away_from_a_first_password(office_server: OfficeServer) -> None:
    root, link = office_server.client("root", Role.ADMINISTRATOR), 'class="language"'
    assert link in root.get("/accounts").text
    for path, form in (("/accounts/add", {"name": "zoe", "role": "staff"}), ("/accounts/monitor", {})):
        answer = root.post(path, form)
        assert answer.status_code == 200
        assert link not in answer.text
    school = office_server.client("shifan", Role.SCHOOL)
    assert link not in school.post("/colleges", name="math", college="数学学院", majors="数学").text
    nobody = requests.post(
        f"{office_server.address}/login",
        {"name": "nobody", "password": "x" * 20, "code": "000000"},
        headers={"Origin": office_server.address, "Sec-Fetch-Site": "same-origin"},
        timeout=20,
    )
    assert link in nobody.text, "who reads another language can still choose it at the login"
