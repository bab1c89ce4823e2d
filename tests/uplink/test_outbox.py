"""The ledger: one row a shot, durable settings, waits that a moved clock can't stretch."""

import subprocess
import sys
from pathlib import Path

import apsw
import pytest

from kiosk.ports.faults import PermanentFault, TemporaryFault
from kiosk.uplink.storage.database import ours, transaction
from kiosk.uplink.storage.outbox import Outbox
from kiosk.uplink.storage.outbox_rows import MIGRATIONS, Noted, ShotRow, ShotState
from tests.uplink.conftest import START
from wire.decision import Decision, DecisionPage, ShotDecision

ONE, TWO, THREE = "1" * 32, "2" * 32, "3" * 32
DIGEST, OTHER = "a" * 64, "b" * 64


def one(row: ShotRow | None) -> ShotRow:
    assert row is not None
    return row


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "outbox.sqlite3"


def add(outbox: Outbox, *shot_ids: str) -> None:
    for shot_id in shot_ids:
        outbox.add(shot_id, DIGEST, None, 10, 0)


def test_a_shot_has_one_row_and_the_first_one_stays(path: Path) -> None:
    with Outbox(path) as outbox:
        outbox.add(ONE, DIGEST, OTHER, 10, 0)
        again = outbox.add(ONE, OTHER, None, 20, 5)
        assert (again.digest, again.content, again.size) == (DIGEST, OTHER, 10)
        assert outbox.counts()[ShotState.KEPT] == 1


def test_every_commit_is_synced_and_the_journal_is_a_rollback_journal(path: Path) -> None:
    with Outbox(path) as outbox:
        add(outbox, ONE)
        assert outbox._connection.pragma("synchronous") == 3
        assert outbox._connection.pragma("journal_mode") == "delete"
    assert [file.name for file in path.parent.iterdir()] == ["outbox.sqlite3"]


def test_a_file_left_in_write_ahead_mode_is_brought_back(path: Path) -> None:
    Outbox(path).close()
    other = apsw.Connection(str(path))
    assert other.pragma("journal_mode", "wal") == "wal"
    other.close()
    with Outbox(path) as outbox:
        assert outbox._connection.pragma("journal_mode") == "delete"


def test_a_write_ahead_file_in_use_is_refused(path: Path) -> None:
    Outbox(path).close()
    other = apsw.Connection(str(path))
    other.pragma("journal_mode", "wal")
    other.execute("BEGIN; SELECT count(*) FROM shots")
    with pytest.raises((PermanentFault, TemporaryFault), match=r"outbox\.sqlite3"):
        Outbox(path)
    other.close()


def test_a_newer_file_is_refused_with_both_versions(path: Path) -> None:
    Outbox(path).close()
    other = apsw.Connection(str(path))
    other.pragma("user_version", 99)
    other.close()
    with pytest.raises(PermanentFault, match=f"has version 99, this program knows versions to {len(MIGRATIONS)}"):
        Outbox(path)


def test_what_is_no_database_is_a_permanent_fault_that_names_it(path: Path) -> None:
    path.write_bytes(b"not a database, but long enough to have a header" * 100)
    with pytest.raises(PermanentFault, match=r"outbox\.sqlite3 is damaged"):
        Outbox(path)


def test_the_oldest_due_row_comes_first_and_waiting_rows_let_others_pass(path: Path) -> None:
    with Outbox(path) as outbox:
        add(outbox, THREE, ONE, TWO)
        assert one(outbox.due(ShotState.KEPT, 100)).shot_id == THREE
        outbox.postpone(THREE, 100, 200)
        first = one(outbox.due(ShotState.KEPT, 150))
        assert first.shot_id == ONE
        back = one(outbox.due(ShotState.KEPT, 200))
        assert (back.shot_id, back.attempts) == (THREE, 1)


def test_a_wall_clock_set_back_ends_a_wait(path: Path) -> None:
    with Outbox(path) as outbox:
        add(outbox, ONE)
        outbox.postpone(ONE, 1_000_000, 2_000_000)
        assert outbox.due(ShotState.KEPT, 1_500_000) is None
        assert outbox.due(ShotState.KEPT, 999_999) is not None
        assert outbox.next_due_ms(1_500_000) == 2_000_000
        assert outbox.next_due_ms(999_999) == 999_999


def decided(*shot_ids: str) -> DecisionPage:
    """A page on which staff approved these shots."""
    decisions = tuple(
        ShotDecision(sequence=place, shot_id=shot, decision=Decision.APPROVED, decided_at=START)
        for place, shot in enumerate(shot_ids, start=1)
    )
    return DecisionPage(decisions=decisions, next=len(shot_ids) or 1, more=False)


def test_nothing_is_due_in_an_empty_outbox(path: Path) -> None:
    with Outbox(path) as outbox:
        assert outbox.next_due_ms(5) is None


def test_states_go_forward_one_at_a_time(path: Path) -> None:
    with Outbox(path) as outbox:
        add(outbox, ONE)
        outbox.verified(ONE, 5)
        outbox.copy_deleted(ONE, 5)
        assert one(outbox.row(ONE)).state is ShotState.KEPT
        outbox.received(Noted(ONE, "{}", 10, 20))
        assert outbox.due(ShotState.RECEIVED, 10) is None
        assert outbox.due(ShotState.RECEIVED, 20) is not None
        outbox.received(Noted(ONE, '{"second": 1}', 30, 40))
        outbox.verified(ONE, 1_000)
        assert outbox.copy_to_delete(1_000, 40) is None
        ready = one(outbox.copy_to_delete(1_001, 40))
        assert ready.receipt == "{}"
        outbox.copy_deleted(ONE, 2_000)
        assert outbox.counts() == {
            ShotState.KEPT: 0,
            ShotState.RECEIVED: 0,
            ShotState.VERIFIED: 0,
            ShotState.COPY_DELETED: 1,
        }


def test_a_receipt_that_says_verified_takes_a_kept_shot_there_in_one_change(path: Path) -> None:
    with Outbox(path) as outbox:
        add(outbox, ONE)
        outbox.received(Noted(ONE, "{}", 10, 20, verified_ms=5))
        row = one(outbox.row(ONE))
        assert (row.state, row.verified_ms, row.receipt) == (ShotState.VERIFIED, 5, "{}")
        outbox.received(Noted(ONE, '{"second": 1}', 30, 40))
        assert one(outbox.row(ONE)) == row


def test_a_shot_the_office_lost_is_sent_again(path: Path) -> None:
    with Outbox(path) as outbox:
        add(outbox, ONE)
        outbox.received(Noted(ONE, "{}", 0, 1_000))
        outbox.lost_by_office(ONE)
        row = one(outbox.due(ShotState.KEPT, 1))
        assert row.receipt is None
        outbox.received(Noted(ONE, "{}", 0, 1_000, verified_ms=5))
        outbox.lost_by_office(ONE)
        row = one(outbox.due(ShotState.KEPT, 1))
        assert (row.receipt, row.verified_ms) == (None, None)


def test_a_parked_shot_is_listed_for_staff_and_comes_back_when_they_say_so(path: Path) -> None:
    with Outbox(path) as outbox:
        add(outbox, ONE, TWO)
        outbox.park(ONE, "409 other-digest")
        assert [(row.shot_id, row.parked) for row in outbox.parked()] == [(ONE, "409 other-digest")]
        assert one(outbox.due(ShotState.KEPT, 1)).shot_id == TWO
        assert outbox.unpark() == 1
        assert one(outbox.due(ShotState.KEPT, 1)).shot_id == ONE


def test_a_change_is_seen_after_opening_again(path: Path) -> None:
    with Outbox(path) as outbox:
        add(outbox, ONE)
        outbox.postpone(ONE, 5, 9)
    with Outbox(path) as outbox:
        row = one(outbox.row(ONE))
        assert (row.attempts, row.tried_ms, row.next_ms) == (1, 5, 9)


def test_rows_without_a_copy_cost_the_others_nothing(path: Path) -> None:
    asked = []
    with Outbox(path) as outbox:
        connection = outbox._connection

        def note(_: object, statement: str, bindings: "apsw.Bindings | None") -> bool:
            asked.append((statement, bindings))
            return True

        connection.exec_trace = note
        outbox.due(ShotState.KEPT, 0)
        outbox.copy_to_delete(0, 0)
        outbox.next_due_ms(0)
        connection.exec_trace = None
        plans = [str(connection.execute(f"EXPLAIN QUERY PLAN {ask}", given).fetchall()) for ask, given in asked]
    assert len(plans) == 3
    assert all("USING INDEX shots_at_work" in plan for plan in plans), plans


def test_a_transaction_is_alone_from_its_first_read(path: Path) -> None:
    with Outbox(path) as first, Outbox(path) as second:
        second._connection.set_busy_timeout(0)
        with (
            transaction(first._connection),
            pytest.raises(TemporaryFault, match="locked"),
            ours(path),
            transaction(second._connection),
        ):
            raise AssertionError("both were let in")


WRITER = """
import sys
from pathlib import Path
from kiosk.uplink.storage.database import ours, transaction
from kiosk.uplink.storage.outbox import Outbox
from kiosk.uplink.storage.outbox_rows import Noted

first = int(sys.argv[2])
with Outbox(Path(sys.argv[1])) as outbox:
    for number in range(first, first + 60):
        outbox.add(f"{number:032x}", "a" * 64, None, 1, 0)
        outbox.postpone(f"{number:032x}", 1, 2)
"""


def test_two_processes_write_at_once_and_nothing_is_lost(path: Path) -> None:
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, path, first]) for first in ("0", "30")]
    assert [writer.wait(60) for writer in writers] == [0, 0]
    with Outbox(path) as outbox:
        assert outbox.counts()[ShotState.KEPT] == 90
        assert [one(outbox.row(f"{number:032x}")).attempts for number in range(90)] == [1] * 30 + [2] * 30 + [1] * 30


HERE, THERE = "https://office.example booth-1", "https://office.example spare-1"


def test_a_restored_office_asks_only_about_shots_that_it_or_nobody_was_given(path: Path) -> None:
    with Outbox(path) as outbox:
        add(outbox, ONE, TWO, THREE)
        outbox.received(Noted(ONE, "{}", 0, 0, verified_ms=5, taken_by=THERE))
        outbox.received(Noted(TWO, "{}", 0, 0, verified_ms=5, taken_by=HERE))
        outbox.park(THREE, "409 other-digest")
        outbox.take_decisions(decided(ONE, TWO), THERE)
        outbox.take_decisions(DecisionPage(reset=True, decisions=(), next=1, more=False), HERE)
        states = [one(outbox.row(shot)).state for shot in (ONE, TWO, THREE)]
        assert states == [ShotState.VERIFIED, ShotState.RECEIVED, ShotState.KEPT]
        assert outbox.parked() == []
        decisions = [outbox.decision_of(shot) for shot in (ONE, TWO)]
        assert [known and known.decision for known in decisions] == [Decision.APPROVED, None]


@pytest.mark.parametrize("former", [HERE, THERE.partition(" ")[0], ""], ids=["other name", "version before", "nobody"])
def test_shots_verified_before_it_was_noted_by_whom_are_those_of_the_feed_before(path: Path, former: str) -> None:
    with Outbox(path) as outbox:
        add(outbox, ONE, TWO)
        outbox.received(Noted(ONE, "{}", 0, 0, verified_ms=5))
        if former:
            outbox.take_decisions(decided(), former)
        outbox.take_decisions(decided(), THERE)
        assert outbox.decision_place(THERE) == 1
        assert outbox.decision_place(HERE) == 0
        assert one(outbox.row(ONE)).taken_by == (HERE if former == HERE else None)
        assert one(outbox.row(TWO)).taken_by is None
