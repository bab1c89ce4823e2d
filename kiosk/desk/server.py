"""Serves the desk's page on 127.0.0.1. It uses only the standard library, because a booth's machine has no web
framework.

Only this machine can reach the page, and only with the key in the address that the command printed (later the key is in
a cookie). A request that changes something must have a header that only the page itself can send; other sites in the
same browser can't.
"""

import hmac
import io
import json
import secrets
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from urllib.parse import parse_qsl, urlsplit

import segno

from kiosk.desk.station import DeskStation, Step
from kiosk.desk.view import DeskView, Shown
from kiosk.desk.webcam import Webcam
from kiosk.vision.photo.picture import MOST_BYTES

_COOKIE = "desk"
_PAGES = {
    "/": ("desk.html", "text/html"),
    "/desk.js": ("desk.js", "text/javascript"),
    "/desk.css": ("desk.css", "text/css"),
}
_MOST_FORM_BYTES = 10_000
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class DeskServer(ThreadingHTTPServer):
    """Serves the page until `shutdown`. `counts`: returns how many shots wait in the outbox, and how many need
    staff."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(
        self,
        port: int,
        station: DeskStation,
        view: DeskView,
        webcam: Webcam | None,
        counts: Callable[[], tuple[int, int]],
        *,
        folder: bool = False,
        receipt_page: str = "",
        sends: Callable[[], bool] | None = None,
    ) -> None:
        """`port`: 0 for any free port. `receipt_page`: the address of a receipt without its code at the end; "": none.
        `sends`: returns whether the uplink runs; None: the desk does not know."""
        super().__init__(("127.0.0.1", port), _Handler)
        self.key = secrets.token_urlsafe(24)
        self.station, self.webcam, self.receipt_page = station, webcam, receipt_page
        self.fixed = view.fixed(folder=folder, webcam=webcam is not None) | {"most_bytes": MOST_BYTES}
        self._view, self._counts, self._sends = view, counts, sends

    @property
    def address(self) -> str:
        """The address of the page, with the key in it."""
        return f"http://127.0.0.1:{self.server_port}/?key={self.key}"

    def state(self) -> Shown:
        """The values that the page shows now."""
        return self._view.state(self.station.state(), *self._counts(), sends=self._sends is None or self._sends())


class _Handler(BaseHTTPRequestHandler):
    server: DeskServer
    protocol_version = "HTTP/1.1"
    timeout = 60

    def do_GET(self) -> None:
        """Answer requests for pages, pictures and the state."""
        path, query = self._asked()
        if path == "/" and hmac.compare_digest(query.get("key", ""), self.server.key):
            self._answer(b"", "text/plain", HTTPStatus.SEE_OTHER, {"Location": "/", "Set-Cookie": self._cookie()})
        elif not self._allowed():
            self._answer(b"Open the address that `kiosk desk` printed.\n", "text/plain", HTTPStatus.FORBIDDEN)
        elif path in _PAGES:
            name, kind = _PAGES[path]
            self._answer(files("kiosk.desk").joinpath("page", name).read_bytes(), f"{kind}; charset=utf-8")
        elif path == "/fixed":
            self._answer_json(self.server.fixed)
        elif path == "/state":
            self._answer_json(self.server.state())
        else:
            self._answer_picture(path, query)

    def do_POST(self) -> None:
        """Do what staff request; the answer is the state afterwards."""
        path, _ = self._asked()
        if not self._allowed() or self.headers.get("X-Desk") != "1":
            self.close_connection = True  # the request's body was not read
            self._answer(b"", "text/plain", HTTPStatus.FORBIDDEN)
            return
        data = self._body(MOST_BYTES if path == "/file" else _MOST_FORM_BYTES)
        if data is None:
            return
        station = self.server.station
        form = {} if path == "/file" else dict(parse_qsl(data.decode("utf-8", "replace"), max_num_fields=20))
        doing: dict[str, Callable[[], None]] = {
            "/who": lambda: station.identify(form),
            "/choose": lambda: station.choose(_whole(form.get("number", ""))),
            "/file": lambda: station.receive(data),
            "/open": lambda: station.open(form.get("name", "")),
            "/shoot": station.shoot,
            "/another": station.drop,
            "/use": lambda: station.use(form.get("reason", ""), data_wrong=form.get("wrong") == "yes"),
            "/next": station.next,
        }
        if path not in doing:
            self._answer(b"", "text/plain", HTTPStatus.NOT_FOUND)
            return
        doing[path]()
        self._answer_json(self.server.state())

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Log nothing, because an address could contain the name of a file."""

    def _answer_picture(self, path: str, query: dict[str, str]) -> None:
        server, kind, data = self.server, "image/jpeg", None
        if path == "/photo.jpg":
            data = server.station.photo(_whole(query.get("number", "")))
        elif path == "/live.jpg" and server.webcam is not None:
            data = server.webcam.preview()
        elif path == "/receipt.svg":
            state, out = server.station.state(), io.BytesIO()
            if state.step is Step.DONE:
                segno.make(server.receipt_page + state.receipt, error="m").save(out, kind="svg", scale=4, border=2)
                kind, data = "image/svg+xml", out.getvalue()
        if data is None:
            self._answer(b"", "text/plain", HTTPStatus.NOT_FOUND)
        else:
            self._answer(data, kind)

    def _asked(self) -> tuple[str, dict[str, str]]:
        parts = urlsplit(self.path)
        return parts.path, dict(parse_qsl(parts.query, max_num_fields=20))

    def _allowed(self) -> bool:
        """Whether the browser has the key, and uses this machine's IP address. A name is refused, because anybody can
        make a name point to that address."""
        host = self.headers.get("Host", "")
        pairs = (part.strip().partition("=") for part in self.headers.get("Cookie", "").split(";"))
        cookie = next((value for name, _, value in pairs if name == self._cookie_name()), "")
        return host == f"127.0.0.1:{self.server.server_port}" and hmac.compare_digest(cookie, self.server.key)

    def _cookie_name(self) -> str:
        # cookies don't distinguish ports, and one machine may run two desks
        return f"{_COOKIE}-{self.server.server_port}"

    def _cookie(self) -> str:
        return f"{self._cookie_name()}={self.server.key}; HttpOnly; SameSite=Strict; Path=/"

    def _body(self, most: int) -> bytes | None:
        """The body of the request. If it is too long, send a refusal and return None."""
        length = _whole(self.headers.get("Content-Length", ""))
        if 0 <= length <= most:
            return self.rfile.read(length)
        self.close_connection = True
        self._answer(b"", "text/plain", HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        return None

    def _answer_json(self, value: Shown) -> None:
        self._answer(json.dumps(value, ensure_ascii=False).encode(), "application/json")

    def _answer(
        self, data: bytes, kind: str, status: HTTPStatus = HTTPStatus.OK, more: dict[str, str] | None = None
    ) -> None:
        self.send_response(status)
        for name, value in (_HEADERS | {"Content-Type": kind, "Content-Length": str(len(data))} | (more or {})).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def version_string(self) -> str:
        """The name of the server, as its answers contain it."""
        return "kiosk desk"


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else -1
