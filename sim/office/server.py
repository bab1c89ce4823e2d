"""A stand-in for the real office that can misbehave: real HTTP on this machine.

    PUT /v2/shots/{shot id}   bytes, length and digest checked, kept durably, answered with a receipt
    GET /v2/shots/{shot id}   opened and checked as the office will do it, then `verified`
    GET /v2/decisions, /v2/roster, POST /v2/heartbeats, /v2/help    see `OfficeFeeds`
    GET /v2/health            the office's clock

`python -m sim.office.server --folder DIR --port N` runs it alone.
"""

import argparse
import hmac
import json
import logging
import re
import socket
import sys
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self

from kiosk.core.identity import RosterPerson
from kiosk.runtime.stop import stop_signal
from sim.office.feeds import OfficeFeeds
from sim.office.received import Received
from sim.office.store import BadEnvelope, OfficeStore, OtherDigest, ReceivedShot
from wire.digest import content_digest, format_digest, parse_digest
from wire.faults import DigestError, MessageError
from wire.heartbeat import Heartbeat, HeartbeatAnswer
from wire.help_call import HelpCall
from wire.problem import MEDIA_TYPE, Problem, ProblemType
from wire.roster_change import RosterRow
from wire.seal import MAX_SEALED_BYTES, new_identity, recipient_of

log = logging.getLogger(__name__)

_SHOT = re.compile(r"/v2/shots/([0-9a-f]{32})")
_WAITING_CONNECTIONS = 16


class OfficeFault(StrEnum):
    """The faults of the stand-in office."""

    DOWN = "down"  # refuses connections, closes open ones
    SLOW = "slow"  # works but answers too late
    ERROR = "error"  # 500
    CUT_BODY = "cut_body"  # closes the connection in the middle of the envelope
    CUT_ANSWER = "cut_answer"  # stores the envelope, closes the connection in the middle of the receipt
    DUPLICATE = "duplicate"  # sends every answer twice
    WRONG_DIGEST = "wrong_digest"  # a receipt for other bytes
    BUSY = "busy"  # 429 with Retry-After
    PORTAL = "portal"  # a captive portal answers 200 with a page
    REVOKED = "revoked"  # 401


class Office:
    """The stand-in's server, on a thread of its own from `start` to `stop`.

    `now`: the office's clock. `slow_s`: how late a slow answer is, in real seconds. `credential`: asked of every shot
    when given. `identities` open sealed envelopes. `port` 0 takes a free one, which stays the same while the office is
    down.
    """

    booth_id = "simulated"

    def __init__(
        self,
        folder: Path,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        port: int = 0,
        slow_s: float = 2.0,
        retry_after_s: int = 30,
        credential: str | None = None,
        identities: Sequence[str] = (),
    ) -> None:
        self.now = now
        self.store = OfficeStore(folder, self._time, identities)
        self.seal_to = tuple(recipient_of(identity) for identity in identities)
        self.feeds = OfficeFeeds()
        self.slow_s = slow_s
        self.retry_after_s = retry_after_s
        self.credential = credential
        self.next_faults: deque[OfficeFault] = deque()  # for the next PUTs, one each
        self.complaints: list[str] = []  # why envelopes were refused
        self.fault: OfficeFault | None = None
        self.repaired = threading.Event()
        self._socket = _bound(port)
        self._port = int(self._socket.getsockname()[1])
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self._port}"

    def shots(self) -> tuple[ReceivedShot, ...]:
        """What it received, with the paths."""
        return self.store.shots()

    def received(self) -> list[Received]:
        """What it received and opened, in the order of coming."""
        return [Received.of(shot) for shot in self.shots() if shot.manifest is not None]

    def give_roster(self, people: Sequence[RosterPerson]) -> None:
        """Bring rows into the roster."""
        for number, person in enumerate(people):
            self.feeds.set_row(f"{number:032x}", wire_row(person), photographed=person.photographed)

    def open_for(self, people: Sequence[int]) -> None:
        """Open the booth for the people of these roster rows, by their numbers, from now on for a day."""
        self.feeds.open_for([f"{number:032x}" for number in people], self.now())

    def start(self) -> None:
        """Listen."""
        self._server = _Server(self, self._socket)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), name="office", daemon=True)
        self._thread.start()

    def break_with(self, fault: OfficeFault) -> None:
        """Apply a fault from now on."""
        self.heal()
        self.fault = fault
        self.repaired.clear()
        if fault is OfficeFault.DOWN:
            self._hang_up()
            self._socket = _bound(self._port)  # bound and not listening: the port is ours and refuses

    def heal(self) -> None:
        """Clear the fault."""
        self.fault = None
        self.repaired.set()
        if self._server is None:
            self.start()

    def stop(self) -> None:
        """Stop; idempotent."""
        self.repaired.set()
        self._hang_up()
        self._socket.close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _time(self) -> datetime:
        """The office's clock, also after it was replaced."""
        return self.now()

    def _hang_up(self) -> None:
        if self._server is None or self._thread is None:
            return
        self._server.shutdown()
        self._thread.join()
        self._server.cut_connections()
        self._server.server_close()
        self._server = self._thread = None


def wire_row(person: RosterPerson) -> RosterRow:
    """The nine fields of a roster row."""
    return RosterRow(**{name: value for name, value in asdict(person).items() if name in RosterRow.model_fields})


def _bound(port: int) -> socket.socket:
    own = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    own.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    own.bind(("127.0.0.1", port))
    return own


class _Server(ThreadingHTTPServer):
    """A thread a connection; all of them end with `server_close`."""

    daemon_threads = False
    block_on_close = True

    def __init__(self, office: Office, own: socket.socket) -> None:
        super().__init__(("127.0.0.1", 0), _Handler, bind_and_activate=False)
        self.socket.close()
        self.socket = own
        self.office = office
        self._connections: set[socket.socket] = set()
        own.listen(_WAITING_CONNECTIONS)

    def process_request(self, request: Any, client_address: Any) -> None:
        self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._connections.discard(request)
        super().shutdown_request(request)

    def handle_error(self, *_: object) -> None:
        log.debug("a booth hung up", exc_info=True)

    def cut_connections(self) -> None:
        for connection in self._connections.copy():
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:  # the other side was faster
                continue


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # head and body are two packets: without this each answer waits 40 ms
    server: _Server

    def do_GET(self) -> None:
        office, fault = self.server.office, self.server.office.fault
        if self._misbehave(fault):
            return
        if self.path == "/v2/health":
            self._answer(200, HeartbeatAnswer(office_time=office.now()).encode(), fault)
            return
        if (page := office.feeds.page(self.path)) is not None:
            if self._known():
                self._answer(200, page, fault)
            return
        shot_id = self._shot_id()
        if shot_id is None:
            return
        try:
            shot = office.store.verify(shot_id)
        except BadEnvelope as error:
            office.complaints.append(f"{shot_id}: {error}")
            self._refuse(422, ProblemType.BAD_ENVELOPE, "The envelope can't be used", str(error))
            return
        if shot is None:
            self._refuse(404, ProblemType.UNKNOWN_SHOT, "Unknown shot", "Send it.")
            return
        self._receipt(200, shot, fault)

    def do_PUT(self) -> None:
        office = self.server.office
        fault = office.next_faults.popleft() if office.next_faults else office.fault
        if fault is OfficeFault.CUT_BODY:
            self.rfile.read(16)
            self._cut()
            return
        shot_id = self._shot_id()
        body = self._body() if shot_id is not None else None
        if shot_id is None or body is None or self._misbehave(fault):
            return
        try:
            shot, new = office.store.put(shot_id, body)
        except OtherDigest as error:
            self._refuse(409, ProblemType.OTHER_DIGEST, "Shot id taken", str(error))
            return
        self._receipt(201 if new else 200, shot, fault)

    def do_POST(self) -> None:
        office, fault = self.server.office, self.server.office.fault
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        if self._misbehave(fault) or not self._known():
            return
        try:
            if self.path == "/v2/help":
                answer = office.feeds.call(HelpCall.decode(body)).encode()
            else:
                office.feeds.heartbeats.append(Heartbeat.decode(body))
                answer = HeartbeatAnswer(office_time=office.now()).encode()
        except MessageError as error:
            self._refuse(400, ProblemType.BAD_REQUEST, "No such message", str(error))
            return
        self._answer(200, answer, fault)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
        log.debug(format, *args)

    def _known(self) -> bool:
        """Whether the credential is right; if not, the refusal was sent."""
        credential = self.server.office.credential
        given = self.headers.get("Authorization", "")
        if credential is None or hmac.compare_digest(given.encode(), f"Bearer {credential}".encode()):
            return True
        self._refuse(401, ProblemType.UNAUTHORISED, "Unknown credential", "Enrol the booth again.")
        return False

    def _shot_id(self) -> str | None:
        if not self._known():
            return None
        match = _SHOT.fullmatch(self.path)
        if match is None:
            self._refuse(404, ProblemType.BAD_REQUEST, "No such address", "A shot id is 32 lower-case hex digits.")
        return match[1] if match else None

    def _body(self) -> bytes | None:
        """The body, if it is complete and matches its digest."""
        length = self.headers.get("Content-Length", "")
        if not re.fullmatch(r"[0-9]{1,12}", length):
            self._refuse(411, ProblemType.LENGTH_REQUIRED, "Length required", "Send Content-Length.")
            return None
        if int(length) > MAX_SEALED_BYTES:
            self._refuse(413, ProblemType.TOO_LARGE, "Too large", f"At most {MAX_SEALED_BYTES} bytes.")
            return None
        body = self.rfile.read(int(length))
        if len(body) < int(length):
            self._cut()
            return None
        try:
            digest = parse_digest(self.headers.get("Content-Digest", ""))
        except DigestError as error:
            self._refuse(400, ProblemType.BAD_REQUEST, "Digest missing", str(error))
            return None
        if format_digest(digest) != content_digest(body):
            self._refuse(400, ProblemType.DIGEST_MISMATCH, "Damaged on the way", "Send it again.")
            return None
        return body

    def _misbehave(self, fault: OfficeFault | None) -> bool:
        """Send a wrong answer instead of the right one, for faults of that kind."""
        match fault:
            case OfficeFault.ERROR:
                self._send(500, "text/plain", b"it broke")
            case OfficeFault.BUSY:
                seconds = str(self.server.office.retry_after_s)
                self._refuse(429, ProblemType.TRY_LATER, "Busy", "Wait.", {"Retry-After": seconds})
            case OfficeFault.PORTAL:
                self._send(200, "text/html", b"<html>Please log in to the campus network</html>")
            case OfficeFault.REVOKED:
                self._refuse(401, ProblemType.UNAUTHORISED, "Credential revoked", "Enrol the booth again.")
            case _:
                return False
        return True

    def _receipt(self, status: int, shot: ReceivedShot, fault: OfficeFault | None) -> None:
        receipt = shot.receipt
        if fault is OfficeFault.WRONG_DIGEST:
            receipt = receipt.model_copy(update={"digest": content_digest(b"other bytes")})
        self._answer(status, receipt.encode(), fault)

    def _answer(self, status: int, body: bytes, fault: OfficeFault | None) -> None:
        if fault is OfficeFault.SLOW:
            self.server.office.repaired.wait(self.server.office.slow_s)
        if fault is OfficeFault.CUT_ANSWER:
            self._send(status, "application/json", body[: len(body) // 2], {"Content-Length": str(len(body))})
            self._cut()
            return
        self._send(status, "application/json", body)
        if fault is OfficeFault.DUPLICATE:
            self._send(status, "application/json", body)

    def _refuse(
        self, status: int, kind: ProblemType, title: str, detail: str, headers: dict[str, str] | None = None
    ) -> None:
        self.close_connection = True  # the body may be unread
        problem = Problem(type=kind, title=title, status=status, detail=detail[:1000])
        self._send(status, MEDIA_TYPE, problem.encode(), {"Connection": "close", **(headers or {})})

    def _send(self, status: int, kind: str, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(body)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def _cut(self) -> None:
        """Close the connection without an answer."""
        self.close_connection = True
        self.wfile.flush()
        self.connection.shutdown(socket.SHUT_RDWR)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the office alone until it is told to stop."""
    parser = argparse.ArgumentParser(prog="python -m sim.office.server", description="The stand-in office server.")
    parser.add_argument("--folder", type=Path, required=True, help="where envelopes and photos are kept")
    parser.add_argument("--port", type=int, default=8203, help="0 takes a free one (default 8203)")
    parser.add_argument("--fault", choices=[fault.value for fault in OfficeFault], help="what it does wrong")
    options = parser.parse_args(argv)
    identities = _identities(options.folder)
    sys.stderr.write(f"seal_to = {json.dumps([recipient_of(identity) for identity in identities])}\n")
    with stop_signal() as stop, Office(options.folder, port=options.port, identities=identities) as office:
        if options.fault is not None:
            office.break_with(OfficeFault(options.fault))
        sys.stdout.write(f"{office.url}\n")
        sys.stdout.flush()
        stop.wait()
    return 0


def _identities(folder: Path) -> list[str]:
    """The keys of a made-up office and its escrow, made when they are missing."""
    path = folder / "identities"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{new_identity()}\n{new_identity()}\n", "ascii")
    return path.read_text("ascii").split()


if __name__ == "__main__":
    sys.exit(main())
