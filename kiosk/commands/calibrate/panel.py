"""The calibration at the booth's own panel, which the service menu begins. It has the steps of `kiosk calibrate`, and
the screen takes the place of the terminal. The booth ends before the calibration, so the devices are free; after the
calibration a new booth is made."""

import logging
import os
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from kiosk.commands.calibrate import calibrate
from kiosk.commands.calibrate.guide import Step
from kiosk.commands.calibrate.steps import CalibrationRefused
from kiosk.core.events import Action, Event, Touched
from kiosk.core.service.state import Page, Press
from kiosk.core.session.state import State
from kiosk.ports.config import BoothConfig
from kiosk.ports.faults import DeviceFault
from kiosk.runtime.calibration import CalibrationFault
from kiosk.runtime.notify import Notifier
from kiosk.runtime.policy_and_facts import facts_of
from kiosk.runtime.stop import stop_signal
from kiosk.runtime.vendors import Vendors
from kiosk.ui.shell import Shell
from kiosk.ui.viewmodel import BEATS, Button, Say, StaffPage, View
from rules.profile import load_profile
from rules.season import load_season

log = logging.getLogger(__name__)

FRAME_S = 1 / 30
ALIVE_EVERY = 30  # after so many turns of the loop the watchdog is told that the program works
IDLE_S = 300
"""How long a step waits for staff; then the calibration is given up, and the booth serves again."""
SHOWN_S = 60
"""How long the result is shown, unless staff touch a button."""
STEP_S = 180
"""How long a step measures at most: it opens the camera twice, which takes at most 45 s each time
(`supervise.SILENT_NS`), and takes pictures for half a minute. A step that takes longer is in a call that does not
return."""
END_S = 12
"""How long a step may take to end when it is told to: it ends at its next picture, or when the camera is open. systemd
waits for 20 s."""
STOPPED, HUNG = "stopped", "hung"


class GivenUp(Exception):
    """Staff ended the calibration, or nobody was there."""


@dataclass(frozen=True, slots=True)
class PanelState:
    """What the screen says. `step`: the step that waits for staff or, if `busy`, the step that measures."""

    step: Step | None
    busy: bool = False
    # how the calibration ended: "saved", "refused", "given_up"; the caller can also get STOPPED or HUNG
    outcome: str = ""
    reason: str = ""  # why the calibration was refused, in technical words


class PanelGuide:
    """A `Guide` that shows each step on the screen. The calibration's thread waits in `ask` until staff touch the
    screen."""

    def __init__(self) -> None:
        self.state = PanelState(None, busy=True)
        self._answered = threading.Event()
        self._given_up = False

    def ask(self, step: Step) -> None:
        """Show what to do, and wait until it is done. Raises `GivenUp`."""
        if not self._given_up:
            self._answered.clear()
            self.state = PanelState(step)
            self._answered.wait(IDLE_S)
        if self._given_up or not self._answered.is_set():
            raise GivenUp
        self.state = PanelState(step, busy=True)

    def tell(self, words: str) -> None:
        """Write what was measured to the log only, because figures mean nothing to people at the panel."""
        log.warning("calibration: %s", words)

    def go_on(self) -> None:
        """Raise `GivenUp` if staff gave the calibration up or the program is told to stop."""
        if self._given_up:
            raise GivenUp

    def answer(self, press: str) -> None:
        """Note which button staff touched (`press`): BACK gives the calibration up, as a stop signal does; BEGIN starts
        the step."""
        if press == Press.BACK:
            self._given_up = True
        if press in (Press.BACK, Press.BEGIN):
            self._answered.set()


def calibrate_at_panel(
    config: BoothConfig,
    vendors: Vendors,
    *,
    headless: bool = False,
    steps: Sequence[Step] = tuple(Step),
    poll_s: float | None = None,
    now_s: Callable[[], float] = time.monotonic,
) -> PanelState:
    """Show the steps on the panel and do them; returns how the calibration ended. If a step fails, the former
    calibration stays in force.

    The outcome is `STOPPED` after a stop signal; then the program has to end. It is `HUNG` if a thread is in a call
    that does not return; then only a new process helps.
    """
    profile = load_profile(config.profile)
    facts = facts_of(profile, load_season(profile.season), config)
    base = View(State.OUT_OF_SERVICE, config.display.language, profile.identification, facts)
    guide, touched = PanelGuide(), list[Event]()
    work = threading.Thread(
        target=_measure, args=(config, vendors, guide, steps, poll_s), name="calibration", daemon=True
    )
    shell = Shell(config.display, touched.append, vendors.clock, headless=headless)
    notifier = Notifier.of_environment(os.environ)
    state, since_s, turn = guide.state, now_s(), 0
    stopped_s: float | None = None
    try:
        with stop_signal() as stop:
            work.start()
            while True:
                is_told = stop.wait(FRAME_S if stopped_s is None else 0)
                if not shell.pump() or is_told:
                    guide.answer(Press.BACK)
                    stopped_s = now_s() if stopped_s is None else stopped_s
                    work.join(FRAME_S)
                # Look at the thread before reading `guide.state`: if the thread has ended, `guide.state` is its last
                # message.
                works = work.is_alive()
                if guide.state is not state:
                    state, since_s = guide.state, now_s()
                pressed = [one.arg for one in touched if isinstance(one, Touched) and one.action is Action.STAFF]
                touched.clear()
                if not works and stopped_s is not None:
                    return PanelState(None, outcome=STOPPED)
                if not works and (pressed or now_s() - since_s >= SHOWN_S):
                    return state
                if works and _is_hung(state, now_s() - since_s, 0 if stopped_s is None else now_s() - stopped_s):
                    log.critical("the calibration does not come back from a device's library")
                    return PanelState(state.step, outcome=HUNG)
                for press in pressed:
                    guide.answer(press)
                shell.show(replace(calibration_view(state, base), beat=turn // 4 % BEATS))
                if turn % ALIVE_EVERY == 0:
                    notifier.alive()
                turn += 1
    finally:
        shell.close()


def _is_hung(state: PanelState, unchanged_s: float, stopped_s: float) -> bool:
    """Whether the calibration's thread will not come back. `state`: its last message; `unchanged_s`: for how long this
    message has not changed; `stopped_s`: how long ago the thread was told to end."""
    return stopped_s >= END_S or (state.busy and unchanged_s >= STEP_S)


def _measure(
    config: BoothConfig, vendors: Vendors, guide: PanelGuide, steps: Sequence[Step], poll_s: float | None
) -> None:
    """Run the calibration; this is the function of its thread."""
    try:
        calibrate(config, vendors, guide, steps, poll_s)
    except GivenUp:
        guide.state = PanelState(None, outcome="given_up")
    except (CalibrationRefused, CalibrationFault, DeviceFault, OSError) as fault:
        log.error("the calibration failed and changed nothing: %s", fault)
        guide.state = PanelState(guide.state.step, outcome="refused", reason=str(fault))
    except Exception as error:  # the booth must come back whatever exception a library raises
        log.error("the calibration failed and changed nothing", exc_info=error)
        guide.state = PanelState(guide.state.step, outcome="refused", reason=type(error).__name__)
    else:
        guide.state = PanelState(None, outcome="saved")


def calibration_view(state: PanelState, base: View) -> View:
    """The screen that shows `state`, in place of the screen `base`."""
    buttons: tuple[Button, ...] = ()
    go_on = Button(Action.STAFF, Say("service.press_measure"), Press.BEGIN, primary=True)
    close = Button(Action.STAFF, Say("service.press_close"), Press.BACK, primary=True)
    lines: tuple[Say, ...]
    if state.outcome:
        lines = (Say(f"service.calibrated_{state.outcome}"),)
        if state.outcome == "refused":
            lines += (Say("service.value", (("value", state.reason[:200]),)),)
        buttons = (close,)
    elif state.step is None or state.busy:
        lines = (Say("service.calibrating"),)
    else:
        lines = (Say(f"service.calibrate_{state.step.value}"),)
        buttons = (Button(Action.STAFF, Say("service.press_give_up"), Press.BACK), go_on)
    staff = StaffPage(Page.CALIBRATE)
    title = Say("service.calibrate")
    base = replace(base, title=title, fault="", next_language=None, staff=staff)
    return replace(base, lines=lines, buttons=buttons, busy=state.busy)
