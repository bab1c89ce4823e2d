"""The booth of the workbench: a world in lockstep that keeps pace with real seconds, and a developer's orders.

Everything happens on the thread that calls `run`. Other threads submit orders, and read what the page shows.
"""

import json
import queue
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import cv2
import pygame

from center.accounts.model.roles import Role
from kiosk.ui.focus import Key
from kiosk.ui.screens.ops import HEIGHT, WIDTH
from kiosk.ui.viewmodel import View
from kiosk.uplink.shared.paths import BoothPaths
from sim.play.breakdown import BREAKDOWNS, break_down, repair
from sim.play.dress import WORN
from sim.play.graduate import SittingVisitor
from sim.play.register import documents, photographed_on_campus, roster
from sim.play.scenario import Expect, Graduate, Scenario
from sim.play.stage import Stage
from sim.play.world import World
from sim.workbench.notes import Notes
from sim.workbench.orders import Break, Order, Pace, Press, Shine, Show, Sit, SitDown, StandUp, Touch, Wear

KEYS = {Key.NEXT: pygame.K_RIGHT, Key.BACK: pygame.K_LEFT, Key.ENTER: pygame.K_RETURN, Key.ESCAPE: pygame.K_ESCAPE}
JOURNAL_LINES = 60
SHOWN_EVERY_S = 0.08  # real seconds between two updates of what the page shows
_STILL_S = 0.03
_BEHIND_S = 0.5  # if the booth is further behind real time than this, turns are skipped


class Refused(ValueError):
    """An order that can't be carried out now. The message says why."""


@dataclass(slots=True)
class Sitter(SittingVisitor):
    """A person who follows the instructions, or keeps the pose that the developer set."""

    follows: bool = True

    def look(self, view: View, now_s: float) -> None:
        """Read the screen, and follow its instruction unless the developer has set the pose."""
        if self.follows:
            SittingVisitor.look(self, view, now_s)
        else:
            self._screen, self._last_s = view.screen, now_s


@dataclass(frozen=True, slots=True)
class Shown:
    """What the page shows: the panel as a JPEG with its number, and everything else as JSON."""

    picture: bytes = b""
    number: int = 0
    state: str = "{}"


class Workbench:
    """A booth and an office in `folder` (new). `run` lasts until `stop`."""

    def __init__(self, folder: Path) -> None:
        scenario = Scenario(
            name="workbench",
            summary="Whatever the developer does.",
            graduate=(),
            expect=Expect(outcome="no_photo", states=()),
        )
        self.world = World(scenario, folder)
        self.stage = Stage(scenario, self.world, folder)
        self.login = self.world.office.hire("staff", Role.SUPERVISOR)
        self.notes = Notes()
        self.shown = Shown()
        self._journal = BoothPaths(self.world.config.storage.folder).journal
        self._orders: queue.SimpleQueue[tuple[Callable[[], str], Future[str]]] = queue.SimpleQueue()
        self._stopped = threading.Event()
        self._sitter: Sitter | None = None
        self._broken: set[str] = set()
        self._times = 1
        self._shown_s = 0.0

    def run(self) -> None:
        """Let time pass until `stop`, then close the world."""
        try:
            with closing(self.stage):
                self.world.start()
                began_s, began_ns, times = time.monotonic(), self.world.clock.now_ns(), self._times
                while not self._stopped.is_set():
                    self.turn()
                    now_s = time.monotonic()
                    ahead_s = (self.world.clock.now_ns() - began_ns) / 1e9 / max(self._times, 1) - (now_s - began_s)
                    if self._times != times or ahead_s < -_BEHIND_S:
                        began_s, began_ns, times = now_s, self.world.clock.now_ns(), self._times
                    time.sleep(_STILL_S if self._times == 0 else max(0.0, min(ahead_s, _STILL_S)))
        finally:
            self.world.close()

    def stop(self) -> None:
        """Make `run` end."""
        self._stopped.set()

    def turn(self) -> None:
        """Carry out the orders, then do one turn of the world unless time is stopped."""
        self._carry_out()
        if self._times:
            self.stage.turn()
            self.notes.see(self._view.screen, self._now_s)
            if self._sitter is not None and self._sitter.gone:
                self._sitter = None
        if time.monotonic() - self._shown_s >= SHOWN_EVERY_S:
            self._shown_s = time.monotonic()
            self.show()

    def _carry_out(self) -> None:
        """Carry out the orders. Each is answered only when its effect is visible, because the page then looks at
        once."""
        answers: list[tuple[Future[str], str | Exception]] = []
        while not self._orders.empty():
            work, answer = self._orders.get()
            try:
                answers.append((answer, work()))
            except Exception as fault:
                answers.append((answer, fault))
        if answers:
            self.show()
        for answer, said in answers:
            if isinstance(said, Exception):
                answer.set_exception(said)
            else:
                answer.set_result(said)

    def order(self, order: Order) -> Future[str]:
        """Let the next turn carry out an order. The future raises `Refused`."""
        return self._ask(lambda: self.do(order))

    def scenario(self) -> Future[str]:
        """The scenario file that repeats what was done so far."""
        return self._ask(self._write_scenario)

    def _ask(self, work: Callable[[], str]) -> Future[str]:
        answer: Future[str] = Future()
        self._orders.put((work, answer))
        return answer

    @property
    def _now_s(self) -> float:
        return self.world.clock.now_ns() / 1e9

    @property
    def _view(self) -> View:
        view = self.world.booth.loop.view
        assert view is not None, "a turn was made"
        return view

    # What a developer can do.

    def do(self, order: Order) -> str:
        """Carry out an order at once. Raises `Refused`."""
        match order:
            case SitDown(graduate=graduate):
                self._sit_down(graduate)
            case StandUp():
                self._somebody()
                self.stage.stand_up()
                self._sitter = None
                self.notes.left(self._now_s)
            case Sit(follows=follows):
                sitter = self._somebody()
                sitter.follows = sitter.follows if follows is None else follows
                sitter.pose = replace(sitter.pose, **order.model_dump(exclude={"do", "follows"}, exclude_none=True))
                self.notes.sat(sitter.pose)
            case Wear(what=what, on=on):
                sitter = self._somebody()
                sitter.worn = sitter.worn | {what} if on else sitter.worn - {what}
            case Show(what="no_card"):
                self.stage.take_card()
            case Show(what=what):
                self._somebody()
                self.stage.present(what)
                self.notes.showed(what)
            case Touch(x=x, y=y):
                self._touch(x, y)
            case Press(key=key):
                self.stage.keypad.press(KEYS[key])
            case Break(what=what, on=on):
                self._break(what, on=on)
            case Shine(ambient=ambient, window_left=window_left):
                self.world.ambient, self.world.window_left = ambient, window_left
            case Pace(times=times):
                self._times = times
        return ""

    def _somebody(self) -> Sitter:
        if self._sitter is None:
            raise Refused("nobody sits there: let somebody sit down first")
        return self._sitter

    def _sit_down(self, graduate: Graduate) -> None:
        if self.stage.is_occupied:
            raise Refused("somebody sits there: let them leave first")
        office = self.world.office
        office.give_roster(roster((graduate,)), photographed_on_campus((graduate,)))
        if graduate.has_pass:
            office.open_for([documents(graduate).card.number])
        self.world.fetch_roster()  # if the office does not answer, the booth asks again later
        self._sitter = self.stage.seat(graduate, Sitter)
        self.notes.came(graduate, self._now_s)

    def _touch(self, x: float, y: float) -> None:
        self.stage.finger.press(x, y, self.stage.now_s)
        at_x, at_y = x * WIDTH, y * HEIGHT
        for area in reversed(self.world.booth.shell.areas):
            box = area.box
            if box.x <= at_x <= box.right and box.y <= at_y <= box.bottom:
                self.notes.chose(area.action, area.arg)
                return

    def _break(self, what: str, *, on: bool) -> None:
        if on and what not in self._broken:
            break_down(self.world, what)
            self._broken.add(what)
            self.notes.broke(what, self._now_s)
        elif not on and what in self._broken:
            repair(self.world, what)
            self._broken.remove(what)
            self.notes.repaired(what, self._now_s)

    def _write_scenario(self) -> str:
        record = self.stage.record
        record.received = self.world.office.received()
        return self.notes.scenario(record, (self.world.ambient, self.world.window_left))

    # What the page shows.

    def show(self) -> None:
        """Take a picture of the panel, and collect the state, for the page."""
        _, jpeg = cv2.imencode(".jpg", self.world.booth.shell.grab()[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 85])
        picture = jpeg.tobytes()
        number = self.shown.number + (picture != self.shown.picture)
        self.shown = Shown(picture, number, json.dumps(self._state() | {"picture": number}, ensure_ascii=False))

    def _state(self) -> dict[str, object]:
        world, sitter = self.world, self._sitter
        session, view = world.booth.loop.session, world.booth.loop.view
        judgement = session.judgement or session.looks
        return {
            "times": self._times,
            "seconds": round(self._now_s, 1),
            "wall": f"{world.clock.wall().moment:%Y-%m-%d %H:%M:%S}",
            "screen": session.state.value,
            "guide": "" if view is None else view.guide or (view.note.id if view.note else ""),
            "flags": [flag.value for flag in session.flags],
            "checks": [
                {"name": one.check.value, "verdict": one.verdict.value, "value": one.value, **asdict(one.limit)}
                for one in (judgement.checks if judgement else ())
            ],
            "takes": [
                {"number": take.number, "score": take.score, "said": [*take.failures, *take.doubts, *take.warnings]}
                for take in session.takes
            ],
            "failed": [f"{device.value}: {why}" for device, why in session.failed],
            "sits": None if sitter is None else self._sits(sitter),
            "broken": sorted(self._broken),
            "light": {"ambient": world.ambient, "window_left": world.window_left},
            "lamps": {"left": round(world.pins.left, 2), "right": round(world.pins.right, 2)},
            "heard": [prompt for prompt, _ in world.speaker.played[-6:]],
            "office": {
                "url": world.office.url,
                "name": self.login.name,
                "password": self.login.password,
                "code": self.login.code(world.office.now()),
            },
            "journal": self._journal_lines(),
        }

    def _sits(self, sitter: Sitter) -> Mapping[str, object]:
        return {
            "seed": sitter.script.seed,
            "follows": sitter.follows,
            "wears": sorted(sitter.worn),
            "pose": {name: round(value, 2) for name, value in asdict(sitter.pose).items()},
        }

    def _journal_lines(self) -> list[str]:
        """The last lines of the journal, as the booth itself wrote them."""
        files = sorted(self._journal.glob("*.jsonl"))
        if not files:
            return []
        with files[-1].open("rb") as file:
            file.seek(max(0, file.seek(0, 2) - 40_000))
            return file.read().decode("utf-8", "replace").splitlines()[-JOURNAL_LINES:]


def choices() -> dict[str, object]:
    """The choices that the page offers: what a person can wear, and what can break."""
    return {"wears": list(WORN), "faults": list(BREAKDOWNS)}
