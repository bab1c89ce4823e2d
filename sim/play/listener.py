"""A simulated graduate who sees nothing, and uses an earphone and a keypad.

This graduate never looks at the view that other graduates read. The prompts and tones alone, when they begin to sound,
tell which screen is shown, what there is to choose from, and how to sit. The arrow keys move through the buttons until
the name of the wanted button is heard.
"""

from dataclasses import dataclass, field
from typing import Protocol

from kiosk.ui.focus import Key
from kiosk.ui.viewmodel import View
from sim.play.graduate import PACE, Visitor

WANTED: dict[str, str] = {
    "audio_guide.welcome": "button.start",
    "consent.title": "button.agree",
    "confirm.guided": "button.confirm",
    "prepare.title": "button.ready",
    "prepare.ask_jewellery": "button.jewellery_off",
    "wrong_top.title": "button.keep_top",
    "choose.title_one": "button.accept",
    "choose.title": "button.accept",
    "choose.title_none": "button.retake",
    "rejected.title": "button.take_again",
    "done.title": "button.finish",
    "approved.title": "button.finish",
    "staff_help.title": "button.back_home",
    "still_there.title": "",  # any key answers this question
}
"""For each prompt heard, the name of the button to look for then."""
WELCOME = "audio_guide.welcome"
LANGUAGE = "button.language"
NEXT = {"button.jewellery_off": "button.ready"}
LAST = ("button.finish", "button.back_home")
"""After one of these buttons the graduate leaves."""
ROLE = "audio_guide.button"
LAY = "identify.card_line"
TAKE = ("confirm.guided", "card_left.note")
STOPS = ("guide.hold_still", "pose.count", "sound.near_4", "sound.shutter")
"""Prompts and tones that mean that the pose is right: the graduate stops moving."""
PAUSE_S = 0.4
"""If the silence after a prompt is longer than this, nothing more will be said."""
SLOWER = 0.5
"""How fast a listener moves, as a share of the speed of graduates who see: a listener learns later that the movement is
enough."""


class Senses(Protocol):
    """What a person who does not see can hear and touch in the booth."""

    @property
    def sounds(self) -> list[str]:
        """All prompts and tones that have begun to sound, in order."""
        ...

    @property
    def is_spoken_to(self) -> bool:
        """Whether something sounds now."""
        ...

    def press_key(self, key: Key) -> None:
        """Press a key of the keypad."""
        ...

    def plug_in(self) -> None:
        """Put the earphone's plug into the socket."""
        ...

    def pull_out(self) -> None:
        """Pull the earphone's plug out of the socket."""
        ...


@dataclass(slots=True)
class Listener(Visitor):
    """One graduate who only hears. `look` is called at every turn of the world, as for other graduates."""

    senses: Senses = field(kw_only=True)
    _plugged: bool = False
    _ear: int | None = None  # how many prompts and tones this graduate has taken in
    _button: str | None = None  # the name of the button that the graduate looks for
    _switches: int = 0  # how often the language was switched
    _found_from: int | None = None  # sounds from this number on are the answer to the last key press
    _lay_s: float | None = None  # since when the booth has been asking for the card
    _quiet_s: float = 0.0  # when the last sound was heard
    _move_s: float = 0.0  # when the present instruction was heard

    def look(self, view: View, now_s: float) -> None:
        """Listen, and act on what was heard."""
        del view  # this graduate does not see the view
        if self.gone:
            return
        heard = self.senses.sounds
        if self._ear is None:
            self._ear, self._since_s = len(heard), now_s
        for prompt in heard[self._ear :]:
            self._hear(prompt, now_s)
        self._ear = len(heard)
        if not self._plugged and now_s - self._since_s >= self.script.pace.fetch_s:
            self.senses.plug_in()
            self._plugged = True
        if self._lay_s is not None and now_s - self._lay_s >= self.script.pace.fetch_s:
            self.hands.present(self.script.brings[0])
            self._lay_s = None
        if self.senses.is_spoken_to:
            self._quiet_s = now_s
        if self._button is not None and now_s - self._quiet_s >= PAUSE_S:
            self._look_for(self._button)
            self._quiet_s = now_s  # the booth needs a moment to answer a key press
        if self._guide in PACE and now_s - self._move_s >= self.script.pace.react_s:
            what, pace = PACE[self._guide]
            self._move(what, pace * SLOWER, now_s - self._last_s)
        self._last_s = now_s

    def _hear(self, prompt: str, now_s: float) -> None:
        wanted = WANTED.get(prompt)
        if prompt == WELCOME and self._switches < self.script.switches_language:
            wanted = LANGUAGE
        if wanted is not None and wanted != self._button:
            self._button, self._found_from = wanted, None
        if prompt == LAY:
            self._lay_s = now_s
        if prompt in TAKE:
            self.hands.take_card()
        if prompt.startswith("guide."):
            if prompt != self._guide:
                self.instructions.append(prompt)
                self._move_s = now_s
            self._guide = prompt
        elif prompt in STOPS:
            self._guide = ""

    def _look_for(self, button: str) -> None:
        """Press the arrow key until the name of the wanted button is heard, then Enter."""
        heard = self.senses.sounds
        answer = [] if self._found_from is None else heard[self._found_from :]
        if answer[:1] == [button] and ROLE in answer:
            self.senses.press_key(Key.ENTER)
            self._switches += button == LANGUAGE
            self._button, self._found_from = NEXT.get(button), None
            if button in LAST:
                self.senses.pull_out()
                self.leave()
            return
        self.senses.press_key(Key.NEXT)
        self._found_from = len(heard)
        if not button:
            self._button = None
