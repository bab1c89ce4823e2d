"""Text that a database refuses never reaches it, whichever way it comes."""

import pytest
import requests

from center.__main__ import main
from center.platform.plain_text import is_plain
from center.wiring.office import Office
from tests.center.conftest import serving
from wire.enrolment import Enrolment
from wire.faults import MessageError

BAD = ["\0", "a\0b", "\ud800", "a\udfffb"]


@pytest.mark.parametrize("text", BAD)
def test_what_can_not_be_kept_is_reported_apart(text: str) -> None:
    assert not is_plain(text)


@pytest.mark.parametrize("text", ["", "王小明", "\U00020bb7", "\x01\x7f", "\\u0000"])
def test_everything_else_is_plain(text: str) -> None:
    assert is_plain(text)


@pytest.mark.parametrize("escape", [b"\\u0000", b"\\ud800", b"x\\\\\\u0000"])
def test_a_message_with_such_text_is_refused_and_one_that_only_spells_it_is_not(escape: bytes) -> None:
    message = b'{"booth_id":"booth-1","code":"CODE","schema_version":2}'
    with pytest.raises(MessageError):
        Enrolment.decode(message.replace(b"CODE", escape))
    assert Enrolment.decode(message.replace(b"CODE", b"ABCDEF-\\\\u0000")).code == "ABCDEF-\\u0000"


@pytest.mark.parametrize("path", ["/v2/enrolments", "/v2/heartbeats"])
def test_booths_routes_refuse_it_on_every_database(office: Office, path: str) -> None:
    with serving(office) as served:
        headers = {"Authorization": f"Bearer {served.enrol()}"}
        for text in ('"a\\u0000b"', '"\\ud800"'):
            body = f'{{"booth_id":{text},"code":{text},"software":{text}}}'
            answer = requests.post(f"{served.url}{path}", body.encode(), headers=headers, timeout=20)
            assert answer.status_code in (400, 422)


def test_an_argument_of_a_command_that_is_no_text_is_wrong_use(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["users", "disable", "anna\udcff"])
    assert ended.value.code == 2
    assert "no text in UTF-8" in capsys.readouterr().err
