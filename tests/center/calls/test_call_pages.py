"""The page of calls for help, and who may answer."""

import re

import pytest

from center.accounts.model.roles import Role
from tests.center.office_server import OfficeServer, file_shot
from wire.help_call import HelpCall, HelpState


def ring(office_server: OfficeServer, number: int, *, ended: bool = False, booth: str = "booth-2") -> HelpState:
    call = HelpCall(booth_id=booth, call_id=f"{number:032x}", at=office_server.clock.now, screen="pose", ended=ended)
    return office_server.office.help_calls.record_call(booth, call).state


@pytest.fixture(autouse=True)
def _booth(office_server: OfficeServer) -> None:
    file_shot(office_server.office, 1)
    office_server.office.booths.remember("booth-2")


def test_staff_see_which_booth_asks_on_which_screen_and_answer(office_server: OfficeServer) -> None:
    anna = office_server.client("anna")
    assert "Nobody asks for help" in anna.get("/calls").text
    ring(office_server, 1)
    office_server.clock.move(seconds=90)
    ring(office_server, 1)
    page = anna.get("/calls").text
    words = re.sub(r"<[^>]+>|\s+", " ", page)
    assert "booth-2 asks for help" in words
    assert "Photo" in words
    answered = anna.post("/calls", call=f"{1:032x}", line="  请到  服务台来 ")
    assert answered.headers["Location"] == "/calls"
    assert "请到 服务台来" in anna.get("/calls").text
    assert ring(office_server, 1) is HelpState.ANSWERED
    assert ring(office_server, 1, ended=True) is HelpState.ENDED
    assert "Nobody asks for help" in anna.get("/calls").text


def test_wrong_answers_are_reported_at_the_form(office_server: OfficeServer) -> None:
    anna = office_server.client("anna")
    ring(office_server, 1)
    for line in ("", "   ", "x" * 121):
        assert "1 to 120 characters" in anna.post("/calls", call=f"{1:032x}", line=line).text
    ring(office_server, 1, ended=True)
    late = anna.post("/calls", call=f"{1:032x}", line="here")
    assert "has ended" in late.text


def test_the_dashboard_says_that_a_booth_asks(office_server: OfficeServer) -> None:
    sue = office_server.client("sue", Role.SUPERVISOR)
    assert "Booths that ask for help" not in sue.get("/dashboard").text
    ring(office_server, 1)
    assert "Booths that ask for help" in sue.get("/dashboard").text
    sue.post("/calls", call=f"{1:032x}", line="coming")
    assert "Booths that ask for help" not in sue.get("/dashboard").text


def test_schools_see_no_calls(office_server: OfficeServer) -> None:
    school = office_server.client("school", Role.SCHOOL, "示范大学")
    assert school.get("/calls").status_code == 403
    assert school.post("/calls", call=f"{1:032x}", line="here").status_code == 403


def test_a_booth_gets_the_usual_answers_in_its_own_language_whoever_gives_them(office_server: OfficeServer) -> None:
    ring(office_server, 1)
    anna = office_server.client("anna")
    for path in ("/calls", f"/calls/{1:032x}"):
        page = anna.get(path).text
        assert 'name="line" value="请稍等几分钟。"' in page
        assert ">Please wait a few minutes.</button>" in page
