"""A simulated graduate, who reads the screen that is shown and reacts as a person does.

This module knows nothing of the session. The graduate sees the booth's view (the content of the screen), touches
buttons where they are drawn, lays things on readers, and moves the head as an instruction says until the instruction
changes.
"""

import math
import random
from dataclasses import dataclass, field
from typing import Protocol

from kiosk.core.events import Action
from kiosk.core.session.state import Hint, State
from kiosk.ui.viewmodel import TAKE_CARD, View
from sim.people.pose import Pose
from sim.play.scenario import PHONE, Graduate

PRESS_AGAIN_S = 1.5  # on a screen of `PRESSED_AGAIN`: if a press had no effect, press again after this time
PRESSED_AGAIN = frozenset(
    {State.ATTRACT, State.CONSENT, State.CONFIRM, State.PREPARE, State.CHOOSE, State.REJECTED, State.STILL_THERE}
)
CONSENT_TABLE = 6  # rows of the table on the consent screen; the view's lines do not contain them
GIVE_UP_S = 10.0  # a graduate leaves a closed or broken booth after this time
BLINK_EVERY_S = 4.0
BLINK_S = 0.2
# how often yaw, pitch and roll go to and fro in a second; these numbers let no movement repeat itself in a session
SWAY_HZ = (0.31, 0.23, 0.17)
SHUT = 0.02

PACE: dict[str, tuple[str, float]] = {
    # For each instruction, what changes in the pose, per second; left and right are the graduate's own.
    "guide.too_far": ("distance_cm", -15.0),
    "guide.too_near": ("distance_cm", 15.0),
    "guide.move_left": ("x_cm", 5.0),
    "guide.move_right": ("x_cm", -5.0),
    "guide.sit_higher": ("y_cm", 5.0),
    "guide.sit_lower": ("y_cm", -5.0),
    "guide.tilt_left": ("roll_deg", 5.0),
    "guide.tilt_right": ("roll_deg", -5.0),
    "guide.turn_left": ("yaw_deg", 8.0),
    "guide.turn_right": ("yaw_deg", -8.0),
    "guide.chin_up": ("pitch_deg", 8.0),
    "guide.chin_down": ("pitch_deg", -8.0),
}

PHONE_EVERY_S = 10.0  # from one look at the phone for the called number to the next; the page reloads as often
TIDY_S = 3.0  # taking glasses off and putting hair back takes this long
COMES_OFF = {"guide.glasses": "glasses", "guide.hair_brows": "fringe", "guide.hair_eyes": "fringe"}
"""What people take off or put back at an instruction of the prepare screen. Nobody has another top with them."""

USUAL: dict[State, str] = {
    State.ATTRACT: "start",
    State.CONSENT: "agree",
    State.IDENTIFY: "identify",
    State.SCHOOL: "pick_school",
    State.CONFIRM: "confirm",
    State.PREPARE: "ready",
    State.WRONG_TOP: "keep_top",
    State.POSE: "pose",
    State.REASON: "give_reason",
    State.CHOOSE: "accept",
    State.DONE: "finish",
    State.APPROVED: "finish",
    State.REJECTED: "retake",
    State.STILL_THERE: "still_here",
    State.STAFF_HELP: "finish",
    State.CARD_LEFT: "take_card",
}

SETTINGS = (
    *("jewellery_off", "data_wrong", "language", "options", "repeat", "louder", "softer", "mute", "contrast"),
    *("large", "low", "more"),
)
STAYING = (*SETTINGS, "agree_stills", "end_stills", "pick_take_", "scan_receipt", "open_receipt", "take_number")
"""Things to do that do not change the screen: afterwards the graduate does the next one, or the usual one."""

WAITS = ("read_answer", "take_number")
"""Things to do that end only when something happens: staff answer, or the number is called."""

BRINGS_AFTER: dict[Hint, tuple[str, ...]] = {
    Hint.CARD_ALSO: ("card",),
    Hint.CODE_ALSO: ("student_card", "exam_slip"),
    Hint.USE_CODE: ("student_card", "exam_slip"),
    Hint.QR_KEPT: ("card", "student_card", "exam_slip"),
}


class Hands(Protocol):
    """What a person's hands can do in the booth."""

    def touch(self, action: Action, arg: str) -> bool:
        """Press a button where it is drawn; False if it is not there or not enabled."""
        ...

    def present(self, thing: str) -> None:
        """Lay the card on the reader, or hold a code in front of the scanner or the camera."""
        ...

    def take_card(self) -> None:
        """Take the card from the reader."""
        ...

    def scan_receipt(self) -> None:
        """Scan the code on the screen with a phone, and open the page of its address."""
        ...

    def open_receipt(self) -> None:
        """Open the page of the address that was scanned last once more."""
        ...

    def take_number(self) -> None:
        """Scan the code on the screen with a phone, and take a number on the page of its address."""
        ...

    def is_called(self) -> bool:
        """Look at the phone; return whether its number is called."""
        ...


class WithoutPhone:
    """The part of `Hands` that is about a phone, for people who have none: nothing happens, and no number is called."""

    def scan_receipt(self) -> None:
        """See `Hands`."""

    def open_receipt(self) -> None:
        """See `Hands`."""

    def take_number(self) -> None:
        """See `Hands`."""

    def is_called(self) -> bool:
        """See `Hands`."""
        return False


@dataclass(slots=True)
class Visitor:
    """One graduate in the booth. `look` is called at every turn of the world."""

    script: Graduate
    school: str
    hands: Hands
    pose: Pose
    companion: bool = False
    gone: bool = False
    asked_for_top: bool = False
    instructions: list[str] = field(default_factory=list)
    worn: frozenset[str] = frozenset()
    _screen: State | None = None
    _tidy_s: float | None = None  # since when the graduate has been tidying up
    _visits: dict[State, int] = field(default_factory=dict)
    _since_s: float = 0.0
    _done: bool = False
    _careful: bool = False  # the graduate has read on the screen what the last photo lacked
    _shown: list[str] = field(default_factory=list)
    _guide: str = ""
    _guide_s: float = 0.0
    # the parts of the pose that changed last, each with its speed
    _moved: dict[str, float] = field(default_factory=dict)
    _wrong_s: float | None = None
    _answered_s: float | None = None  # since when staff's answer has been on the screen
    _pressed_s: float = 0.0
    _phone_s: float | None = None  # when the graduate last looked at the phone for the number
    _last_s: float = 0.0
    # the screen before "still there?", and for how long it had been read
    _interrupted: tuple[State | None, float] = (None, 0.0)
    _turned_from: float = 0.0  # the value that the instruction changes, at the moment when the instruction came
    _luck: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self._luck = random.Random(self.script.seed)

    def look(self, view: View, now_s: float) -> None:
        """Read the screen, and act after the time that reading takes."""
        if self.gone:
            return
        if view.screen is not self._screen:
            self._arrive(view, now_s)
        self._take_back(view, now_s)
        plan = self._plan(view)
        if plan == "pose":
            self._follow(view, now_s)
        elif plan == "identify":
            self._identify(view, now_s)
        elif plan is None:
            if now_s - self._since_s >= GIVE_UP_S and view.screen in (State.CLOSED, State.OUT_OF_SERVICE):
                self.leave()
        elif view.screen is State.PREPARE and self._tidies(view, now_s):
            self._since_s = now_s
        elif self._done and self._is_ignored(now_s):
            self._done = self._do(plan, view)
            self._pressed_s = now_s
        elif not self._done and (plan == "leave" or now_s - self._since_s >= self._reading_s(view)):
            self._done = self._do(plan, view)
            self._pressed_s = now_s
            if self._done and plan.startswith(STAYING):
                self._visits[view.screen] += 1
                self._since_s, self._done = now_s, False
        self._last_s = now_s

    def _arrive(self, view: View, now_s: float) -> None:
        """React to a new screen."""
        if view.screen is State.STILL_THERE and self._screen is not None:
            self._interrupted = self._screen, now_s - self._since_s
        going_on = view.screen is self._interrupted[0] and self._screen is State.STILL_THERE
        self._screen = view.screen
        self._visits[view.screen] = self._visits.get(view.screen, 0) + (not going_on)
        # continues to read where the question interrupted it
        self._since_s = now_s - (self._interrupted[1] if going_on else 0.0)
        self._done = False
        if view.screen is State.CONSENT:
            self._shown.clear()  # a graduate who begins again shows card and codes again

    def _is_ignored(self, now_s: float) -> bool:
        """Whether the usual button was pressed without effect: a quick finger can press before the screen accepts a
        touch."""
        assert self._screen is not None
        usual = self._visits[self._screen] > len(self.script.does.get(self._screen, ()))
        return usual and self._screen in PRESSED_AGAIN and now_s - self._pressed_s >= PRESS_AGAIN_S

    def pose_at(self, now_s: float) -> Pose:
        """The pose now, sometimes with a blink."""
        pose = self._swaying(now_s)
        if self._screen is State.CAPTURE and not self._careful:
            pose = pose.but(smile=max(pose.smile, self.script.smiles_at_shot))
        if now_s % BLINK_EVERY_S < BLINK_S:
            return pose.but(eyelids=min(pose.eyelids, SHUT))
        return pose

    def _swaying(self, now_s: float) -> Pose:
        """The pose with the slow movement of a head, which nobody can suppress."""
        sigma = self.script.pace.sway_deg
        if not sigma:
            return self.pose
        amplitude, turn, first = sigma * math.sqrt(2), math.tau * now_s, float(self.script.seed)
        return self.pose.but(
            yaw_deg=self.pose.yaw_deg + amplitude * math.sin(SWAY_HZ[0] * turn + first),
            pitch_deg=self.pose.pitch_deg + amplitude * math.sin(SWAY_HZ[1] * turn + 2 * first),
            roll_deg=self.pose.roll_deg + amplitude * math.sin(SWAY_HZ[2] * turn + 3 * first),
        )

    def _reading_s(self, view: View) -> float:
        """How long the graduate reads this screen and thinks before touching it."""
        pace, again = self.script.pace, self._visits[view.screen] > 1
        table = CONSENT_TABLE if view.screen is State.CONSENT else 0
        beyond_two = max(0, len(view.lines) + (view.title is not None) + table - 2)
        reading = (pace.read_s + pace.sentence_s * beyond_two) * (pace.again if again else 1.0)
        doing = pace.tidy_s if view.screen is State.PREPARE and not again else 0.0
        return reading + (pace.choose_s if view.screen is State.CHOOSE else doing)

    def leave(self) -> None:
        """Leave the booth, with the card."""
        if not self.script.forgets_card:
            self.hands.take_card()
        self.gone = True

    def _take_back(self, view: View, now_s: float) -> None:
        """Take the card as soon as the screen shows whose card it is, or reminds the graduate to take it."""
        asked = view.screen is State.CONFIRM or (view.note is not None and view.note.id == TAKE_CARD)
        if asked and not self.script.forgets_card and now_s - self._since_s >= self.script.pace.react_s:
            self.hands.take_card()

    def _tidies(self, view: View, now_s: float) -> bool:
        """Whether the graduate is still taking off what the screen names.

        A graduate who wears none of these things continues to read.
        """
        garment = COMES_OFF.get(view.guide)
        if garment not in self.worn:
            self._tidy_s = None
            return bool(self.worn) and view.guide == "prepare.looking"
        self._tidy_s = now_s if self._tidy_s is None else self._tidy_s
        if now_s - self._tidy_s >= TIDY_S:
            self.worn -= {garment}
        return True

    def _plan(self, view: View) -> str | None:
        scripted = self.script.does.get(view.screen, ())
        visit = self._visits[view.screen] - 1
        if visit < len(scripted):
            return scripted[visit]
        by_appointment = view.screen is State.CLOSED and bool(view.buttons)
        return "start" if by_appointment else USUAL.get(view.screen)

    def _do(self, plan: str, view: View) -> bool:
        if plan == "wait":
            return True
        if plan == "leave":
            self.leave()
            return True
        if plan in WAITS:
            return self._go_on_as_answered(view) if plan == "read_answer" else self._is_called()
        if plan == "take_card":
            self.hands.take_card()
            return True
        if plan == "pick_school" and any(button.action is Action.PICK_RECORD for button in view.buttons):
            return self.hands.touch(Action.PICK_RECORD, view.buttons[0].arg)
        if plan == "pick_school":
            arg = next((button.arg for button in view.buttons if ("name", self.school) in button.text.values), "")
            return self.hands.touch(Action.PICK_SCHOOL, arg)
        if plan == "give_reason":
            return self.hands.touch(Action.GIVE_REASON, self.script.reason or "other")
        if plan.startswith("pick_take_"):
            return self.hands.touch(Action.PICK_TAKE, plan.removeprefix("pick_take_"))
        if plan in ("card", "student_card", "exam_slip", "qr"):
            self.hands.present(plan)
            return True
        if plan in PHONE:
            (self.hands.scan_receipt if plan == "scan_receipt" else self.hands.open_receipt)()
            return True
        done = self.hands.touch(Action(plan), "")
        self.asked_for_top = self.asked_for_top or (done and plan == "ask_top")
        if done and view.screen in (State.DONE, State.APPROVED, State.STAFF_HELP) and plan == "finish":
            self.leave()
        return done

    def _is_called(self) -> bool:
        """Take a number, then look at the phone again and again. Returns whether the number is called."""
        if self._phone_s is None:
            self.hands.take_number()
        elif self._last_s - self._phone_s < PHONE_EVERY_S:
            return False
        self._phone_s = self._last_s
        return self.hands.is_called()

    def _go_on_as_answered(self, view: View) -> bool:
        """Read what staff answered, then go on; returns whether the graduate has gone on."""
        if view.note is None or view.note.id != "staff_help.says":
            self._answered_s = None
            return False
        self._answered_s = self._last_s if self._answered_s is None else self._answered_s
        read_s = 2 * self.script.pace.read_s
        if self._last_s - self._answered_s < read_s or not self.hands.touch(Action.STILL_HERE, ""):
            return False
        if self.asked_for_top:
            self.worn -= {"coloured_top"}  # the desk lent a white top
        return True

    def _complain(self, now_s: float) -> None:
        """Find the button that says the booth is wrong, read it, and press it."""
        if self._wrong_s is None:
            self._wrong_s = now_s
        elif not self._done and now_s - self._wrong_s >= self.script.pace.read_s:
            self._done = self.hands.touch(Action.BOOTH_WRONG, "")

    def _identify(self, view: View, now_s: float) -> None:
        """Show the card and codes one after the other, as the hints ask; never the same one twice in a row."""
        if now_s - self._since_s < self.script.pace.fetch_s or view.busy:
            return
        hint = Hint(view.note.id.removeprefix("hint.")) if view.note and view.note.id.startswith("hint.") else Hint.NONE
        left = [thing for thing in self.script.brings if thing not in self._shown]
        wanted = BRINGS_AFTER.get(hint)
        if self._shown and wanted is None:
            return
        thing = next((thing for thing in left if wanted is None or thing in wanted), None)
        if thing is not None:
            self._shown.append(thing)
            self._since_s = now_s
            self.hands.present(thing)

    def _move(self, what: str, pace: float, seconds: float) -> None:
        """Change the pose. A movement back, after going too far, has half the speed, because the screen may show an old
        value."""
        last = self._moved.get(what)
        if last is not None:
            pace = last if last * pace > 0 else -last / 2
        self._moved[what] = pace
        self.pose = self.pose.but(**{what: getattr(self.pose, what) + pace * seconds})

    def _go_too_far(self) -> None:
        """End the last movement a little beyond the good value, or a little before it."""
        if self._guide in PACE and self.script.pace.overshoot:
            what = PACE[self._guide][0]
            now = getattr(self.pose, what)
            way = abs(now - self._turned_from)
            self.pose = self.pose.but(**{what: now + self._luck.gauss(0.0, self.script.pace.overshoot) * way})

    def _follow(self, view: View, now_s: float) -> None:
        """Follow an instruction as long as it is shown."""
        advice = "" if view.note is None or not view.note.id.startswith("guide.") else view.note.id
        guide = view.guide or advice  # before another take, advice is shown where instructions are shown otherwise
        self._careful = self._careful or bool(advice)
        if guide != self._guide:
            self._go_too_far()
            self._guide, self._guide_s = guide, now_s
            self._turned_from = getattr(self.pose, PACE[guide][0]) if guide in PACE else 0.0
            self.instructions.append(guide)
        if self.script.reason is not None and any(button.action is Action.BOOTH_WRONG for button in view.buttons):
            self._complain(now_s)
        if now_s - self._guide_s < self.script.pace.react_s:
            return
        if guide in PACE:
            self._move(*PACE[guide], now_s - self._last_s)
        elif guide == "guide.eyes_open":
            self.pose = self.pose.but(eyelids=self.script.eyelids_most)
        elif guide in ("guide.mouth_closed", "guide.relax"):
            self.pose = self.pose.but(mouth=0.0, smile=0.0)
        elif guide == "guide.face_two":
            self.companion = False


@dataclass(slots=True)
class SittingVisitor(Visitor):
    """A graduate who only sits there and follows the instructions; the person at this machine's window does the
    rest."""

    def look(self, view: View, now_s: float) -> None:
        """Read the screen, and move as it says."""
        self._screen = view.screen
        if view.screen is State.POSE:
            self._follow(view, now_s)
        self._last_s = now_s
