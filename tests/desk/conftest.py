"""The whole desk - saver, sealed envelopes, roster, networks, page - on a clock moved by hand."""

import io
import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from unittest.mock import patch
from urllib.parse import urlencode

import cv2
import numpy as np
import pytest
import requests
from PIL import Image

from common.disk import Disk
from kiosk.commands.desk import desk_server
from kiosk.desk.server import DeskServer
from kiosk.ports.clock import WallTime
from kiosk.ports.config import BoothConfig
from kiosk.ports.frames import Rgb
from kiosk.uplink.roster.device_secret import device_secret
from kiosk.uplink.roster.roster_cache import RosterCache
from kiosk.uplink.shared.paths import BoothPaths
from kiosk.vision.analysis import PictureAnalyzer
from kiosk.vision.models import models_folder, verify
from rules.season import CHINA
from sim.people import Light, Pose, drawn
from sim.twins.scene import Scene
from sim.twins.webcam import TwinWebcam
from wire.envelope import Envelope, open_envelope
from wire.roster_change import RosterPage, RosterRow, RowSet
from wire.seal import new_identity, open_sealed, recipient_of

STUDENT = "2610001"
ID_NUMBER = "11010519491231002X"
"""The specimen of GB 11643."""
ROW = RosterRow(
    year="2026",
    school="示范大学",
    major="数学",
    class_name="数学1班",
    student_no=STUDENT,
    id_number=ID_NUMBER,
    name="王小明",
    sex="女",
    exam_no="26320000000001",
)
CONSENT = {"consent": "yes"}


@cache
def _analyzer(models: Path) -> PictureAnalyzer:
    """The networks, loaded once for all desks of a test run: no two desks work at the same time."""
    return PictureAnalyzer(models)


class HandClock:
    """A working day of the season, moved by hand; the monotonic clock runs, as the supervisor needs it."""

    def __init__(self) -> None:
        self.now = datetime(2026, 9, 1, 10, tzinfo=CHINA)

    def now_ns(self) -> int:
        return time.monotonic_ns()

    def wall(self) -> WallTime:
        return WallTime(self.now, synced=True)


@pytest.fixture(scope="session")
def portrait() -> bytes:
    """A drawn person in front of the backdrop, as a camera's JPEG."""
    if faults := verify(models_folder()):
        pytest.fail(str(faults[0]))
    out = io.BytesIO()
    Image.fromarray(np.array(_drawn())).save(out, "JPEG", quality=92)
    return out.getvalue()


@dataclass
class Desk:
    """A desk and its browser without a screen."""

    server: DeskServer
    folder: Path
    pictures: Path
    identity: str
    clock: HandClock
    webcam: TwinWebcam
    cookies: dict[str, str] = field(default_factory=dict)

    @property
    def host(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"

    def enter(self) -> None:
        """Open the printed address, as the browser does."""
        answer = requests.get(self.server.address, allow_redirects=False, timeout=20)
        assert answer.status_code == 303
        self.cookies = dict(answer.cookies)

    def get(self, path: str, **headers: str) -> requests.Response:
        return requests.get(self.host + path, cookies=self.cookies, headers=headers, timeout=60)

    def post(self, path: str, body: bytes | dict[str, str] = b"") -> dict[str, object]:
        """Send what staff do on the page; returns the state after it."""
        data = body if isinstance(body, bytes) else urlencode(body).encode()
        answer = requests.post(self.host + path, data=data, cookies=self.cookies, headers={"X-Desk": "1"}, timeout=120)
        assert answer.status_code == 200, answer.status_code
        found: dict[str, object] = json.loads(answer.content)
        return found

    def until(self, holds: Callable[[dict[str, object]], bool]) -> dict[str, object]:
        """Wait until the state `holds`, because the saver has a thread of its own; returns that state."""
        for _ in range(600):
            state: dict[str, object] = self.get("/state").json()
            if holds(state):
                return state
            time.sleep(0.05)
        raise AssertionError(f"it did not happen: {state['step']} {state['said']}")

    def saved(self) -> list[Envelope]:
        """The envelopes of the spool, opened with the escrow key."""
        files = sorted(BoothPaths(self.folder).spool.glob("*"))
        return [open_envelope(open_sealed(file.read_bytes(), [self.identity])) for file in files]


@cache
def _drawn() -> Rgb:
    return Scene().picture((2304, 1296), Light(), [(drawn(1), Pose())])


def person_before(size: tuple[int, int]) -> Rgb:
    """What the webcam sees: the drawn person, drawn once."""
    return np.asarray(cv2.resize(_drawn(), size, interpolation=cv2.INTER_AREA), np.uint8)


@contextmanager
def a_desk(
    tmp_path: Path,
    profile: str = "jiangsu-2019",
    *,
    keep: bool = False,
    webcam: bool = False,
    rows: tuple[RosterRow, ...] = (ROW,),
    photographed: bool = False,
    language: str = "zh_CN",
) -> Iterator[Desk]:
    """A desk in `tmp_path`."""
    folder, pictures = tmp_path / "desk", tmp_path / "camera"
    for one in (folder, pictures):
        one.mkdir(mode=0o700)
    identity = new_identity()
    keys = [recipient_of(identity), recipient_of(new_identity())]
    config = BoothConfig.model_validate(
        {
            "profile": profile,
            "office": {"booth_id": "desk-1"},
            "storage": {"folder": str(folder), "seal_to": keys, "floor_bytes": 0},
            "display": {"language": language},
            "desk": {"picture_folder": str(pictures), "keep_pictures": keep}
            | ({"webcam": "/dev/video0", "webcam_size": [1920, 1080]} if webcam else {}),
        }
    )
    device_secret(config.storage, Disk())
    roster = RosterCache(config.storage, office="x")
    changes = tuple(
        RowSet(sequence=number, row_id=f"{number:032x}", row=row, photographed=photographed)
        for number, row in enumerate(rows, 1)
    )
    roster.apply(RosterPage(changes=changes, next=len(rows), more=False), 1)
    roster.close()
    clock, twin = HandClock(), TwinWebcam(person_before)
    with ExitStack() as stack:
        stack.enter_context(patch("kiosk.commands.desk.PictureAnalyzer", _analyzer))
        server = stack.enter_context(desk_server(config, clock, twin.open, port=0))
        desk = Desk(server, folder, pictures, identity, clock, twin)
        desk.enter()
        yield desk


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with a_desk(tmp_path) as made:
        yield made
