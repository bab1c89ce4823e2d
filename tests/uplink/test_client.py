"""What an answer means, whoever gives it: never an exception, never a receipt that isn't ours."""

import contextlib
import hashlib
import socket
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kiosk.ports.config import OfficeConfig
from kiosk.uplink.office.bodies import PIECE_BYTES, read_body
from kiosk.uplink.office.client import OfficeClient
from kiosk.uplink.office.office_answers import OTHER_VERSION, Accepted, Alive, Foreign, Later, Refused, Unknown
from wire.digest import content_digest
from wire.help_call import HelpCall
from wire.model import MAX_MESSAGE_BYTES
from wire.problem import MEDIA_TYPE, Problem, ProblemType
from wire.receipt import Receipt, ShotStatus

SHOT = "0123456789abcdef" * 2
DATA = b"envelope"
SHA = hashlib.sha256(DATA).digest()


class Teller:
    """A server that reads a request and says whatever it was told to, one connection at a time."""

    def __init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.says = b""
        self.talk: Callable[[socket.socket], None] = self._once
        self.heard = b""
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.listener.getsockname()[1]}"

    def close(self) -> None:
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self._thread.join(10)

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self.listener.accept()
                with connection, contextlib.suppress(OSError):
                    self.talk(connection)

    def _once(self, connection: socket.socket) -> None:
        self.heard = self.request(connection)
        connection.sendall(self.says)

    @staticmethod
    def request(connection: socket.socket) -> bytes:
        """A whole request, by its Content-Length."""
        heard = b""
        while b"\r\n\r\n" not in heard:
            heard += Teller.more(connection)
        head, _, body = heard.partition(b"\r\n\r\n")
        length = next((int(line[15:]) for line in head.split(b"\r\n") if line.startswith(b"Content-Length:")), 0)
        while len(body) < length:
            body += Teller.more(connection)
        return head + b"\r\n\r\n" + body

    @staticmethod
    def more(connection: socket.socket) -> bytes:
        """The next bytes; an error when the other side hung up."""
        got = connection.recv(65536)
        if not got:
            raise ConnectionResetError
        return got


@pytest.fixture
def teller() -> Iterator[Teller]:
    teller = Teller()
    yield teller
    teller.close()


@pytest.fixture
def client(teller: Teller) -> Iterator[OfficeClient]:
    client = OfficeClient(OfficeConfig(url=teller.url, connect_timeout_ms=250, read_timeout_ms=1_000))
    yield client
    client.close()


def answer(status: int, body: bytes, kind: str = "application/json", *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status} Said", f"Content-Type: {kind}", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join([*lines, "Connection: close", "", ""]).encode() + body


def problem(kind: ProblemType, status: int, *headers: str) -> bytes:
    return answer(status, Problem(type=kind, title="No", status=status, detail="").encode(), MEDIA_TYPE, *headers)


def receipt(data: bytes = DATA, shot_id: str = SHOT) -> bytes:
    moment = datetime(2026, 9, 1, tzinfo=UTC)
    return Receipt(
        shot_id=shot_id, digest=content_digest(data), status=ShotStatus.RECEIVED, received_at=moment
    ).encode()


def test_a_request_carries_length_digest_and_nothing_about_the_person(teller: Teller, client: OfficeClient) -> None:
    teller.says = answer(201, receipt())
    assert isinstance(client.send(SHOT, SHA, DATA), Accepted)
    head, _, body = teller.heard.partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    assert lines[0] == f"PUT /v2/shots/{SHOT} HTTP/1.1"
    assert "Content-Length: 8" in lines
    assert f"Content-Digest: {content_digest(DATA)}" in lines
    assert not any(line.startswith(("Transfer-Encoding", "Authorization", "Cookie")) for line in lines)
    assert body == DATA


@pytest.mark.parametrize("body", [receipt(b"other"), receipt(shot_id="f" * 32)])
def test_a_receipt_that_is_not_ours_is_never_believed(teller: Teller, client: OfficeClient, body: bytes) -> None:
    teller.says = answer(200, body)
    assert client.send(SHOT, SHA, DATA) == Later("the receipt is for other bytes than ours")


@pytest.mark.parametrize(
    ("says", "expected"),
    [
        (problem(ProblemType.OTHER_DIGEST, 409), Refused("409 other-digest")),
        (problem(ProblemType.BAD_ENVELOPE, 422), Refused("422 bad-envelope")),
        (problem(ProblemType.TOO_LARGE, 413), Refused("413 too-large")),
        (problem(ProblemType.FORBIDDEN, 403), Refused("403 forbidden")),
        (problem(ProblemType.DIGEST_MISMATCH, 400), Later("400 digest-mismatch")),
        (problem(ProblemType.UNAUTHORISED, 401), Later("401 unauthorised", None, True)),
        (problem(ProblemType.TRY_LATER, 429, "Retry-After: 7"), Later("429 try-later", 7.0, True)),
        (problem(ProblemType.TRY_LATER, 503), Later("503 try-later", None, True)),
        (answer(413, b"<html>nginx</html>", "text/html"), Later("413 no reason given", None, True)),
        (problem(ProblemType.BAD_REQUEST, 404), Later(f"404: {OTHER_VERSION}", None, True)),
        (problem(ProblemType.BAD_REQUEST, 405), Later(f"405: {OTHER_VERSION}", None, True)),
        (problem(ProblemType.OTHER_VERSION, 410), Later(f"410: {OTHER_VERSION}", None, True)),
        (answer(404, b"", "text/plain"), Later("404 no reason given", None, True)),
        (answer(500, b"oops", "text/plain"), Later("500 no reason given", None, False)),
        (answer(302, b"", "text/html", "Location: http://127.0.0.1:9/"), Later("302 no reason given", None, True)),
        (answer(409, b'{"type": "/problems/of-tomorrow"}', MEDIA_TYPE), Later("409 no reason given", None, True)),
    ],
)
def test_each_refusal_means_what_the_wire_says(
    teller: Teller, client: OfficeClient, says: bytes, expected: Refused | Later
) -> None:
    teller.says = says
    assert client.send(SHOT, SHA, DATA) == expected


def test_a_shot_the_office_does_not_know_is_not_a_fault_of_the_line(teller: Teller, client: OfficeClient) -> None:
    teller.says = problem(ProblemType.UNKNOWN_SHOT, 404)
    assert client.status(SHOT, SHA) == Unknown()


def test_a_shot_of_another_booth_is_neither_unknown_nor_refused(teller: Teller, client: OfficeClient) -> None:
    teller.says = problem(ProblemType.FORBIDDEN, 403)
    assert client.status(SHOT, SHA) == Foreign()


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("Retry-After: 120", 120.0),
        ("Retry-After: 999999", 3600.0),
        ("Retry-After: -5", None),
        ("Retry-After: soon", None),
        ("Retry-After: ", None),
        ("Date: Tue, 01 Sep 2026 09:00:00 GMT\r\nRetry-After: Tue, 01 Sep 99999999999 09:02:00 GMT", None),
        ("Retry-After: ١٢", None),
        ("Date: Tue, 01 Sep 2026 09:00:00 GMT\r\nRetry-After: Tue, 01 Sep 2026 09:02:00 GMT", 120.0),
        ("Date: Tue, 01 Sep 2026 09:00:00 GMT\r\nRetry-After: Tue, 01 Sep 2026 08:00:00 GMT", 0.0),
        ("Retry-After: Tue, 01 Sep 2026 09:02:00 GMT", None),
        ("Date: Tue, 01 Sep 2026 09:00:00 -0000\r\nRetry-After: Tue, 01 Sep 2026 09:02:00 GMT", None),
    ],
)
def test_retry_after_is_seconds_or_a_date_by_the_answers_own_clock(
    teller: Teller, client: OfficeClient, header: str, expected: float | None
) -> None:
    teller.says = problem(ProblemType.TRY_LATER, 429, header)
    got = client.send(SHOT, SHA, DATA)
    assert isinstance(got, Later)
    assert got.after_s == expected


def test_an_answer_without_end_is_cut_off(teller: Teller, client: OfficeClient) -> None:
    teller.says = b"HTTP/1.1 200 OK\r\n\r\n" + bytes(200_000)
    assert client.send(SHOT, SHA, DATA) == Later("the office did not answer in time", None, True)


def test_an_answer_drop_by_drop_is_cut_off(teller: Teller, client: OfficeClient) -> None:
    hung_up = threading.Event()

    def drip(connection: socket.socket) -> None:
        teller.request(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        try:
            for _ in range(1000):
                connection.sendall(b" ")
                connection.settimeout(0.02)
                with contextlib.suppress(TimeoutError):
                    if connection.recv(1) == b"":
                        break
        finally:
            hung_up.set()

    teller.talk = drip
    assert client.send(SHOT, SHA, DATA) == Later("the office did not answer in time", None, True)
    assert hung_up.wait(10)


def test_a_slow_line_that_moves_is_not_cut_off(teller: Teller, client: OfficeClient) -> None:
    data = bytes(12_000_000)

    def slow(connection: socket.socket) -> None:
        pause = threading.Event()
        left = len(data)
        while left > 0:  # several times the connect time-out in all, never that long without a byte
            left -= len(connection.recv(400_000))
            pause.wait(0.01)
        connection.sendall(answer(201, receipt(data)))

    teller.talk = slow
    assert isinstance(client.send(SHOT, hashlib.sha256(data).digest(), data), Accepted)


def test_while_the_bytes_of_a_request_move_it_says_so(teller: Teller) -> None:
    """So that a watchdog does not take a slow line for a program that hangs."""
    told: list[int] = []
    with contextlib.closing(OfficeClient(OfficeConfig(url=teller.url), lambda: told.append(0))) as client:
        data = bytes(20 * PIECE_BYTES)
        teller.says = answer(201, receipt(data))
        assert isinstance(client.send(SHOT, hashlib.sha256(data).digest(), data), Accepted)
        assert len(told) > 20


def test_an_answer_says_that_it_moves_before_it_is_there(teller: Teller) -> None:
    moved, said = threading.Event(), answer(200, bytes(1_000), "application/octet-stream")

    def in_two_parts(connection: socket.socket) -> None:
        teller.request(connection)
        connection.sendall(said[:-1])
        if moved.wait(10):
            connection.sendall(said[-1:])

    teller.talk = in_two_parts
    with contextlib.closing(OfficeClient(OfficeConfig(url=teller.url), moved.set)) as client:
        assert client.release("0.3.0", 0, 1_000) == bytes(1_000)


class _Stop(Exception):
    pass


def test_the_callback_for_moving_bytes_can_end_the_request(teller: Teller) -> None:
    def stop() -> None:
        raise _Stop

    with contextlib.closing(OfficeClient(OfficeConfig(url=teller.url), stop)) as client, pytest.raises(_Stop):
        client.send(SHOT, SHA, DATA)


class Line:
    """An answer that comes in pieces of `size` bytes, one every `every_s` of its own clock."""

    def __init__(self, total: int, size: int, every_s: float) -> None:
        self._left, self._size, self._every_s = total, size, every_s
        self.now_s = 0.0

    def read1(self, amt: int) -> bytes:
        self.now_s += self._every_s
        piece = bytes(min(amt, self._size, self._left))
        self._left -= len(piece)
        return piece


def read_from(line: Line) -> bytes:
    return read_body(line, MAX_MESSAGE_BYTES, 30.0, lambda: None, lambda: line.now_s)


def test_an_answer_may_take_any_time_as_long_as_it_moves() -> None:
    slow = Line(MAX_MESSAGE_BYTES, 4_096, 5.0)  # more than an hour in all
    assert len(read_from(slow)) == MAX_MESSAGE_BYTES


def test_an_answer_that_brings_less_than_a_piece_within_the_time_out_is_cut_off() -> None:
    with pytest.raises(requests.ReadTimeout):
        read_from(Line(MAX_MESSAGE_BYTES, 4_096, 10.0))


CALL = HelpCall(booth_id="booth-1", call_id="1" * 32, at=datetime(2026, 9, 1, tzinfo=UTC), screen="pose")
OPTIONAL: dict[str, Callable[[OfficeClient], object]] = {
    "release": lambda client: client.release("0.3.0", 0, 1_000),
    "queue of numbers": lambda client: client.number_queue(),
    "call for help": lambda client: client.help_call(CALL),
}


@pytest.mark.parametrize("status", [404, 405, 500, 503])
@pytest.mark.parametrize("kind", [ProblemType.BAD_REQUEST, ProblemType.TRY_LATER])
@pytest.mark.parametrize("ask", OPTIONAL.values(), ids=OPTIONAL)
def test_what_an_office_need_not_have_delays_no_shot_when_it_fails(
    teller: Teller, client: OfficeClient, ask: Callable[[OfficeClient], object], kind: ProblemType, status: int
) -> None:
    teller.says = problem(kind, status)
    said = ask(client)
    assert isinstance(said, Later)
    assert not said.office_wide


@pytest.mark.parametrize("status", [401, 410, 429])
@pytest.mark.parametrize("ask", OPTIONAL.values(), ids=OPTIONAL)
def test_a_failure_of_the_whole_office_is_recognised_in_every_request(
    teller: Teller, client: OfficeClient, ask: Callable[[OfficeClient], object], status: int
) -> None:
    teller.says = problem(ProblemType.UNAUTHORISED, status)
    said = ask(client)
    assert isinstance(said, Later)
    assert said.office_wide


def test_a_release_that_is_not_given_says_nothing_about_the_offices_version(
    teller: Teller, client: OfficeClient
) -> None:
    teller.says = problem(ProblemType.BAD_REQUEST, 404)
    assert client.release("0.3.0", 0, 1_000) == Later("404 bad-request")


def test_a_connection_closed_while_it_was_idle_is_opened_again_at_once(teller: Teller, client: OfficeClient) -> None:
    connections = []

    def two_then_hang_up(connection: socket.socket) -> None:
        """Answer once and keep open; hang up on the second request, as at the end of an idle time."""
        connections.append(connection)
        teller.request(connection)
        connection.sendall(answer(201, receipt()).replace(b"Connection: close\r\n", b""))
        teller.request(connection)

    teller.talk = two_then_hang_up
    assert isinstance(client.send(SHOT, SHA, DATA), Accepted)
    assert isinstance(client.send(SHOT, SHA, DATA), Accepted)
    assert len(connections) == 2


def test_a_connection_that_was_never_good_is_not_tried_twice(teller: Teller, client: OfficeClient) -> None:
    connections = []

    def hang_up(connection: socket.socket) -> None:
        connections.append(connection)
        teller.request(connection)

    teller.talk = hang_up
    assert isinstance(client.send(SHOT, SHA, DATA), Later)
    assert len(connections) == 1


def test_health_tells_the_offices_clock_and_nothing_else_does(teller: Teller, client: OfficeClient) -> None:
    teller.says = answer(200, b'{"schema_version": 2, "office_time": "2026-09-01T09:00:00+08:00"}')
    alive = client.health()
    assert isinstance(alive, Alive)
    assert alive.office_time.isoformat() == "2026-09-01T09:00:00+08:00"
    for says in (answer(200, b"<html>log in</html>", "text/html"), answer(503, b""), answer(302, b"")):
        teller.says = says
        assert isinstance(client.health(), Later)


def test_an_answer_of_any_bytes_raises_nothing_and_is_not_believed(teller: Teller, client: OfficeClient) -> None:
    whole = answer(201, receipt())

    @settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(
        st.one_of(
            st.binary(max_size=200),
            st.binary(max_size=60).map(lambda noise: b"HTTP/1.1 200 OK\r\n" + noise + b"\r\n\r\n" + receipt(b"x")),
            st.integers(0, len(whole) - 1).map(lambda end: whole[:end]),
            st.integers(0, len(whole) - 1).map(lambda at: whole[:at] + b"\xff" + whole[at + 1 :]),
        )
    )
    def say(says: bytes) -> None:
        teller.says = says
        got = client.send(SHOT, SHA, DATA)
        assert isinstance(got, Later | Refused | Accepted)
        if isinstance(got, Accepted):
            assert got.receipt.digest == content_digest(DATA)

    say()
