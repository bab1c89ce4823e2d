"""The journal on disk: every file can be replayed alone, a visit is never torn, a bad disk ends it quietly."""

import errno
from collections.abc import Callable
from pathlib import Path

import pytest

from kiosk.core.events import Action, Event, SeasonState, SeasonTold, Tick, Touched
from kiosk.core.identity import IdentificationRule
from kiosk.core.session import machine as core
from kiosk.core.session.journal import replay
from kiosk.core.session.state import Session, SessionPolicy, State
from kiosk.runtime.journal_file import KEPT_FILES, JournalFile

POLICY = SessionPolicy(IdentificationRule.EITHER, ())


class Visits:
    """A session whose every event is written."""

    def __init__(self, journal: JournalFile) -> None:
        self._journal = journal
        self.now = core.start(POLICY, 1).session
        journal.write(Tick(1), self.now)

    def take(self, event: Event) -> None:
        self.now = core.step(self.now, event, POLICY).session
        self._journal.write(event, self.now)

    def visit(self, at_ns: int) -> None:
        self.take(SeasonTold(at_ns, SeasonState.OPEN))
        for action in (Action.START, Action.AGREE, Action.CANCEL):
            self.take(Touched(at_ns, action))


def _files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.jsonl"))


def _replayed(path: Path) -> Session:
    return replay(path.read_text(encoding="utf-8").splitlines(), POLICY)


def test_every_file_replays_alone_to_the_session_it_ended_in(tmp_path: Path) -> None:
    journal = JournalFile(tmp_path, "20260901T093000", POLICY, file_bytes=300)
    session, ends = Visits(journal), []
    for number in range(5):
        session.visit(number + 2)
        ends.append(session.now)
    journal.close()
    replayed = [_replayed(path) for path in _files(tmp_path)]
    assert len(replayed) > 2
    assert replayed[-1] == session.now
    assert all(one in ends for one in replayed)


def test_a_file_never_ends_within_a_visit(tmp_path: Path) -> None:
    journal = JournalFile(tmp_path, "20260901T093000", POLICY, file_bytes=1)
    session = Visits(journal)
    for number in range(3):
        session.visit(number + 2)
    journal.close()
    assert {_replayed(path).state for path in _files(tmp_path)} == {State.ATTRACT}


def test_an_earlier_journal_of_the_same_name_is_kept(tmp_path: Path) -> None:
    for _ in range(2):
        JournalFile(tmp_path, "20260101T000000", POLICY).close()
    assert len(_files(tmp_path)) == 2


def test_only_the_newest_files_are_kept(tmp_path: Path) -> None:
    for day in range(KEPT_FILES + 3):
        JournalFile(tmp_path, f"202609{day:02}T000000", POLICY).close()
    assert len(_files(tmp_path)) == KEPT_FILES
    assert _files(tmp_path)[0].name.startswith("20260903")


def test_the_newest_journal_is_never_the_first_to_go_whatever_the_clock_said(tmp_path: Path) -> None:
    for day in range(KEPT_FILES):
        JournalFile(tmp_path, f"202609{day + 1:02}T093000", POLICY).close()
    for start in range(KEPT_FILES + 1):  # since then the clock is behind at every start
        before = set(_files(tmp_path))
        JournalFile(tmp_path, f"20260101T0930{start:02}", POLICY).close()
        (made,) = set(_files(tmp_path)) - before
        assert made == _files(tmp_path)[-1]
    assert len(_files(tmp_path)) == KEPT_FILES


def test_lines_are_on_disk_before_the_journal_is_closed(tmp_path: Path) -> None:
    journal = JournalFile(tmp_path, "20260901T093000", POLICY)
    session = Visits(journal)
    session.visit(2)
    assert _replayed(*_files(tmp_path)) == session.now
    journal.close()


def test_a_folder_that_takes_nothing_ends_the_journal_not_the_booth(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "journal").write_text("a file where a folder should be")
    journal = JournalFile(tmp_path / "journal", "20260901T093000", POLICY)
    Visits(journal).visit(2)
    journal.close()
    assert [record.levelname for record in caplog.records] == ["ERROR"]


def test_a_journal_that_ended_begins_anew_at_the_next_rest_and_replays_alone(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / "journal"
    folder.write_text("a file where a folder should be")
    journal = JournalFile(folder, "20260901T093000", POLICY)
    visits = Visits(journal)
    visits.visit(2)
    folder.unlink()
    visits.visit(3)
    visits.visit(4)
    journal.close()
    (file,) = _files(folder)
    assert _replayed(file) == visits.now
    assert [record.levelname for record in caplog.records] == ["ERROR", "WARNING"]


def test_a_disk_without_room_is_tried_again_without_leaving_empty_files(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = JournalFile(tmp_path, "20260901T093000", POLICY)
    visits = Visits(journal)
    with monkeypatch.context() as full:
        full.setattr(JournalFile, "_put", _no_room)
        for at_ns in range(2, 40):
            visits.visit(at_ns)
        assert len(_files(tmp_path)) == 1
    visits.visit(40)
    visits.visit(41)
    journal.close()
    assert _replayed(_files(tmp_path)[-1]) == visits.now
    assert [record.levelname for record in caplog.records] == ["ERROR", "WARNING"]


def _no_room(journal: JournalFile, line: str) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def test_a_disk_that_hangs_ends_the_journal_when_too_much_waits_and_it_begins_anew_at_rest(tmp_path: Path) -> None:
    jobs: dict[str, Callable[[], None]] = {}
    later = jobs.__setitem__
    journal = JournalFile(tmp_path, "20260901T093000", POLICY, later=later, most_waiting=6)
    session = Visits(journal)
    session.visit(2)
    jobs["journal"]()
    before = session.now
    session.visit(3)
    session.visit(4)  # more than may wait
    jobs["journal"]()
    session.visit(5)
    jobs["journal"]()
    session.visit(6)
    journal.close()
    first, second = _files(tmp_path)
    assert _replayed(second) == session.now
    assert len(first.read_text("utf-8").splitlines()) == 2 + 4 + 6, "what waited, and nothing after a gap"
    assert _replayed(first).state is not State.CLOSED
    assert before != session.now


def test_what_waits_is_written_when_it_is_closed(tmp_path: Path) -> None:
    journal = JournalFile(tmp_path, "20260901T093000", POLICY, later=lambda _name, _job: None)
    session = Visits(journal)
    session.visit(2)
    journal.close()
    assert _replayed(_files(tmp_path)[0]) == session.now
