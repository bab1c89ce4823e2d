"""The office behind nginx and Caddy, by the example files in packaging/proxy: what they pass on is what it needs."""

import contextlib
import shutil
import ssl
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyotp
import pytest
import requests
from requests.adapters import HTTPAdapter
from starlette.applications import Starlette

from center.accounts.model.roles import Role
from center.commands.serve import server_config
from center.commands.site import Site
from center.platform.configuration import ServerConfig
from center.wiring.booth_api import create_app
from center.wiring.console import make_console
from center.wiring.office import Office
from tests.center.certificates import Certificate, self_signed
from tests.center.conftest import Served, free_port, make_config, sent, serving
from tests.center.factories import HandClock, shot_id
from wire.digest import content_digest
from wire.receipt import Receipt, ShotStatus

EXAMPLES = Path(__file__).parents[3] / "packaging" / "proxy"
PASSWORD = "correct-horse-battery-staple"
LONGEST_START_S = 60


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return self_signed(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def behind(request: pytest.FixtureRequest, tmp_path: Path, clock: HandClock) -> Iterator[Served]:
    """An office that knows of a proxy on this machine."""
    config = make_config(request, tmp_path, "sqlite", server=ServerConfig(proxies=("127.0.0.1",)))
    with Office.open(config, clock) as office:
        office.booths.enrol("test", "booth-1")
        with serving(office, app=Site(create_app(office), make_console(office))) as served:
            yield served


def changed(text: str, **to: str) -> str:
    """An example file with what its first lines say is to be changed, and nothing else."""
    for old, new in to.items():
        assert old in text, f"the example has no {old!r} any more"
        text = text.replace(old, new)
    return text


@dataclass
class Proxy:
    """A proxy that runs."""

    address: str
    plain: str
    certificate: Path

    def browser(self, source: str = "127.0.0.1") -> requests.Session:
        """Comes from the address `source` of this machine."""
        session = requests.Session()
        session.trust_env = False
        session.verify = str(self.certificate)
        session.mount("https://", From(source))
        return session


class From(HTTPAdapter):
    """Connections from an address of one's own."""

    def __init__(self, source: str) -> None:
        self._source = source
        super().__init__()

    def init_poolmanager(self, *given: Any, **named: Any) -> None:
        super().init_poolmanager(*given, **named, source_address=(self._source, 0))


@contextlib.contextmanager
def running(
    command: list[str], folder: Path, address: str, certificate: Certificate, **environment: str
) -> Iterator[None]:
    """A proxy's program, for as long as the context lasts."""
    with (folder / "proxy.log").open("wb") as log:
        program = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder, env=environment or None)
        try:
            end = time.monotonic() + LONGEST_START_S
            while True:
                with contextlib.suppress(requests.ConnectionError):
                    requests.get(f"{address}/v2/health", verify=str(certificate.file), timeout=20)
                    break
                log.flush()
                said = (folder / "proxy.log").read_text()[-2_000:]
                assert program.poll() is None, said
                assert time.monotonic() < end, said
                time.sleep(0.05)  # another program's start: there is no clock of ours in it
            yield
        finally:
            program.terminate()
            program.wait(LONGEST_START_S)


@contextlib.contextmanager
def nginx(served: Served, folder: Path, certificate: Certificate, without: str = "") -> Iterator[Proxy]:
    """The example as it is; `without`: a line left out, as an administrator of little experience would."""
    if shutil.which("nginx") is None:
        pytest.skip("NOT RUN: no nginx on this machine; `apt-get install nginx`, then again")
    secure, plain = free_port(), free_port()
    example = changed(
        (EXAMPLES / "nginx.conf").read_text(),
        **{
            "server 127.0.0.1:8203;": f"server 127.0.0.1:{served.port};",
            "listen 80;": f"listen 127.0.0.1:{plain};",
            "listen 443 ssl;": f"listen 127.0.0.1:{secure} ssl;",
            "photos.example.edu.cn": "localhost",
            "/etc/ssl/office/fullchain.pem": str(certificate.file),
            "/etc/ssl/office/key.pem": str(certificate.key),
            **({without: ""} if without else {}),
        },
    )
    (folder / "office.conf").write_text(example)
    temporary = "".join(
        f"{name}_temp_path {folder / name};\n" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(
        f"daemon off; master_process off; pid {folder / 'pid'}; error_log stderr;\n"
        f"events {{}}\nhttp {{ {temporary} include {folder / 'office.conf'}; }}\n"
    )
    address = f"https://localhost:{secure}"
    with running(["nginx", "-c", str(folder / "nginx.conf"), "-p", str(folder)], folder, address, certificate):
        yield Proxy(address, f"http://localhost:{plain}", certificate.file)


@contextlib.contextmanager
def caddy(served: Served, folder: Path, certificate: Certificate) -> Iterator[Proxy]:
    if shutil.which("caddy") is None:
        pytest.skip("NOT RUN: no caddy on this machine; `apt-get install caddy`, then again")
    address = f"https://localhost:{free_port()}"
    example = changed(
        (EXAMPLES / "Caddyfile").read_text(),
        **{
            "photos.example.edu.cn {": f"{address} {{\n\ttls {certificate.file} {certificate.key}",
            "reverse_proxy 127.0.0.1:8203": f"reverse_proxy 127.0.0.1:{served.port}",
        },
    )
    (folder / "Caddyfile").write_text("{\n\tadmin off\n\tauto_https off\n}\n" + example)
    home = {"HOME": str(folder), "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder), "PATH": "/usr/bin:/bin"}
    command = ["caddy", "run", "--config", str(folder / "Caddyfile"), "--adapter", "caddyfile"]
    with running(command, folder, address, certificate, **home):
        yield Proxy(address, "", certificate.file)


@pytest.fixture(params=["nginx", "caddy"])
def proxy(request: pytest.FixtureRequest, behind: Served, tmp_path: Path, certificate: Certificate) -> Iterator[Proxy]:
    folder = tmp_path / "proxy"
    folder.mkdir()
    with (nginx if request.param == "nginx" else caddy)(behind, folder, certificate) as proxy:
        yield proxy


def account(office: Office) -> pyotp.TOTP:
    totp = pyotp.parse_uri(office.accounts.add("test", "anna", Role.SUPERVISOR, PASSWORD, None))
    assert isinstance(totp, pyotp.TOTP)
    return totp


def log_in(
    proxy: Proxy, browser: requests.Session, code: str, password: str = PASSWORD, **headers: str
) -> requests.Response:
    return browser.post(
        f"{proxy.address}/login",
        data={"name": "anna", "password": password, "code": code, "next": "/queue"},
        headers={"Origin": proxy.address, "Sec-Fetch-Site": "same-origin", "Accept-Language": "en", **headers},
        allow_redirects=False,
        timeout=30,
    )


def test_staff_log_in_and_every_redirect_stays_on_the_proxys_address(
    proxy: Proxy, behind: Served, clock: HandClock
) -> None:
    totp = account(behind.office)
    browser = proxy.browser()
    first = browser.get(f"{proxy.address}/queue", allow_redirects=False, timeout=30)
    assert (first.status_code, first.headers["location"]) == (303, "/login?next=%2Fqueue")
    form = browser.get(f"{proxy.address}/login", timeout=30)
    # The office knows that the line is https.
    assert form.headers["strict-transport-security"] == "max-age=63072000; includeSubDomains"
    let_in = log_in(proxy, browser, totp.at(clock.now))
    assert (let_in.status_code, let_in.headers["location"]) == (303, "/queue")
    page = browser.get(f"{proxy.address}/queue", headers={"Accept-Language": "en"}, timeout=30)
    assert page.status_code == 200
    assert "anna" in page.text
    assert page.url == f"{proxy.address}/queue"


def test_a_booth_brings_an_envelope_and_hears_its_decisions(proxy: Proxy, behind: Served) -> None:
    booth = {"Authorization": f"Bearer {behind.enrol()}"}
    data = sent(1)
    headers = {**booth, "Content-Digest": content_digest(data), "Content-Type": "application/octet-stream"}
    address = f"{proxy.address}/v2/shots/{shot_id(1)}"
    browser = proxy.browser()
    answer = browser.put(address, data=data, headers=headers, timeout=60)
    assert answer.status_code == 201
    receipt = Receipt.decode(answer.content)
    assert receipt.status is ShotStatus.VERIFIED
    assert browser.put(address, data=data, headers=headers, timeout=60).content == answer.content
    assert browser.get(f"{proxy.address}/v2/decisions?after=0", headers=booth, timeout=30).status_code == 200
    # The largest body the office takes passes the proxy; that it is no envelope is the office's own word.
    large = bytes(behind.office.config.limits.envelope_bytes)
    headers["Content-Digest"] = content_digest(large)
    refused = browser.put(f"{proxy.address}/v2/shots/{shot_id(2)}", data=large, headers=headers, timeout=120)
    assert (refused.status_code, refused.headers["content-type"]) == (422, "application/problem+json")


def test_the_office_sees_the_clients_address_and_believes_no_client_about_it(
    proxy: Proxy, behind: Served, clock: HandClock
) -> None:
    totp = account(behind.office)
    stranger = proxy.browser("127.0.0.2")
    for _ in range(9):
        clock.move(seconds=30)
        wrong = log_in(proxy, stranger, totp.at(clock.now), "a wrong password", **{"X-Forwarded-For": "127.0.0.3"})
        assert wrong.status_code == 401
    clock.move(seconds=30)
    locked = log_in(proxy, stranger, totp.at(clock.now), **{"X-Forwarded-For": "198.51.100.7"})
    assert locked.status_code == 401
    clock.move(seconds=30)
    assert log_in(proxy, proxy.browser("127.0.0.3"), totp.at(clock.now)).status_code == 303


def test_a_proxy_that_passes_on_no_host_is_told_which_headers_it_must_send(
    behind: Served, tmp_path: Path, certificate: Certificate, clock: HandClock
) -> None:
    totp = account(behind.office)
    with nginx(behind, tmp_path, certificate, without="proxy_set_header Host $http_host;") as proxy:
        refused = log_in(proxy, proxy.browser(), totp.at(clock.now))
    assert refused.status_code == 403
    for name in ("Host", "X-Forwarded-For", "X-Forwarded-Proto", "server.proxies", "packaging/proxy"):
        assert name in refused.text


def test_without_a_proxy_the_office_speaks_tls_1_2_and_newer_only(certificate: Certificate) -> None:
    server = ServerConfig(certificate_file=certificate.file, certificate_key_file=certificate.key)
    config = server_config(Starlette(), server)
    config.load()
    assert config.ssl is not None
    assert config.ssl.minimum_version >= ssl.TLSVersion.TLSv1_2


def test_nginx_sends_browsers_to_https_and_hides_no_wrong_address_of_a_booth(
    behind: Served, tmp_path: Path, certificate: Certificate
) -> None:
    with nginx(behind, tmp_path, certificate) as proxy:
        moved = requests.get(f"{proxy.plain}/r/CODE", allow_redirects=False, timeout=30)
        assert requests.get(f"{proxy.plain}/v2/health", allow_redirects=False, timeout=30).status_code == 403
    assert (moved.status_code, moved.headers["location"]) == (301, "https://localhost/r/CODE")
