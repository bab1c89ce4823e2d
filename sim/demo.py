"""The demo: a booth and the real office, a graduate, and staff who reject the first photo.

With a window it runs in real time until the window is closed, and the office can be opened in a browser meanwhile.
Without one it runs in lockstep and ends by itself; the office's folder stays and can be served again.
"""

import sys
from contextlib import closing
from pathlib import Path

from center.accounts.model.roles import Role
from center.platform.clock import wall_clock
from sim.office.staffed import Login, StaffedOffice
from sim.play.scenario import load
from sim.play.stage import Outcome, Stage
from sim.play.waits import say_what_is_waited_for
from sim.play.world import World

SCENARIO = "staff-want-another"


def demo(folder: Path, *, window: bool) -> int:
    """Run the demo in `folder` (new). Returns 0 if all expectations of the scenario held, else 1."""
    scenario = load(SCENARIO)
    world = World(scenario, folder, window=window, realtime=window)
    try:
        assert isinstance(world.office, StaffedOffice), f"{SCENARIO} has the real office"
        _tell_office(world.office, world.office.hire("staff", Role.SUPERVISOR), window=window)
        with closing(Stage(scenario, world, folder)) as stage:
            outcome = _show(stage, window=window)
    finally:
        world.close()
    return 0 if outcome.passed else 1


def _show(stage: Stage, *, window: bool) -> Outcome:
    if window:
        stage.tell = say_what_is_waited_for
    outcome = stage.play()
    for held in outcome.held:
        sys.stderr.write(f"  {'held' if held.held else 'NOT HELD':8} {held.what}\n")
    report = outcome.report(SCENARIO)
    sys.stdout.write(f"photo:    {report['photo']}\nscreens:  {report['screens']}\n")
    sys.stdout.flush()
    if window and not stage.closed:
        sys.stderr.write("Booth and office stay until the window is closed.\n")
        stage.stay()
    return outcome


def _tell_office(office: StaffedOffice, login: Login, *, window: bool) -> None:
    """Print the office's address, and a login made for this run."""
    again = f"{Path(sys.executable).parent / 'center'} serve --config {office.file.resolve()}"
    lines = [
        f"office:   {office.url}" if window else f"office:   {office.url} while this runs; afterwards: {again}",
        f"login:    {login.name}, password {login.password}, code {login.code(wall_clock())} for some seconds",
        f"codes:    {login.address}",
    ]
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    sys.stdout.flush()
