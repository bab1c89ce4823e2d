"""The roster on the booth: every row that matches, fast, idempotent, and no name for what it holds."""

import logging
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import apsw
import pytest

from kiosk.core.identity import RosterPerson
from kiosk.uplink.roster_cache import RosterCache, Unsealed

ONE = RosterPerson("2026", "示范大学", "数学", "1班", "20260001", "11010519491231002X", "张三", "男", "26320100000001")
TWIN = replace(ONE, school="另一大学", id_number="110101199003070038", name="李四", exam_no="26320100000002")


@pytest.fixture
def roster(tmp_path: Path) -> Iterator[RosterCache]:
    roster = RosterCache(tmp_path)
    yield roster
    roster.close()


def test_a_row_is_found_by_id_number_student_number_and_exam_number(roster: RosterCache) -> None:
    assert roster.import_rows([ONE]) == 1
    assert roster.by_id_number("11010519491231002X") == (ONE,)
    assert roster.by_code("20260001") == (ONE,)
    assert roster.by_code("26320100000001") == (ONE,)


def test_a_number_of_one_kind_is_not_found_as_another(roster: RosterCache) -> None:
    roster.import_rows([ONE])
    assert roster.by_code("11010519491231002X") == ()
    assert roster.by_id_number("20260001") == ()


def test_every_school_with_that_student_number_is_found_in_the_order_of_import(roster: RosterCache) -> None:
    roster.import_rows([TWIN, ONE])
    assert roster.by_code("20260001") == (TWIN, ONE)


def test_a_row_whose_numbers_are_the_same_is_found_once(roster: RosterCache) -> None:
    same = replace(ONE, exam_no=ONE.student_no)
    roster.import_rows([same])
    assert roster.by_code(ONE.student_no) == (same,)


def test_importing_again_changes_nothing(roster: RosterCache) -> None:
    roster.import_rows([ONE, TWIN])
    assert roster.import_rows([ONE, TWIN]) == 0
    assert roster.by_code("20260001") == (ONE, TWIN)


def test_spaces_and_a_small_check_sign_do_not_matter(roster: RosterCache) -> None:
    roster.import_rows([ONE])
    assert roster.by_id_number(" 11010519491231002x ") == (ONE,)


def test_an_empty_number_finds_nobody(roster: RosterCache) -> None:
    roster.import_rows([replace(ONE, exam_no="")])
    assert roster.by_code("") == ()


def test_without_a_roster_nobody_is_found_and_nothing_is_made(tmp_path: Path, roster: RosterCache) -> None:
    assert roster.by_code("20260001") == ()
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_roster_is_complained_of_once_and_finds_nobody(
    tmp_path: Path, roster: RosterCache, caplog: pytest.LogCaptureFixture
) -> None:
    roster.import_rows([ONE])
    roster.close()
    (tmp_path / "roster.sqlite3").write_bytes(b"noise" * 5000)
    again = RosterCache(tmp_path)
    assert (again.by_code("20260001"), again.by_code("20260001")) == ((), ())
    assert [record.levelno for record in caplog.records] == [logging.ERROR]
    again.close()


def test_the_numbers_are_neither_names_nor_keys_in_the_file(tmp_path: Path) -> None:
    class Dark(Unsealed):
        """Stands for a real seal: the row is gone."""

        def seal(self, key: bytes, row: bytes) -> bytes:
            return key + bytes(len(row))

    roster = RosterCache(tmp_path, Dark())
    roster.import_rows([ONE])
    roster.close()
    stored = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    for known in ("11010519491231002X", "20260001", "26320100000001", "张三"):
        assert known.encode() not in stored


def test_another_device_secret_finds_nobody(tmp_path: Path, roster: RosterCache) -> None:
    roster.import_rows([ONE])
    (tmp_path / "device.secret").write_bytes(bytes(32))
    other = RosterCache(tmp_path)
    assert other.by_code("20260001") == ()
    other.close()


def test_the_secret_is_only_its_owners(tmp_path: Path, roster: RosterCache) -> None:
    roster.import_rows([ONE])
    assert (tmp_path / "device.secret").stat().st_mode & 0o077 == 0


def test_a_look_up_among_twenty_thousand_takes_less_than_5_ms(roster: RosterCache) -> None:
    roster.import_rows(replace(ONE, student_no=f"{number:08d}", exam_no=f"E{number}") for number in range(20_000))
    took = []
    for number in range(0, 20_000, 997):
        start = time.perf_counter()
        assert len(roster.by_code(f"{number:08d}")) == 1
        took.append(time.perf_counter() - start)
    assert sorted(took)[len(took) // 2] < 0.005


def test_a_look_up_does_not_wait_for_a_writer_in_another_process(tmp_path: Path, roster: RosterCache) -> None:
    roster.import_rows([ONE])
    script = (
        "import sys, apsw; c = apsw.Connection(sys.argv[1]); c.execute('BEGIN EXCLUSIVE; DELETE FROM entries');"
        "print('locked', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, tmp_path / "roster.sqlite3"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "locked\n"
        start = time.perf_counter()
        assert roster.by_code("20260001") == (ONE,)
        assert time.perf_counter() - start < 1
        writer.communicate()


def test_the_bundled_sqlite_has_the_repaired_write_ahead_log() -> None:
    version = tuple(int(part) for part in apsw.sqlite_lib_version().split("."))
    assert version >= (3, 51, 3)
