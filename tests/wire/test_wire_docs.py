"""docs/wire.md says the truth: its examples are read by the models, its layout builds the golden envelope."""

import re
import struct
import zlib
from pathlib import Path

import pytest

from rules.original import MOST_SIDE_PX, ORIGINAL_BYTES
from wire import (
    decision,
    enrolment,
    envelope,
    heartbeat,
    help_call,
    instructions,
    live_help,
    manifest,
    number_queue,
    problem,
    receipt,
    roster_change,
)
from wire.digest import content_digest
from wire.model import WireModel
from wire.problem import MEDIA_TYPE, ProblemType

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "wire.md").read_text(encoding="utf-8")
ENVELOPE = (ROOT / "tests" / "wire" / "golden" / "envelope-1.zip").read_bytes()

MODELS: dict[str, type[WireModel]] = {
    model.__name__: model
    for model in (
        manifest.Manifest,
        receipt.Receipt,
        problem.Problem,
        enrolment.Invitation,
        enrolment.Enrolment,
        enrolment.Enrolled,
        heartbeat.Heartbeat,
        heartbeat.HeartbeatAnswer,
        decision.DecisionPage,
        roster_change.RosterPage,
        receipt.ShotsAsked,
        receipt.ShotsAnswer,
        instructions.Instructions,
        help_call.HelpCall,
        help_call.HelpAnswer,
        live_help.HelpView,
        live_help.HelpDirection,
        number_queue.NumberQueue,
    )
}
EXAMPLES: list[tuple[str, str]] = re.findall(r"^```json (\w+)\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize(("name", "text"), EXAMPLES)
def test_every_example_is_a_message_of_its_model(name: str, text: str) -> None:
    example = MODELS[name].decode(text.encode())
    assert MODELS[name].decode(example.encode()) == example


def test_every_message_has_an_example() -> None:
    assert {name for name, _ in EXAMPLES} == set(MODELS)
    whole = {
        model.__name__
        for module in (
            manifest,
            receipt,
            enrolment,
            heartbeat,
            decision,
            roster_change,
            instructions,
            help_call,
            live_help,
            number_queue,
        )
        for model in vars(module).values()
        if isinstance(model, type) and issubclass(model, WireModel) and "schema_version" in model.model_fields
    }
    assert whole - {"Message"} == set(MODELS) - {"Problem"}


def test_every_field_of_an_example_is_shown() -> None:
    for name, text in EXAMPLES:
        assert set(re.findall(r'"(\w+)":', text)) >= set(MODELS[name].model_fields), name


def test_every_refusal_is_described_with_its_status() -> None:
    described = re.findall(r"^\| `(/problems/[a-z-]+)` \| ([0-9, ]+) \|", PAGE, re.MULTILINE)
    assert {kind for kind, _ in described} == {kind.value for kind in ProblemType}
    assert all(400 <= int(status) < 600 for _, statuses in described for status in statuses.split(", "))
    assert MEDIA_TYPE in PAGE


def test_the_request_shown_is_that_of_the_golden_envelope() -> None:
    assert f"Content-Length: {len(ENVELOPE)}\n" in PAGE
    assert f"Content-Digest: {content_digest(ENVELOPE)}\n" in PAGE
    assert f"PUT /v2/shots/{envelope.open_envelope(ENVELOPE).manifest.shot_id} HTTP/1.1" in PAGE
    receipts = [receipt.Receipt.decode(text.encode()) for name, text in EXAMPLES if name == "Receipt"]
    assert [each.status for each in receipts] == list(receipt.ShotStatus)
    assert {each.digest for each in receipts} == {content_digest(ENVELOPE)}


def test_the_layout_described_builds_the_golden_envelope() -> None:
    opened = envelope.open_envelope(ENVELOPE)
    local, central, places = b"", b"", []
    assert opened.original is not None
    parts = {b"manifest.json": opened.manifest.encode(), b"photo.jpg": opened.photo, b"original.jpg": opened.original}
    for name, content in parts.items():
        fixed = struct.pack(
            "<5H3I2H", 20, 0, 0, 0, 0x0021, zlib.crc32(content), len(content), len(content), len(name), 0
        )
        places.append(len(local))
        central += b"PK\x01\x02" + struct.pack("<H", 20) + fixed
        central += struct.pack("<3H2I", 0, 0, 0, 0x01800000, places[-1]) + name
        local += b"PK\x03\x04" + fixed + name + content
    end = b"PK\x05\x06" + struct.pack("<4H2IH", 0, 0, 3, 3, len(central), len(local), 0)
    assert local + central + end == ENVELOPE
    for limit in (
        "1 MiB",
        "32 MiB",
        f"{ORIGINAL_BYTES:,} bytes".replace(",", " "),
        f"{MOST_SIDE_PX:,} px".replace(",", " "),
    ):
        assert limit in PAGE
    most = (envelope.MAX_MANIFEST_BYTES, envelope.MAX_PHOTO_BYTES, envelope.MAX_ORIGINAL_BYTES)
    assert most == (1 << 20, 32 << 20, 1 << 20)


def test_the_python_example_runs(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    (code,) = re.findall(r"^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    monkeypatch.chdir(ROOT)
    exec(compile(code, "docs/wire.md", "exec"), {})
    assert capsys.readouterr().out == "5f2a9c0e4b7d41d3a86f0c1e2d3b4a59 22 True\n"
