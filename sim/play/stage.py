"""Runs a scenario: graduates come and go, faults begin and end, and a record is made of what is observed."""

import time
from collections.abc import Callable, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TypeVar

import numpy as np
import pygame

from kiosk.core.events import Action
from kiosk.core.idcard.protocol import Command
from kiosk.core.session.state import State
from kiosk.text.catalog import languages, load_all
from kiosk.ui.focus import Focus, Key, in_order
from kiosk.ui.screens import draw
from kiosk.ui.screens.ops import HEIGHT, WIDTH, TouchArea
from kiosk.ui.shell import KEYS
from kiosk.ui.viewmodel import View
from kiosk.uplink.shared.paths import BoothPaths
from rules.idnumber import mask_id_number
from sim.people import Pose, drawn
from sim.play.booth_staff import BoothStaff, staff_actions_in
from sim.play.breakdown import Breakage, break_and_repair
from sim.play.contact_sheet import ContactSheet
from sim.play.dress import dressed
from sim.play.graduate import Visitor
from sim.play.listener import Listener
from sim.play.phone import Phone
from sim.play.record import Outcome, Record, judge
from sim.play.register import Documents, documents, masked_numbers
from sim.play.scenario import Graduate, Scenario
from sim.play.staff_member import StaffMember
from sim.play.waits import print_wait
from sim.play.world import PoseAt, World
from sim.twins.scene import Person, Rgb
from sim.twins.touch import Finger, Keypad

V = TypeVar("V", bound=Visitor)

PHONE_SHOWN_S = 3.0
SHOWN_STILL_S = 0.6  # a screen is put on the contact sheet if it has not changed for this long
# While the graduate holds still, the pose screen is put on the sheet a second time: when this share of the time for
# holding still has passed.
FILMED_HOLD = 0.5
DARK = 20  # a pixel below this value (of 255) is dark
MOST_LIT = 0.05  # the share of a dark panel that may be lit, for the line of words
FRIEND = Pose(x_cm=-26.0, y_cm=4.0, distance_cm=150.0)
FRIEND_SEED = 500  # added to the graduate's seed, this gives the seed of the companion


class Stage:
    """One scenario while it runs. `people`: photographed graduates, in the order in which they come; without them,
    everybody is drawn."""

    def __init__(
        self, scenario: Scenario, world: World, folder: Path, people: Sequence[Person] = (), *, films: bool = True
    ) -> None:
        """`films`: whether a picture of every screen is kept."""
        self.scenario = scenario
        self.world = world
        self.record = Record()
        self._film = ContactSheet()
        self._films = films
        self._folder = folder
        self._photographed = list(people)
        self._waiting = list(scenario.graduate)
        self._faults = [Breakage(fault) for fault in scenario.fault]
        self._visitor: Visitor | None = None
        self._staff_due = list(scenario.booth_staff)
        self._booth_staff: BoothStaff | None = None
        self._left = 0  # how many graduates have left
        self._person: Person | None = None
        self._worn: frozenset[str] = frozenset()  # what the drawn person is wearing
        self._friend: Person | None = None
        self._papers: Documents | None = None
        # the masked numbers of the cards and rows of the person in the seat
        self._known_numbers: frozenset[str] = frozenset()
        self.finger = Finger()
        self.keypad = Keypad()
        self._phone_until_s = 0.0
        self._phone = Phone()
        self._staff_member = _staff_member(scenario, world)
        self._calls_due = list(scenario.office.calls_at_s)
        for _ in range(scenario.office.numbers):
            world.office.office.waiting_numbers.take()
        self._left_s = 0.0  # when the last visitor left
        self._started_s = world.clock.now_ns() / 1e9
        self._screen_since_s = 0.0
        self._filmed = True
        self._guided = ""  # the instruction that the last picture of the screen shows
        self._held = False  # whether the graduate held still and the screen was photographed again
        self.closed = False  # whether the window was closed
        self.tell: Callable[[State], None] = lambda _: None  # called with each new screen

    def play(self) -> Outcome:
        """Play to the end: until everyone has left and `after_s` have passed, `limit_s` are over, or the window is
        closed."""
        begun = time.monotonic()
        self.world.start()
        if self.world.threads:
            self.wait_for_the_booth()
        left_s: float | None = None
        while (
            not self.closed
            and self.now_s < self.scenario.limit_s
            and (left_s is None or self.now_s - left_s < self.scenario.after_s)
        ):
            self.turn()
            nobody = self._visitor is None and self._booth_staff is None
            if left_s is None and nobody and not self._waiting and not self._staff_due:
                left_s = self.now_s
        self._film_screen()
        self._end_visit()
        self.record.virtual_s = self.now_s
        self.record.staff_did = staff_actions_in(BoothPaths(self.world.config.storage.folder).journal)
        self.record.left_behind = len(self.world.booth.vault)
        self.record.received = self.world.office.received()
        self.record.staff = [] if self._staff_member is None else self._staff_member.decisions
        self.record.looked = 0 if self._staff_member is None else self._staff_member.looked
        self.record.prompts = [prompt for prompt, _ in self.world.speaker.played]
        self.record.spoken = self.world.speaker.languages
        self.record.real_s = time.monotonic() - begun
        sheet = self._folder / "screens.png"
        self._film.save(sheet)
        held = judge(self.scenario.expect, self.record, self.world.profile.photo)
        return Outcome(self.record, held, self._photo(), sheet)

    def wait_for_the_booth(self) -> None:
        """Wait until the booth's devices are open, which takes a minute on a busy machine; nobody comes before that."""
        self.tell(State.CLOSED)
        while not self.closed and not self.world.booth.loop.begun:
            self.closed = not self.world.turn(self.world.turn_ns)
        self._started_s = self.world.clock.now_ns() / 1e9

    def close(self) -> None:
        """Close the connections of the phone and of the staff member's browser; a second call is harmless."""
        self._phone.close()
        if self._staff_member is not None:
            self._staff_member.close()

    def stay(self, each_turn: Callable[[], None] = lambda: None) -> None:
        """Run the booth until the window is closed; nobody is in it unless `each_turn` lets somebody sit down."""
        while not self.closed:
            each_turn()
            self.turn()

    @property
    def is_occupied(self) -> bool:
        """Whether somebody sits in front of the camera."""
        return self._visitor is not None

    def sit_down(self, visitor: Visitor, person: Person, papers: Documents) -> None:
        """Let somebody sit down in front of the camera, with their own papers."""
        self._visitor, self._person, self._papers, self._friend = visitor, person, papers, None
        self._worn = visitor.worn
        self._known_numbers = masked_numbers(visitor.script) | {mask_id_number(papers.card.number)}

    def save_film(self, path: Path) -> None:
        """Write one picture that shows all screens seen so far."""
        self._film_screen()
        self._film.save(path)

    def stand_up(self) -> None:
        """Let the person who sits there leave, with the card."""
        if self._visitor is not None:
            self._visitor.leave()
            self._end_visit()

    def _photo(self) -> Path | None:
        """The last photo that arrived at the office, written as a file for people to look at; None if none arrived."""
        if not self.record.received:
            return None
        path = self._folder / "photo.jpg"
        path.write_bytes(self.record.received[-1].photo)
        return path

    @property
    def now_s(self) -> float:
        """Seconds since the scenario began."""
        return self.world.clock.now_ns() / 1e9 - self._started_s

    def turn(self) -> None:
        """Do one turn of the world, then let people react and faults begin or end."""
        now_s = self.now_s
        self.finger.lift_when_due(now_s)
        break_and_repair(self.world, self._faults, self.record, now_s)
        if self._calls_due and now_s >= self._calls_due[0]:
            self._calls_due.pop(0)
            self.world.office.office.waiting_numbers.call_next()
        self._let_in(now_s)
        self.closed = not self.world.turn(self.world.turn_ns)
        if self._staff_member is not None:
            self._staff_member.turn(now_s)
        view = self.world.booth.loop.view
        assert view is not None
        self._watch(view, now_s)
        if self._visitor is not None:
            self._visitor.look(view, now_s)
            if self._visitor.gone:
                self._end_visit()
        if self._booth_staff is not None:
            self._booth_staff.look(view, now_s)
            if self._booth_staff.gone:
                self.record.test_shots += self._booth_staff.test_shots
                self._booth_staff, self._left_s = None, now_s

    # The people.

    def _let_in(self, now_s: float) -> None:
        nobody = self._visitor is None and self._booth_staff is None
        if nobody and self._staff_due and self._left >= self._staff_due[0].after:
            self._booth_staff = BoothStaff(self._staff_due.pop(0), self)
        elif nobody and self._waiting and now_s - self._left_s >= self._waiting[0].comes_after_s:
            graduate = self._waiting.pop(0)
            self.seat(graduate, partial(Listener, senses=self) if graduate.listens else Visitor)
        if self._phone_until_s and now_s >= self._phone_until_s:
            self.world.show_code(None)
            self._phone_until_s = 0.0
        seated: list[tuple[Person, PoseAt]] = []
        visitor, started_s = self._visitor, self._started_s
        if visitor is not None and self._person is not None:
            if visitor.worn != self._worn:
                self._worn = visitor.worn
                self._person = dressed(visitor.script.seed, self._worn)
            if visitor.companion and self._friend is not None:
                seated.append((self._friend, lambda _: FRIEND))
            seated.append((self._person, lambda at_ns: visitor.pose_at(at_ns / 1e9 - started_s)))
        if self._booth_staff is not None:
            seated.append((dressed(self._booth_staff.script.seed, frozenset()), lambda _: Pose()))
        self.world.seated = tuple(seated)

    def _end_visit(self) -> None:
        """Do what is due when the booth is empty because the graduate left or the run ended."""
        if self._visitor is not None:
            self.record.instructions += self._visitor.instructions
            self._visitor = None
            self._left += 1
            self._left_s = self.now_s

    def seat(self, graduate: Graduate, kind: Callable[..., V]) -> V:
        """Let a graduate sit down with the papers of this graduate's seed. `kind`: the class of the visitor."""
        error = graduate.pose
        pose = Pose(
            yaw_deg=error.yaw_deg,
            pitch_deg=error.pitch_deg,
            roll_deg=error.roll_deg,
            x_cm=error.x_cm,
            y_cm=error.y_cm,
            distance_cm=Pose().distance_cm + error.distance_cm,
            eyelids=min(1.0 - error.eyelids, graduate.eyelids_most),
            mouth=error.mouth,
            smile=error.smile,
        )
        papers, worn = documents(graduate), frozenset(graduate.wears)
        visitor = kind(graduate, papers.school, self, pose, companion=graduate.companion, worn=worn)
        person = self._photographed.pop(0) if self._photographed else dressed(graduate.seed, worn)
        self.sit_down(visitor, person, papers)
        self._friend = drawn(graduate.seed + FRIEND_SEED) if graduate.companion else None
        return visitor

    # The hands of the visitor.

    def touch(self, action: Action, arg: str) -> bool:
        """Press a button where it is drawn; False if it is not there or not enabled."""
        view = self.world.booth.loop.view
        assert view is not None
        if self._visitor is not None and self._visitor.script.keypad:
            return self._choose_by_keypad((action, arg))
        for op in draw(view, CATALOGS[view.language]):
            if isinstance(op, TouchArea) and op.action is action and op.arg == arg:
                self.finger.press(op.box.centre.x / WIDTH, op.box.centre.y / HEIGHT, self.now_s)
                return True
        return False

    def touch_menu(self, arg: str, *, keypad: bool) -> bool:
        """Press a button of the service menu, where it is drawn or by the keypad; False if it is not there or not
        enabled."""
        if keypad:
            return self._choose_by_keypad((Action.STAFF, arg))
        return self.touch(Action.STAFF, arg)

    def turn_key(self, closed: bool) -> None:
        """Turn staff's key."""
        self.world.pins.turn_key(closed)

    def _choose_by_keypad(self, wanted: Focus) -> bool:
        """Move through the buttons to the wanted one, and press Enter; False if it is not there or not enabled."""
        shell = self.world.booth.shell
        order = in_order(shell.areas)
        if wanted not in order:
            return False
        focus = shell.focus
        steps = 0 if focus in order else 1  # the first key press only shows the focus
        at = order.index(focus) if focus is not None and focus in order else len(order) - 1
        for _ in range(steps + (order.index(wanted) - at) % len(order)):
            self.keypad.press(pygame.K_RIGHT)
        self.keypad.press(pygame.K_RETURN)
        return True

    # The senses of a visitor who sees nothing.

    @property
    def sounds(self) -> list[str]:
        """Every prompt and tone that has begun to sound."""
        return [prompt for prompt, _ in self.world.speaker.played]

    @property
    def is_spoken_to(self) -> bool:
        """Whether something sounds now."""
        return self.world.speaker.busy()

    def press_key(self, key: Key) -> None:
        """Press a key of the keypad."""
        self.keypad.press(next(code for code, meant in KEYS.items() if meant is key))

    def plug_in(self) -> None:
        """Put an earphone's plug into the socket."""
        self.world.earphone.plug_in()

    def pull_out(self) -> None:
        """Pull the earphone's plug out of the socket."""
        self.world.earphone.pull_out()

    def present(self, thing: str) -> None:
        """Lay the card on the reader, or hold a code in front of the scanner or the camera."""
        assert self._papers is not None
        if thing == "card":
            assert self._visitor is not None
            self.world.reader.module.codes = dict(CARD_CODES.get(self._visitor.script.card, {}))
            self.world.reader.lay(self._papers.card)
        elif thing == "student_card":
            self.world.scanner.scan(self._papers.student_no)
        elif thing == "exam_slip":
            self.world.scanner.scan(self._papers.exam_no)
        else:
            self.world.show_code(self._papers.image_code)
            self._phone_until_s = self.now_s + PHONE_SHOWN_S

    def take_card(self) -> None:
        """Take the card from the reader."""
        self.world.reader.take()

    def scan_receipt(self) -> None:
        """Scan the code on the screen with a phone, and open the page of its address."""
        self._phone.scan(self.world.booth.shell.grab())
        self.open_receipt()

    def open_receipt(self) -> None:
        """Open the page of the address that was scanned last once more."""
        self.record.receipts.append(self._phone.open())

    def take_number(self) -> None:
        """Scan the code on the screen with a phone, and take a number on the page of its address."""
        self._phone.scan(self.world.booth.shell.grab())
        self.record.taken.append(self._phone.take_number())

    def is_called(self) -> bool:
        """Look at the phone; return whether its number is called."""
        return self._phone.is_called()

    # What is observed.

    def _watch(self, view: View, now_s: float) -> None:
        session = self.world.booth.loop.session
        if view.person is not None and view.person.number not in self._known_numbers:
            self.record.strangers.add(view.screen)
        if view.screen is State.CAPTURE:
            self.record.posed |= self._known_numbers
        if not self.record.states or self.record.states[-1] is not view.screen:
            self.record.states.append(view.screen)
            self.tell(view.screen)
            self._screen_since_s, self._filmed, self._held = now_s, False, False
        if not self._filmed and now_s - self._screen_since_s >= SHOWN_STILL_S:
            self._film_screen()
            self._guided = view.guide
        if self._films and self._filmed and not self._held and view.hold >= FILMED_HOLD:
            self._held = True
            if view.guide == self._guided:
                self._film.forget()
            self._film.take(self._picture())
        self.record.faults |= {device.value for device, _ in session.failed}
        line = "" if view.note is None or view.note.id != "staff_help.says" else dict(view.note.values)["line"]
        if line and line not in self.record.answered[-1:]:
            self.record.answered.append(line)
        if view.screen is State.ATTRACT and not view.options:
            called = "" if view.numbers is None else " ".join(view.numbers.called)
            if called != (self.record.numbers or [""])[-1]:
                self.record.numbers.append(called)
        if session.help is not None:
            self.record.help = session.help.value

    def _picture(self) -> Rgb:
        """The present picture of the panel; also notes whether the panel is dark."""
        picture = self.world.booth.shell.grab()
        if np.mean(picture.max(axis=2) > DARK) > MOST_LIT:
            self.record.lit.add(self.record.states[-1])
        else:
            self.record.dark.add(self.record.states[-1])
        return picture

    def _film_screen(self) -> None:
        if self._films and not self._filmed:
            self._film.take(self._picture())
        self._filmed = True


CATALOGS = load_all(languages())

CARD_CODES: dict[str, dict[Command, int]] = {
    "unreadable": {Command.READ: 0x41},
    "not_id_card": {Command.SELECT: 0x40},
    "damaged": {Command.SELECT: 0x31},
}
"""How the reader's module answers to each kind of bad card."""


def _staff_member(scenario: Scenario, world: World) -> StaffMember | None:
    """The staff member who decides at the office; None if the scenario has no staff."""
    office = world.office
    setup = scenario.office
    if not (setup.decides or setup.answers):
        return None
    return StaffMember(office.url, office.hire("colleague"), setup.decides, setup.answers, office.now)


def play(
    scenario: Scenario, folder: Path, people: Sequence[Person] = (), *, window: bool = False, realtime: bool = False
) -> Outcome:
    """Make the world of `scenario` in `folder` (empty or new), play it to the end, and close the world."""
    world = World(scenario, folder, window=window, realtime=realtime)
    try:
        with closing(Stage(scenario, world, folder, people)) as stage:
            if realtime:
                stage.tell = print_wait
            return stage.play()
    finally:
        world.close()
