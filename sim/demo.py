"""The demo: a booth and the real office, a graduate, and staff who reject the first photo.

With a window the demo runs in real time until the window is closed, and meanwhile a browser can open the office.
Without a window it runs in lockstep and ends by itself; the office's folder stays and can be served again.
"""

import json
import os
import sys
from contextlib import closing
from pathlib import Path

from center.accounts.model.roles import Role
from center.platform.clock import wall_clock
from sim.office.served import Login, ServedOffice
from sim.play.by_hand import HELP, ByHand
from sim.play.record import Outcome
from sim.play.scenario import load
from sim.play.stage import Stage
from sim.play.waits import print_wait
from sim.play.world import World

SCENARIO = "staff-want-another"
LOGIN = "login.json"


def demo(folder: Path, *, window: bool) -> int:
    """Run the demo in `folder` (new). Returns 0 if all expectations of the scenario were met, else 1."""
    scenario = load(SCENARIO)
    world = World(scenario, folder, window=window, realtime=window)
    try:
        login = world.office.hire("staff", Role.SUPERVISOR)
        keep_login(folder, login)
        _tell_office(world.office, login, folder.resolve(), window=window)
        with closing(Stage(scenario, world, folder)) as stage:
            outcome = _show(stage, window=window)
    finally:
        world.close()
    return 0 if outcome.passed else 1


def _show(stage: Stage, *, window: bool) -> Outcome:
    if window:
        stage.tell = print_wait
    outcome = stage.play()
    for held in outcome.held:
        sys.stderr.write(f"  {'held' if held.held else 'NOT HELD':8} {held.what}\n")
    report = outcome.report(SCENARIO)
    sys.stdout.write(f"photo:    {report['photo']}\nscreens:  {report['screens']}\n")
    sys.stdout.flush()
    if window and not stage.closed:
        sys.stderr.write(f"Booth and office stay until the window is closed; it is your turn. {HELP}\n")
        stage.stay(ByHand(stage).turn)
    return outcome


def _tell_office(office: ServedOffice, login: Login, folder: Path, *, window: bool) -> None:
    """Print the office's address, and the login that was made for this run."""
    programs = Path(sys.executable).parent
    again = f"{programs / 'center'} serve --config {office.file.resolve()}"
    lines = [
        f"office:   {office.url}" if window else f"office:   {office.url} while this runs; afterwards: {again}",
        f"login:    {login.name}, password {login.password}, code {login.code(wall_clock())} for some seconds",
        f"codes:    {programs / 'python'} -m sim login {folder} (or an authenticator app: {login.address})",
    ]
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    sys.stdout.flush()


def keep_login(folder: Path, login: Login) -> None:
    """Store the login of a made-up office next to its folder, readable only for this user."""
    file = os.open(folder / LOGIN, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(file, "w", encoding="utf-8") as out:
        json.dump({"name": login.name, "password": login.password, "authenticator": login.address}, out)


def tell_login(folder: Path) -> int:
    """Print the login of the office that a demo left in `folder`, with the one-time code that is valid now.

    Returns 2 if there is no login.
    """
    try:
        stored = json.loads((folder / LOGIN).read_text("utf-8"))
    except OSError as error:
        sys.stderr.write(
            f"sim: {folder / LOGIN}: {error.strerror}. Name the folder that `python -m sim demo` printed.\n"
        )
        return 2
    login = Login(stored["name"], stored["password"], stored["authenticator"])
    sys.stdout.write(f"{login.name}, password {login.password}, code {login.code(wall_clock())}\n")
    return 0
