"""The page of refused envelopes."""

from center.accounts.model.roles import Role
from tests.center.factories import shot_id
from tests.center.office_server import OfficeServer


def test_what_could_not_be_opened_is_listed_with_its_reasons(office_server: OfficeServer) -> None:
    import hashlib

    data = b"not an envelope"
    office_server.office.intake.receive("booth-1", shot_id(5), hashlib.sha256(data).digest(), data)
    assert "not an envelope" in office_server.client("root", Role.ADMINISTRATOR).get("/booths").text
