"""A booth written from docs/wire.md alone: it uses nothing of wire, kiosk or center, only what that page says."""

import base64
import hashlib
import http.client
import io
import json
import secrets
import struct
import zlib
from typing import Any

from PIL import Image

from center.domain.ruling import Approve, Reject
from center.store.office import Office
from tests.center.conftest import HandClock, Served, photo
from wire.roster_change import RosterRow


class Booth:
    """docs/wire.md, as a program."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.credential: str | None = None

    def ask(
        self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> tuple[int, dict[str, str], Any]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        given = dict(headers or {})
        if self.credential is not None:
            given["Authorization"] = f"Bearer {self.credential}"
        connection.request(method, path, body or None, given)
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        return answer.status, dict(answer.getheaders()), json.loads(content) if content else None

    def enrol(self, booth_id: str, code: str) -> None:
        asked = json.dumps({"schema_version": 1, "booth_id": booth_id, "code": code}).encode()
        status, _, answer = self.ask("POST", "/v1/enrolments", asked, {"Content-Type": "application/json"})
        assert status == 201
        self.credential = answer["credential"]

    def send(self, shot_id: str, envelope: bytes) -> tuple[int, Any]:
        digest = base64.b64encode(hashlib.sha256(envelope).digest()).decode()
        headers = {"Content-Type": "application/octet-stream", "Content-Digest": f"sha-256=:{digest}:"}
        status, kind, answer = self.ask("PUT", f"/v1/shots/{shot_id}", envelope, headers)
        if status in (200, 201):
            assert answer["digest"] == f"sha-256=:{digest}:"
        else:
            assert kind["content-type"] == "application/problem+json"
        return status, answer


def build_envelope(manifest: dict[str, Any], jpeg: bytes, original: bytes | None = None) -> bytes:
    """The one legal form: two or three stored entries, fixed date, nothing else."""
    text = json.dumps(manifest, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    body, central = b"", b""
    entries = [(b"manifest.json", text), (b"photo.jpg", jpeg)]
    if original is not None:
        entries.append((b"original.jpg", original))
    for name, content in entries:
        fields = struct.pack(
            "<5H3I2H", 20, 0, 0, 0, 0x0021, zlib.crc32(content), len(content), len(content), len(name), 0
        )
        central += b"PK\x01\x02" + struct.pack("<H", 20) + fields + struct.pack("<3H2I", 0, 0, 0, 0x01800000, len(body))
        central += name
        body += b"PK\x03\x04" + fields + name + content
    end = b"PK\x05\x06" + struct.pack("<4H2IH", 0, 0, len(entries), len(entries), len(central), len(body), 0)
    return body + central + end


def manifest_of(shot_id: str, booth_id: str) -> dict[str, Any]:
    moment = "2026-09-20T09:31:05+08:00"
    return {
        "schema_version": 1,
        "shot_id": shot_id,
        "booth_id": booth_id,
        "receipt": "K7QM-2R9D",
        "profile": "jiangsu-2019",
        "consent_version": "jiangsu-2019-1",
        "person": {
            "name": "阿依古丽·买买提",
            "id_number": "11010519491231002X",
            "student_no": "2026000001",
            "exam_no": None,
            "school": "示范大学",
            "major": None,
            "class_name": None,
            "year": "2026",
        },
        "identified_by": "both",
        "opaque_codes": [],
        "flags": [],
        "times": {"consented": moment, "shot": moment, "accepted": moment, "clock_synced": True},
        "checks": [],
        "finish": {},
        "versions": {"booth": "written from the page"},
    }


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


def original() -> bytes:
    """A picture of nobody, as large as `ORIGINAL_PLACES` says."""
    out = io.BytesIO()
    Image.new("RGB", (873, 1164), (100, 197, 255)).save(out, "JPEG", quality=80)
    return out.getvalue()


def decide(office: Office, ruling: Approve | Reject) -> None:
    (shot,) = office.queue.claim_next("anna")
    office.queue.decide("anna", shot.shot_id, shot.version, ruling)


def test_a_client_of_the_page_enrols_sends_is_refused_sends_again_and_hears(served: Served, clock: HandClock) -> None:
    office, booth = served.office, Booth(served.port)
    row = RosterRow(
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
    office.roster.put("admin", [row])

    # Is the office there?
    status, _, answer = booth.ask("GET", "/v1/health")
    assert (status, set(answer)) == (200, {"schema_version", "office_time"})

    # Enrolment.
    assert booth.ask("GET", "/v1/verdicts")[0] == 401
    booth.enrol("hall-7", office.booths.enrol("admin", "hall-7"))

    # Roster.
    status, headers, answer = booth.ask("GET", "/v1/roster?after=0")
    assert (status, answer["reset"], answer["more"]) == (200, False, False)
    assert answer["changes"][0]["row"]["name"] == "阿依古丽·买买提"
    tag = headers["etag"]
    assert booth.ask("GET", "/v1/roster?after=0", headers={"If-None-Match": tag})[0] == 304

    # A photo that is none is refused for good and says why; the same bytes are refused again.
    bad = secrets.token_hex(16)
    envelope = build_envelope(manifest_of(bad, "hall-7"), photo()[:-1])
    for _ in range(2):
        status, answer = booth.send(bad, envelope)
        assert (status, answer["type"]) == (422, "/problems/bad-envelope")

    # Other bytes under that name are no way out; a new name is.
    status, answer = booth.send(bad, build_envelope(manifest_of(bad, "hall-7"), photo()))
    assert (status, answer["type"]) == (409, "/problems/other-digest")
    first = secrets.token_hex(16)
    envelope = build_envelope(manifest_of(first, "hall-7"), photo())
    status, receipt = booth.send(first, envelope)
    assert (status, receipt["status"]) == (201, "verified")
    assert booth.send(first, envelope) == (200, receipt)
    assert booth.ask("GET", f"/v1/shots/{first}")[2] == receipt

    # An original that is another than described is refused with the envelope.
    lying = secrets.token_hex(16)
    places = manifest_of(lying, "hall-7") | {"finish": {"original": ORIGINAL_PLACES | {"width": 900}}}
    status, answer = booth.send(lying, build_envelope(places, photo(), original()))
    assert (status, answer["type"]) == (422, "/problems/bad-envelope")

    # Staff ask for another one; the booth hears it and sends it; staff approve.
    decide(office, Reject(("glasses", "hair_brows")))
    clock.move(minutes=1)
    page = booth.ask("GET", "/v1/verdicts?after=0")[2]
    (verdict,) = page["verdicts"]
    assert (verdict["shot_id"], verdict["decision"], verdict["reasons"]) == (
        first,
        "rejected",
        ["glasses", "hair_brows"],
    )
    second = secrets.token_hex(16)
    finer = manifest_of(second, "hall-7") | {"finish": {"original": ORIGINAL_PLACES}}
    assert booth.send(second, build_envelope(finer, photo(8), original()))[0] == 201
    decide(office, Approve())
    clock.move(minutes=1)
    page = booth.ask("GET", f"/v1/verdicts?after={page['next']}")[2]
    assert [(one["shot_id"], one["decision"]) for one in page["verdicts"]] == [(second, "approved")]
    assert page["more"] is False

    # Heartbeat.
    beat = {
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
    assert booth.ask("POST", "/v1/heartbeats", json.dumps(beat).encode())[0] == 200

    # Revoked: out at once.
    office.booths.revoke("admin", "hall-7")
    status, _, answer = booth.ask("GET", "/v1/verdicts")
    assert (status, answer["type"]) == (401, "/problems/unauthorised")
