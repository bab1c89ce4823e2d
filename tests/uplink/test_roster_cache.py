"""The roster on the booth: every row that matches, fast, along the office's feed, and shut without the number."""

import contextlib
import logging
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import apsw
import pytest

from common.disk import Disk, alone_in
from kiosk.ports.config import StorageConfig
from kiosk.ports.roster import RosterMatch
from kiosk.uplink.roster.device_secret import device_secret
from kiosk.uplink.roster.roster_cache import RosterCache
from kiosk.uplink.roster.roster_lock import Kind, RosterLock
from tests.roster_rows import roster_row
from wire.roster_change import RosterPage, RosterRow, RowRemoved, RowSet

ONE = roster_row()
TWIN = roster_row(school="另一大学", id_number="110101199003070038", name="李四", exam_no="26320100000002")
HEARD_MS = 1_790_000_000_000


def page(*rows: RosterRow | None, first: int = 1, reset: bool = False) -> RosterPage:
    """A page that sets row 1, 2, ... at its places from `first` on; None removes that row."""
    changes = tuple(
        RowRemoved(sequence=place, row_id=f"{number:032x}")
        if row is None
        else RowSet(sequence=place, row_id=f"{number:032x}", row=row)
        for number, (place, row) in enumerate(enumerate(rows, start=first), start=1)
    )
    return RosterPage(reset=reset, changes=changes, next=changes[-1].sequence if changes else first - 1, more=False)


def rows(matches: tuple[RosterMatch, ...]) -> tuple[RosterRow, ...]:
    return tuple(match.row for match in matches)


@pytest.fixture
def roster(tmp_path: Path) -> Iterator[RosterCache]:
    roster = RosterCache(StorageConfig(folder=tmp_path))
    yield roster
    roster.close()


def test_a_row_is_found_by_id_number_student_number_and_exam_number(roster: RosterCache) -> None:
    roster.apply(page(ONE), HEARD_MS)
    assert rows(roster.by_id_number("11010519491231002X")) == (ONE,)
    assert rows(roster.by_code("20260001")) == (ONE,)
    assert rows(roster.by_code("26320100000001")) == (ONE,)


def test_a_number_of_one_kind_is_not_found_as_another(roster: RosterCache) -> None:
    roster.apply(page(ONE), HEARD_MS)
    assert roster.by_code("11010519491231002X") == ()
    assert roster.by_id_number("20260001") == ()


def test_every_school_with_that_student_number_is_found_in_the_order_of_import(roster: RosterCache) -> None:
    roster.apply(page(TWIN, ONE), HEARD_MS)
    assert rows(roster.by_code("20260001")) == (TWIN, ONE)


def test_a_row_whose_numbers_are_the_same_is_found_once(roster: RosterCache) -> None:
    same = roster_row(exam_no=ONE.student_no)
    roster.apply(page(same), HEARD_MS)
    assert rows(roster.by_code(ONE.student_no)) == (same,)


def test_applying_a_page_again_changes_nothing(roster: RosterCache) -> None:
    for _ in range(2):
        roster.apply(page(ONE, TWIN), HEARD_MS)
    assert rows(roster.by_code("20260001")) == (ONE, TWIN)
    assert roster.place() == 2


def test_a_corrected_row_replaces_what_was_known_under_every_number(roster: RosterCache) -> None:
    roster.apply(page(ONE), HEARD_MS)
    corrected = roster_row(student_no="20269999", name="张山")
    roster.apply(page(corrected, first=2), HEARD_MS)
    assert roster.by_code("20260001") == ()
    assert roster.by_code("20269999") == roster.by_id_number(ONE.id_number)
    assert rows(roster.by_code("20269999")) == (corrected,)


def test_a_removed_row_is_gone_and_removing_it_again_is_harmless(roster: RosterCache) -> None:
    roster.apply(page(ONE), HEARD_MS)
    for place in (2, 3):
        roster.apply(page(None, first=place), HEARD_MS)
    assert roster.by_id_number(ONE.id_number) == ()
    assert roster.place() == 3


def test_a_reset_forgets_all_rows_first(roster: RosterCache) -> None:
    roster.apply(page(ONE, TWIN), HEARD_MS)
    roster.apply(page(TWIN, reset=True), HEARD_MS)
    assert rows(roster.by_code("20260001")) == (TWIN,)


def test_the_place_survives_a_restart(tmp_path: Path, roster: RosterCache) -> None:
    assert roster.place() == 0
    roster.apply(page(ONE, TWIN), HEARD_MS)
    roster.close()
    again = RosterCache(StorageConfig(folder=tmp_path))
    assert again.place() == 2
    again.close()


def test_a_roster_the_office_has_not_spoken_of_for_too_long_is_deleted(roster: RosterCache) -> None:
    assert roster.forget_unless_answered(HEARD_MS) == 0
    roster.apply(page(ONE), HEARD_MS)
    assert roster.forget_unless_answered(HEARD_MS) == 0
    assert roster.forget_unless_answered(HEARD_MS + 1) == 3
    assert (roster.by_code("20260001"), roster.place()) == ((), 0)


def test_spaces_and_a_small_check_sign_do_not_matter(roster: RosterCache) -> None:
    roster.apply(page(ONE), HEARD_MS)
    assert rows(roster.by_id_number(" 11010519491231002x ")) == (ONE,)


def test_an_empty_number_finds_nobody(roster: RosterCache) -> None:
    roster.apply(page(roster_row(exam_no=" ")), HEARD_MS)
    assert roster.by_code("") == ()
    assert roster.by_code(" ") == ()


def test_without_a_roster_nobody_is_found_and_nothing_is_made(tmp_path: Path, roster: RosterCache) -> None:
    assert roster.by_code("20260001") == ()
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_roster_is_complained_of_once_and_finds_nobody(
    tmp_path: Path, roster: RosterCache, caplog: pytest.LogCaptureFixture
) -> None:
    roster.apply(page(ONE), HEARD_MS)
    roster.close()
    (tmp_path / "roster-2.sqlite3").write_bytes(b"noise" * 5000)
    again = RosterCache(StorageConfig(folder=tmp_path))
    assert (again.by_code("20260001"), again.by_code("20260001")) == ((), ())
    assert [record.levelno for record in caplog.records] == [logging.ERROR]
    again.close()


def test_a_booth_that_has_the_roster_open_sees_the_one_that_was_made_in_its_place(
    tmp_path: Path, roster: RosterCache
) -> None:
    booth = RosterCache(StorageConfig(folder=tmp_path))
    roster.apply(page(ONE), HEARD_MS)
    assert rows(booth.by_code("20260001")) == (ONE,)
    roster.close()
    for path in tmp_path.glob("roster-2.sqlite3*"):
        path.unlink()
    assert booth.by_code("20260001") == ()
    roster.apply(page(ONE), HEARD_MS)
    assert rows(booth.by_code("20260001")) == (ONE,)
    booth.close()


def test_nothing_of_a_row_is_readable_in_the_files(tmp_path: Path, roster: RosterCache) -> None:
    roster.apply(page(ONE), HEARD_MS)
    for _ in range(2):  # with the write-ahead log, and without it
        stored = b"".join(path.read_bytes() for path in tmp_path.iterdir())
        for known in (*ONE.model_dump().values(), f"{1:032x}"):
            if len(known) > 2:  # the sex is one sign: three bytes that noise may hold
                for encoding in ("utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "gb18030"):
                    assert known.encode(encoding) not in stored
        roster.close()


def test_a_row_opens_with_its_own_number_and_device_only() -> None:
    lock, match = RosterLock(bytes(32)), RosterMatch(ONE, "a" * 32, photographed=True)
    locked = lock.lock(Kind.CODE, "20260001", match)
    assert lock.open(Kind.CODE, "20260001", locked) == match
    for other, kind, number in (
        (lock, Kind.CODE, "20260002"),
        (lock, Kind.ID_NUMBER, "20260001"),
        (RosterLock(b"1" * 32), Kind.CODE, "20260001"),
    ):
        with pytest.raises(ValueError, match="can't be opened"):
            other.open(kind, number, locked)


def test_names_of_another_length_do_not_show() -> None:
    lock = RosterLock(bytes(32))
    lengths = {
        len(lock.lock(Kind.CODE, "1", RosterMatch(roster_row(name=name), "a" * 32, photographed=False)))
        for name in ("王五", "欧阳娜娜")
    }
    assert len(lengths) == 1


def test_a_changed_entry_finds_nobody_and_is_complained_of(
    tmp_path: Path, roster: RosterCache, caplog: pytest.LogCaptureFixture
) -> None:
    roster.apply(page(ONE), HEARD_MS)
    roster.close()
    with apsw.Connection(str(tmp_path / "roster-2.sqlite3")) as file:
        file.execute("UPDATE entries SET locked = zeroblob(length(locked))")
    file.close()
    assert roster.by_code("20260001") == ()
    assert "ValueError" in caplog.text
    assert "20260001" not in caplog.text


def test_under_another_secret_nobody_is_found_and_the_feed_begins_anew(tmp_path: Path, roster: RosterCache) -> None:
    roster.apply(page(ONE, TWIN), HEARD_MS)
    roster.close()
    (tmp_path / "device.secret").write_bytes(bytes(32))
    other = RosterCache(StorageConfig(folder=tmp_path))
    assert other.by_code("20260001") == ()
    assert other.place() == 0
    other.apply(page(TWIN), HEARD_MS)
    assert rows(other.by_code("20260001")) == (TWIN,)
    other.close()
    with apsw.Connection(str(tmp_path / "roster-2.sqlite3")) as file:
        assert file.execute("SELECT count(*) FROM entries").get == 3
    file.close()


def test_a_secret_with_a_place_of_its_own_is_never_made_by_the_booth(tmp_path: Path) -> None:
    secret = tmp_path / "card" / "device.secret"
    config = StorageConfig(folder=tmp_path / "disk", secret_file=secret)
    config.folder.mkdir()
    cache = RosterCache(config)
    with pytest.raises(FileNotFoundError):
        cache.apply(page(ONE), HEARD_MS)
    secret.parent.mkdir()
    secret.write_bytes(b"s" * 32)
    cache.apply(page(ONE), HEARD_MS)
    assert rows(cache.by_code("20260001")) == (ONE,)
    assert [path.name for path in config.folder.iterdir() if "secret" in path.name] == []
    cache.close()


def test_a_secret_that_another_process_makes_at_the_same_moment_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Booth and uplink at the first start: both find none, and one of them is first."""
    config = StorageConfig(folder=tmp_path / "booth")

    @contextlib.contextmanager
    def alone_after_the_other(folder: Path) -> Iterator[None]:
        (folder / "device.secret").write_bytes(b"o" * 32)
        with alone_in(folder):
            yield

    monkeypatch.setattr("kiosk.uplink.roster.device_secret.alone_in", alone_after_the_other)
    assert device_secret(config, Disk()) == b"o" * 32


def test_the_secret_is_only_its_owners(tmp_path: Path, roster: RosterCache) -> None:
    roster.apply(page(ONE), HEARD_MS)
    assert (tmp_path / "device.secret").stat().st_mode & 0o077 == 0


def test_a_look_up_among_twenty_thousand_takes_less_than_5_ms(roster: RosterCache) -> None:
    roster.apply(
        page(*(roster_row(student_no=f"{number:08d}", exam_no=f"E{number}") for number in range(20_000))), HEARD_MS
    )
    took = []
    for number in range(0, 20_000, 997):
        start = time.perf_counter()
        assert len(roster.by_code(f"{number:08d}")) == 1
        took.append(time.perf_counter() - start)
    assert sorted(took)[len(took) // 2] < 0.005


def test_a_look_up_does_not_wait_for_a_writer_in_another_process(tmp_path: Path, roster: RosterCache) -> None:
    roster.apply(page(ONE), HEARD_MS)
    script = (
        "import sys, apsw; c = apsw.Connection(sys.argv[1]); c.execute('BEGIN EXCLUSIVE; DELETE FROM entries');"
        "print('locked', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, tmp_path / "roster-2.sqlite3"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "locked\n"
        start = time.perf_counter()
        assert rows(roster.by_code("20260001")) == (ONE,)
        assert time.perf_counter() - start < 1
        writer.communicate()


def test_the_bundled_sqlite_has_the_repaired_write_ahead_log() -> None:
    version = tuple(int(part) for part in apsw.sqlite_lib_version().split("."))
    assert version >= (3, 51, 3)


def test_a_row_tells_its_name_and_whether_its_person_was_photographed(roster: RosterCache) -> None:
    changes = (RowSet(sequence=1, row_id="b" * 32, row=ONE, photographed=True),)
    roster.apply(RosterPage(changes=changes, next=1, more=False), HEARD_MS)
    (found,) = roster.by_code("20260001")
    assert (found.row_id, found.photographed) == ("b" * 32, True)
