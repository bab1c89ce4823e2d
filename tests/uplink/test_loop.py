"""The uplink against the real office behind a proxy, over real HTTP, on a virtual clock, through every fault."""

import contextlib
import hashlib
import logging
import os
import stat
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from kiosk.uplink.storage import faults
from kiosk.uplink.storage.outbox import Outbox
from kiosk.uplink.storage.outbox_rows import ShotState
from sim.office.fault_proxy import OfficeFault
from tests.uplink.worlds import S, World
from wire.envelope import build
from wire.manifest import Manifest

Make = Callable[[int], Manifest]
TRANSIENT = [
    OfficeFault.DOWN,
    OfficeFault.SLOW,
    OfficeFault.ERROR,
    OfficeFault.CUT_BODY,
    OfficeFault.CUT_ANSWER,
    OfficeFault.WRONG_DIGEST,
    OfficeFault.BUSY,
    OfficeFault.PORTAL,
    OfficeFault.REVOKED,
]


@contextlib.contextmanager
def no_key(world: World) -> Iterator[None]:
    """The office's key is not there: it stores what comes and cannot open it."""
    keys = world.office.office.envelopes._keys
    kept, keys._identities = keys._identities, ()
    yield
    keys._identities = kept


def bring_other_bytes(world: World, number: int) -> None:
    """The office has another envelope under the shot's id already."""
    other = build(world.make(number).model_copy(update={"receipt": "OTHER1"}), world.photo)
    world.office.office.intake.receive("booth-1", f"{number:032x}", hashlib.sha256(other).digest(), other)


def test_a_kept_shot_is_received_then_verified_with_the_bytes_that_were_kept(world: World) -> None:
    with no_key(world):
        world.keep(1)
        world.drain()
        assert world.row(1).state is ShotState.RECEIVED
        assert world.arrived() == []
    world.run(60)
    assert world.row(1).state is ShotState.VERIFIED
    (shot,) = world.office.received()
    assert shot.photo == world.photo
    assert shot.manifest == world.make(1)
    assert shot.path.read_bytes() == world.envelope(1).read_bytes()


def test_shots_go_oldest_first(world: World) -> None:
    world.keep(5, 3, 9, 1)
    world.run(60)
    sent = [one for one in world.network.requests if one.startswith("PUT")]
    assert [int(one.rpartition("/")[2], 16) for one in sent] == [5, 3, 9, 1]
    assert len(world.arrived()) == 4


def test_the_copy_is_deleted_only_days_after_verification_by_the_office_date(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    world.keep(1)
    world.run(6.9 * 86_400)
    assert world.envelope(1).exists()
    assert world.row(1).state is ShotState.VERIFIED
    world.run(1.2 * 86_400)
    assert not world.envelope(1).exists()
    assert world.row(1).state is ShotState.COPY_DELETED
    line = f"the booth's copy of shot {1:032x} is deleted: the office verified the shot 7 days ago"
    assert [record.message for record in caplog.records].count(line) == 1


def test_a_wrong_wall_clock_on_the_booth_deletes_nothing_early(world: World) -> None:
    world.keep(1)
    start, start_ns = world.clock.wall().moment, world.clock.now_ns()
    world.office.now = lambda: start + timedelta(microseconds=(world.clock.now_ns() - start_ns) / 1000)
    world.run(60)
    world.clock.jump_wall(400 * 86_400)
    world.run(86_400)
    world.restart()
    world.run(86_400)
    assert world.envelope(1).exists()


def test_without_a_word_from_the_office_nothing_is_deleted(world: World) -> None:
    world.keep(1)
    world.run(60)
    world.network.break_with(OfficeFault.DOWN)
    storage = world.config.storage.model_copy(update={"keep_days": 0})
    world.config = world.config.model_copy(update={"storage": storage})
    world.restart()
    world.run(86_400)
    assert world.envelope(1).exists()


@pytest.mark.parametrize("fault", TRANSIENT)
def test_after_any_fault_every_shot_arrives_exactly_once(world: World, fault: OfficeFault) -> None:
    world.break_with(fault)
    world.keep(1, 2, 3)
    world.run(20)
    assert {world.row(number).state for number in (1, 2, 3)} == {ShotState.KEPT}
    assert {world.row(number).parked for number in (1, 2, 3)} == {None}
    world.network.heal()
    world.patience(20_000)
    world.run(1200)
    assert {world.row(number).state for number in (1, 2, 3)} == {ShotState.VERIFIED}
    assert len(world.arrived()) == 3
    assert world.office.refused() == 0


@pytest.mark.parametrize("fault", [OfficeFault.CUT_BODY, OfficeFault.CUT_ANSWER, OfficeFault.SLOW])
def test_a_lost_answer_leads_to_the_same_receipt_again(world: World, fault: OfficeFault) -> None:
    world.network.next_faults.append(fault)
    if fault is OfficeFault.SLOW:
        world.patience(150)
    world.keep(1)
    while not world.arrived():
        world.run(1)
    world.patience(20_000)
    world.run(600)
    assert world.row(1).state is ShotState.VERIFIED
    assert len(world.arrived()) == 1


def test_an_answer_given_twice_is_never_taken_for_another_shots(world: World) -> None:
    world.network.break_with(OfficeFault.DUPLICATE)
    world.keep(1, 2, 3)
    world.run(1200)
    assert {world.row(number).state for number in (1, 2, 3)} == {ShotState.VERIFIED}


def test_while_the_office_is_down_only_probes_go_out_and_ever_more_rarely(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    world.keep(*range(1, 30))
    world.run(60)
    world.network.break_with(OfficeFault.DOWN)
    world.keep(100, 101)
    world.run(3600)
    assert world.row(100).attempts <= 1
    assert world.row(101).attempts == 0
    assert len([record for record in caplog.records if "Kept shots wait here" in record.message]) == 1
    world.network.heal()
    world.run(1200)
    assert world.row(101).state is ShotState.VERIFIED
    assert len([record for record in caplog.records if "answers again" in record.message]) == 1


def test_an_envelope_the_disk_does_not_give_back_holds_up_no_other(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.keep(1, 2)
    envelope = world.envelope(1)
    content = envelope.read_bytes()
    envelope.unlink()
    envelope.mkdir()  # an error of the system at each read
    world.run(600)
    assert world.row(2).state is ShotState.VERIFIED
    assert world.row(1).state is ShotState.KEPT
    assert sum("can't be read" in record.getMessage() for record in caplog.records) == 1
    envelope.rmdir()
    envelope.write_bytes(content)
    world.run(600)
    assert world.row(1).state is ShotState.VERIFIED


def test_retry_after_is_honoured(world: World) -> None:
    world.network.retry_after_s = 500
    world.keep(1)
    world.network.next_faults.append(OfficeFault.BUSY)
    world.drain()
    assert world.row(1).attempts == 1
    world.run(499)
    assert world.arrived() == []
    world.run(30)
    assert len(world.arrived()) == 1


def test_waits_outlive_the_process(world: World) -> None:
    world.network.retry_after_s = 500
    world.keep(1)
    world.network.next_faults.append(OfficeFault.BUSY)
    world.drain()
    world.restart()
    world.run(490)
    assert world.arrived() == []


def test_another_content_under_a_known_id_is_parked_for_staff_and_said_loudly(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    bring_other_bytes(world, 1)
    world.keep(1, 2)
    world.run(60)
    assert world.row(1).parked == "409 other-digest"
    assert world.row(2).state is ShotState.VERIFIED
    assert world.envelope(1).exists()
    assert any(record.levelno == logging.ERROR and "needs staff" in record.message for record in caplog.records)


def test_a_parked_shot_is_sent_once_staff_removed_the_cause(world: World, tmp_path: Path) -> None:
    before = world.office.back_up(tmp_path / "backups")
    bring_other_bytes(world, 1)
    world.keep(1)
    world.run(60)
    world.office.restore(before)
    with Outbox(world.config.storage.folder / "outbox.sqlite3") as outbox:
        assert outbox.unpark() == 1
    world.run(60)
    assert world.row(1).state is ShotState.VERIFIED


def test_an_envelope_the_office_can_not_use_is_parked(world: World) -> None:
    world.photo = b"not a photo"
    world.keep(1)
    world.run(120)
    assert world.row(1).parked == "422 bad-envelope"
    assert world.envelope(1).exists()


@pytest.mark.parametrize("damage", [b"", b"changed"])
def test_bytes_that_changed_on_the_disk_are_never_sent(world: World, damage: bytes) -> None:
    world.keep(1, 2)
    world.envelope(1).write_bytes(damage)
    world.run(60)
    assert "changed" in (world.row(1).parked or "")
    assert world.arrived() == [2]


def test_a_missing_envelope_is_parked(world: World) -> None:
    world.keep(1)
    world.envelope(1).unlink()
    world.run(60)
    assert "missing" in (world.row(1).parked or "")


def test_a_shot_the_office_lost_is_sent_again(world: World) -> None:
    with no_key(world):
        world.keep(1)
        world.drain()
        (stored,) = (world.office.config.folder / "photos").rglob(f"*{1:032x}*")
        stored.unlink()
    world.run(120)
    assert world.row(1).state is ShotState.VERIFIED
    assert len(world.arrived()) == 1


def lose_at_office(world: World, number: int) -> None:
    (stored,) = (world.office.config.folder / "photos").rglob(f"{number:032x}*")
    stored.unlink()


@pytest.mark.parametrize("noticed", [False, True], ids=["nobody noticed", "staff noticed"])
def test_a_shot_the_office_lost_after_it_was_verified_is_sent_again_before_the_copy_is_deleted(
    world: World, noticed: bool
) -> None:
    world.keep(1)
    world.run(60)
    lose_at_office(world, 1)
    if noticed:
        queue = world.office.office.queue
        (held,) = queue.claim_next("anna")
        queue.set_aside("anna", held.shot_id, held.version, "lost")
    world.run(8 * 86_400)
    assert world.arrived() == [1]
    assert world.envelope(1).exists()  # for another `keep_days`
    world.run(8 * 86_400)
    assert world.row(1).state is ShotState.COPY_DELETED
    assert world.arrived() == [1]


def test_no_copy_is_deleted_without_the_offices_word_that_it_still_has_the_shot(world: World) -> None:
    world.keep(1, 2)
    world.run(6.9 * 86_400)
    (stored,) = (world.office.config.folder / "photos").rglob(f"{1:032x}*")
    aside = stored.rename(stored.parent.parent / "away")
    for fault in (OfficeFault.DOWN, OfficeFault.ERROR, OfficeFault.BUSY):
        world.break_with(fault)
        world.run(86_400)
        assert world.envelope(1).exists()
        assert world.envelope(2).exists()
    aside.rename(stored)
    world.network.heal()
    world.run(86_400)
    assert [world.row(number).state for number in (1, 2)] == [ShotState.COPY_DELETED] * 2


def test_a_poisoned_shot_does_not_hold_up_the_others(world: World) -> None:
    world.keep(1, 2, 3)
    world.network.next_faults.append(OfficeFault.ERROR)
    assert [world.loop.poll(0) for _ in range(8)] == [True] * 8  # probe, five tasks, 1 fails, 2 goes
    assert world.arrived() == [2]


@pytest.mark.parametrize("status", [413, 504])
def test_a_shot_that_a_proxy_refuses_does_not_hold_up_the_others(world: World, status: int) -> None:
    """A proxy with a limit of its own, a virus scanner: each request for this shot fails as if the office were gone."""
    world.network.gateway[f"/v2/shots/{1:032x}"] = status

    def after_a_while(_path: str, answer: bytes) -> bytes:
        world.clock.advance(50_000_000)
        return answer

    world.network.rewrite = after_a_while
    world.keep(1, 2, 3)
    world.run(600)
    assert sorted(world.arrived()) == [2, 3]
    assert world.row(1).state is ShotState.KEPT
    world.network.gateway.clear()
    world.run(600)
    assert world.row(1).state is ShotState.VERIFIED


@pytest.mark.parametrize("path", ["/v2/roster", "/v2/decisions", "/v2/instructions", "/v2/heartbeats", "/v2/waiting"])
def test_a_request_that_a_proxy_fails_does_not_hold_up_shots_or_other_requests(world: World, path: str) -> None:
    """For instance the roster's page takes the office longer than a proxy waits."""
    world.network.gateway[path] = 504
    world.configure(heartbeat_every_ms=60_000, feeds_every_ms=60_000)
    world.run(60)
    world.keep(1, 2, 3)
    before = len(world.network.requests)
    world.run(600)
    assert world.arrived() == [1, 2, 3]
    asked = [request.split(" ")[1].split("?")[0] for request in world.network.requests[before:]]
    others = {"/v2/roster", "/v2/decisions", "/v2/instructions", "/v2/heartbeats", "/v2/waiting"} - {path}
    assert all(asked.count(other) >= 6 for other in others)
    assert 6 <= asked.count(path) <= 70  # decisions are asked for more often while a graduate waits
    world.network.gateway.clear()
    before = len(world.network.requests)
    world.run(120)
    assert any(path in request for request in world.network.requests[before:])


def test_an_outbox_that_can_not_be_opened_is_tried_again_and_complained_of_once(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.keep(1)
    world.saver.close()
    folder = world.config.storage.folder
    os.rename(folder, folder.with_name("away"))
    folder.write_text("a file where a folder should be")
    for _ in range(5):
        assert not world.loop.poll(0)
        world.clock.advance(5 * S)
    assert len([record for record in caplog.records if record.levelno == logging.ERROR]) == 1
    folder.unlink()
    os.rename(folder.with_name("away"), folder)
    world.run(60)
    assert world.row(1).state is ShotState.VERIFIED


def test_an_outbox_that_was_set_aside_is_let_go_of(world: World) -> None:
    world.keep(1)
    world.run(60)
    world.saver.close()
    outbox = world.config.storage.folder / "outbox.sqlite3"
    whole = outbox.read_bytes()
    outbox.write_bytes(b"noise" * 4096)
    world.saver.open()  # sets it aside; the loop still has the old file
    next(world.config.storage.folder.glob("outbox.damaged-*")).write_bytes(whole)
    world.keep(2)
    world.run(60)
    assert [world.row(number).state for number in (1, 2)] == [ShotState.VERIFIED] * 2


def test_recovery_is_logged_also_when_there_is_nothing_to_send(world: World, caplog: pytest.LogCaptureFixture) -> None:
    world.network.break_with(OfficeFault.DOWN)
    world.run(600)
    world.network.heal()
    world.run(600)
    assert [record.message.rpartition(": ")[2] for record in caplog.records] == [
        "the office can't be reached (connection refused or cut). Kept shots wait here; nothing is lost.",
        "the office answers again",
    ]


def test_a_full_disk_gives_up_its_ballast_for_the_acknowledgement(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    ballast = world.config.storage.folder / "ballast"
    write = Outbox.received

    def received(self: Outbox, *given: Any) -> None:
        if ballast.exists():
            raise faults.full(ballast)
        write(self, *given)

    monkeypatch.setattr(Outbox, "received", received)
    world.keep(1)
    assert ballast.exists()
    world.run(60)
    assert world.row(1).state is ShotState.VERIFIED
    assert len(world.arrived()) == 1
    assert [record.message for record in caplog.records if "deleted the ballast" in record.message] != []


def test_a_ledger_that_fails_between_two_steps_is_left_alone_for_a_while(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.run(1)

    def broken(self: Outbox, now_ms: int) -> int | None:
        raise faults.unreliable(Path("outbox"), "disk I/O error")

    with monkeypatch.context() as patch:
        patch.setattr(Outbox, "next_due_ms", broken)
        waits: list[float] = []
        assert not world.loop.poll(60.0, waits.append)
        assert waits == [5.0]
    world.clock.advance(5 * S)
    world.keep(1)
    world.run(60)
    assert world.row(1).state is ShotState.VERIFIED


def test_a_credential_is_sent_and_one_that_is_not_known_loses_nothing(
    world: World, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    secret = tmp_path / "credential"
    office = world.config.office.model_copy(update={"credential_file": secret})
    world.config = world.config.model_copy(update={"office": office})
    right = world.office.credential.read_text("ascii")
    world.keep(1)
    world.restart()
    for text in ("", "wrong-one", "two words"):
        secret.write_text(text)
        world.run(900)
        assert world.row(1).state is ShotState.KEPT
        assert world.row(1).parked is None
    secret.write_text(f"{right}\n")
    world.run(900)
    assert world.row(1).state is ShotState.VERIFIED
    assert "wrong-one" not in caplog.text
    assert "two words" not in caplog.text


def test_files_at_the_office_and_the_booth_are_only_their_owners(world: World) -> None:
    world.keep(1)
    assert stat.S_IMODE(world.envelope(1).stat().st_mode) == 0o600


def test_a_loop_with_nothing_to_do_waits_as_long_as_it_may(world: World) -> None:
    world.drain()
    waits: list[float] = []
    assert not world.loop.poll(1.0, waits.append)
    assert waits == [1.0]
