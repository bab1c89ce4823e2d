"""Stills at the office: in memory for seconds, for who answers calls, in the audit, and only while the agreement is in
force."""

from pathlib import Path
from unittest.mock import Mock

import pytest

from center.accounts.model.roles import Role
from center.platform.faults import Unavailable
from tests.center.calls.test_live_help import CALL, PAGE, ring, show, words
from tests.center.office_server import Client, OfficeServer, file_shot
from wire.live_help import still_of

STILL = f"{PAGE}/still"
ONE, TWO = (b"\xff\xd8\xff" + mark * 3_000 + b"\xff\xd9" for mark in (b"one.", b"two."))


def see(office_server: OfficeServer, jpeg: bytes | None = ONE, agreement: str = "given", call: str = CALL) -> None:
    still = None if jpeg is None else still_of(jpeg)
    show(office_server, agreement=agreement, still=still, call_id=call)


def looks(office_server: OfficeServer) -> list[tuple[str, str, object]]:
    """Who began to see whom, by the audit."""
    with office_server.office.database.read() as session:
        entries = office_server.office.audit.entries(session, CALL)
    return [(one.actor, one.action, one.detail) for one in entries if one.action == "booth.stills_seen"]


@pytest.fixture(autouse=True)
def _call(office_server: OfficeServer) -> None:
    file_shot(office_server.office, 1)
    office_server.office.booths.remember("booth-2")
    ring(office_server)


def test_staff_see_the_newest_still_and_no_cache_keeps_it(office_server: OfficeServer) -> None:
    anna = office_server.client("anna")
    see(office_server)
    see(office_server, TWO)
    assert f'data-still="{STILL}"' in anna.get(PAGE).text
    answer = anna.get(STILL)
    assert (answer.content, answer.headers["Content-Type"]) == (TWO, "image/jpeg")
    assert answer.headers["Cache-Control"] == "no-store"


def test_nothing_is_seen_without_an_agreement(office_server: OfficeServer) -> None:
    anna = office_server.client("anna")
    for agreement, said in (("none", "has not agreed"), ("refused", "does not agree")):
        see(office_server, None, agreement)
        assert anna.get(STILL).status_code == 404
        page = anna.get(PAGE).text
        assert said in page
        assert "data-still" not in page
    assert looks(office_server) == []


def test_agreement_taken_back_ends_it_at_once(office_server: OfficeServer) -> None:
    anna = office_server.client("anna")
    see(office_server)
    assert anna.get(STILL).status_code == 200
    see(office_server, None, "ended")
    assert anna.get(STILL).status_code == 404
    assert "has taken the agreement back" in anna.get(PAGE).text
    assert office_server.office.live_help._stills == {}


def test_still_is_seen_for_five_seconds_and_then_the_page_says_so(office_server: OfficeServer) -> None:
    anna = office_server.client("anna")
    see(office_server)
    office_server.clock.move(seconds=5)
    see(office_server, None)
    assert anna.get(STILL).status_code == 200
    office_server.clock.move(seconds=0.1)
    assert anna.get(STILL).status_code == 404
    assert "no picture for 5 seconds" in words(anna.get(PAGE).text)


def test_nothing_stays_in_memory_if_the_booth_is_silent(office_server: OfficeServer) -> None:
    live_help = office_server.office.live_help
    see(office_server)
    office_server.clock.move(seconds=6)
    live_help.forget_old()
    assert live_help._stills == {}
    office_server.clock.move(seconds=10)
    live_help.forget_old()
    assert (live_help._views, live_help._still_viewers) == ({}, {})


def test_clock_that_is_set_back_prolongs_nothing(office_server: OfficeServer) -> None:
    see(office_server)
    office_server.clock.move(seconds=-60)
    assert office_server.client("anna").get(STILL).status_code == 404


def test_end_of_the_call_ends_it(office_server: OfficeServer) -> None:
    anna = office_server.client("anna")
    see(office_server)
    ring(office_server, ended=True)
    assert anna.get(STILL).status_code == 404
    assert "data-still" not in anna.get(PAGE).text


def test_call_of_a_booth_that_is_silent_shows_nothing(office_server: OfficeServer) -> None:
    anna = office_server.client("anna")
    office_server.clock.move(seconds=121)
    see(office_server)
    assert anna.get(STILL).status_code == 404


def test_who_began_to_see_whom_is_in_the_audit_once(office_server: OfficeServer) -> None:
    anna, ben = office_server.client("anna"), office_server.client("ben")
    see(office_server)
    assert looks(office_server) == [], "nobody has looked yet"
    for _ in range(3):
        anna.get(STILL)
    ben.get(STILL)
    booth = {"booth": "booth-2"}
    assert [one[1:] for one in looks(office_server)] == [("booth.stills_seen", booth)] * 2
    assert len({one[0] for one in looks(office_server)}) == 2
    see(office_server, None, "ended")
    see(office_server, TWO)
    anna.get(STILL)
    assert len(looks(office_server)) == 3, "another agreement is another look"


def test_nobody_sees_what_the_audit_does_not_have(office_server: OfficeServer, monkeypatch: pytest.MonkeyPatch) -> None:
    anna = office_server.client("anna")
    see(office_server)

    monkeypatch.setattr(office_server.office.audit, "append", Mock(side_effect=Unavailable("the database hangs")))
    answer = anna.get(STILL)
    assert answer.status_code == 503
    assert ONE not in answer.content


def test_agreement_that_ends_while_the_look_is_noted_shows_nothing(
    office_server: OfficeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna = office_server.client("anna")
    see(office_server)
    audit = office_server.office.audit
    append = audit.append

    def slow(*given: object) -> None:
        append(*given)  # type: ignore[arg-type]
        see(office_server, None, "ended")

    monkeypatch.setattr(audit, "append", slow)
    assert anna.get(STILL).status_code == 404
    assert office_server.office.live_help._still_viewers == {}


@pytest.mark.parametrize("role", [Role.SCHOOL, Role.AUDITOR])
def test_who_answers_no_calls_sees_nothing(office_server: OfficeServer, role: Role) -> None:
    other = office_server.client("other", role, "示范大学" if role is Role.SCHOOL else None)
    see(office_server)
    assert other.get(STILL).status_code == 403
    assert looks(office_server) == []


def test_page_of_one_call_shows_nobody_of_another(office_server: OfficeServer) -> None:
    see(office_server, TWO, call=f"{9:032x}")
    assert office_server.client("anna").get(STILL).status_code == 404
    assert office_server.client("anna").get(f"/calls/{9:032x}/still").status_code == 404, "nobody knows that call"


def test_stills_are_on_no_disk_of_the_office(office_server: OfficeServer, tmp_path: Path) -> None:
    see(office_server)
    office_server.client("anna").get(STILL)
    see(office_server, TWO)
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert files, "the office's folders are below this one"
    marks = (b"one.one.", b"two.two.", still_of(ONE)[400:440].encode())
    assert not [path for path in files if any(mark in path.read_bytes() for mark in marks)]


def test_page_is_in_both_languages(office_server: OfficeServer) -> None:
    anna = office_server.client("anna")
    chinese = Client(office_server, anna.token, anna.csrf_token, "zh")
    for agreement, english, said in (
        ("none", "has not agreed", "本人尚未同意"),
        ("given", "no picture for 5 seconds", "已有 5 秒没有画面"),
        ("ended", "has taken the agreement back", "本人已收回同意"),
    ):
        see(office_server, None, agreement)
        assert english in words(anna.get(PAGE).text)
        assert said in words(chinese.get(PAGE).text)
