"""A booth written from docs/wire.md alone (`page_booth`) against the real office."""

import ast
import io
import json
import secrets
import sys
from pathlib import Path
from typing import Any

from PIL import Image

from center.shots.model.staff_decision import Approve, Reject
from center.wiring.office import Office
from tests.center.conftest import Served
from tests.center.factories import HandClock, photo
from tests.center.page_booth import PageBooth, build_envelope
from wire.roster_change import RosterRow

ORIGINAL_PLACES: dict[str, Any] = {
    "width": 873,
    "height": 1164,
    "pupil_l": [369.1, 484.1],
    "pupil_r": [503.5, 484.1],
    "hair_top": 247.5,
    "chin": 730.5,
    "face_l": 285.1,
    "face_r": 587.5,
    "scale": 0.714286,
    "dx": -72.143,
    "dy": -96.143,
}

ROW = RosterRow(
    year="2026",
    school="示范大学",
    major="数学",
    class_name="1班",
    student_no="2026000001",
    id_number="11010519491231002X",
    name="阿依古丽·买买提",
    sex="女",
    exam_no="26320102150001",
)
HEARTBEAT = {
    "schema_version": 1,
    "booth_id": "hall-7",
    "at": "2026-09-20T11:00:00+08:00",
    "clock_synced": True,
    "version": "0.1.0",
    "profile": "jiangsu-2019",
    "uptime_s": 7260,
    "waiting_envelopes": 0,
    "oldest_waiting_s": None,
    "free_bytes": 21474836480,
    "faults": [{"device": "lamp_left", "fault": "fault.lamp_dead"}],
}


def original() -> bytes:
    """A picture of nobody, as large as `ORIGINAL_PLACES` says."""
    out = io.BytesIO()
    Image.new("RGB", (873, 1164), (100, 197, 255)).save(out, "JPEG", quality=80)
    return out.getvalue()


def decide(office: Office, staff_decision: Approve | Reject) -> None:
    (shot,) = office.queue.claim_next("anna")
    office.queue.decide("anna", shot.shot_id, shot.version, staff_decision)


def test_the_client_stands_on_the_page_and_the_standard_library_alone() -> None:
    source = (Path(__file__).parent / "page_booth.py").read_text("utf-8")
    named = {
        name.split(".")[0]
        for node in ast.walk(ast.parse(source))
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert named <= sys.stdlib_module_names


def test_a_client_of_the_page_enrols_sends_is_refused_sends_again_and_hears(served: Served, clock: HandClock) -> None:
    office, booth = served.office, PageBooth(served.port)
    office.roster.put("admin", [ROW])
    status, _, answer = booth.ask("GET", "/v1/health")
    assert (status, set(answer)) == (200, {"schema_version", "office_time"})
    enrols(served, booth)
    reads_the_roster(booth)
    first = sends_and_is_refused(booth)

    # Staff ask for another one; the booth hears it and sends it; staff approve.
    decide(office, Reject(("glasses", "hair_brows")))
    clock.move(minutes=1)
    (verdict,) = booth.hear()
    said = verdict["shot_id"], verdict["decision"], verdict["reasons"]
    assert said == (first, "rejected", ["glasses", "hair_brows"])
    second = secrets.token_hex(16)
    finer = booth.manifest(second, finish={"original": ORIGINAL_PLACES})
    assert booth.send(second, build_envelope(finer, photo(8), original()))[0] == 201
    decide(office, Approve())
    clock.move(minutes=1)
    assert [(one["shot_id"], one["decision"]) for one in booth.hear()] == [(second, "approved")]
    assert booth.hear() == []

    assert booth.ask("POST", "/v1/heartbeats", json.dumps(HEARTBEAT).encode())[0] == 200
    office.booths.revoke("admin", "hall-7")  # out at once
    status, _, answer = booth.ask("GET", "/v1/verdicts")
    assert (status, answer["type"]) == (401, "/problems/unauthorised")


def enrols(served: Served, booth: PageBooth) -> None:
    assert booth.ask("GET", "/v1/verdicts")[0] == 401
    code = served.office.booths.enrol("admin", "hall-7")
    assert booth.enrol("hall-8", code) == 401
    assert booth.enrol("hall-7", code) == 201
    assert PageBooth(served.port).enrol("hall-7", code) == 401  # once


def reads_the_roster(booth: PageBooth) -> None:
    status, headers, answer = booth.ask("GET", "/v1/roster?after=0")
    assert (status, answer["reset"], answer["more"]) == (200, False, False)
    assert answer["changes"][0]["row"]["name"] == ROW.name
    assert booth.ask("GET", "/v1/roster?after=0", headers={"If-None-Match": headers["etag"]})[0] == 304


def sends_and_is_refused(booth: PageBooth) -> str:
    """The name of the shot that was received in the end."""
    # A photo that is none is refused for good and says why; the same bytes are refused again.
    bad = secrets.token_hex(16)
    envelope = build_envelope(booth.manifest(bad), photo()[:-1])
    for _ in range(2):
        status, answer = booth.send(bad, envelope)
        assert (status, answer["type"]) == (422, "/problems/bad-envelope")

    # Other bytes under that name are no way out; a new name is.
    status, answer = booth.send(bad, build_envelope(booth.manifest(bad), photo()))
    assert (status, answer["type"]) == (409, "/problems/other-digest")
    first = secrets.token_hex(16)
    envelope = build_envelope(booth.manifest(first), photo())
    status, receipt = booth.send(first, envelope)
    assert (status, receipt["status"]) == (201, "verified")
    assert booth.send(first, envelope) == (200, receipt)
    assert booth.ask("GET", f"/v1/shots/{first}")[2] == receipt

    # An original that is another than described is refused with the envelope.
    lying = secrets.token_hex(16)
    places = booth.manifest(lying, finish={"original": ORIGINAL_PLACES | {"width": 900}})
    status, answer = booth.send(lying, build_envelope(places, photo(), original()))
    assert (status, answer["type"]) == (422, "/problems/bad-envelope")
    return first
