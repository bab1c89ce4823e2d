"""A booth written from docs/wire.md alone, with the standard library: it uses nothing of wire, kiosk or center."""

import base64
import hashlib
import http.client
import json
import struct
import zlib
from typing import Any


class PageBooth:
    """docs/wire.md, as a program."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.booth_id = ""
        self.credential: str | None = None
        self.heard = 0  # the place in the feed of decisions
        self.resets = 0

    def ask(
        self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> tuple[int, dict[str, str], Any]:
        """One request; status, headers, and the message of the answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        given = dict(headers or {})
        if self.credential is not None:
            given["Authorization"] = f"Bearer {self.credential}"
        connection.request(method, path, body or None, given)
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        return answer.status, dict(answer.getheaders()), json.loads(content) if content else None

    def enrol(self, booth_id: str, code: str) -> int:
        """Exchange a one-time code for the credential; the answer's status."""
        asked = json.dumps({"schema_version": 2, "booth_id": booth_id, "code": code}).encode()
        status, _, answer = self.ask("POST", "/v2/enrolments", asked, {"Content-Type": "application/json"})
        if status == 201:
            self.booth_id, self.credential = booth_id, answer["credential"]
        return status

    def send(self, shot_id: str, envelope: bytes) -> tuple[int, Any]:
        """Send an envelope. The receipt's digest is checked; any other answer must be a problem."""
        digest = base64.b64encode(hashlib.sha256(envelope).digest()).decode()
        headers = {"Content-Type": "application/octet-stream", "Content-Digest": f"sha-256=:{digest}:"}
        status, kind, answer = self.ask("PUT", f"/v2/shots/{shot_id}", envelope, headers)
        if status in (200, 201):
            assert answer["digest"] == f"sha-256=:{digest}:"
        else:
            assert kind["content-type"] == "application/problem+json"
        return status, answer

    def hear(self) -> list[dict[str, Any]]:
        """The decisions since the last time."""
        decisions: list[dict[str, Any]] = []
        more = True
        while more:
            status, _, page = self.ask("GET", f"/v2/decisions?after={self.heard}")
            assert status == 200
            decisions += page["decisions"]
            self.resets += page["reset"]
            self.heard, more = page["next"], page["more"]
        return decisions

    def ask_for_several(self, *shot_ids: str) -> tuple[list[str], dict[str, str]]:
        """The shots that have a receipt, and the refusal of each of the others."""
        asked = json.dumps({"schema_version": 2, "shot_ids": shot_ids}).encode()
        status, _, answer = self.ask("POST", "/v2/shots/status", asked, {"Content-Type": "application/json"})
        assert status == 200
        receipts = [one["shot_id"] for one in answer["receipts"]]
        return receipts, {one["shot_id"]: one["type"] for one in answer["refused"]}

    def manifest(self, shot_id: str, **changes: Any) -> dict[str, Any]:
        """The manifest of a shot of this booth."""
        moment = "2026-09-20T09:31:05+08:00"
        return {
            "schema_version": 1,
            "shot_id": shot_id,
            "booth_id": self.booth_id,
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
            **changes,
        }


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
