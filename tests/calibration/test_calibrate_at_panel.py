"""The calibration at the booth's panel: the steps of `kiosk calibrate`, with the screen in place of the terminal."""

import signal
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from kiosk.commands.calibrate import panel
from kiosk.commands.calibrate.guide import Step
from kiosk.core.events import Action, Event, Touched
from kiosk.core.service.state import Press
from kiosk.hardware.camera_vendor import PiCamera
from kiosk.runtime.calibration import load
from kiosk.ui.viewmodel import View
from sim.calibrating import CalibrationBooth


class PressingShell:
    """Somebody before the panel, who does at once what each screen asks, and presses its button."""

    def __init__(self, emit: Callable[[Event], None], act: Callable[[View], str | None]) -> None:
        self._emit, self._act = emit, act
        self.shown: list[View] = []

    def pump(self) -> bool:
        press = self._act(self.shown[-1]) if self.shown else None
        if press is not None:
            self._emit(Touched(0, Action.STAFF, press))
        return True

    def show(self, view: View) -> None:
        self.shown.append(view)

    def close(self) -> None:
        return


def played(
    booth: CalibrationBooth,
    monkeypatch: pytest.MonkeyPatch,
    act: Callable[[View], str | None],
    *steps: Step,
    now_s: Callable[[], float] = time.monotonic,
) -> panel.PanelState:
    """Let `act` say what is pressed on each screen; returns how it ended."""

    def made(_display: object, emit: Callable[[Event], None], _clock: object, *, headless: bool) -> PressingShell:
        return PressingShell(emit, act)

    monkeypatch.setattr(panel, "Shell", made)
    return panel.calibrate_at_panel(booth.config, booth.vendors, headless=True, steps=steps, poll_s=0.0, now_s=now_s)


def following(booth: CalibrationBooth) -> Callable[[View], str | None]:
    def act(view: View) -> str | None:
        said = view.lines[0].id.removeprefix("service.calibrate_")
        if said in set(Step):
            booth.step = Step(said)
        return next((button.arg for button in view.buttons if button.primary), None)

    return act


def test_staff_who_do_as_each_step_says_have_a_calibration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    booth = CalibrationBooth(tmp_path)
    told = played(booth, monkeypatch, following(booth), Step.GREY_CARD, Step.EMPTY)
    assert told.outcome == "saved", told
    found = load(booth.config.storage.folder)
    assert found is not None
    assert found.calibration.colour_gains is not None
    assert set(found.plates) == {"dark", "left", "right"}
    assert (booth.pins.left, booth.pins.right) == (0.0, 0.0)


def test_a_step_that_fails_says_why_and_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    booth = CalibrationBooth(tmp_path)

    def stays_in_the_seat(view: View) -> str | None:
        booth.step = Step.SEATED
        return next((button.arg for button in view.buttons if button.primary), None)

    told = played(booth, monkeypatch, stays_in_the_seat, Step.EMPTY)
    assert (told.outcome, told.step) == ("refused", Step.EMPTY)
    assert "somebody is in the picture" in told.reason
    assert load(booth.config.storage.folder) is None


def test_whoever_gives_up_leaves_the_booth_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    booth = CalibrationBooth(tmp_path)
    told = played(booth, monkeypatch, lambda view: Press.BACK if view.buttons else None, Step.GREY_CARD)
    assert told.outcome == "given_up"
    assert load(booth.config.storage.folder) is None
    assert (booth.pins.left, booth.pins.right) == (0.0, 0.0)


def test_a_stop_in_a_step_ends_it_at_the_next_picture_with_the_lamps_dark(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    booth = CalibrationBooth(tmp_path)
    follow = following(booth)

    def stops(view: View) -> str | None:
        if view.busy and booth.step is not None:
            signal.raise_signal(signal.SIGTERM)
        return follow(view)

    told = played(booth, monkeypatch, stops, Step.GREY_CARD, now_s=lambda: 0.0)  # no time passes: nothing is waited for
    assert told == panel.PanelState(None, outcome=panel.STOPPED)
    assert (booth.pins.left, booth.pins.right, booth.rig.camera) == (0.0, 0.0, None)
    assert load(booth.config.storage.folder) is None


def test_a_stop_before_a_step_ends_it_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stops(view: View) -> str | None:
        if view.buttons:
            signal.raise_signal(signal.SIGINT)
        return None

    assert played(CalibrationBooth(tmp_path), monkeypatch, stops, Step.GREY_CARD).outcome == panel.STOPPED


@pytest.mark.parametrize(("stop", "limit_s"), [(False, panel.STEP_S), (True, panel.END_S)])
def test_a_call_that_does_not_return_is_found_and_the_watchdog_is_told_meanwhile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stop: bool, limit_s: int
) -> None:
    booth, hangs, returns, passed_s = CalibrationBooth(tmp_path), threading.Event(), threading.Event(), [0.0]
    heard = list[bytes]()
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
    monkeypatch.setattr(panel, "ALIVE_EVERY", 1)

    def camera() -> PiCamera:
        hangs.set()
        returns.wait()
        raise RuntimeError("the library is back, too late")

    monkeypatch.setattr(booth.rig, "factory", camera)
    follow = following(booth)

    def waits(view: View) -> str | None:
        if hangs.is_set():
            passed_s[0] += 1.0
            heard.append(systemd.recv(64))
            if stop and passed_s[0] == 1.0:
                signal.raise_signal(signal.SIGTERM)
        return follow(view)

    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        systemd.settimeout(10)
        told = played(booth, monkeypatch, waits, Step.GREY_CARD, now_s=lambda: passed_s[0])
    returns.set()
    assert told.outcome == panel.HUNG
    assert limit_s <= passed_s[0] <= limit_s + 3
    assert heard == [b"WATCHDOG=1"] * len(heard), "each second, until the end"
    assert len(heard) >= limit_s
