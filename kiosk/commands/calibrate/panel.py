"""The calibration at the booth's own panel, begun from the service menu: the same steps as `kiosk calibrate`, with
the screen in place of the terminal. The devices are free, because the booth has ended; afterwards a new booth is
made."""

import logging
import os
import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace

from kiosk.commands.calibrate import calibrate
from kiosk.commands.calibrate.guide import Step
from kiosk.commands.calibrate.steps import CalibrationRefused
from kiosk.core.events import Action, Event, Touched
from kiosk.core.service.menu import Page, Press
from kiosk.core.session.state import State
from kiosk.ports.config import BoothConfig
from kiosk.ports.faults import DeviceFault
from kiosk.runtime.calibration import CalibrationFault
from kiosk.runtime.notify import Notifier
from kiosk.runtime.stop import stop_signal
from kiosk.runtime.wiring import Vendors, facts_of
from kiosk.ui.shell import Shell
from kiosk.ui.viewmodel import BEATS, Button, Say, StaffPage, View
from rules.profile import load_profile
from rules.season import load_season

log = logging.getLogger(__name__)

FRAME_S = 1 / 30
ALIVE_EVERY = 30  # frames
IDLE_S = 300
"""A step waits this long for staff; then the calibration is given up, and the booth serves again."""
SHOWN_S = 60
"""The result stays this long, unless staff touch a button."""


class GivenUp(Exception):
    """Staff ended the calibration, or nobody was there."""


@dataclass(frozen=True, slots=True)
class Told:
    """What the screen says. `step`: the one that waits for staff, or is measured (`busy`)."""

    step: Step | None
    busy: bool = False
    outcome: str = ""  # how it ended: "saved", "refused", "given_up"
    reason: str = ""  # why it was refused, technical words


class PanelGuide:
    """A `Guide` that shows each step on the screen; the calibration's thread waits in `ask` until it is touched."""

    def __init__(self) -> None:
        self.told = Told(None, busy=True)
        self._answered = threading.Event()
        self._given_up = False

    def ask(self, step: Step) -> None:
        """Show what to do, and wait until it is done. Raises `GivenUp`."""
        if not self._given_up:
            self._answered.clear()
            self.told = Told(step)
            self._answered.wait(IDLE_S)
        if self._given_up or not self._answered.is_set():
            raise GivenUp
        self.told = Told(step, busy=True)

    def tell(self, words: str) -> None:
        """Write what was measured to the log: on the panel figures mean nothing."""
        log.warning("calibration: %s", words)

    def answer(self, press: str) -> None:
        """Staff touched a button."""
        if press == Press.BACK:
            self._given_up = True
        if press in (Press.BACK, Press.BEGIN):
            self._answered.set()

    def give_up(self) -> None:
        """The program is told to stop."""
        self.answer(Press.BACK)


def calibrate_at_panel(
    config: BoothConfig,
    vendors: Vendors,
    *,
    headless: bool = False,
    steps: Sequence[Step] = tuple(Step),
    poll_s: float | None = None,
) -> Told:
    """Show the steps on the panel and do them; returns how it ended. A calibration that fails changes nothing."""
    profile = load_profile(config.profile)
    facts = facts_of(profile, load_season(profile.season), config)
    base = View(State.OUT_OF_SERVICE, config.display.language, profile.identification, facts)
    guide, touched = PanelGuide(), list[Event]()
    work = threading.Thread(
        target=_measure, args=(config, vendors, guide, steps, poll_s), name="calibration", daemon=True
    )
    shell = Shell(config.display, touched.append, vendors.clock, headless=headless)
    notifier = Notifier.of_environment(os.environ)
    turn, shown_until_s = 0, float("inf")
    try:
        with stop_signal() as stop:
            work.start()
            while not stop.wait(FRAME_S) and shell.pump() and turn * FRAME_S < shown_until_s:
                for event in touched:
                    if isinstance(event, Touched) and event.action is Action.STAFF:
                        if guide.told.outcome:
                            return guide.told
                        guide.answer(event.arg)
                touched.clear()
                if guide.told.outcome and shown_until_s == float("inf"):
                    shown_until_s = turn * FRAME_S + SHOWN_S
                shell.show(replace(calibration_view(guide.told, base), beat=turn // 4 % BEATS))
                if turn % ALIVE_EVERY == 0:
                    notifier.alive()
                turn += 1
            guide.give_up()
            return guide.told
    finally:
        work.join(IDLE_S)
        shell.close()


def _measure(
    config: BoothConfig, vendors: Vendors, guide: PanelGuide, steps: Sequence[Step], poll_s: float | None
) -> None:
    """The calibration's thread."""
    try:
        calibrate(config, vendors, guide, steps, poll_s)
    except GivenUp:
        guide.told = Told(None, outcome="given_up")
    except (CalibrationRefused, CalibrationFault, DeviceFault, OSError) as fault:
        log.error("the calibration failed and changed nothing: %s", fault)
        guide.told = Told(guide.told.step, outcome="refused", reason=str(fault))
    except Exception as error:  # whatever a library raises: the booth must come back
        log.error("the calibration failed and changed nothing", exc_info=error)
        guide.told = Told(guide.told.step, outcome="refused", reason=type(error).__name__)
    else:
        guide.told = Told(None, outcome="saved")


def calibration_view(told: Told, base: View) -> View:
    """The screen of the step, in place of `base`."""
    buttons: tuple[Button, ...] = ()
    go_on = Button(Action.STAFF, Say("service.press_measure"), Press.BEGIN, primary=True)
    close = Button(Action.STAFF, Say("service.press_close"), Press.BACK, primary=True)
    lines: tuple[Say, ...]
    if told.outcome:
        lines = (Say(f"service.calibrated_{told.outcome}"),)
        if told.outcome == "refused":
            lines += (Say("service.value", (("value", told.reason[:200]),)),)
        buttons = (close,)
    elif told.step is None or told.busy:
        lines = (Say("service.calibrating"),)
    else:
        lines = (Say(f"service.calibrate_{told.step.value}"),)
        buttons = (Button(Action.STAFF, Say("service.press_give_up"), Press.BACK), go_on)
    staff = StaffPage(Page.CALIBRATE)
    title = Say("service.calibrate")
    base = replace(base, title=title, fault="", next_language=None, staff=staff)
    return replace(base, lines=lines, buttons=buttons, busy=told.busy)
