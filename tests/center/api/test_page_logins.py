"""A login of the office's pages, a school's or an administrator's, opens nothing of what booths and monitors ask."""

import re

import pyotp
import pytest
import requests

from center.accounts.model.roles import Role
from center.wiring.booth_api import create_app
from center.wiring.office import Office
from tests.center.conftest import serving
from tests.center.factories import HandClock, shot_id
from tests.center.office_server import PASSWORD

REFUSED = (401, 429)  # no credential; too many without one


@pytest.mark.parametrize("role", [Role.SCHOOL, Role.ADMINISTRATOR])
def test_a_login_of_the_pages_opens_no_route_of_booths_and_monitors(
    plain_office: Office, clock: HandClock, role: Role
) -> None:
    school = "示范大学" if role is Role.SCHOOL else None
    totp = pyotp.parse_uri(plain_office.accounts.add("test", "shifan", role, PASSWORD, school))
    assert isinstance(totp, pyotp.TOTP)
    login = plain_office.accounts.login("shifan", PASSWORD, totp.at(clock.now))
    assert login is not None
    app = create_app(plain_office)
    asked = 0
    with serving(plain_office, app=app) as served:
        for path, methods in app.openapi()["paths"].items():
            address = re.sub(r"\{shot_id\}", shot_id(1), path)
            address = re.sub(r"\{\w+\}", "1", address)
            for method, described in methods.items():
                if not described.get("security"):
                    continue  # is the office there; the exchange of a one-time code
                asked += 1
                for sent in ({}, {"Authorization": f"Bearer {login.token}"}):
                    headers = {"Cookie": f"__Host-session={login.token}", **sent}
                    answer = requests.request(method, served.url + address, data=b"x", headers=headers, timeout=20)
                    assert answer.status_code in REFUSED, (method, path)
    assert asked >= 8
