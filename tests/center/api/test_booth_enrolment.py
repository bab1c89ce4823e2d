"""Who may talk to the office: codes, credentials, and how often each may ask."""

import json

import pytest

from center.accounts.monitor import MonitorToken
from tests.center.api.booth_client import BoothClient, problem
from tests.center.conftest import Served, sent
from tests.center.factories import HandClock, shot_id
from wire.problem import ProblemType


def test_a_booth_that_asks_too_often_waits_and_others_do_not(narrow: tuple[Served, list[float]]) -> None:
    served, ticks = narrow
    line, other = BoothClient(served, served.enrol()), BoothClient(served, served.enrol("booth-2"))
    answers = [line.get("/v2/decisions") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert problem(answers[-1]) == (429, ProblemType.TRY_LATER)
    assert answers[-1].headers["Retry-After"] == "1"
    assert other.get("/v2/decisions").status_code == 200
    ticks[0] += 1
    assert line.get("/v2/decisions").status_code == 200


def test_strangers_are_slowed_down_and_booths_behind_the_same_address_are_not(
    narrow: tuple[Served, list[float]],
) -> None:
    served, _ = narrow
    stranger, booth = BoothClient(served, "guess"), BoothClient(served, served.enrol())
    assert [stranger.get("/v2/roster").status_code for _ in range(3)] == [401, 401, 429]
    assert booth.get("/v2/roster").status_code == 200


def test_a_revoked_booth_is_out_at_once_and_comes_back_by_a_new_code(served: Served, line: BoothClient) -> None:
    line.put(1, sent(1))
    served.office.booths.revoke("admin", "booth-1")
    assert problem(line.get(f"/v2/shots/{shot_id(1)}")) == (401, ProblemType.UNAUTHORISED)
    again = BoothClient(served, served.enrol())
    assert again.get(f"/v2/shots/{shot_id(1)}").status_code == 200


def enrolment(booth_id: str, code: str) -> bytes:
    return json.dumps({"schema_version": 2, "booth_id": booth_id, "code": code}).encode()


def test_a_code_works_once_for_its_booth_and_for_a_day(served: Served, clock: HandClock) -> None:
    stranger, booths = BoothClient(served, None), served.office.booths
    code = booths.enrol("admin", "booth-2")
    assert problem(stranger.post("/v2/enrolments", enrolment("booth-1", code)))[0] == 401
    answer = stranger.post("/v2/enrolments", enrolment("booth-2", code.lower().replace("-", " ")))
    assert answer.status_code == 201
    assert BoothClient(served, answer.json()["credential"]).get("/v2/decisions").status_code == 200
    assert problem(stranger.post("/v2/enrolments", enrolment("booth-2", code)))[0] == 401
    late = booths.enrol("admin", "booth-2")
    clock.move(hours=24)
    assert problem(stranger.post("/v2/enrolments", enrolment("booth-2", late)))[0] == 401


def test_wrong_codes_and_tokens_wait_before_anything_is_looked_up(
    narrow: tuple[Served, list[float]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """And right ones never wait, nor those behind the address of a booth that was revoked."""
    served, ticks = narrow
    revoked, stranger = BoothClient(served, "revoked"), BoothClient(served, None)
    booths = served.office.booths
    assert [revoked.get("/v2/roster").status_code for _ in range(3)] == [401, 401, 429]
    for _ in range(4):
        code = booths.enrol("admin", "booth-2")
        assert stranger.post("/v2/enrolments", enrolment("booth-2", code)).status_code == 201
    looked: list[str] = []
    monkeypatch.setattr(booths, "exchange", lambda *_: looked.append("code"))
    monkeypatch.setattr(MonitorToken, "fits", lambda *_: looked.append("token"))
    codes = [stranger.post("/v2/enrolments", enrolment("booth-2", "WRONG")) for _ in range(4)]
    monitor = BoothClient(served, "a wrong token")
    tokens = [monitor.get("/v2/health/deep") for _ in range(4)]
    for answers in (codes, tokens):
        assert [answer.status_code for answer in answers] == [401, 401, 429, 429]
    assert looked == ["code"] * 2 + ["token"] * 2
    ticks[0] += 1
    assert stranger.post("/v2/enrolments", enrolment("booth-2", "WRONG")).status_code == 401


def test_enrolling_again_ends_the_old_credential_when_the_code_is_used(served: Served, line: BoothClient) -> None:
    code = served.office.booths.enrol("admin", "booth-1")
    assert line.get("/v2/decisions").status_code == 200
    served.office.booths.exchange("booth-1", code)
    assert problem(line.get("/v2/decisions")) == (401, ProblemType.UNAUTHORISED)


@pytest.mark.parametrize(
    "data", [b"", b"{", b"[]", b"\xff\xfe", enrolment("Booth 1", "x"), enrolment("booth-1", ""), b'{"a":' * 5_000]
)
def test_messages_that_are_none_are_bad_requests(line: BoothClient, data: bytes) -> None:
    assert problem(line.post("/v2/enrolments", data))[0] == 400
    assert problem(line.post("/v2/heartbeats", data))[0] == 400
