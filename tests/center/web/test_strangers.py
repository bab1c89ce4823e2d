"""Strangers who can reach the office's address cannot stall what booths do."""

import socket
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from center.commands.site import Site
from center.platform import header_timeout
from center.web.services import _LOGIN_THREADS
from center.wiring.booth_api import create_app
from center.wiring.console import make_console
from center.wiring.office import Office
from tests.center.conftest import Served, file_shot, sent, serving
from tests.center.factories import shot_id
from wire.digest import content_digest

HALF = b"GET /login HTTP/1.1\r\nHost: office\r\nX-Slow: "


def half_request(port: int) -> socket.socket:
    line = socket.create_connection(("127.0.0.1", port))
    line.sendall(HALF)
    return line


def was_dropped(line: socket.socket) -> bool:
    """Whether the other end hung up; waits for it."""
    line.settimeout(30)
    try:
        return line.recv(1) == b""
    except ConnectionResetError:
        return True
    finally:
        line.close()


def test_half_a_request_is_dropped_within_seconds_and_a_whole_one_is_answered(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(header_timeout, "HEADERS_S", 0.2)
    assert was_dropped(half_request(served.port))
    silent = socket.create_connection(("127.0.0.1", served.port))
    assert was_dropped(silent)
    with requests.Session() as line:
        for _ in range(2):
            assert line.get(f"{served.url}/v2/health", timeout=20).status_code == 200


def test_logins_that_wait_for_their_passwords_hold_no_page_up(
    plain_office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, end = threading.Semaphore(0), threading.Event()

    def hashing(*_: str) -> bool:
        begun.release()
        return not end.wait(60)

    monkeypatch.setattr(plain_office.accounts, "_fits", hashing)  # a thread of its own waits for each
    with serving(plain_office, app=Site(create_app(plain_office), make_console(plain_office))) as served:
        form = {"name": "nobody", "password": "x" * 20, "code": "000000"}
        headers = {"Sec-Fetch-Site": "same-origin"}
        with ThreadPoolExecutor(8) as strangers:
            logins = [
                strangers.submit(requests.post, f"{served.url}/login", form, headers=headers, timeout=60)
                for _ in range(8)
            ]
            try:
                for _ in range(_LOGIN_THREADS):
                    assert begun.acquire(timeout=60)
                while begun.acquire(timeout=1):  # where they had more threads, these are full now, too
                    pass
                for path in ("/login", "/r", "/language/zh", "/v2/health"):
                    answer = requests.get(f"{served.url}{path}", allow_redirects=False, timeout=20)
                    assert answer.status_code in (200, 303), path
            finally:
                end.set()
            assert {login.result().status_code for login in logins} == {401}


def test_half_requests_and_logins_by_the_hundred_leave_booths_alone(plain_office: Office) -> None:
    """What is measured in `make bench` by its time; here: everything of the booth is answered, nothing is refused."""
    file_shot(plain_office, 1)
    site = Site(create_app(plain_office), make_console(plain_office))
    with serving(plain_office, app=site) as served:
        credential = {"Authorization": f"Bearer {served.enrol()}"}
        lines = [half_request(served.port) for _ in range(300)]

        def stranger(number: int) -> int:
            form = {"name": f"nobody{number}", "password": "x" * 20, "code": "000000"}
            return requests.post(
                f"{served.url}/login", form, headers={"Sec-Fetch-Site": "same-origin"}, timeout=600
            ).status_code

        with ThreadPoolExecutor(40) as strangers:
            answers = strangers.map(stranger, range(50))
            for number in range(2, 8):
                data = sent(number)
                headers = {**credential, "Content-Digest": content_digest(data)}
                url = f"{served.url}/v2/shots/{shot_id(number)}"
                assert requests.put(url, data, headers=headers, timeout=20).status_code == 201
                feed = requests.get(f"{served.url}/v2/decisions?after=0", headers=credential, timeout=20)
                assert feed.status_code == 200
            assert set(answers) <= {401, 429, 503}
        for line in lines:
            line.close()
