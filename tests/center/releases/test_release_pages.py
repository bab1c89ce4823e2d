"""The page of releases, and who may give them."""

import re
from pathlib import Path

import pytest

from center.accounts.model.roles import Role
from tests.center.office_server import OfficeServer, beat
from tests.center.releases.signing import key_set, release_file
from wire.heartbeat import DeviceFailure


@pytest.fixture(autouse=True)
def _ready(office_server: OfficeServer, tmp_path: Path) -> None:
    office = office_server.office
    for name in ("booth-1", "booth-2"):
        office.booths.enrol("anna", name, [])
    office.releases.trust("anna", key_set().encode())
    office.releases.add("anna", release_file(tmp_path / "a"))


def words(page: str) -> str:
    return re.sub(r"(<[^>]+>|\s)+", " ", page)


def test_an_administrator_gives_a_release_and_sees_how_far_each_booth_is(office_server: OfficeServer) -> None:
    adam = office_server.client("adam", Role.ADMINISTRATOR)
    beat(office_server, "booth-1", version="0.2.0")
    assert "Choose at least one booth" in adam.post("/releases/give", version="0.3.0").text
    assert adam.post("/releases/give", version="0.3.0", booth="booth-1").headers["Location"] == "/releases"
    assert "booth-1 0.2.0 0.3.0 under way" in words(adam.get("/releases").text)
    failure = DeviceFailure(device="update", cause="fault.update_back")
    beat(office_server, "booth-1", version="0.2.0", failures=(failure,))
    assert "did not work The new version did not prove itself" in words(adam.get("/releases").text)
    beat(office_server, "booth-1", version="0.3.0")
    assert "booth-1 0.3.0 up to date" in words(adam.get("/releases").text)
    adam.post("/releases/give", version="0.3.0", all="yes")
    assert office_server.office.releases.of_booth("booth-2") is not None
    adam.post("/releases/withdraw", version="0.3.0")
    assert "withdrawn" in words(adam.get("/releases").text)
    assert "load the page again" in adam.post("/releases/give", version="0.3.0", all="yes").text


@pytest.mark.parametrize("role", [Role.STAFF, Role.SUPERVISOR, Role.SCHOOL])
def test_nobody_else_sees_or_gives_releases(office_server: OfficeServer, role: Role) -> None:
    other = office_server.client("other", role)
    assert other.get("/releases").status_code == 403
    assert other.post("/releases/give", version="0.3.0", all="yes").status_code == 403
