"""The office over real HTTP: what it answers to booths, to wrong booths and to bad input; nothing stored by halves."""

import base64
import hashlib
import json
import socket

import pytest
from sqlalchemy import func, select

from center.platform.faults import Unavailable
from center.shots.feed import DecisionFeed
from center.shots.tables import ShotRow
from center.wiring.office import Office
from tests.center.api.booth_client import BoothClient, problem
from tests.center.conftest import Served, manifest, sent
from tests.center.factories import photo, shot_id
from wire import envelope
from wire.digest import content_digest
from wire.problem import ProblemType
from wire.receipt import Receipt, ShotStatus


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


def test_a_booth_sees_its_own_shots_and_those_whose_digest_it_knows(served: Served, line: BoothClient) -> None:
    data = sent(1)
    receipt = Receipt.decode(line.put(1, data).content)
    other = BoothClient(served, served.enrol("booth-2"))
    path = f"/v2/shots/{shot_id(1)}"
    for query in ("", f"?sha256={bytes(32).hex()}"):
        assert problem(other.get(path + query)) == (403, ProblemType.FORBIDDEN)
        assert "those whose digest it names" in other.get(path + query).text
    assert problem(other.get(f"{path}?sha256=short"))[0] == 400
    assert problem(other.put(1, sent(1, receipt="OTHER"))) == (403, ProblemType.FORBIDDEN)
    for answer in (other.get(f"{path}?sha256={hashlib.sha256(data).hexdigest()}"), other.put(1, data)):
        assert (answer.status_code, Receipt.decode(answer.content)) == (200, receipt)
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


def test_too_large_is_told_after_the_booth_has_sent_it_all(narrow: tuple[Served, list[float]]) -> None:
    served, _ = narrow
    line = BoothClient(served, served.enrol())
    assert problem(line.put(1, bytes(60_000))) == (413, ProblemType.TOO_LARGE)
    assert line.put(2, sent(2)).status_code == 201


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
        "/v2/help/view",
        "/v2/waiting",
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
