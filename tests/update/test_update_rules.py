"""What a booth installs, when a version has proved itself, when it goes back."""

import os
import shutil
import subprocess
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from common.disk import Disk
from kiosk.__main__ import main
from kiosk.update.decision import (
    COMPARED_MINUTES,
    FAILING_MINUTES,
    FORMER_FAULTS_MINUTES,
    MOST_STARTS,
    PROVED_IDLE_MINUTES,
    PROVED_MINUTES,
)
from kiosk.update.programs import Programs, RunningRelease
from kiosk.update.retry import FIRST_S
from kiosk.uplink.shared.shared_files import HealthFile, failing_devices
from sim.twins.programs import ANNA, BERT, CARL, DORA, FIRST, TODAY, Machine, archive, key_set, release
from wire.heartbeat import DeviceFailure

ROOT = Path(__file__).parents[2]


def installed(machine: Machine, data: bytes | None = None, version: str = "0.3.0") -> Machine:
    machine.fetched(data or release(version), version)
    machine.step()
    return machine


def test_a_signed_release_runs_from_the_next_start_and_proves_itself(machine: Machine) -> None:
    assert machine.start() == "0.2.0"
    installed(machine)
    machine.stop()
    assert machine.start() == "0.3.0"
    machine.saved_a_photo()
    machine.step(PROVED_MINUTES - 1)
    assert machine.state.trial is not None
    state = machine.step()
    assert (state.trial, state.chosen, state.proved) == (None, "0.3.0", "0.3.0")
    assert list(machine.incoming.glob("*.release")) == []
    for _ in range(10):  # whatever happens later: it has proved itself
        machine.start()
        machine.crash()
    assert machine.runs() == "0.3.0"


def test_without_a_visitor_it_takes_ten_hours(machine: Machine) -> None:
    installed(machine).start()
    assert machine.step(PROVED_IDLE_MINUTES - 1).trial is not None
    assert machine.step().trial is None


def test_without_keys_given_by_hand_nothing_is_installed(machine: Machine) -> None:
    machine.keys.unlink()
    installed(machine)
    assert (machine.start(), machine.state.keys) == ("0.2.0", None)


REFUSED = {
    "one signature": release(by=(ANNA,)),
    "no signature": release(by=()),
    "a wrong key beside a right one": release(by=(ANNA, DORA)),
    "two keys of a set that nobody signed": release(by=(CARL, DORA), sets=(key_set(2, (CARL, DORA), (CARL, DORA)),)),
    "the version that runs": release("0.2.0"),
    "an older version": release("0.1.9"),
    "too old a booth": release(minimum_version="0.2.1"),
    "another machine": release(architecture="arm64" if os.uname().machine == "x86_64" else "amd64"),
    "after its last day": release(not_after=TODAY - timedelta(days=1)),
    "cut short": release()[:-1],
    "cut in the header": release()[:100],
    "longer": release() + b"x",
    "one byte else": release()[:-1] + b"X",
    "noise": b"\x00" * 5_000,
    "nothing": b"",
    "no archive": release(packed=b"not a tar"),
    "no program": release(packed=archive({"lib/module.py": b""})),
    "a path outside": release(packed=archive({"bin/kiosk": b"", "../../evil": b""})),
    "an absolute path": release(packed=archive({"bin/kiosk": b"", "/etc/evil": b""})),
    "a link outside": release(packed=archive({"bin/kiosk": b""}, {"lib": "/etc"})),
    "a link above": release(packed=archive({"bin/kiosk": b""}, {"lib": "../../.."})),
}


@pytest.mark.parametrize("what", sorted(REFUSED))
def test_what_is_refused_is_deleted_named_and_never_runs(machine: Machine, what: str) -> None:
    digest = machine.fetched(REFUSED[what])
    machine.step()
    refusal = machine.state.refused(digest)
    assert refusal is not None
    assert not refusal.went_back
    assert refusal.why
    assert machine.start() == "0.2.0"
    machine.step()
    assert list(machine.incoming.iterdir()) == []
    assert [path.name for path in machine.folder.rglob("evil")] == []
    assert not machine.programs.joinpath("releases").exists() or list((machine.programs / "releases").iterdir()) == []


CAUSES_THAT_PASS = ("it can't be imported here: libfoo.so.1", "it can't be run here: TimeoutExpired")


@pytest.mark.parametrize("cause", CAUSES_THAT_PASS)
@pytest.mark.parametrize("tries", [1, 3])
def test_a_release_that_cannot_be_imported_here_runs_once_the_cause_is_gone(
    machine: Machine, cause: str, tries: int
) -> None:
    machine.broken = cause
    digest = machine.fetched(release())
    state, wait = machine.step(), FIRST_S // 60
    for _ in range(tries - 1):
        state = machine.step(wait)
        wait *= 2
    assert state.refused(digest) is None
    assert cause in (state.held or "")
    assert machine.start() == "0.2.0"
    machine.broken = None
    assert machine.step(wait - 1).chosen is None, "each try wears out the card"
    assert machine.step().chosen == "0.3.0"
    assert machine.state.held is None
    assert machine.start() == "0.3.0"


def test_a_release_held_back_is_tried_daily_at_last_and_at_once_if_staff_say_so_or_the_clock_went_back(
    machine: Machine,
) -> None:
    machine.broken = CAUSES_THAT_PASS[0]
    machine.fetched(release())
    for _ in range(12):
        machine.now_s += 86_400
        machine.step()
    before = machine.now_s
    machine.broken = None
    assert machine.updater.step(set()).chosen is None
    machine.now_s -= 7 * 86_400
    assert machine.step().chosen == "0.3.0"
    assert (machine.now_s, machine.start()) == (before - 7 * 86_400 + 60, "0.3.0")


def test_staff_who_removed_the_cause_need_not_wait(machine: Machine) -> None:
    machine.broken = CAUSES_THAT_PASS[0]
    machine.fetched(release())
    machine.step(30)
    machine.broken = None
    assert machine.updater.step(set(), again=True).chosen == "0.3.0"


@pytest.mark.parametrize("harm", ["damaged", "gone"])
def test_a_file_that_was_damaged_at_the_booth_is_fetched_anew(machine: Machine, harm: str) -> None:
    """The release itself is good: it must not be refused by its digest."""
    digest = machine.fetched(release())
    file = machine.incoming / f"{digest}.release"
    if harm == "gone":
        file.unlink()
    else:
        file.write_bytes(release()[:-1] + b"X")
    state = machine.step()
    assert (state.refused(digest), state.chosen) == (None, None)
    assert list(machine.incoming.iterdir()) == []
    installed(machine)
    assert machine.start() == "0.3.0"


def test_the_last_day_is_the_offices(machine: Machine) -> None:
    machine.fetched(release(not_after=TODAY), today=TODAY)
    assert machine.step().chosen == "0.3.0"


def test_an_older_version_is_refused_after_a_newer_one_proved_itself(machine: Machine) -> None:
    installed(machine, version="0.4.0").start()
    machine.saved_a_photo()
    machine.step(PROVED_MINUTES)
    digest = machine.fetched(release("0.3.0"))
    machine.step()
    assert machine.state.refused(digest) is not None
    assert machine.runs() == "0.4.0"


@pytest.mark.parametrize("service", ["booth", "uplink"])
def test_a_version_that_crashes_at_start_goes_back(machine: Machine, service: str) -> None:
    digest = machine.fetched(release())
    machine.step()
    for _ in range(MOST_STARTS):
        assert machine.start(service) == "0.3.0"
        machine.crash(service)
    assert machine.start(service) == "0.2.0"
    refusal = machine.state.refused(digest)
    assert refusal is not None
    assert refusal.went_back
    machine.fetched(release())
    assert machine.step().refused(digest) is not None or machine.runs() == "0.2.0"


def test_a_version_that_crashes_at_its_first_session_goes_back(machine: Machine) -> None:
    installed(machine)
    for _ in range(MOST_STARTS):
        machine.start()
        machine.step(20)
        machine.crash()
    assert machine.start() == "0.2.0"


def test_a_version_that_crashes_after_an_hour_goes_back_though_it_saved_photos(machine: Machine) -> None:
    installed(machine)
    for _ in range(MOST_STARTS):
        assert machine.start() == "0.3.0"
        machine.saved_a_photo()
        machine.step(60)
        machine.crash()
    assert machine.start() == "0.2.0"


def test_a_power_cut_counts_as_a_crash_and_a_clean_end_does_not(machine: Machine) -> None:
    installed(machine)
    for _ in range(20):  # switched off by the book every evening
        assert machine.start() == "0.3.0"
        machine.stop()
    for _ in range(MOST_STARTS):
        assert machine.start() == "0.3.0"
    assert machine.start() == "0.2.0"


def test_a_fault_that_the_former_version_did_not_have_goes_back(machine: Machine) -> None:
    machine.failures = {"scanner fault.scanner_missing"}
    installed(machine).start()
    machine.step(30)
    machine.failures |= {"camera fault.camera_library"}
    machine.step(FAILING_MINUTES - 1)
    machine.failures -= {"camera fault.camera_library"}
    machine.step()
    assert machine.runs() == "0.3.0", "it has to last"
    machine.failures |= {"camera fault.camera_library"}
    machine.step(FAILING_MINUTES)
    machine.stop()
    assert machine.start() == "0.2.0"
    machine.step()  # the fault on file is still that of the version before
    machine.failures -= {"camera fault.camera_library"}
    machine.saved_a_photo()
    machine.step(COMPARED_MINUTES - 1)
    assert [one.version for one in machine.state.refusals if one.went_back] == ["0.3.0"]
    assert "camera fault.camera_library" in machine.state.refusals[0].why
    assert machine.runs() == "0.2.0"


LAMP = "lamp_right fault.lamp_dead"


def lamp_dies_in_trial(machine: Machine) -> None:
    """The release runs well for a while; then a lamp dies, and the former version is started to compare."""
    installed(machine).start()
    machine.saved_a_photo()
    machine.step(30)
    machine.failures = {LAMP}
    machine.step(FAILING_MINUTES)
    machine.stop()
    assert machine.start() == "0.2.0"


def test_a_lamp_that_dies_in_the_trial_does_not_condemn_the_release(machine: Machine) -> None:
    lamp_dies_in_trial(machine)
    machine.step(FORMER_FAULTS_MINUTES)
    machine.stop()
    assert machine.start() == "0.3.0", "the former version can't light the lamp either"
    machine.saved_a_photo()
    machine.step(PROVED_MINUTES - 1)
    assert machine.state.trial is not None, "the trial began anew"
    machine.failures = set()
    assert machine.step().proved == "0.3.0"
    assert machine.state.refusals == ()


def test_until_the_former_version_saves_a_photo_its_lamps_prove_nothing(machine: Machine) -> None:
    """A lamp is tested when somebody is to be photographed."""
    lamp_dies_in_trial(machine)
    machine.failures = set()
    machine.step(5 * COMPARED_MINUTES)
    assert machine.state.refusals == ()
    machine.failures = {LAMP}  # somebody came
    machine.step()
    assert machine.runs() == "0.3.0"


def test_a_release_that_crashes_after_a_lamp_died_in_its_trial_goes_back_for_good(machine: Machine) -> None:
    lamp_dies_in_trial(machine)
    machine.step(FORMER_FAULTS_MINUTES)
    machine.stop()
    for _ in range(MOST_STARTS):
        assert machine.start() == "0.3.0"
        machine.crash()
    assert machine.start() == "0.2.0"
    machine.failures = set()
    machine.step(PROVED_IDLE_MINUTES)
    assert machine.runs() == "0.2.0"
    assert [one.went_back for one in machine.state.refusals] == [True]


def test_a_fault_of_the_release_counts_although_a_lamp_died_with_it(machine: Machine) -> None:
    lamp_dies_in_trial(machine)
    machine.step(FORMER_FAULTS_MINUTES)
    machine.stop()
    assert machine.start() == "0.3.0"
    machine.failures |= {"camera fault.camera_library"}
    machine.step(FAILING_MINUTES)
    machine.stop()
    assert machine.start() == "0.2.0"
    machine.failures = {LAMP}
    machine.saved_a_photo()
    machine.step(COMPARED_MINUTES)
    assert [one.went_back for one in machine.state.refusals] == [True]
    assert LAMP not in machine.state.refusals[0].why


def test_the_status_names_the_faults_that_are_compared(machine: Machine, capsys: pytest.CaptureFixture[str]) -> None:
    lamp_dies_in_trial(machine)
    assert main(["update", "status", "--programs", str(machine.programs)]) == 0
    assert (
        f"trial of 0.3.0 interrupted, to see whether this version has the same faults: {LAMP}"
        in capsys.readouterr().out
    )


def test_while_the_former_version_does_not_run_nothing_is_compared(machine: Machine) -> None:
    lamp_dies_in_trial(machine)
    machine.stop()
    machine.failures = set()
    machine.step(2 * COMPARED_MINUTES)
    assert machine.state.comparison is not None
    assert machine.state.refusals == ()
    assert {path.name for path in (machine.programs / "releases").iterdir()} == {"0.3.0"}, "it may come back"
    machine.start()
    machine.failures = {LAMP}
    machine.step(FORMER_FAULTS_MINUTES)
    assert machine.runs() == "0.3.0"


def test_a_release_whose_trial_is_interrupted_is_not_installed_again_and_a_newer_one_is(machine: Machine) -> None:
    lamp_dies_in_trial(machine)
    machine.fetched(release())
    machine.step()
    assert machine.runs() == "0.2.0"
    installed(machine, version="0.4.0")
    assert machine.state.comparison is None
    machine.stop()
    assert machine.start() == "0.4.0"
    machine.saved_a_photo()
    machine.step(PROVED_MINUTES)
    assert machine.state.trial is None, "the dead lamp was there before 0.4.0"


def test_a_package_that_is_as_new_ends_a_comparison(machine: Machine) -> None:
    lamp_dies_in_trial(machine)
    machine.package = "0.3.0"
    machine.step(FORMER_FAULTS_MINUTES)
    assert machine.start() == "0.3.0"
    assert (machine.state.chosen, machine.state.trial, machine.state.comparison) == (None, None, None)


def test_staff_at_the_menu_are_no_fault_of_a_release(tmp_path: Path) -> None:
    health = tmp_path / "health.json"
    since = datetime(2026, 9, 20, 9, 0, tzinfo=UTC)
    lamp = DeviceFailure(device="lamp_right", cause="fault.lamp_dead", since=since)
    menu = DeviceFailure(device="staff", cause="fault.staff_menu", since=since)
    HealthFile(health, Disk()).write((menu, lamp))
    assert failing_devices(health) == {LAMP}


def test_a_stopped_booth_proves_nothing(machine: Machine) -> None:
    installed(machine)
    machine.step(2 * PROVED_IDLE_MINUTES)
    assert machine.state.trial is not None, "it has not even started"
    machine.start()
    machine.crash()
    machine.start()
    machine.stop()
    machine.step(2 * PROVED_IDLE_MINUTES)
    assert machine.state.trial is not None


def test_a_newer_release_may_replace_one_on_trial_and_what_is_behind_stays_the_proved_one(machine: Machine) -> None:
    installed(machine, version="0.3.0").start()
    machine.saved_a_photo()
    machine.step(PROVED_MINUTES)
    installed(machine, version="0.4.0").start()
    installed(machine, version="0.5.0")
    for _ in range(MOST_STARTS):
        assert machine.start() == "0.5.0"
    assert machine.start() == "0.3.0"
    machine.step()
    assert [path.name for path in (machine.programs / "releases").iterdir()] == ["0.3.0"]


def test_a_release_in_which_a_process_runs_is_not_deleted(machine: Machine) -> None:
    installed(machine, version="0.3.0").start()
    running = RunningRelease(machine.programs / "releases" / "0.3.0")
    assert running.is_chosen()
    installed(machine, version="0.4.0")
    assert not running.is_chosen()
    machine.step()
    names = {path.name for path in (machine.programs / "releases").iterdir()}
    assert names == {"0.3.0", "0.4.0"}
    running.close()
    machine.step()
    assert {path.name for path in (machine.programs / "releases").iterdir()} == {"0.4.0"}


def test_a_booth_that_slept_through_a_rotation_follows_it_and_never_goes_back(machine: Machine) -> None:
    second = key_set(2, (BERT, CARL, DORA), (BERT, CARL))
    installed(machine, release("0.3.0", by=(CARL, DORA), sets=(FIRST, second)))
    assert machine.runs() == "0.3.0"
    digest = machine.fetched(release("0.4.0", by=(ANNA, BERT)), "0.4.0")
    state = machine.step()
    assert state.keys == 2
    assert state.refused(digest) is not None


def test_a_package_that_is_as_new_takes_the_releases_place(machine: Machine) -> None:
    installed(machine, version="0.3.0").start()
    machine.package = "0.3.0"
    assert machine.start() == "0.3.0"
    assert machine.state.chosen is None


def test_a_release_that_somebody_deleted_is_fetched_again(machine: Machine) -> None:
    installed(machine).start()
    shutil.rmtree(machine.programs / "releases" / "0.3.0")
    assert machine.start() == "0.2.0"
    assert installed(machine).start() == "0.3.0"


def test_a_full_disk_holds_the_release_back_until_there_is_room(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kiosk.update.updater.ROOM_BYTES", 10**15)
    installed(machine)
    assert machine.state.held is not None
    assert "room are missing" in machine.state.held
    assert machine.start() == "0.2.0"
    monkeypatch.setattr("kiosk.update.updater.ROOM_BYTES", 0)
    assert machine.step().held is None
    assert machine.start() == "0.3.0"


def test_a_disk_with_room_for_the_file_alone_is_not_filled_with_it_each_minute(machine: Machine) -> None:
    """Each attempt writes the whole file to the memory card."""
    free, copies = [1_000_000], []

    class Small(Disk):
        def free_bytes(self, folder: Path) -> int:
            return free[0]

        def create(self, path: Path) -> int:
            copies.extend([path] if path.name == ".incoming.new" else [])
            return super().create(path)

    machine.disk = Small()
    machine.fetched(release(installed_bytes=2_000_000))
    state = machine.step(FIRST_S // 60)
    assert "room are missing" in (state.held or "")
    machine.step(60)
    assert len(copies) == 3  # after 1, 11 and 31 minutes
    free[0] = 10_000_000
    assert machine.updater.step(set(), again=True).chosen == "0.3.0"


@pytest.mark.parametrize("content", [b"", b"\x00" * 300, b"{}x", b'{"form": 2}'])
def test_a_damaged_memory_means_the_packages_own_version(machine: Machine, content: bytes) -> None:
    installed(machine).start()
    (machine.programs / "update.json").write_bytes(content)
    assert machine.start() == "0.2.0"


@pytest.mark.parametrize(
    "content", [b"", b"..\n", b"../../tmp\n", b"0.3.0/..\n", b"\xff\xfe\n", b"9.9.9\n", b"0.3.0\n", b"0.3.0"]
)
def test_run_release_and_python_agree_on_what_is_chosen(machine: Machine, content: bytes) -> None:
    installed(machine)
    (machine.programs / "chosen").write_bytes(content)
    command = [str(ROOT / "systemd" / "run-release")]
    done = subprocess.run(
        command, capture_output=True, text=True, check=True, env={"KIOSK_PROGRAMS": str(machine.programs)}
    )
    assert done.stdout.strip() == ("new" if content.strip() == b"0.3.0" else "package")
    assert (machine.runs() == "0.3.0") == (content.strip() == b"0.3.0")


def test_files_of_the_updater_can_be_read_by_the_services_and_written_by_root_alone(machine: Machine) -> None:
    installed(machine)
    for name in ("chosen", "update.json"):
        assert (machine.programs / name).stat().st_mode & 0o777 == 0o644
    assert Programs(machine.programs).state() == machine.state


def test_dates_do_not_matter_where_the_office_told_none(machine: Machine) -> None:
    machine.fetched(release(), today=date(2026, 9, 20))
    (machine.incoming / "offer.json").unlink()
    machine.step()
    assert machine.start() == "0.2.0"
