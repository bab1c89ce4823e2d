"""Who may talk to the desk's page: this machine's browser with the key, and nobody by a trick of another site."""

import socket

import pytest
import requests

from tests.desk.conftest import CONSENT, STUDENT, Desk

pytestmark = pytest.mark.usefixtures("portrait")  # the models are there


def test_without_the_key_nothing_is_answered(desk: Desk) -> None:
    for path in ("/", "/state", "/fixed", "/desk.js", "/photo.jpg?number=1", "/live.jpg", "/?key=wrong"):
        assert requests.get(desk.host + path, timeout=20).status_code == 403, path
    assert requests.post(f"{desk.host}/next", headers={"X-Desk": "1"}, timeout=20).status_code == 403


def test_the_key_leaves_the_address_and_stays_in_a_cookie_no_script_reads(desk: Desk) -> None:
    answer = requests.get(desk.server.address, allow_redirects=False, timeout=20)
    assert answer.headers["Location"] == "/"
    assert all(word in answer.headers["Set-Cookie"] for word in ("HttpOnly", "SameSite=Strict"))


def test_another_site_can_neither_ask_nor_tell(desk: Desk) -> None:
    assert desk.get("/state", Host="desk.example").status_code == 403, "a name that leads here is not this page"
    plain = requests.post(f"{desk.host}/who", data=CONSENT | {"code": STUDENT}, cookies=desk.cookies, timeout=20)
    assert plain.status_code == 403, "a form of another site can't send the header"
    assert desk.get("/state").json()["step"] == "who"


def test_every_answer_forbids_foreign_content_and_keeps_no_copy(desk: Desk) -> None:
    for path in ("/", "/state", "/nothing"):
        headers = desk.get(path).headers
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert headers["Cache-Control"] == "no-store"
        assert headers["X-Content-Type-Options"] == "nosniff"


def test_a_body_that_is_too_long_is_refused_unread(desk: Desk) -> None:
    for path, length in (("/file", 200_000_001), ("/who", 10_001)):
        with socket.create_connection(("127.0.0.1", desk.server.server_port), timeout=20) as line:
            cookie = "; ".join(f"{name}={value}" for name, value in desk.cookies.items())
            host = f"127.0.0.1:{desk.server.server_port}"
            head = f"POST {path} HTTP/1.1\r\nHost: {host}\r\nCookie: {cookie}\r\nX-Desk: 1\r\nContent-Length: {length}"
            line.sendall(f"{head}\r\n\r\n".encode())
            assert b"413" in line.recv(100)


def test_it_listens_on_this_machine_alone(desk: Desk) -> None:
    assert desk.server.server_address[0] == "127.0.0.1"


@pytest.mark.parametrize("path", ["/photo.jpg?number=x", "/photo.jpg", "/receipt.svg", "/live.jpg", "/page/desk.js"])
def test_an_unknown_address_is_answered_with_404(desk: Desk, path: str) -> None:
    assert desk.get(path).status_code == 404
