"""Heartbeat, decisions, roster: each at its time, page after page, and never in the way of shots for long."""

import hashlib
import json
import logging
import os
import random
import sqlite3
from contextlib import closing
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import apsw
import pytest

from center.season.model import DayChange
from center.shots.model.staff_decision import Approve, Reject
from common.disk import Disk
from kiosk.core.events import Device
from kiosk.ports.config import OfficeConfig
from kiosk.runtime.device_health import DeviceHealth
from kiosk.runtime.machine_watch import MachineWatch
from kiosk.runtime.office_season import OfficeSeason
from kiosk.uplink.loop import UplinkLoop
from kiosk.uplink.purge import LEDGER_DAYS
from kiosk.uplink.roster.roster_cache import RosterCache
from kiosk.uplink.shared.link_state import read_link_state
from kiosk.uplink.shared.paths import BoothPaths
from kiosk.uplink.storage.outbox import Outbox
from kiosk.uplink.storage.outbox_rows import Deletion, ShotState
from rules.season import SeasonTable, load_season
from sim.office.fault_proxy import OfficeFault
from sim.twins.kernel_files import KernelFiles
from tests.roster_rows import roster_row
from tests.uplink.worlds import HOUR_MS, PAGE_ITEMS, S, World
from wire.envelope import build
from wire.heartbeat import Heartbeat
from wire.roster_change import RosterRow, RowSet

DAY_S = 86_400
CALIBRATED = datetime(2026, 8, 2, 8, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _often(world: World) -> None:
    """Ask as often as a real booth does."""
    often = OfficeConfig()
    world.configure(heartbeat_every_ms=often.heartbeat_every_ms, feeds_every_ms=often.feeds_every_ms)


def row(number: int) -> RosterRow:
    return roster_row(student_no=f"{number:08d}")


def found(world: World, number: int) -> int:
    cache = RosterCache(world.config.storage)
    rows = cache.by_code(f"{number:08d}")
    cache.close()
    return len(rows)


def enter(world: World, *numbers: int) -> None:
    """Bring rows into the office's roster."""
    world.office.give_roster([row(number) for number in numbers])


def leave(world: World, number: int) -> None:
    """Take a row out of the office's roster."""
    office = world.office.office
    ids = {
        change.row.student_no: change.row_id
        for change in office.roster_feed.page(None, 0, 100).changes
        if isinstance(change, RowSet)
    }
    office.roster.remove("test", [ids[row(number).student_no]])


def heartbeat(world: World) -> Heartbeat:
    """The newest heartbeat that the office has."""
    (booth,) = world.office.office.booths.all()
    assert booth.heartbeat is not None
    return booth.heartbeat


def outbox(world: World) -> Outbox:
    return Outbox(world.config.storage.folder / "outbox.sqlite3")


def skip(world: World, days: int) -> None:
    """The machine sleeps, and looks about when it wakes."""
    world.clock.advance(days * DAY_S * S)
    world.run(1)


def test_a_heartbeat_goes_out_about_once_a_minute_and_tells_what_waits(world: World) -> None:
    world.keep(1, 2)
    while "POST /v2/heartbeats" not in world.network.requests:
        world.loop.poll(0)
    first = heartbeat(world)
    assert (first.booth_id, first.waiting_envelopes, first.oldest_waiting_s) == ("booth-1", 2, 0)
    world.run(600)
    assert 8 <= world.network.requests.count("POST /v2/heartbeats") <= 13
    last = heartbeat(world)
    assert (last.waiting_envelopes, last.oldest_waiting_s) == (0, None)
    assert last.uptime_s > 400
    assert last.free_bytes > 0
    assert last.season_version == 0


def test_the_heartbeat_tells_for_which_causes_devices_fail_and_since_when(world: World) -> None:
    paths = BoothPaths(world.config.storage.folder)
    health = DeviceHealth(paths, Disk(), world.clock, 0)
    world.run(120)
    assert not heartbeat(world).failures
    lamp, card = (Device.LAMP_LEFT, "fault.lamp_dead"), (Device.CARD_READER, "fault.reader_silent")
    began = world.clock.wall().moment
    health.note((lamp, lamp))  # two reporters, one cause
    world.run(120)
    told = heartbeat(world).failures
    assert [(one.device, one.cause, one.since) for one in told] == [("lamp_left", "fault.lamp_dead", began)]
    health.note((lamp, card))
    health.note((card,))
    world.run(120)
    assert [one.device for one in heartbeat(world).failures] == ["card_reader"]
    DeviceHealth(paths, Disk(), world.clock, 0)  # the booth starts again: nothing is known to fail
    world.run(120)
    assert not heartbeat(world).failures


@pytest.mark.parametrize(
    "values",
    [
        {"temperature_c": 1e9},
        {"memory_available_bytes": -1},
        {"calibrated_at": "0001-01-01T00:00:00+00:00"},
        {"failures": [{"device": "lamp_left", "cause": "fault.lamp_dead"}]},
    ],
    ids=str,
)
def test_whatever_the_booths_files_say_of_the_machine_a_heartbeat_goes_out_and_shots_too(
    world: World, values: dict[str, object]
) -> None:
    """As another version of the booth may have written them."""
    paths = BoothPaths(world.config.storage.folder)
    failure = {"device": "lamp_left", "cause": "fault.lamp_dead"}
    paths.health.write_text(json.dumps([failure]))
    paths.machine.write_text(json.dumps({"at": world.clock.wall().moment.isoformat()} | values))
    world.keep(1)
    world.run(10)
    assert [(one.device, one.cause) for one in heartbeat(world).failures] == [("lamp_left", "fault.lamp_dead")]
    assert world.arrived() == [1]


def test_the_booth_reads_when_the_office_answered_last_and_why_not_since(world: World) -> None:
    path = BoothPaths(world.config.storage.folder).link_state
    world.run(120)
    state = read_link_state(path)
    assert state is not None
    assert state.reached_at is not None
    assert (state.trouble, state.address) == ("", "127.0.0.1")
    path.write_bytes(b"\xff")
    assert read_link_state(path) is None


@pytest.mark.parametrize("waits", [False, True])
@pytest.mark.parametrize("fault", [OfficeFault.DOWN, OfficeFault.PORTAL, OfficeFault.BUSY])
def test_the_booth_reads_why_the_office_is_silent_long_before_a_heartbeat_is_due(
    world: World, fault: OfficeFault, waits: bool
) -> None:
    """A shot that waits meets the failure; without one the probe after the start does."""
    path = BoothPaths(world.config.storage.folder).link_state
    world.configure(heartbeat_every_ms=HOUR_MS)
    world.run(10)
    before = read_link_state(path)
    assert before is not None
    world.break_with(fault)  # which starts the uplink anew
    path.write_text(before.model_copy(update={"address": "10.1.2.3"}).model_dump_json())
    if waits:
        world.keep(1)
    world.run(10)
    state = read_link_state(path)
    assert state is not None
    assert (state.reached_at, state.address) == (before.reached_at, "127.0.0.1")
    assert state.trouble
    world.network.heal()
    world.configure(heartbeat_every_ms=60_000)
    world.run(30)
    healed = read_link_state(path)
    assert healed is not None
    assert healed.trouble == ""


def test_a_booth_that_the_office_refuses_reads_so_although_probes_are_answered(world: World) -> None:
    path = BoothPaths(world.config.storage.folder).link_state
    world.run(10)
    before = read_link_state(path)
    assert before is not None
    world.office.credential.write_text("revoked", "ascii")
    world.restart()
    for _ in range(20):
        world.run(60)
        state = read_link_state(path)
        assert state is not None
        assert state.trouble
        assert state.reached_at == before.reached_at


@pytest.mark.parametrize("content", [b"", b"{}", b'[{"device": "Lamp"}]', b"\xff"])
def test_a_health_file_that_makes_no_sense_stops_no_heartbeat(world: World, content: bytes) -> None:
    BoothPaths(world.config.storage.folder).health.write_bytes(content)
    world.run(120)
    assert not heartbeat(world).failures


def test_the_offices_season_is_followed_by_the_booth_and_told_in_its_heartbeat(world: World) -> None:
    shipped = load_season("jiangsu")
    path = BoothPaths(world.config.storage.folder).instructions
    shown: list[SeasonTable] = []
    world.run(400)
    season = OfficeSeason(path, shipped)
    season.changed = shown.append
    assert season.table() is shipped, "version 0 is the table that came with the program"
    closed = date(2026, 9, 18)
    version = world.office.change_season(DayChange(closed, (), "搬家"))
    world.run(800)
    assert season.table().hours_of(closed) == ()
    assert season.table().rules.hours[0].opens == time(9)
    assert season.table().workdays == shipped.workdays
    assert shown == [season.table()]
    assert heartbeat(world).season_version == version > 0
    assert OfficeSeason(path, shipped).table() == season.table(), "also after a restart, without the office"

    # The wire allows it, a window of every year does not.
    world.network.rewrite = lambda _, answer: answer.replace(b'"first_day":"08-01"', b'"first_day":"02-29"')
    world.run(800)
    assert season.table().hours_of(closed) == ()
    assert len(shown) == 1


def test_damaged_instructions_leave_the_season_that_came_with_the_program(world: World) -> None:
    shipped = load_season("jiangsu")
    path = BoothPaths(world.config.storage.folder).instructions
    path.write_bytes(b'{"schema_version": 2, "season"')
    assert OfficeSeason(path, shipped).table() is shipped
    world.restart()
    closed = date(2026, 9, 18)
    world.office.change_season(DayChange(closed, ()))
    world.run(800)
    assert OfficeSeason(path, shipped).table().hours_of(closed) == ()


def test_decisions_are_noted_with_their_shots(world: World) -> None:
    world.keep(1, 2)
    world.decide(1, Reject(("glasses",)))
    world.decide(2, Approve())
    unknown = build(world.make(77), world.photo)  # this booth has no row of it
    world.office.office.intake.receive("booth-1", f"{77:032x}", hashlib.sha256(unknown).digest(), unknown)
    world.decide(77, Reject(("glasses",)))
    world.run(600)
    with outbox(world) as ledger:
        assert ledger.decided() == {"approved": 1, "rejected": 1}
        place = ledger.decision_place()
    world.decide(1, Approve(replaces=f"{2:032x}"))
    world.run(600)
    with outbox(world) as ledger:
        assert ledger.decided() == {"approved": 2, "rejected": 0}
        assert ledger.decision_place() > place


def test_the_roster_comes_page_after_page_at_once_and_then_by_changes(world: World) -> None:
    enter(world, *range(35))
    world.run(1)
    assert len([one for one in world.network.requests if one.startswith("GET /v2/roster")]) >= 35 / PAGE_ITEMS
    assert [found(world, number) for number in (0, 17, 34)] == [1, 1, 1]
    leave(world, 17)
    world.run(600)
    assert [found(world, number) for number in (0, 17, 34)] == [1, 0, 1]


def test_an_office_that_came_back_from_a_backup_resets_the_roster(world: World, tmp_path: Path) -> None:
    enter(world, 0)
    made = world.office.back_up(tmp_path / "backups")
    enter(world, 1, 2)
    world.run(1)
    assert [found(world, number) for number in range(3)] == [1, 1, 1]
    world.office.restore(made)
    world.run(600)
    assert [found(world, number) for number in range(3)] == [1, 0, 0]


def test_look_ups_work_without_the_office(world: World) -> None:
    enter(world, 1)
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
    enter(world, 1)
    world.keep(1)
    world.run(1800)
    assert world.row(1).state is ShotState.VERIFIED
    assert sum("the roster can't be kept here" in record.getMessage() for record in caplog.records) == 1


@pytest.mark.parametrize("name", ["device.secret", "roster-2.sqlite3"])
def test_a_secret_or_roster_that_can_not_be_opened_holds_up_no_shot(world: World, name: str) -> None:
    world.loop.close()
    path = world.config.storage.folder / name
    path.unlink(missing_ok=True)
    path.mkdir()  # as unreadable as another user's file, also to root
    world.restart()
    enter(world, 1)
    world.keep(1)
    world.run(1800)
    assert world.row(1).state is ShotState.VERIFIED


def test_a_damaged_roster_holds_up_no_shot_and_is_fetched_anew(world: World, caplog: pytest.LogCaptureFixture) -> None:
    for number in range(1, 8):
        enter(world, number)
    world.run(1)
    assert found(world, 3) == 1
    world.loop.close()
    roster = world.config.storage.folder / "roster-2.sqlite3"
    roster.write_bytes(b"noise" * 5_000)
    world.restart()
    world.keep(1)
    world.run(2 * world.config.office.feeds_every_ms / 1_000)
    assert world.row(1).state is ShotState.VERIFIED
    assert sum("fetched anew" in record.getMessage() for record in caplog.records) == 1
    assert found(world, 3) == 1


def test_a_roster_of_a_newer_program_holds_up_no_shot(world: World) -> None:
    enter(world, 1)
    world.run(1)
    connection = apsw.Connection(str(world.config.storage.folder / "roster-2.sqlite3"))
    connection.pragma("user_version", 99)
    connection.close()
    world.restart()
    world.keep(1)
    world.run(60)
    assert world.row(1).state is ShotState.VERIFIED


def test_photos_take_at_most_their_share_of_the_line(world: World) -> None:
    world.configure(most_kbit_s=64)
    numbers = range(1, 13)
    world.keep(*numbers)
    size = world.row(1).size
    for _ in range(4):
        before = len(world.arrived())
        world.run(60)
        sent = len(world.arrived()) - before
        assert sent <= 60 * 64_000 / (8 * size) + 1
    world.run(3600)
    assert len(world.arrived()) == len(numbers)


def test_a_booth_that_was_off_for_months_sends_what_it_kept_and_lets_go_of_what_is_old(world: World) -> None:
    enter(world, 1)
    world.keep(1)
    world.run(120)
    world.keep(2)
    world.loop.close()
    leave(world, 1)
    world.clock.advance(200 * DAY_S * 1_000_000_000)
    world.loop = world.new_loop()
    world.run(600)
    assert world.row(1).state is ShotState.COPY_DELETED
    assert world.row(2).state is ShotState.VERIFIED
    assert found(world, 1) == 0


def test_an_old_roster_is_deleted_also_without_the_office(world: World) -> None:
    enter(world, 1)
    world.run(1)
    world.break_with(OfficeFault.DOWN)
    skip(world, 59)
    assert found(world, 1) == 1
    skip(world, 2)
    assert found(world, 1) == 0
    with outbox(world) as ledger:
        assert [(entry.what, entry.count) for entry in ledger.deletions()] == [("roster entries", 3)]


@pytest.mark.parametrize("synced", [True, False])
def test_what_is_old_goes_also_where_the_booth_was_restarted_after_the_office_was_gone(
    world: World, synced: bool
) -> None:
    """Every row of the table in docs/uplink.md; a copy needs the office's date."""
    world.keep(1)
    world.run(60)
    skip(world, 8)
    assert world.row(1).state is ShotState.COPY_DELETED
    enter(world, 1)
    world.keep(2)
    world.run(600)
    assert world.row(2).state is ShotState.VERIFIED
    world.break_with(OfficeFault.DOWN)
    world.clock.synced = synced
    files = ["journal/1.jsonl", "journal/2.jsonl", "outbox.damaged-1.sqlite3", "roster.sqlite3", "roster.sqlite3-wal"]
    lay(world, *files)
    world.restart()
    world.run(60)
    skip(world, LEDGER_DAYS + 1)
    folder = world.config.storage.folder
    assert [name for name in files if (folder / name).exists()] == (["journal/2.jsonl"] if synced else files)
    assert (persons(world), found(world, 1)) == ((0, 0) if synced else (2, 1))
    with outbox(world) as ledger:
        assert sum(ledger.counts().values()) == (1 if synced else 2)
    assert world.envelope(2).exists()


def test_a_clock_that_is_not_synchronised_deletes_nothing(world: World) -> None:
    enter(world, 1)
    world.run(1)
    world.break_with(OfficeFault.DOWN)
    world.clock.synced = False
    skip(world, 100)
    assert found(world, 1) == 1


def behind(world: World, days: int) -> None:
    """The booth starts with a clock that is behind; the office's is right."""
    start, start_ns = world.clock.wall().moment, world.clock.now_ns()
    world.office.now = lambda: start + timedelta(microseconds=(world.clock.now_ns() - start_ns) / 1_000)
    world.clock.jump_wall(-days * DAY_S)
    world.clock.synced = False


@pytest.mark.parametrize("days", [-3_000, 250])
def test_what_was_written_while_the_clock_was_wrong_is_no_older_when_it_is_right(world: World, days: int) -> None:
    behind(world, days)
    enter(world, 1)
    world.keep(1)
    world.run(60)
    world.clock.jump_wall(days * DAY_S)
    world.clock.synced = True
    world.restart()
    world.break_with(OfficeFault.DOWN)
    skip(world, 1)
    world.network.heal()
    world.run(60)
    assert found(world, 1) == 1
    assert persons(world) == 1
    with outbox(world) as ledger:
        assert ledger.deletions() == []
    skip(world, 122)
    world.run(60)
    assert persons(world) == 0, "and it is forgotten in time, however far ahead the clock was"


def persons(world: World) -> int:
    """Of how many shots the booth could still recognise the person."""
    with closing(sqlite3.connect(world.config.storage.folder / "outbox.sqlite3")) as ledger:
        (count,) = ledger.execute("SELECT count(person) FROM shots").fetchone()
    return int(count)


def lay(world: World, *names: str) -> None:
    """Files whose own times the booth's clock has made, wrong by years in both directions."""
    for n, name in enumerate(names):
        path = world.config.storage.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("x")
        os.utime(path, (0, 4_000_000_000 * (n % 2)))


def left(world: World) -> list[str]:
    folder = world.config.storage.folder
    return sorted(path.name for path in (*folder.glob("journal/*"), *folder.glob("outbox.d*")))


def test_journals_and_damaged_ledgers_go_by_age_and_the_newest_journal_stays(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    first = ["1.jsonl", "2.jsonl", "3.jsonl"]
    lay(world, *(f"journal/{name}" for name in first), "outbox.damaged-1.sqlite3", "outbox.damaged-2.sqlite3")
    world.run(60)
    skip(world, 20)
    lay(world, "journal/4.jsonl")
    world.run(60)
    assert left(world)[:4] == [*first, "4.jsonl"], "whatever the files' own times are"
    world.restart()
    skip(world, 9)
    assert left(world)[:4] == [*first, "4.jsonl"]
    skip(world, 2)
    assert left(world)[:2] == ["3.jsonl", "4.jsonl"], "the third was the newest until the fourth came"
    assert "deleted by age: 2 journals" in caplog.text
    skip(world, 31)
    assert left(world) == ["4.jsonl", "outbox.damaged-1.sqlite3", "outbox.damaged-2.sqlite3"]
    skip(world, 31)
    assert left(world) == ["4.jsonl"]


def test_a_file_that_changes_is_young_again(world: World) -> None:
    lay(world, "journal/1.jsonl", "journal/2.jsonl")
    world.run(60)
    skip(world, 20)
    (world.config.storage.folder / "journal" / "1.jsonl").write_text("more")
    skip(world, 1)
    skip(world, 29)
    assert left(world) == ["1.jsonl", "2.jsonl"]
    skip(world, 2)
    assert left(world) == ["2.jsonl"]


@pytest.mark.parametrize("content", ["", "{", "[]", '{"1.jsonl": "x"}'])
def test_unreadable_ages_are_counted_from_now(world: World, content: str) -> None:
    lay(world, "journal/1.jsonl", "journal/2.jsonl")
    (world.config.storage.folder / "file-ages.json").write_text(content)
    world.run(60)
    skip(world, 29)
    assert left(world) == ["1.jsonl", "2.jsonl"]
    skip(world, 2)
    assert left(world) == ["2.jsonl"]


def test_a_journal_that_can_not_be_deleted_keeps_no_copy_from_being_deleted(world: World) -> None:
    world.config = world.config.model_copy(
        update={"storage": world.config.storage.model_copy(update={"journal_days": 1})}
    )
    world.restart()
    journal = world.config.storage.folder / "journal"
    for name in ("1.jsonl", "2.jsonl"):
        (journal / name).mkdir(parents=True)
    world.keep(1)
    world.run(60)
    skip(world, 8)
    world.run(60)
    assert world.row(1).state is ShotState.COPY_DELETED


def test_rows_of_shots_without_a_copy_stay_into_the_next_season(world: World) -> None:
    world.keep(1)
    world.run(60)
    skip(world, 8)
    assert world.row(1).state is ShotState.COPY_DELETED
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


def test_a_restored_office_is_told_of_every_shot_the_booth_holds(world: World, tmp_path: Path) -> None:
    world.keep(1)
    world.decide(1, Approve())
    world.run(600)
    made = world.office.back_up(tmp_path / "backups")
    world.keep(2, 3)
    world.decide(2, Approve(replaces=f"{1:032x}"))
    world.run(600)
    with outbox(world) as ledger:
        assert ledger.counts()[ShotState.VERIFIED] == 3
        assert ledger.decided() == {"approved": 2, "rejected": 0}
        ledger.park(f"{3:032x}", "something of before")
    # The backup knew shot 1 and its decision; another decision has been made since, at a place given before.
    world.office.restore(made)
    assert world.arrived() == [1]
    world.run(600)
    world.decide(3, Reject(("glasses",)))
    world.run(600)
    with outbox(world) as ledger:
        assert ledger.decided() == {"approved": 1, "rejected": 1}
        assert ledger.counts()[ShotState.VERIFIED] == 3
        assert ledger.parked() == []
        known = ledger.decision_of(f"{2:032x}")
        assert known is not None
        assert known.decision is None
    assert sorted(world.arrived()) == [1, 2, 3]
    world.run(600)
    with outbox(world) as ledger:
        assert ledger.counts()[ShotState.VERIFIED] == 3


def test_the_heartbeat_tells_how_the_machine_does(world: World) -> None:
    world.run(60)
    assert heartbeat(world).temperature_c is None, "no booth writes into this folder"
    machine = KernelFiles(world.config.storage.folder.parent / "machine")
    machine.becomes(supply_low=True, degrees=71.5)
    watch = MachineWatch(BoothPaths(world.config.storage.folder), world.clock, machine.folder, CALIBRATED)
    watch.look()
    world.run(75)
    beat = heartbeat(world)
    assert (beat.temperature_c, beat.under_voltage, beat.throttled) == (71.5, True, False)
    assert beat.memory_available_bytes is not None
    assert beat.calibrated_at == CALIBRATED
    assert [(one.device, one.cause) for one in beat.failures] == [("machine", "fault.machine_power")]
    world.run(300)
    assert heartbeat(world).temperature_c is None, "the booth has written nothing for minutes"
