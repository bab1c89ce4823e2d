"""A booth written from docs/wire.md alone (`page_booth`) against the real office."""

import ast
import io
import json
import secrets
import sys
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from PIL import Image

from center.passes.model import PassReason
from center.platform.feed_places import begin_generation
from center.season.model import DayChange
from center.shots.model.staff_decision import Approve, Reject
from center.wiring.office import Office
from rules.season import CHINA, day_in_china
from tests.center.api.page_booth import PageBooth, build_envelope
from tests.center.conftest import Served
from tests.center.factories import HandClock, photo
from tests.roster_rows import roster_row

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

ROW = roster_row(student_no="2026000001", name="阿依古丽·买买提", sex="女")
HEARTBEAT = {
    "schema_version": 2,
    "booth_id": "hall-7",
    "at": "2026-09-20T11:00:00+08:00",
    "clock_synced": True,
    "version": "0.1.0",
    "profile": "jiangsu-2019",
    "uptime_s": 7260,
    "waiting_envelopes": 0,
    "oldest_waiting_s": None,
    "free_bytes": 21474836480,
    "free_inodes": 1900000,
    "temperature_c": 54.5,
    "failures": [{"device": "lamp_left", "cause": "fault.lamp_dead", "since": "2026-09-20T10:58:00+08:00"}],
}


def original() -> bytes:
    """A picture of nobody, as large as `ORIGINAL_PLACES` says."""
    out = io.BytesIO()
    Image.new("RGB", (873, 1164), (100, 197, 255)).save(out, "JPEG", quality=80)
    return out.getvalue()


def decide(office: Office, staff_decision: Approve | Reject) -> None:
    (shot,) = office.queue.claim_next("anna")
    office.queue.decide("anna", shot.shot_id, shot.version, staff_decision)


def test_the_client_is_on_the_page_and_uses_only_the_standard_library() -> None:
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


def test_a_client_of_the_page_enrols_sends_is_refused_sends_again_and_reads_decisions(
    served: Served, clock: HandClock
) -> None:
    office, booth = served.office, PageBooth(served.port)
    office.roster.import_rows("admin", [ROW])
    status, _, answer = booth.ask("GET", "/v2/health")
    assert (status, set(answer)) == (200, {"schema_version", "office_time"})
    enrols(served, booth)
    reads_the_roster(booth)
    first = sends_and_is_refused(booth)

    # Staff ask for another one; the booth hears it and sends it; staff approve.
    decide(office, Reject(("glasses", "hair_brows")))
    clock.move(minutes=1)
    (decision,) = booth.hear()
    said = decision["shot_id"], decision["decision"], decision["reasons"]
    assert said == (first, "rejected", ["glasses", "hair_brows"])
    second = secrets.token_hex(16)
    finer = booth.manifest(second, finish={"original": ORIGINAL_PLACES})
    assert booth.send(second, build_envelope(finer, photo(8), original()))[0] == 201
    decide(office, Approve())
    clock.move(minutes=1)
    assert [(one["shot_id"], one["decision"]) for one in booth.hear()] == [(second, "approved")]
    assert booth.hear() == []
    unknown = secrets.token_hex(16)
    assert booth.ask_for_several(second, unknown, first) == ([second, first], {unknown: "/problems/unknown-shot"})
    reads_the_instructions(served, booth)
    is_told_of_a_restored_office(served, booth, [first, second])

    assert booth.ask("POST", "/v2/heartbeats", json.dumps(HEARTBEAT).encode())[0] == 200
    office.booths.revoke("admin", "hall-7")  # out at once
    status, _, answer = booth.ask("GET", "/v2/decisions")
    assert (status, answer["type"]) == (401, "/problems/unauthorised")


def enrols(served: Served, booth: PageBooth) -> None:
    assert booth.ask("GET", "/v2/decisions")[0] == 401
    code = served.office.booths.enrol("admin", "hall-7")
    assert booth.enrol("hall-8", code) == 401
    assert booth.enrol("hall-7", code) == 201
    assert PageBooth(served.port).enrol("hall-7", code) == 401  # once


def reads_the_roster(booth: PageBooth) -> None:
    status, headers, answer = booth.ask("GET", "/v2/roster?after=0")
    assert (status, answer["reset"], answer["more"]) == (200, False, False)
    assert answer["changes"][0]["row"]["name"] == ROW.name
    assert booth.ask("GET", "/v2/roster?after=0", headers={"If-None-Match": headers["etag"]})[0] == 304


def reads_the_instructions(served: Served, booth: PageBooth) -> None:
    """The table that came with the program; then the one of a supervisor, who shuts a day."""
    status, headers, answer = booth.ask("GET", "/v2/instructions")
    assert (status, answer["season"]["version"], answer["passes"], answer["release"]) == (200, 0, [], None)
    assert booth.ask("GET", "/v2/instructions", headers={"If-None-Match": headers["etag"]})[0] == 304
    shut = date(2026, 9, 18)
    served.office.seasons.change("admin", 0, DayChange(shut, (), "搬家"))
    _, _, answer = booth.ask("GET", "/v2/instructions", headers={"If-None-Match": headers["etag"]})
    assert answer["season"]["version"] == 1
    assert answer["season"]["exceptions"] == [{"day": "2026-09-18", "hours": [], "note": "搬家"}]
    assert answer["passes"] == []
    (found,) = served.office.passes.find("admin", ROW.student_no)
    today = day_in_china(served.office.clock())
    made = served.office.passes.issue("admin", found.row_id, PassReason.CORRECTION, today, today)
    _, _, told = booth.ask("GET", "/v2/instructions")
    (one,) = told["passes"]
    assert (one["pass_id"], one["row_id"], one["kind"]) == (made.pass_id, found.row_id, "reshoot")
    assert datetime.fromisoformat(one["valid_from"]) == datetime.combine(today, time(), CHINA)
    served.office.passes.withdraw("admin", made.pass_id)
    assert booth.ask("GET", "/v2/instructions")[2]["passes"] == []
    assert answer["season"]["hours"][0] == {"opens": "09:00", "closes": "11:30"}


def is_told_of_a_restored_office(served: Served, booth: PageBooth, shots: list[str]) -> None:
    """An office with another generation, as a restoration gives it, tells everything from the beginning, once."""
    assert booth.resets == 0
    with served.office.database.write() as session:
        begin_generation(session)
    assert [one["shot_id"] for one in booth.hear()] == shots
    assert booth.resets == 1
    assert booth.hear() == []
    assert booth.resets == 1


def test_a_booth_of_version_1_is_refused_by_the_version_and_loses_nothing(served: Served) -> None:
    booth = PageBooth(served.port)
    for method, path in (("PUT", f"/v1/shots/{'a' * 32}"), ("GET", "/v1/verdicts?after=0"), ("GET", "/v3/health")):
        status, headers, answer = booth.ask(method, path, b"x" if method == "PUT" else b"")
        assert (status, answer["type"]) == (410, "/problems/other-version")
        assert headers["content-type"] == "application/problem+json"
        assert "this office speaks version 2" in answer["detail"]
    old = json.dumps({"schema_version": 1, "booth_id": "hall-7", "code": "x"}).encode()
    status, _, answer = booth.ask("POST", "/v2/enrolments", old, {"Content-Type": "application/json"})
    assert status == 400
    assert "this program reads version 2 only" in answer["detail"]


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
    assert booth.ask("GET", f"/v2/shots/{first}")[2] == receipt

    # An original that is another than described is refused with the envelope.
    lying = secrets.token_hex(16)
    places = booth.manifest(lying, finish={"original": ORIGINAL_PLACES | {"width": 900}})
    status, answer = booth.send(lying, build_envelope(places, photo(), original()))
    assert (status, answer["type"]) == (422, "/problems/bad-envelope")
    return first
