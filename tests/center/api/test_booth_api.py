"""The office over real HTTP: what it answers to booths, to wrong booths and to bad input; nothing stored by halves."""

import base64
import hashlib
import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from sqlalchemy import func, select

from center.platform.configuration import LimitsConfig
from center.platform.faults import Unavailable
from center.shots.feed import DecisionFeed
from center.shots.model.staff_decision import Approve, Reject, StaffDecision
from center.shots.tables import ShotRow
from center.wiring.office import Office
from tests.center.conftest import Served, make_config, manifest, sent, serving
from tests.center.factories import HandClock, photo, shot_id
from tests.roster_rows import roster_row
from wire import envelope
from wire.decision import Decision, DecisionPage
from wire.digest import content_digest
from wire.heartbeat import Heartbeat
from wire.help_call import HelpAnswer, HelpCall, HelpState
from wire.problem import MEDIA_TYPE, Problem, ProblemType
from wire.receipt import Receipt, ShotStatus
from wire.roster_change import RosterPage, RosterRow, RowRemoved, RowSet


class BoothClient:
    """A booth that talks to the office by HTTP."""

    def __init__(self, served: Served, token: str | None) -> None:
        self.url = served.url
        self.session = requests.Session()
        self.session.trust_env = False
        if token is not None:
            self.session.headers["Authorization"] = f"Bearer {token}"

    def put(self, number: int, data: bytes, **headers: str | None) -> requests.Response:
        wanted = {"Content-Digest": content_digest(data)} | {
            key.replace("_", "-"): value for key, value in headers.items()
        }
        return self.session.put(f"{self.url}/v2/shots/{shot_id(number)}", data=data, headers=wanted, timeout=30)

    def get(self, path: str, **headers: str) -> requests.Response:
        given = {key.replace("_", "-"): value for key, value in headers.items()}
        return self.session.get(self.url + path, headers=given, timeout=30)

    def post(self, path: str, data: bytes) -> requests.Response:
        return self.session.post(self.url + path, data=data, timeout=30)


@pytest.fixture
def line(served: Served) -> Iterator[BoothClient]:
    line = BoothClient(served, served.enrol())
    yield line
    line.session.close()


def problem(answer: requests.Response) -> tuple[int, ProblemType]:
    assert answer.headers["Content-Type"] == MEDIA_TYPE
    found = Problem.decode(answer.content)
    assert found.status == answer.status_code
    return found.status, found.type


def shots(office: Office) -> int:
    with office.database.read() as session:
        return session.execute(select(func.count()).select_from(ShotRow)).scalar_one()


def test_a_shot_is_received_once_and_answered_the_same_again(served: Served, line: BoothClient) -> None:
    data = sent(1)
    first, second = line.put(1, data), line.put(1, data)
    assert (first.status_code, second.status_code) == (201, 200)
    receipt = Receipt.decode(first.content)
    assert Receipt.decode(second.content) == receipt == Receipt.decode(line.get(f"/v2/shots/{shot_id(1)}").content)
    assert (receipt.status, receipt.digest) == (ShotStatus.VERIFIED, content_digest(data))
    assert shots(served.office) == 1


def test_other_bytes_under_a_known_id_are_a_conflict(line: BoothClient) -> None:
    line.put(1, sent(1))
    assert problem(line.put(1, sent(1, receipt="OTHER"))) == (409, ProblemType.OTHER_DIGEST)


def test_a_booth_sees_its_own_shots_only(served: Served, line: BoothClient) -> None:
    line.put(1, sent(1))
    other = BoothClient(served, served.enrol("booth-2"))
    assert problem(other.get(f"/v2/shots/{shot_id(1)}")) == (403, ProblemType.FORBIDDEN)
    assert problem(other.put(1, sent(1))) == (403, ProblemType.FORBIDDEN)
    assert problem(other.get(f"/v2/shots/{shot_id(2)}")) == (404, ProblemType.UNKNOWN_SHOT)


BASE64 = base64.b64encode(bytes(32)).decode()


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"Content_Digest": None}, (400, ProblemType.BAD_REQUEST)),
        ({"Content_Digest": "sha-256=nonsense"}, (400, ProblemType.BAD_REQUEST)),
        ({"Content_Digest": f"md5=:{BASE64}:"}, (400, ProblemType.BAD_REQUEST)),
        ({"Content_Digest": f"sha-256=:{BASE64}:"}, (400, ProblemType.DIGEST_MISMATCH)),
        ({"Content_Encoding": "gzip"}, (400, ProblemType.BAD_REQUEST)),
        ({"Authorization": None}, (401, ProblemType.UNAUTHORISED)),
        ({"Authorization": "Bearer wrong"}, (401, ProblemType.UNAUTHORISED)),
        ({"Authorization": "Bearer " + "x" * 5_000}, (401, ProblemType.UNAUTHORISED)),
        ({"Authorization": "Basic Ym9vdGgtMTp4"}, (401, ProblemType.UNAUTHORISED)),
    ],
)
def test_bad_headers_are_refused_by_name_and_nothing_is_stored(
    served: Served, line: BoothClient, headers: dict[str, str | None], expected: tuple[int, ProblemType]
) -> None:
    assert problem(line.put(1, sent(1), **headers)) == expected
    assert shots(served.office) == 0


def test_a_body_in_chunks_has_no_length_and_is_refused(served: Served, line: BoothClient) -> None:
    data = sent(1)
    headers = {"Content-Digest": content_digest(data)}
    answer = line.session.put(f"{line.url}/v2/shots/{shot_id(1)}", data=iter([data]), headers=headers, timeout=30)
    assert problem(answer) == (411, ProblemType.LENGTH_REQUIRED)
    assert shots(served.office) == 0


def test_an_empty_body_is_refused(line: BoothClient) -> None:
    assert problem(line.put(1, b"", Content_Length="0")) == (400, ProblemType.BAD_REQUEST)


@pytest.mark.parametrize(
    "name",
    ["x", "0" * 31, "0" * 33, "G" * 32, "A" * 32, "0" * 32 + "%0A", "..%2F..%2Fetc%2Fpasswd", "%00", "'; DROP TABLE"],
)
def test_what_is_no_shot_id_is_refused(line: BoothClient, name: str) -> None:
    assert problem(line.get(f"/v2/shots/{name}"))[0] in (400, 404)
    answer = line.session.put(f"{line.url}/v2/shots/{name}", data=b"x", timeout=30)
    assert problem(answer)[0] in (400, 404)


@pytest.mark.parametrize("path", ["/", "/v2", "/v2/shots/", "/v2/nothing", "/v2/health/", "/docs", "/../etc/passwd"])
def test_there_is_nothing_at_other_addresses(line: BoothClient, path: str) -> None:
    assert problem(line.get(path)) == (404, ProblemType.BAD_REQUEST)


def test_a_method_that_is_none_is_refused(line: BoothClient) -> None:
    answer = line.session.delete(f"{line.url}/v2/shots/{shot_id(1)}", timeout=30)
    assert problem(answer) == (405, ProblemType.BAD_REQUEST)
    assert answer.headers["Allow"] == "GET, PUT"


def bomb() -> bytes:
    """A JPEG's header that promises 4 billion pixels."""
    good = bytearray(photo())
    at = good.index(b"\xff\xc0") + 5
    good[at : at + 4] = b"\xff\xff\xff\xff"
    return bytes(good)


@pytest.mark.parametrize(
    "data",
    [
        b"PK\x03\x04 not really",
        sent(1)[:-1],
        sent(1) + b"x",
        sent(2),
        sent(1, "booth-2"),
        sent(1, profile="../../etc/passwd"),
        envelope.build(manifest(1), bomb()),
        envelope.build(manifest(1), b"GIF89a"),
        envelope.build(manifest(1), photo() + b"<script>"),
    ],
    ids=["zip", "cut", "longer", "other-shot", "other-booth", "profile", "pixel-bomb", "gif", "tail"],
)
def test_right_bytes_that_are_no_legal_shot_are_kept_and_refused_for_good(
    served: Served, line: BoothClient, data: bytes
) -> None:
    for _ in range(2):
        assert problem(line.put(1, data)) == (422, ProblemType.BAD_ENVELOPE)
    assert problem(line.get(f"/v2/shots/{shot_id(1)}")) == (422, ProblemType.BAD_ENVELOPE)
    assert shots(served.office) == 1
    kept = list((served.office.config.folder / "photos").glob("*/0*"))
    assert [path.read_bytes() for path in kept] == [data]


def raw(served: Served, request: bytes, *, half_close: bool = False) -> bytes:
    """What comes back for these bytes on a bare connection."""
    with socket.create_connection(("127.0.0.1", served.port), timeout=10) as connection:
        connection.sendall(request)
        if half_close:
            connection.shutdown(socket.SHUT_WR)
        answer = b""
        while piece := connection.recv(65_536):
            answer += piece
            if b"\r\n\r\n" in answer and not half_close:
                break
        return answer


def head(served: Served, length: int | str, data: bytes, token: str) -> bytes:
    return (
        f"PUT /v2/shots/{shot_id(1)} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Length: {length}\r\nContent-Digest: {content_digest(data)}\r\n\r\n"
    ).encode()


def test_a_body_that_breaks_off_stores_nothing(served: Served) -> None:
    data, token = sent(1), served.enrol()
    raw(served, head(served, len(data), data, token) + data[:1_000], half_close=True)
    assert shots(served.office) == 0
    assert list((served.office.config.folder / "photos").glob("*/0*")) == []


@pytest.mark.parametrize("length", ["-1", "1e3", "abc", "99999999999999999999"])
def test_a_length_that_is_none_is_refused(served: Served, length: str) -> None:
    answer = raw(served, head(served, length, b"", served.enrol()))
    assert answer.startswith((b"HTTP/1.1 400", b"HTTP/1.1 413"))
    assert shots(served.office) == 0


@pytest.fixture
def narrow(request: pytest.FixtureRequest, tmp_path: Path, clock: HandClock) -> Iterator[tuple[Served, list[float]]]:
    """An office with small limits, whose rates run on a clock of the test."""
    limits = LimitsConfig(
        envelope_bytes=50_000, booth_per_s=1, booth_burst=3, stranger_per_min=60, stranger_burst=2, page_items=2
    )
    ticks = [0.0]
    config = make_config(request, tmp_path, "sqlite", limits=limits)
    with Office.open(config, clock) as office, serving(office, lambda: ticks[0]) as served:
        yield served, ticks


def test_too_large_is_told_after_the_booth_has_sent_it_all(narrow: tuple[Served, list[float]]) -> None:
    served, _ = narrow
    line = BoothClient(served, served.enrol())
    assert problem(line.put(1, bytes(60_000))) == (413, ProblemType.TOO_LARGE)
    assert line.put(2, sent(2)).status_code == 201


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


def test_decisions_come_when_they_are_final_and_only_to_their_booth(
    served: Served, line: BoothClient, clock: HandClock
) -> None:
    for number in (1, 2):
        line.put(number, sent(number))
    queue = served.office.queue
    first, second = queue.claim_next("anna", count=2)
    queue.decide("anna", first.shot_id, first.version, Reject(("glasses", "ears")))
    queue.decide("anna", second.shot_id, second.version, Approve())
    assert DecisionPage.decode(line.get("/v2/decisions").content).decisions == ()
    clock.move(seconds=10)
    page = DecisionPage.decode(line.get("/v2/decisions").content)
    assert [(one.sequence, one.shot_id, one.decision, one.reasons) for one in page.decisions] == [
        (1, shot_id(1), Decision.REJECTED, ("glasses", "ears")),
        (2, shot_id(2), Decision.APPROVED, ()),
    ]
    assert (page.next, page.more) == (2, False)
    assert DecisionPage.decode(line.get("/v2/decisions?after=2").content).decisions == ()
    other = BoothClient(served, served.enrol("booth-2"))
    assert DecisionPage.decode(other.get("/v2/decisions").content).decisions == ()


def test_a_reopened_decision_is_followed_by_a_later_one(served: Served, line: BoothClient, clock: HandClock) -> None:
    line.put(1, sent(1))
    queue = served.office.queue
    rulings: tuple[StaffDecision, ...] = (Approve(), Reject(("sharp",)))
    for staff_decision in rulings:
        (shot,) = queue.claim_next("anna")
        decided = queue.decide("anna", shot.shot_id, shot.version, staff_decision)
        clock.move(minutes=1)
        page = DecisionPage.decode(line.get("/v2/decisions").content)
        assert page.decisions[-1].decision is staff_decision.decision
        if isinstance(staff_decision, Approve):
            queue.reopen("sue", decided.shot_id, decided.version)
    assert [one.sequence for one in page.decisions] == [1, 2]


def test_an_unchanged_page_is_not_sent_twice(served: Served, line: BoothClient, clock: HandClock) -> None:
    line.put(1, sent(1))
    first = line.get("/v2/decisions")
    same = line.get("/v2/decisions", If_None_Match=first.headers["ETag"])
    assert (same.status_code, same.content) == (304, b"")
    (shot,) = served.office.queue.claim_next("anna")
    served.office.queue.decide("anna", shot.shot_id, shot.version, Approve())
    clock.move(minutes=1)
    assert line.get("/v2/decisions", If_None_Match=first.headers["ETag"]).status_code == 200


@pytest.mark.parametrize("after", ["-1", "x", "1.5", "99999999999999999999", "1;DROP"])
def test_a_place_that_is_none_is_a_bad_request(line: BoothClient, after: str) -> None:
    for feed in ("decisions", "roster"):
        assert problem(line.get(f"/v2/{feed}?after={after}")) == (400, ProblemType.BAD_REQUEST)


def numbered(number: int, **changes: str) -> RosterRow:
    numbers = {"student_no": f"S{number}", "id_number": f"1101051949{number:08d}", "exam_no": f"E{number}"}
    return roster_row(**(numbers | changes))


def test_the_roster_comes_in_pages_and_once_for_each_row(narrow: tuple[Served, list[float]]) -> None:
    served, ticks = narrow
    roster, line = served.office.roster, BoothClient(served, served.enrol())
    done = roster.put("admin", [numbered(number) for number in (1, 2, 3)])
    assert (done.new, done.changed, done.same) == (3, 0, 0)
    assert roster.put("admin", [numbered(1), numbered(2, name="李四")]).changed == 1
    known: dict[str, str] = {}
    after, more, pages = 0, True, 0
    while more:
        ticks[0] += 10
        page = RosterPage.decode(line.get(f"/v2/roster?after={after}").content)
        for change in page.changes:
            assert isinstance(change, RowSet)
            known[change.row_id] = change.row.name
        after, more, pages = page.next, page.more, pages + 1
    assert (sorted(known.values()), pages) == (["张三", "张三", "李四"], 2)
    gone = next(iter(known))
    assert roster.remove("admin", [gone, gone, "f" * 32]) == 1
    last = RosterPage.decode(line.get(f"/v2/roster?after={after}").content)
    assert last.changes == (RowRemoved(sequence=after + 1, row_id=gone),)


def test_a_booth_of_one_school_reads_that_school_only(served: Served) -> None:
    served.office.roster.put("admin", [numbered(1), numbered(2, school="另一大学")])
    code = served.office.booths.enrol("admin", "hall-2", ["另一大学"])
    token = served.office.booths.exchange("hall-2", code)
    page = RosterPage.decode(BoothClient(served, token).get("/v2/roster").content)
    assert [change.row.school for change in page.changes if isinstance(change, RowSet)] == ["另一大学"]


def test_a_place_the_office_never_gave_begins_anew(served: Served, line: BoothClient) -> None:
    served.office.roster.put("admin", [numbered(1)])
    page = RosterPage.decode(line.get("/v2/roster?after=77").content)
    assert (page.reset, len(page.changes), page.next) == (True, 1, 1)


def test_a_heartbeat_is_kept_for_its_own_booth(served: Served, line: BoothClient, clock: HandClock) -> None:
    beat = Heartbeat(
        booth_id="booth-1",
        at=clock(),
        clock_synced=True,
        version="0.1.0",
        profile="jiangsu-2019",
        uptime_s=1,
        waiting_envelopes=2,
        free_bytes=3,
    )
    for _ in range(2):
        clock.move(minutes=1)
        answer = line.post("/v2/heartbeats", beat.encode())
        assert (answer.status_code, answer.json()["office_time"][:19]) == (200, clock().isoformat()[:19])
    wrong = beat.model_copy(update={"booth_id": "booth-2"})
    assert problem(line.post("/v2/heartbeats", wrong.encode())) == (403, ProblemType.FORBIDDEN)
    (booth,) = served.office.booths.all()
    assert (booth.heartbeat, booth.seen_at, booth.enrolled) == (beat, clock(), True)


def test_a_database_that_is_away_is_try_later_not_lost(
    served: Served, line: BoothClient, monkeypatch: pytest.MonkeyPatch
) -> None:

    def away(*_: object) -> None:
        raise Unavailable("the office's database can't be used now: try again later")

    with monkeypatch.context() as broken:
        broken.setattr(served.office.database, "write", away)
        answer = line.put(1, sent(1))
        assert problem(answer) == (503, ProblemType.TRY_LATER)
        assert answer.headers["Retry-After"] == "10"
    assert line.put(1, sent(1)).status_code == 201


def test_a_fault_of_the_office_is_a_problem_and_quotes_nobody(
    served: Served, line: BoothClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:

    def broken(*_: object) -> None:
        raise RuntimeError(manifest(1).person.name)

    monkeypatch.setattr(DecisionFeed, "page", broken)
    assert problem(line.get("/v2/decisions")) == (500, ProblemType.TRY_LATER)
    assert "RuntimeError" in caplog.text
    assert manifest(1).person.name not in caplog.text


def test_nothing_personal_is_logged_in_receiving(line: BoothClient, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    line.put(1, sent(1))
    line.put(1, sent(1, receipt="OTHER"))
    line.put(2, sent(1))
    person = manifest(1).person
    for secret in (person.name, person.id_number, person.student_no):
        assert secret is not None
        assert secret not in caplog.text


def test_the_office_says_in_its_description_what_it_does(line: BoothClient, served: Served) -> None:
    described = line.get("/v2/openapi.json").json()
    assert set(described["paths"]) == {
        "/v2/shots/{shot_id}",
        "/v2/shots/status",
        "/v2/instructions",
        "/v2/releases/{version}",
        "/v2/decisions",
        "/v2/roster",
        "/v2/health",
        "/v2/enrolments",
        "/v2/heartbeats",
        "/v2/help",
        "/v2/health/deep",
    }
    text = json.dumps(described)
    assert "HTTPValidationError" not in text
    for reference in {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]}:
        assert reference in described["components"]["schemas"]
    put = described["paths"]["/v2/shots/{shot_id}"]["put"]
    assert list(put["requestBody"]["content"]) == ["application/octet-stream"]
    assert put["security"] == [{"booth": []}]
    assert "security" not in described["paths"]["/v2/health"]["get"]


def test_digests_are_over_the_bytes_as_stored(line: BoothClient) -> None:
    data = sent(1)
    receipt = Receipt.decode(line.put(1, data).content)
    expected = base64.b64encode(hashlib.sha256(data).digest()).decode()
    assert receipt.digest == f"sha-256=:{expected}:"


def test_a_call_for_help_is_answered_to_the_booth_that_asked(served: Served, line: BoothClient) -> None:
    call = HelpCall(booth_id="booth-1", call_id="c" * 32, at=served.office.clock(), screen="pose")
    assert HelpAnswer.decode(line.post("/v2/help", call.encode()).content).state is HelpState.WAITING
    served.office.help_calls.answer("anna", call.call_id, "马上过来")
    told = HelpAnswer.decode(line.post("/v2/help", call.encode()).content)
    assert (told.state, told.line) == (HelpState.ANSWERED, "马上过来")
    other = BoothClient(served, served.enrol("booth-2"))
    refused = (
        line.post("/v2/help", call.model_copy(update={"booth_id": "booth-2"}).encode()),
        other.post("/v2/help", call.model_copy(update={"booth_id": "booth-2"}).encode()),
    )
    assert [Problem.decode(one.content).type for one in refused] == [ProblemType.FORBIDDEN] * 2
    assert line.post("/v2/help", b"{}").status_code == 400
    other.session.close()
