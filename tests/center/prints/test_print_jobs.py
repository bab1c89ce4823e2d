"""Sheets of a school: locked, unlocked, made, printed; in its delivery's file."""

import contextlib
import io
import json
import os
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path
from unittest.mock import Mock

import pytest
from sqlalchemy import select

from center.__main__ import main
from center.audit.tables import AuditRow
from center.jobs.model import JobState
from center.jobs.runner import JobRunner
from center.platform.configuration import CenterConfig, PrintsConfig
from center.platform.faults import Conflict, NotNow, NotThere, Unavailable, WrongRequest
from center.print_sheets.service import Ground
from center.print_sheets.sheets import CHECKLIST
from center.prints import print_jobs
from center.prints.printer import require_ready, send
from center.shots.tables import ShotRow
from center.wiring.office import Office
from tests.center.delivery.test_deliveries import SCHOOL, YEAR, approve, built, enter, opened, work
from tests.center.factories import HandClock, shot_id


def deliver(office: Office, clock: HandClock, *numbers: int) -> tuple[int, str]:
    enter(office, *numbers)
    for number in numbers:
        approve(office, clock, number)
    made, password = office.deliveries.make("sue", SCHOOL, YEAR)
    return made.delivery_id, password


def test_prints_are_locked_until_a_supervisor_unlocks_them_with_a_reason(office: Office, clock: HandClock) -> None:
    deliver(office, clock, 1)
    with pytest.raises(Conflict, match="its correction form is not back"):
        office.print_jobs.ask("sue", SCHOOL, YEAR, "six-inch")
    with pytest.raises(WrongRequest):
        office.print_locks.unlock("sue", SCHOOL, YEAR, " ")
    office.print_locks.unlock("sue", SCHOOL, YEAR, "电话确认")
    with pytest.raises(Conflict, match="unlocked before"):
        office.print_locks.unlock("sue", SCHOOL, YEAR, "again")
    state = office.print_jobs.state(SCHOOL, YEAR)
    assert state.unlock is not None
    assert (state.unlock.ground, state.unlock.reason, state.people) == (Ground.SUPERVISOR, "电话确认", 1)
    assert office.print_locks.unlocked() == {(SCHOOL, YEAR): Ground.SUPERVISOR}


def test_sheets_and_checklist_are_made_in_the_background_and_taken(office: Office, clock: HandClock) -> None:
    deliver(office, clock, 1, 2)
    office.print_locks.unlock("sue", SCHOOL, YEAR, "电话确认")
    with pytest.raises(NotThere):
        office.print_jobs.file("sue", SCHOOL, YEAR)
    office.print_jobs.ask("sue", SCHOOL, YEAR, "six-inch")
    work(office)
    name, parts = office.print_jobs.file("sue", SCHOOL, YEAR)
    assert SCHOOL not in name
    with zipfile.ZipFile(io.BytesIO(b"".join(parts))) as archive:
        assert archive.namelist() == ["印刷版-01.pdf", CHECKLIST]
        assert all(archive.read(one).startswith(b"%PDF") for one in archive.namelist())
    with pytest.raises(WrongRequest, match="no print format"):
        office.print_jobs.ask("sue", SCHOOL, YEAR, "poster")
    with pytest.raises(WrongRequest, match="no printer is configured"):
        office.print_jobs.ask("sue", SCHOOL, YEAR, "six-inch", to_printer=True)


def test_other_sheets_than_those_being_made_are_refused_and_not_noted_as_asked_for(
    office: Office, clock: HandClock
) -> None:
    first, _ = deliver(office, clock, 1)
    deliver(office, clock, 2)
    office.print_locks.unlock("sue", SCHOOL, YEAR, "电话确认")
    job = office.print_jobs.ask("sue", SCHOOL, YEAR, "six-inch")
    assert office.print_jobs.ask("bob", SCHOOL, YEAR, "six-inch") == job
    with pytest.raises(Conflict, match=f"job {job}, asked for before, has not ended"):
        office.print_jobs.ask("sue", SCHOOL, YEAR, "six-inch", delivery_id=first)
    with pytest.raises(Conflict, match=f"job {job}, asked for before, has not ended"):
        office.print_jobs.ask("sue", SCHOOL, YEAR, "a4")
    with office.database.read() as session:
        noted = session.scalars(select(AuditRow.detail).where(AuditRow.action == "prints.asked")).all()
    assert noted == [{"year": YEAR, "format": "six-inch", "printer": 0}] * 2
    work(office)
    office.print_jobs.ask("sue", SCHOOL, YEAR, "six-inch", delivery_id=first)
    work(office)
    assert office.print_jobs.file("sue", SCHOOL, YEAR)[0].endswith(f"-delivery-{first}.zip")


def test_sheets_with_a_photo_that_is_not_valid_any_more_are_not_given_out(office: Office, clock: HandClock) -> None:
    deliver(office, clock, 1, 2)
    office.print_locks.unlock("sue", SCHOOL, YEAR, "电话确认")
    office.print_jobs.ask("sue", SCHOOL, YEAR, "six-inch")
    work(office)
    assert office.print_jobs.file("sue", SCHOOL, YEAR)
    with office.database.read() as session:
        version = session.scalars(select(ShotRow.version).where(ShotRow.shot_id == shot_id(1))).one()
    office.queue.reopen("sue", shot_id(1), version)
    with pytest.raises(Conflict, match="make them again"):
        office.print_jobs.file("sue", SCHOOL, YEAR)
    office.print_jobs.ask("sue", SCHOOL, YEAR, "six-inch")
    work(office)
    assert office.print_jobs.file("sue", SCHOOL, YEAR)


def test_sheets_lie_in_the_photo_store_unreadable(plain_office: Office, clock: HandClock) -> None:
    deliver(plain_office, clock, 1)
    plain_office.print_locks.unlock("sue", SCHOOL, YEAR, "电话确认")
    plain_office.print_jobs.ask("sue", SCHOOL, YEAR, "a4")
    work(plain_office)
    for path in (plain_office.config.folder / "photos").rglob("*"):
        assert not path.is_file() or b"%PDF" not in path.read_bytes()


def test_a_deliverys_file_has_the_checklist_and_its_sheets_once_they_are_unlocked(
    office: Office, clock: HandClock, tmp_path: Path
) -> None:
    delivery, password = deliver(office, clock, 1)
    files = opened(built(office, delivery)[1], password, tmp_path / "locked")
    assert CHECKLIST in files
    assert not [name for name in files if name.startswith("印刷版")]
    office.print_locks.unlock("sue", SCHOOL, YEAR, "电话确认")
    with pytest.raises(Conflict, match="build it again"):
        office.deliveries.file("sue", delivery)
    files = opened(built(office, delivery)[1], password, tmp_path / "unlocked")
    assert "印刷版-01.pdf" in files


def test_nobody_is_printed_whose_photo_does_not_stand_any_more(office: Office, clock: HandClock) -> None:
    deliver(office, clock, 1, 2)
    enter(office, 2, class_name="9班")  # corrected since: the next supplement brings it
    assert office.print_jobs.state(SCHOOL, YEAR).people == 2, "what was delivered is what is printed"
    with office.database.write() as session:
        shots = [one.shot_id for one in office.delivery_items.held(session, SCHOOL, YEAR)]
    from sqlalchemy import text

    with office.database.read() as session:
        version = session.execute(text("select version from shots where shot_id = :id"), {"id": shots[0]}).scalar_one()
    office.queue.reopen("sue", shots[0], version)
    assert office.print_jobs.state(SCHOOL, YEAR).people == 1


LPSTAT = """#!/bin/sh
case "$PRINTER_IS" in
on|full) echo "printer photo is idle.  enabled since Sat 29 Nov 2026";;
off) echo "printer photo disabled since Sat 29 Nov 2026 -"; echo "	The printer is not responding.";;
down) echo "scheduler is not running";;
unknown) echo 'lpstat: Invalid destination name in list "photo".' >&2; exit 1;;
esac
"""
LP = """#!/bin/sh
[ "$PRINTER_IS" = full ] && { echo 'lp: Destination "photo" is not accepting jobs.' >&2; exit 1; }
echo "$@" >> "$LP_WAS_TOLD"
for last in "$@"; do :; done
head -c 4 "$last" | grep -q %PDF || exit 1
echo "request id is photo-7 (1 file(s))"
"""


@pytest.fixture
def cups(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """CUPS's two programs as they answer; they stand in for a print server, which a test can't switch off."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name, script in (("lpstat", LPSTAT), ("lp", LP)):
        (folder / name).write_text(script)
        (folder / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    monkeypatch.setenv("LP_WAS_TOLD", str(tmp_path / "told"))
    monkeypatch.setenv("PRINTER_IS", "on")
    return tmp_path / "told"


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ("off", "off or stopped .The printer is not responding."),
        ("unknown", "Invalid destination"),
        ("down", "CUPS is not running"),
        ("full", "accepts no jobs"),
    ],
)
def test_a_printer_that_is_off_or_unknown_is_said_with_the_remedy(
    cups: Path, state: str, said: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PRINTER_IS", state)

    def hand_over() -> None:
        require_ready("photo")
        send("photo", [tmp_path / "x.pdf"], (152.4, 101.6))

    with pytest.raises(Unavailable, match=said):
        hand_over()
    assert not cups.exists()


def test_a_printing_system_that_takes_sheets_and_does_not_answer_is_to_be_looked_at_first(
    cups: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(subprocess, "run", Mock(side_effect=subprocess.TimeoutExpired("lp", 30)))
    with pytest.raises(Unavailable, match="look at the print queue first"):
        send("photo", [tmp_path / "x.pdf"], (152.4, 101.6))


def test_a_machine_without_cups_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Unavailable, match="apt-get install cups-client"):
        require_ready("photo")


def test_the_printer_gets_the_sheets_at_their_own_size(
    config: CenterConfig, clock: HandClock, cups: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Office.open(config.model_copy(update={"prints": PrintsConfig(printer="photo")}), clock) as office:
        office.booths.enrol("test", "booth-1")
        deliver(office, clock, 1)
        office.print_locks.unlock("sue", SCHOOL, YEAR, "电话确认")
        monkeypatch.setenv("PRINTER_IS", "off")
        office.print_jobs.ask("sue", SCHOOL, YEAR, "six-inch", to_printer=True)
        work(office)
        job = office.jobs.newest(1)[0]
        assert job.state is JobState.FAILED
        assert "switch it on" in str(job.fault)
        monkeypatch.setenv("PRINTER_IS", "on")
        office.print_jobs.ask("sue", SCHOOL, YEAR, "six-inch", to_printer=True)
        work(office)
        job = office.jobs.newest(1)[0]
        assert job.result == {"queued": "request id is photo-7 (1 file(s))"}
        told = cups.read_text()
        assert "-d photo" in told
        assert "media=Custom.152.4x101.6mm" in told
        assert "print-scaling=none" in told


class _Killed(BaseException):
    """The end of the process."""


@pytest.mark.parametrize("fault", [_Killed(), NotNow("the office's database can't be used now: try again later")])
@pytest.mark.parametrize("at", ["before it can know", "after the printer has them"])
def test_sheets_that_the_printer_may_have_are_never_handed_to_it_again_by_themselves(
    config: CenterConfig, clock: HandClock, cups: Path, monkeypatch: pytest.MonkeyPatch, fault: BaseException, at: str
) -> None:
    with Office.open(config.model_copy(update={"prints": PrintsConfig(printer="photo")}), clock) as office:
        office.booths.enrol("test", "booth-1")
        deliver(office, clock, 1)
        office.print_locks.unlock("sue", SCHOOL, YEAR, "电话确认")
        work(office)
        number = office.print_jobs.ask("sue", SCHOOL, YEAR, "six-inch", to_printer=True)
        with monkeypatch.context() as patched:
            target, name = (print_jobs, "send") if at == "before it can know" else (JobRunner, "_finish")
            usual = getattr(target, name)

            def disturbed(*given: object) -> None:
                if name == "send":
                    usual(*given)
                raise fault

            patched.setattr(target, name, disturbed)
            with contextlib.suppress(_Killed):
                work(office)
        assert office.jobs.get(number).state.is_open
        clock.move(seconds=600)
        work(office)
        job = office.jobs.get(number)
        assert job.state is JobState.FAILED
        assert "look at the print queue first" in str(job.fault)
        assert len(cups.read_text().splitlines()) == 1
        office.print_jobs.ask("sue", SCHOOL, YEAR, "six-inch", to_printer=True)
        work(office)
        assert len(cups.read_text().splitlines()) == 2, "whoever asks again has looked"


def test_sheets_that_the_printer_has_are_not_said_to_be_cancelled(
    config: CenterConfig, clock: HandClock, cups: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Office.open(config.model_copy(update={"prints": PrintsConfig(printer="photo")}), clock) as office:
        office.booths.enrol("test", "booth-1")
        deliver(office, clock, 1)
        office.print_locks.unlock("sue", SCHOOL, YEAR, "电话确认")

        def cancelled_before(usual: Callable[..., object]) -> Callable[..., object]:
            def disturbed(*given: object) -> object:
                office.jobs.cancel("sue", office.jobs.newest(1)[0].job_id)
                return usual(*given)

            return disturbed

        for name, state, printed in (("require_ready", JobState.CANCELLED, 0), ("send", JobState.DONE, 1)):
            number = office.print_jobs.ask("sue", SCHOOL, YEAR, "six-inch", to_printer=True)
            with monkeypatch.context() as patched:
                patched.setattr(print_jobs, name, cancelled_before(getattr(print_jobs, name)))
                work(office)
            assert office.jobs.get(number).state is state
            assert cups.exists() == bool(printed)


def test_the_command_does_what_the_page_does(
    plain_office: Office, clock: HandClock, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    deliver(plain_office, clock, 1)
    config = tmp_path / "center.toml"
    config.write_text(f'folder = "{plain_office.config.folder}"\n')

    def run(*words: str, command: str = "prints") -> dict[str, object]:
        assert main([command, *words, "--config", str(config), "--json"]) == 0
        lines = capsys.readouterr().out.splitlines()
        answer: dict[str, object] = json.loads(lines[0]) if lines else {}
        return answer

    assert run("show", SCHOOL, YEAR)["released"] is None
    assert main(["prints", "make", SCHOOL, YEAR, "--config", str(config)]) == 1
    assert "locked" in capsys.readouterr().err
    run("unlock", SCHOOL, YEAR, "agreed by phone")
    assert main(["prints", "release", SCHOOL, YEAR, "again", "--config", str(config)]) == 1  # the verb of 0.2.0
    assert "unlocked before" in capsys.readouterr().err
    run("make", SCHOOL, YEAR)
    run("work", "--once", command="jobs")
    path = Path(str(run("take", SCHOOL, YEAR, str(tmp_path))["file"]))
    assert path.stat().st_mode & 0o077 == 0
    assert run("list", command="jobs")["state"] == "done"
