"""A proxy between a booth and the office that damages what passes through it, with real HTTP on this machine.

The office behind it is the real one (`center`). Without a fault the proxy passes every request and answer on unchanged.
`python -m sim.office.fault_proxy --to http://127.0.0.1:8080 --fault busy` runs the proxy in front of any office.
"""

import argparse
import http.client
import logging
import socket
import sys
import threading
from collections import deque
from collections.abc import Callable, Sequence
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import urlsplit

from kiosk.runtime.stop import stop_signal
from wire.digest import content_digest
from wire.problem import MEDIA_TYPE, Problem, ProblemType
from wire.receipt import Receipt

log = logging.getLogger(__name__)

_WAITING_CONNECTIONS = 16
_OFFICE_TIMEOUT_S = 300.0  # a busy machine may need long to answer
_OWN_HEADERS = {"connection", "transfer-encoding", "content-length", "date", "server"}


class OfficeFault(StrEnum):
    """What goes wrong between a booth and the office."""

    DOWN = "down"  # the proxy refuses connections and closes open ones
    SLOW = "slow"  # the office does the work, but its answer comes too late
    ERROR = "error"  # the proxy answers with status 500
    CUT_BODY = "cut_body"  # the connection is closed in the middle of the envelope
    CUT_ANSWER = "cut_answer"  # the office has the envelope, but the connection is closed in the middle of its answer
    DUPLICATE = "duplicate"  # the proxy sends every answer twice
    WRONG_DIGEST = "wrong_digest"  # the proxy answers with a receipt for other bytes
    BUSY = "busy"  # the proxy answers with status 429 and Retry-After
    PORTAL = "portal"  # a captive portal answers with status 200 and a page of its own
    REVOKED = "revoked"  # the proxy answers with status 401, as if the credential was withdrawn


class FaultProxy:
    """The proxy; it works on threads of its own from `start` to `stop`.

    `office_url`: where requests are sent on. `slow_s`: after how many real seconds a slow answer comes. `port` 0: the
    system chooses a free port. The proxy keeps its port while it is down.
    """

    def __init__(self, office_url: str, *, port: int = 0, slow_s: float = 2.0) -> None:
        office = urlsplit(office_url)
        self.office = (office.hostname or "", office.port or 80)
        self.slow_s = slow_s
        self.retry_after_s = 30
        self.fault: OfficeFault | None = None
        self.next_faults: deque[OfficeFault] = deque()  # the faults of the next PUT requests, one for each request
        self.requests: list[str] = []  # the requests in the order in which they came, for example "GET /v2/health"
        self.posted: list[tuple[str, bytes]] = []  # the path and body of each POST request
        self.unknown: set[str] = set()  # paths to which the proxy answers like an older office that does not know them
        # For each beginning of a path, the status with which nginx would answer in place of the office. With 0, the
        # connection is closed without an answer.
        self.gateway: dict[str, int] = {}
        # Gets the path of a request and the body of the office's answer, and returns the body to pass on. None: each
        # answer is passed on unchanged.
        self.rewrite: Callable[[str, bytes], bytes] | None = None
        self.repaired = threading.Event()
        self._socket = _bound(port)
        self._port = int(self._socket.getsockname()[1])
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        """The proxy's address."""
        return f"http://127.0.0.1:{self._port}"

    def start(self) -> None:
        """Begin to listen."""
        self._server = _Server(self, self._socket)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), name="proxy", daemon=True)
        self._thread.start()

    def break_with(self, fault: OfficeFault) -> None:
        """Apply a fault from now on."""
        self.heal()
        self.fault = fault
        self.repaired.clear()
        if fault is OfficeFault.DOWN:
            self._hang_up()
            self._socket = _bound(
                self._port
            )  # the socket is bound but does not listen, so the port stays ours and refuses connections

    def heal(self) -> None:
        """End the present fault."""
        self.fault = None
        self.repaired.set()
        if self._server is None:
            self.start()

    def stop(self) -> None:
        """Stop the proxy; a second call is harmless."""
        self.repaired.set()
        self._hang_up()
        self._socket.close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _hang_up(self) -> None:
        if self._server is None or self._thread is None:
            return
        self._server.shutdown()
        self._thread.join()
        self._server.cut_connections()
        self._server.server_close()
        self._server = self._thread = None


def _bound(port: int) -> socket.socket:
    own = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    own.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    own.bind(("127.0.0.1", port))
    return own


class _Server(ThreadingHTTPServer):
    """One thread for each connection; all of them end with `server_close`."""

    daemon_threads = False

    def __init__(self, proxy: FaultProxy, own: socket.socket) -> None:
        super().__init__(("127.0.0.1", 0), _Handler, bind_and_activate=False)
        self.socket.close()
        self.socket = own
        self.proxy = proxy
        self._connections: set[socket.socket] = set()
        own.listen(_WAITING_CONNECTIONS)

    def process_request(self, request: Any, client_address: Any) -> None:
        self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._connections.discard(request)
        super().shutdown_request(request)

    def handle_error(self, *_: object) -> None:
        log.debug("a booth or the office hung up", exc_info=True)

    def cut_connections(self) -> None:
        for connection in self._connections.copy():
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:  # the other side has already closed the connection
                continue


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # head and body are sent as two packets: with Nagle's algorithm each answer would wait 40 ms
    disable_nagle_algorithm = True
    server: _Server

    def do_GET(self) -> None:
        self._serve(self.server.proxy.fault)

    def do_POST(self) -> None:
        self._serve(self.server.proxy.fault)

    def do_PUT(self) -> None:
        proxy = self.server.proxy
        self._serve(proxy.next_faults.popleft() if proxy.next_faults else proxy.fault)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
        log.debug(format, *args)

    def _serve(self, fault: OfficeFault | None) -> None:
        """Pass one request on, or damage it or its answer."""
        proxy = self.server.proxy
        proxy.requests.append(f"{self.command} {self.path}")
        if fault is OfficeFault.CUT_BODY and self.command == "PUT":
            self.rfile.read(16)
            self._cut()
            return
        length = int(self.headers.get("Content-Length", "0"))
        body = self.rfile.read(length)
        if len(body) < length:
            self._cut()
            return
        if self.command == "POST":
            proxy.posted.append((self.path, body))
        if self._refuse(fault):
            return
        status = next((status for begin, status in proxy.gateway.items() if self.path.startswith(begin)), None)
        if status == 0:
            self._cut()
            return
        if status is not None:
            self._send(status, {"Content-Type": "text/html"}, b"<html>nginx</html>")
            return
        if self.path in proxy.unknown:
            self._send_problem(404, ProblemType.BAD_REQUEST, "There is no such address.", {})
            return
        status, headers, answer = self._ask_office(body)
        if fault is OfficeFault.WRONG_DIGEST and status in (200, 201) and self.path.startswith("/v2/shots/"):
            answer = Receipt.decode(answer).model_copy(update={"digest": content_digest(b"other bytes")}).encode()
        if proxy.rewrite is not None:
            answer = proxy.rewrite(self.path, answer)
        self._answer(status, headers, answer, fault)

    def _ask_office(self, body: bytes) -> tuple[int, dict[str, str], bytes]:
        """The office's answer: status, headers, body."""
        connection = http.client.HTTPConnection(*self.server.proxy.office, timeout=_OFFICE_TIMEOUT_S)
        try:
            headers = {name: value for name, value in self.headers.items() if name.lower() != "connection"}
            connection.request(self.command, self.path, body, headers)
            answer = connection.getresponse()
            kept = {name: value for name, value in answer.getheaders() if name.lower() not in _OWN_HEADERS}
            return answer.status, kept, answer.read()
        finally:
            connection.close()

    def _refuse(self, fault: OfficeFault | None) -> bool:
        """If the fault replaces the office's answer, answer and return True."""
        match fault:
            case OfficeFault.ERROR:
                self._send(500, {"Content-Type": "text/plain"}, b"it broke")
            case OfficeFault.BUSY:
                wait = {"Retry-After": str(self.server.proxy.retry_after_s)}
                self._send_problem(429, ProblemType.TRY_LATER, "Wait.", wait)
            case OfficeFault.PORTAL:
                page = b"<html>Please log in to the campus network</html>"
                self._send(200, {"Content-Type": "text/html"}, page)
            case OfficeFault.REVOKED:
                self._send_problem(401, ProblemType.UNAUTHORISED, "Enrol the booth again.", {})
            case _:
                return False
        return True

    def _answer(self, status: int, headers: dict[str, str], body: bytes, fault: OfficeFault | None) -> None:
        if fault is OfficeFault.SLOW:
            self.server.proxy.repaired.wait(self.server.proxy.slow_s)
        if fault is OfficeFault.CUT_ANSWER:
            self._send(status, headers, body[: len(body) // 2], length=len(body))
            self._cut()
            return
        self._send(status, headers, body)
        if fault is OfficeFault.DUPLICATE:
            self._send(status, headers, body)

    def _send_problem(self, status: int, kind: ProblemType, detail: str, headers: dict[str, str]) -> None:
        problem = Problem(type=kind, title=kind.value, status=status, detail=detail)
        self._send(status, {"Content-Type": MEDIA_TYPE, **headers}, problem.encode())

    def _send(self, status: int, headers: dict[str, str], body: bytes, length: int | None = None) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body) if length is None else length)}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def _cut(self) -> None:
        """Close the connection before the answer or in the middle of the answer."""
        self.close_connection = True
        self.wfile.flush()
        self.connection.shutdown(socket.SHUT_RDWR)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the proxy alone until it is told to stop."""
    parser = argparse.ArgumentParser(prog="python -m sim.office.fault_proxy", description="Damages what passes.")
    parser.add_argument("--to", required=True, help="the office's address, http://HOST:PORT")
    parser.add_argument("--port", type=int, default=8203, help="0 takes a free one (default 8203)")
    parser.add_argument("--fault", choices=[fault.value for fault in OfficeFault], help="what goes wrong")
    options = parser.parse_args(argv)
    with stop_signal() as stop, FaultProxy(options.to, port=options.port) as proxy:
        if options.fault is not None:
            proxy.break_with(OfficeFault(options.fault))
        sys.stdout.write(f"{proxy.url}\n")
        sys.stdout.flush()
        stop.wait()
    return 0


if __name__ == "__main__":
    sys.exit(main())
