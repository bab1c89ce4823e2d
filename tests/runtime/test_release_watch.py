"""The booth's part in an update: it ends for another release when nobody sits, and tells of a saved photo."""

import sys
from importlib.metadata import version
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from kiosk.commands.calibrate.panel import PanelState
from kiosk.commands.run import keep_running
from kiosk.core.session.state import AT_REST, State
from kiosk.runtime.booth import Booth
from kiosk.runtime.release_watch import ReleaseWatch
from kiosk.update.programs import RunningRelease
from sim.twins.disk import DiskTwin


class Machine:
    """The folder of the programs, in which release 0.3.0 runs, and the booth's folder that the updater reads."""

    def __init__(self, folder: Path) -> None:
        self.programs, self.booths = folder / "programs", folder / "update"
        for version_ in ("0.3.0", "0.4.0"):
            program = self.programs / "releases" / version_ / "bin" / "kiosk"
            program.parent.mkdir(parents=True)
            program.touch(0o755)
        self.choose("0.3.0")
        running = RunningRelease(self.programs / "releases" / "0.3.0")
        self.watch = ReleaseWatch(self.booths, DiskTwin(), running)

    def choose(self, version_: str) -> None:
        new = self.programs / "new"
        new.write_text(f"{version_}\n", "ascii")
        new.rename(self.programs / "chosen")

    def booth(self, state: State) -> Booth:
        """A booth in this state, whose loop goes on for ever."""
        loop: Any = SimpleNamespace(session=SimpleNamespace(state=state), tick=lambda: True)
        shell: Any = SimpleNamespace(close=lambda: None)
        vault: Any = None
        menu: Any = SimpleNamespace(calibration_wanted=False, renewal_wanted=False, in_setup=False)
        return Booth(loop, {}, shell, vault, self.watch, menu, lambda: 0, self.watch.close)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


@pytest.mark.parametrize("state", State)
def test_the_booth_makes_room_for_another_release_only_while_nobody_sits(machine: Machine, state: State) -> None:
    booth = machine.booth(state)
    assert not booth.must_make_room
    machine.choose("0.4.0")
    assert booth.must_make_room is (state in AT_REST)


def test_a_chosen_release_that_is_not_there_leaves_the_package_to_run(machine: Machine) -> None:
    machine.choose("0.5.0")
    assert machine.booth(State.ATTRACT).must_make_room


def test_the_process_ends_as_after_a_stop_and_lets_its_release_be_deleted(machine: Machine) -> None:
    machine.choose("0.4.0")
    assert keep_running(lambda: machine.booth(State.ATTRACT), lambda: PanelState(None)) == 0
    machine.watch.close()  # again is harmless


@pytest.mark.parametrize("state", State)
def test_the_updater_is_told_of_a_photo_that_was_saved_and_of_nothing_else(machine: Machine, state: State) -> None:
    machine.watch.look(state)
    served = machine.booths / "served"
    assert served.exists() is (state is State.DONE)
    if served.exists():
        assert served.read_text("ascii") == version("makeup-booth")


def test_a_folder_that_cannot_be_written_stops_no_session(machine: Machine, caplog: pytest.LogCaptureFixture) -> None:
    machine.booths.touch()
    machine.watch.look(State.DONE)
    machine.watch.look(State.DONE)
    assert len([one for one in caplog.records if "the updater can't be told" in one.message]) == 1


def test_a_calibration_gets_the_devices_between_two_booths(machine: Machine) -> None:
    told: list[str] = []
    booths = [machine.booth(State.OUT_OF_SERVICE), machine.booth(State.ATTRACT)]
    wanted: Any = SimpleNamespace(calibration_wanted=True, in_setup=False)
    booths[0]._staff = wanted

    def make() -> Booth:
        told.append("booth")
        return booths.pop(0)

    def calibrate() -> PanelState:
        told.append("calibration")
        machine.choose("0.4.0")  # so that the second booth ends
        return PanelState(None, outcome="saved")

    assert keep_running(make, calibrate) == 0
    assert told == ["booth", "calibration", "booth"]


@pytest.mark.parametrize("in_setup", [False, True])
def test_a_new_configuration_gets_a_new_booth_which_goes_on_with_the_set_up(machine: Machine, in_setup: bool) -> None:
    opened: list[int] = []
    booths = [machine.booth(State.OUT_OF_SERVICE), machine.booth(State.ATTRACT)]
    first: Any = SimpleNamespace(calibration_wanted=False, renewal_wanted=True, in_setup=in_setup)
    second: Any = booths[1]._staff
    booths[0]._staff, second.open_for_setup = first, lambda: opened.append(1)

    def make() -> Booth:
        if len(booths) == 1:
            machine.choose("0.4.0")  # so that the second booth ends
        return booths.pop(0)

    assert keep_running(make, lambda: PanelState(None, outcome="hung")) == 0
    assert opened == [1] * in_setup


@pytest.mark.parametrize(("outcome", "code"), [("stopped", 0), ("hung", 75)])
def test_after_a_calibration_that_was_stopped_or_hangs_no_booth_is_made(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, outcome: str, code: int
) -> None:
    booths: list[Any] = [machine.booth(State.OUT_OF_SERVICE)]
    booths[0]._staff = SimpleNamespace(calibration_wanted=True, in_setup=False)
    monkeypatch.setattr("kiosk.commands.run.os._exit", sys.exit)  # at once, without waiting for a thread
    try:
        ended = keep_running(booths.pop, lambda: PanelState(None, outcome=outcome))
    except SystemExit as at_once:
        ended = int(str(at_once.code))
    assert ended == code
