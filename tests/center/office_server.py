"""What the tests of staff's pages share: the real pages on a real port, an office of nobody's shots, a browser."""

import hashlib
import re
import socket
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import urlencode

import numpy as np
import pyotp
import requests
import uvicorn
from PIL import Image
from pydantic import JsonValue
from sqlalchemy import select
from starlette.applications import Starlette

from center.accounts.model.roles import College, Role
from center.platform.configuration import ReviewConfig
from center.review.queue import Queue
from center.shots.model.shot import State
from center.shots.model.staff_decision import Approve, Reject
from center.shots.service import read_shot
from center.shots.tables import DecisionRow
from center.wiring.console import make_console
from center.wiring.office import Office
from rules.encode import Encoded, encode_original
from tests.center.factories import START, HandClock, photo, report, shot_id, somebody
from wire import envelope
from wire.heartbeat import Heartbeat
from wire.manifest import Manifest, Times

PASSWORD = "correct-horse-battery-staple"

FINISH: dict[str, JsonValue] = {
    "profile": "jiangsu-2019",
    "scale": 0.5,
    "dx": -240.25,
    "dy": -60.25,
    "input": {
        "width": 1920,
        "height": 1440,
        "pupil_l": [863.5, 619.5],
        "pupil_r": [1055.5, 619.5],
        "eyes": 619.5,
        "hair_top": 281.5,
        "chin": 971.5,
        "face_l": 743.5,
        "face_r": 1175.5,
        "face_width": 432,
    },
    "output": {
        "width": 480,
        "height": 640,
        "pupil_l": [191.5, 249.5],
        "pupil_r": [287.5, 249.5],
        "eyes": 249.5,
        "hair_top": 80.5,
        "chin": 425.5,
        "face_l": 131.5,
        "face_r": 347.5,
        "face_width": 216,
    },
    "original": {
        "width": 873,
        "height": 1164,
        "pupil_l": [369.1, 484.1],
        "pupil_r": [503.5, 484.1],
        "eyes": 484.1,
        "hair_top": 247.5,
        "chin": 730.5,
        "face_l": 285.1,
        "face_r": 587.5,
        "face_width": 302.4,
        "scale": 0.714286,
        "dx": -72.143,
        "dy": -96.143,
    },
    "backdrop": {"plain": True, "noise": 1.2},
}
"""The report of a photo that lies well inside every limit."""


@cache
def original(grain: int = 7) -> bytes:
    """An original from which `photo` can be cut as `FINISH` describes."""
    pixels = np.full((1164, 873, 3), (100, 197, 255), np.uint8)
    noise = np.random.default_rng(grain).integers(0, 52, (576, 240), np.uint8)
    # As fine as the photo's grain, so that shrinking gives that grain again.
    person = np.asarray(Image.fromarray(noise + 120).resize((336, 806), Image.Resampling.BICUBIC))
    pixels[358:, 269:605] = person[:, :, None]
    file = encode_original(Image.fromarray(pixels), 300)
    assert isinstance(file, Encoded), file
    return file.jpeg


def file_shot(office: Office, number: int, booth_id: str = "booth-1", jpeg: bytes = b"", **changes: Any) -> str:
    """Bring shot `number` into the office; its id. Without changes, each shot has another person, and every check
    passed.
    """
    values: dict[str, Any] = {
        "shot_id": shot_id(number),
        "booth_id": booth_id,
        "receipt": f"RECE-{number:06d}",
        "profile": "jiangsu-2019",
        "consent_version": "jiangsu-2019-1",
        "person": somebody(number),
        "identified_by": "card",
        "times": Times(consented=START, shot=START, accepted=START, clock_synced=True),
        "checks": report(),
        "finish": FINISH,
    }
    manifest = Manifest(**(values | changes))
    finer = original() if "original" in manifest.finish else None
    data = envelope.build(manifest, jpeg or photo(), finer)
    filed = office.intake.receive(booth_id, shot_id(number), hashlib.sha256(data).digest(), data)
    assert not filed.refusal, filed.refusal
    return filed.shot_id


@dataclass
class Colleague:
    """An account and the means to log in with it."""

    name: str
    user_id: str
    totp: pyotp.TOTP


@dataclass
class OfficeServer:
    """An office with its pages on a real port, and colleagues."""

    office: Office
    clock: HandClock
    address: str
    colleagues: dict[str, Colleague] = field(default_factory=dict)

    def colleague(
        self, name: str, role: Role = Role.STAFF, school: str | None = None, college: College | None = None
    ) -> Colleague:
        """The account of this name, made at the first call."""
        if role in (Role.SCHOOL, Role.COLLEGE):
            school = school or "示范大学"
        if role is Role.COLLEGE:
            college = college or College("数学学院", ("数学",))
        if name not in self.colleagues:
            address = self.office.accounts.add("test", name, role, PASSWORD, school, college=college)
            user_id = next(one.user_id for one in self.office.accounts.all() if one.name == name)
            totp = pyotp.parse_uri(address)
            assert isinstance(totp, pyotp.TOTP)
            self.colleagues[name] = Colleague(name, user_id, totp)
        return self.colleagues[name]

    def code(self, colleague: Colleague) -> str:
        """A code that works now and was not used. Each code works only once, so the clock is moved on."""
        self.clock.move(seconds=30)
        return colleague.totp.at(self.clock.now)

    def client(
        self, name: str, role: Role = Role.STAFF, school: str | None = None, college: College | None = None
    ) -> "Client":
        """A browser without a screen, logged in."""
        colleague = self.colleague(name, role, school, college)
        login = self.office.accounts.login(name, PASSWORD, self.code(colleague))
        assert login is not None
        return Client(self, login.token, login.csrf_token)


def beat(office_server: OfficeServer, booth_id: str, **changes: object) -> None:
    """Send the heartbeat of a booth that is well, except for `changes`."""
    values: dict[str, object] = {
        "booth_id": booth_id,
        "at": office_server.clock.now,
        "clock_synced": True,
        "version": "0.1.0",
        "profile": "jiangsu-2019",
        "uptime_s": 7_200,
        "waiting_envelopes": 3,
        "oldest_waiting_s": 95,
        "free_bytes": 20 << 30,
    }
    office_server.office.booths.store_heartbeat(booth_id, Heartbeat(**(values | changes)))  # type: ignore[arg-type]


def differ(office_server: OfficeServer, number: int = 9_001) -> str:
    """A shot that anna approved and bob, at a second review, rejected; its id."""
    anna, bob = (office_server.colleague(name).user_id for name in ("anna", "bob"))
    drawing = Queue(
        office_server.office.database,
        office_server.office.audit,
        ReviewConfig(undo_s=10, second_look_share=1),
        office_server.clock,
        chance=lambda: 0.0,
    )
    shot = drawing.claim(anna, file_shot(office_server.office, number))
    drawing.decide(anna, shot.shot_id, shot.version, Approve())
    office_server.clock.move(seconds=11)
    (seen,) = drawing.claim_next(bob)
    drawing.decide(bob, seen.shot_id, seen.version, Reject(("glasses",)))
    office_server.clock.move(seconds=11)
    return shot.shot_id


class Client:
    """Talks HTTP as a browser does: cookie, origin, form token."""

    def __init__(self, office_server: OfficeServer, token: str, csrf_token: str, language: str = "en") -> None:
        self._town = office_server
        self._language = language
        self.token = token
        self.csrf_token = csrf_token

    def get(self, path: str, **headers: str) -> requests.Response:
        return requests.get(
            self._town.address + path, headers=self._headers(headers), allow_redirects=False, timeout=20
        )

    def post(
        self,
        path: str,
        form: Mapping[str, Any] | None = None,
        headers: Mapping[str, str | None] | None = None,
        **more: Any,
    ) -> requests.Response:
        sent = {"Origin": self._town.address, "Sec-Fetch-Site": "same-origin", **(headers or {})}
        return requests.post(
            self._town.address + path,
            data={"csrf": self.csrf_token, **(form or {}), **more},
            headers=self._headers({name: value for name, value in sent.items() if value is not None}),
            allow_redirects=False,
            timeout=20,
        )

    def upload(self, path: str, file: bytes, csrf: str | None = None, **form: str) -> requests.Response:
        """Send a line with the form's fields and then a file, as the pages' script does."""
        fields = urlencode({"csrf": self.csrf_token if csrf is None else csrf, **form})
        sent = {"Origin": self._town.address, "Sec-Fetch-Site": "same-origin"}
        return requests.post(
            self._town.address + path,
            data=fields.encode() + b"\n" + file,
            headers=self._headers({**sent, "Content-Type": "application/octet-stream"}),
            allow_redirects=False,
            timeout=60,
        )

    def raw(self, path: str, body: str, file: bool = False) -> requests.Response:
        """Send a form's body as it is, even one that no browser would send; `file`: send it as the line before a
        file.
        """
        kind = "application/octet-stream" if file else "application/x-www-form-urlencoded"
        sent = {"Origin": self._town.address, "Sec-Fetch-Site": "same-origin", "Content-Type": kind}
        return requests.post(
            self._town.address + path, body, headers=self._headers(sent), allow_redirects=False, timeout=20
        )

    def _headers(self, more: dict[str, str]) -> dict[str, str]:
        # requests' own cookie jar would not send a Secure cookie over plain HTTP, not even to 127.0.0.1.
        return {"Cookie": f"__Host-session={self.token}; __Host-language={self._language}", **more}


def here(html: str) -> str:
    """The shot and version that a page is about, as its forms name them."""
    found = re.search(r'name="here" value="([^"]+)"', html)
    assert found, "a page of one shot"
    return found[1]


def number_of(html: str) -> int:
    """The number of the shot a page is about."""
    return int(here(html).split(".")[0], 16)


def held(html: str) -> dict[str, str]:
    """The fields that a page's keys send."""
    ahead = re.search(r'name="ahead" value="([^"]*)"', html)
    assert ahead
    return {"here": here(html), "ahead": ahead[1]}


def state_of(office_server: OfficeServer, number: int) -> State:
    with office_server.office.database.read() as session:
        return read_shot(session, shot_id(number)).state(office_server.clock.now)


def decisions(office_server: OfficeServer) -> list[DecisionRow]:
    with office_server.office.database.read() as session:
        return list(session.scalars(select(DecisionRow).order_by(DecisionRow.decision_id)))


def decide(client: Client, page: requests.Response, what: str, **form: Any) -> requests.Response:
    return client.post(f"/review/{shot_id(number_of(page.text))}/{what}", {**held(page.text), **form})


class serving:  # noqa: N801 - used as a function
    """The pages of an office, or others, on a free port of 127.0.0.1, for as long as the context lasts."""

    def __init__(self, office: Office, pages: Starlette | None = None) -> None:
        app = make_console(office) if pages is None else pages
        config = uvicorn.Config(app, log_config=None, access_log=False, ws="none", lifespan="off")
        self._server = uvicorn.Server(config)
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [self._socket]})

    def __enter__(self) -> str:
        self._thread.start()
        return f"http://127.0.0.1:{self._socket.getsockname()[1]}"

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._thread.join(10)
        self._socket.close()


def wait_until(true: Callable[[], bool]) -> None:
    """Wait until the office has what a browser sent; the tests can't move the browser's clock."""
    end = time.monotonic() + 8
    while not true():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.02)
