"""Heartbeat, decisions, roster: each at its time, page after page, and never in the way of shots for long."""

import logging
import os
import random
from dataclasses import replace
from datetime import date, time, timedelta
from pathlib import Path

import apsw
import pytest

from common.disk import Disk
from kiosk.core.events import Device
from kiosk.core.identity import RosterPerson
from kiosk.ports.config import BoothConfig, OfficeConfig
from kiosk.runtime.device_health import DeviceHealth
from kiosk.runtime.office_season import OfficeSeason
from kiosk.uplink.loop import UplinkLoop
from kiosk.uplink.outbox import Deletion, Outbox, ShotState
from kiosk.uplink.paths import BoothPaths
from kiosk.uplink.purge import LEDGER_DAYS
from kiosk.uplink.roster_cache import RosterCache
from kiosk.uplink.shared_files import HealthFile
from rules.season import SeasonTable, load_season
from sim.office.server import OfficeFault, wire_row
from tests.uplink.worlds import S, World
from wire.decision import Decision, ShotDecision
from wire.instructions import DayHours
from wire.roster_change import RosterRow

DAY_S = 86_400
ONE = RosterPerson("2026", "示范大学", "数学", "1班", "20260001", "11010519491231002X", "张三", "男", "26320100000001")


@pytest.fixture(autouse=True)
def _often(world: World) -> None:
    """Ask as often as a real booth does."""
    often = OfficeConfig()
    world.config = with_office(world, heartbeat_every_ms=often.heartbeat_every_ms, feeds_every_ms=often.feeds_every_ms)
    world.restart()


def row(number: int) -> RosterRow:
    return wire_row(replace(ONE, student_no=f"{number:08d}"))


def found(world: World, number: int) -> int:
    cache = RosterCache(world.config.storage)
    rows = cache.by_code(f"{number:08d}")
    cache.close()
    return len(rows)


def change(world: World, **season: object) -> None:
    """The office puts another table in force."""
    told = world.office.feeds.instructions
    fields = {"source": "the office", **season}
    world.office.feeds.instructions = told.model_copy(update={"season": told.season.model_copy(update=fields)})


def outbox(world: World) -> Outbox:
    return Outbox(world.config.storage.folder / "outbox.sqlite3")


def with_office(world: World, **changes: object) -> BoothConfig:
    return world.config.model_copy(update={"office": world.config.office.model_copy(update=changes)})


def skip(world: World, days: int) -> None:
    """The machine sleeps, and looks about when it wakes."""
    world.clock.advance(days * DAY_S * S)
    world.run(1)


def test_a_heartbeat_goes_out_about_once_a_minute_and_tells_what_waits(world: World) -> None:
    world.keep(1, 2)
    world.run(600)
    beats = world.office.feeds.heartbeats
    assert 8 <= len(beats) <= 13
    assert (beats[0].booth_id, beats[0].waiting_envelopes, beats[0].oldest_waiting_s) == ("booth-1", 2, 0)
    assert (beats[-1].waiting_envelopes, beats[-1].oldest_waiting_s) == (0, None)
    assert beats[-1].uptime_s > 400
    assert beats[-1].free_bytes > 0
    assert beats[-1].season_version == 0


def test_the_heartbeat_tells_for_which_causes_devices_fail_and_since_when(world: World) -> None:
    file = HealthFile(BoothPaths(world.config.storage.folder).health, Disk())
    health = DeviceHealth(file, world.clock)
    world.run(120)
    assert not world.office.feeds.heartbeats[-1].failures
    lamp, card = (Device.LAMP_LEFT, "fault.lamp_dead"), (Device.CARD_READER, "fault.reader_silent")
    began = world.clock.wall().moment
    health.note((lamp, lamp))  # two reporters, one cause
    world.run(120)
    told = world.office.feeds.heartbeats[-1].failures
    assert [(one.device, one.cause, one.since) for one in told] == [("lamp_left", "fault.lamp_dead", began)]
    health.note((lamp, card))
    health.note((card,))
    world.run(120)
    assert [one.device for one in world.office.feeds.heartbeats[-1].failures] == ["card_reader"]
    DeviceHealth(file, world.clock)  # the booth starts again: nothing is known to fail
    world.run(120)
    assert not world.office.feeds.heartbeats[-1].failures


@pytest.mark.parametrize("content", [b"", b"{}", b'[{"device": "Lamp"}]', b"\xff"])
def test_a_health_file_that_makes_no_sense_stops_no_heartbeat(world: World, content: bytes) -> None:
    BoothPaths(world.config.storage.folder).health.write_bytes(content)
    world.run(120)
    assert not world.office.feeds.heartbeats[-1].failures


def test_the_offices_season_is_followed_by_the_booth_and_told_in_its_heartbeat(world: World) -> None:
    shipped = load_season("jiangsu")
    path = BoothPaths(world.config.storage.folder).instructions
    shown: list[SeasonTable] = []
    world.run(400)
    season = OfficeSeason(path, shipped)
    season.changed = shown.append
    assert season.table() is shipped, "version 0 is the table that came with the program"
    closed = date(2026, 9, 18)
    change(world, version=3, exceptions=(DayHours(day=closed, hours=(), note="搬家"),))
    world.run(800)
    assert season.table().hours_of(closed) == ()
    assert season.table().rules.hours[0].opens == time(9)
    assert season.table().workdays == shipped.workdays
    assert shown == [season.table()]
    assert world.office.feeds.heartbeats[-1].season_version == 3
    assert OfficeSeason(path, shipped).table() == season.table(), "also after a restart, without the office"

    change(world, version=4, first_day="02-29")  # the wire allows it, a window of every year does not
    world.run(800)
    assert season.table().hours_of(closed) == ()
    assert len(shown) == 1


def test_damaged_instructions_leave_the_season_that_came_with_the_program(world: World) -> None:
    shipped = load_season("jiangsu")
    path = BoothPaths(world.config.storage.folder).instructions
    path.write_bytes(b'{"schema_version": 2, "season"')
    assert OfficeSeason(path, shipped).table() is shipped
    world.restart()
    change(world, version=2)
    world.run(800)
    assert OfficeSeason(path, shipped).table().rules.source == "the office"


def test_decisions_are_noted_beside_their_shots(world: World) -> None:
    world.keep(1, 2)
    world.run(60)
    now = world.clock.wall().moment
    world.office.feeds.decisions += [
        ShotDecision(sequence=3, shot_id=f"{1:032x}", decision=Decision.REJECTED, reasons=("glasses",), decided_at=now),
        ShotDecision(sequence=5, shot_id=f"{2:032x}", decision=Decision.APPROVED, decided_at=now),
        ShotDecision(sequence=9, shot_id=f"{77:032x}", decision=Decision.APPROVED, decided_at=now),
    ]
    world.run(600)
    with outbox(world) as ledger:
        assert ledger.decided() == {"approved": 1, "rejected": 1}
        assert ledger.decision_place() == 9
    world.office.feeds.decisions.append(
        ShotDecision(sequence=10, shot_id=f"{1:032x}", decision=Decision.APPROVED, decided_at=now)
    )
    world.run(600)
    with outbox(world) as ledger:
        assert ledger.decided() == {"approved": 2, "rejected": 0}


def test_the_roster_comes_page_after_page_at_once_and_then_by_changes(world: World) -> None:
    world.office.feeds.page_items = 10
    for number in range(35):
        world.office.feeds.set_row(f"{number:032x}", row(number))
    world.run(1)
    assert [found(world, number) for number in (0, 17, 34)] == [1, 1, 1]
    world.office.feeds.remove_row(f"{17:032x}")
    world.run(600)
    assert [found(world, number) for number in (0, 17, 34)] == [1, 0, 1]


def test_an_office_that_came_back_from_a_backup_resets_the_roster(world: World) -> None:
    for number in range(3):
        world.office.feeds.set_row(f"{number:032x}", row(number))
    world.run(1)
    world.office.feeds.changes.pop()
    world.office.feeds.changes.pop()
    world.run(600)
    assert [found(world, number) for number in range(3)] == [1, 0, 0]


def test_look_ups_work_without_the_office(world: World) -> None:
    world.office.feeds.set_row(f"{1:032x}", row(1))
    world.run(1)
    world.break_with(OfficeFault.DOWN)
    skip(world, 3)
    assert found(world, 1) == 1


def test_a_roster_that_can_not_be_kept_holds_up_no_shot_and_is_complained_of_once(
    world: World, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    storage = world.config.storage.model_copy(update={"secret_file": tmp_path / "missing"})
    world.config = world.config.model_copy(update={"storage": storage})
    world.restart()
    world.office.feeds.set_row(f"{1:032x}", row(1))
    world.keep(1)
    world.run(1800)
    assert world.row(1).state is ShotState.VERIFIED
    assert sum("the roster can't be kept here" in record.getMessage() for record in caplog.records) == 1


@pytest.mark.parametrize("name", ["device.secret", "roster.sqlite3"])
def test_a_secret_or_roster_that_can_not_be_opened_holds_up_no_shot(world: World, name: str) -> None:
    world.loop.close()
    path = world.config.storage.folder / name
    path.unlink(missing_ok=True)
    path.mkdir()  # as unreadable as another user's file, also to root
    world.restart()
    world.office.feeds.set_row(f"{1:032x}", row(1))
    world.keep(1)
    world.run(1800)
    assert world.row(1).state is ShotState.VERIFIED


def test_a_damaged_roster_holds_up_no_shot_and_is_fetched_anew(world: World, caplog: pytest.LogCaptureFixture) -> None:
    for number in range(1, 8):
        world.office.feeds.set_row(f"{number:032x}", row(number))
    world.run(1)
    assert found(world, 3) == 1
    world.loop.close()
    roster = world.config.storage.folder / "roster.sqlite3"
    roster.write_bytes(b"noise" * 5_000)
    world.restart()
    world.keep(1)
    world.run(2 * world.config.office.feeds_every_ms / 1_000)
    assert world.row(1).state is ShotState.VERIFIED
    assert sum("fetched anew" in record.getMessage() for record in caplog.records) == 1
    assert found(world, 3) == 1


def test_a_roster_of_a_newer_program_holds_up_no_shot(world: World) -> None:
    world.office.feeds.set_row(f"{1:032x}", row(1))
    world.run(1)
    connection = apsw.Connection(str(world.config.storage.folder / "roster.sqlite3"))
    connection.pragma("user_version", 99)
    connection.close()
    world.restart()
    world.keep(1)
    world.run(60)
    assert world.row(1).state is ShotState.VERIFIED


def test_photos_take_at_most_their_share_of_the_line(world: World) -> None:
    world.config = with_office(world, most_kbit_s=64)
    world.restart()
    numbers = range(1, 13)
    world.keep(*numbers)
    size = world.row(1).size
    for _ in range(4):
        before = len(world.office.shots())
        world.run(60)
        sent = len(world.office.shots()) - before
        assert sent <= 60 * 64_000 / (8 * size) + 1
    world.run(3600)
    assert len(world.office.shots()) == len(numbers)


def test_a_booth_that_was_off_for_months_sends_what_it_kept_and_lets_go_of_what_is_old(world: World) -> None:
    world.office.feeds.set_row(f"{1:032x}", row(1))
    world.keep(1)
    world.run(120)
    world.keep(2)
    world.loop.close()
    world.office.feeds.remove_row(f"{1:032x}")
    world.clock.advance(200 * DAY_S * 1_000_000_000)
    world.loop = world.new_loop()
    world.run(600)
    assert world.row(1).state is ShotState.RELEASED
    assert world.row(2).state is ShotState.VERIFIED
    assert found(world, 1) == 0


def test_an_old_roster_is_deleted_also_without_the_office(world: World) -> None:
    world.office.feeds.set_row(f"{1:032x}", row(1))
    world.run(1)
    world.break_with(OfficeFault.DOWN)
    skip(world, 59)
    assert found(world, 1) == 1
    skip(world, 2)
    assert found(world, 1) == 0
    with outbox(world) as ledger:
        assert [(entry.what, entry.count) for entry in ledger.deletions()] == [("roster entries", 3)]


def test_a_clock_that_is_not_synchronised_deletes_nothing(world: World) -> None:
    world.office.feeds.set_row(f"{1:032x}", row(1))
    world.run(1)
    world.break_with(OfficeFault.DOWN)
    world.clock.synced = False
    skip(world, 100)
    assert found(world, 1) == 1


def test_journals_and_damaged_ledgers_go_by_age_and_the_newest_journal_stays(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    folder = world.config.storage.folder
    (folder / "journal").mkdir()
    now = world.clock.wall().moment.timestamp()
    for name, age_days in (
        ("journal/1.jsonl", 31),
        ("journal/2.jsonl", 29),
        ("journal/3.jsonl", 99),
        ("outbox.damaged-1.sqlite3", 91),
        ("outbox.damaged-2.sqlite3", 1),
    ):
        (folder / name).write_text("x")
        os.utime(folder / name, (now, now - age_days * DAY_S))
    caplog.set_level(logging.INFO)
    world.run(1)
    left = sorted(path.name for path in (*folder.glob("journal/*"), *folder.glob("outbox.d*")))
    assert left == ["2.jsonl", "3.jsonl", "outbox.damaged-2.sqlite3"]
    assert "deleted by age: 1 journals" in caplog.text


def test_a_journal_that_can_not_be_deleted_keeps_no_copy_from_being_released(world: World) -> None:
    journal = world.config.storage.folder / "journal"
    for name in ("1.jsonl", "2.jsonl"):
        (journal / name).mkdir(parents=True)
        os.utime(journal / name, (0, 0))
    world.keep(1)
    world.run(60)
    skip(world, 8)
    world.run(60)
    assert world.row(1).state is ShotState.RELEASED


def test_rows_of_released_shots_stay_into_the_next_season(world: World) -> None:
    world.keep(1)
    world.run(60)
    skip(world, 8)
    assert world.row(1).state is ShotState.RELEASED
    with outbox(world) as ledger:
        assert [entry.what for entry in ledger.deletions()] == ["copies"]
    skip(world, LEDGER_DAYS + 1)
    with outbox(world) as ledger:
        assert sum(ledger.counts().values()) == 0
        assert Deletion(ledger.deletions()[-1].at_ms, "ledger rows", 1) in ledger.deletions()


def test_a_fleet_does_not_ask_in_step(world: World) -> None:
    gaps = set()
    for seed in range(5):
        loop = UplinkLoop(world.config, world.clock, random.Random(seed))
        while loop.poll(0):
            pass
        gaps.add(loop.next_due_ns())
        loop.close()
    assert len(gaps) == 5
    assert max(gaps) - min(gaps) < timedelta(minutes=1).total_seconds() * 1e9


def test_a_restored_office_is_told_of_every_shot_the_booth_holds(world: World) -> None:
    world.keep(1, 2, 3)
    world.run(60)
    now = world.clock.wall().moment
    told = [
        ShotDecision(sequence=number, shot_id=f"{number:032x}", decision=Decision.APPROVED, decided_at=now)
        for number in (1, 2)
    ]
    world.office.feeds.decisions += told
    world.run(600)
    with outbox(world) as ledger:
        assert ledger.counts()[ShotState.VERIFIED] == 3
        assert ledger.decided() == {"approved": 2, "rejected": 0}
        ledger.park(f"{3:032x}", "something of before")
    # From a backup that knew shot 1 and its decision; another decision has been made since, at a place given before.
    world.office.feeds.generation = 5
    world.office.feeds.decisions[1:] = [
        ShotDecision(sequence=2, shot_id=f"{3:032x}", decision=Decision.REJECTED, reasons=("glasses",), decided_at=now)
    ]
    for number in (2, 3):
        world.office.store.forget(f"{number:032x}")
    world.run(600)
    with outbox(world) as ledger:
        assert ledger.decided() == {"approved": 1, "rejected": 1}
        assert ledger.counts()[ShotState.VERIFIED] == 3
        assert ledger.parked() == []
        known = ledger.decision_of(f"{2:032x}")
        assert known is not None
        assert known.decision is None
    assert {shot.receipt.shot_id for shot in world.office.shots()} == {f"{number:032x}" for number in (1, 2, 3)}
    world.run(600)
    with outbox(world) as ledger:
        assert ledger.counts()[ShotState.VERIFIED] == 3
