"""Staff at the booth: they turn the key, use the service menu, and leave. They see only the screen, as everybody
does."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from kiosk.core.events import Action, StaffDid
from kiosk.core.service.state import Page
from kiosk.ui.viewmodel import View
from sim.play.scenario import StaffVisit

READ_S = 1.5
GIVE_UP_S = 30.0


class StaffHands(Protocol):
    """What staff's hands can do at the booth."""

    def touch_menu(self, arg: str, *, keypad: bool) -> bool:
        """Press a button of the menu; False if the button is not there or not enabled."""
        ...

    def turn_key(self, closed: bool) -> None:
        """Turn staff's key; `closed`: whether the key's switch is closed after that."""
        ...


@dataclass(slots=True)
class BoothStaff:
    """One visit of staff. `look` is called at every turn of the world. `test_shots`: how many test shots the staff have
    seen on the screen."""

    script: StaffVisit
    hands: StaffHands
    gone: bool = False
    test_shots: int = 0
    pages: list[Page] = field(default_factory=list)
    _step: int = 0
    _since_s: float | None = None
    _acted: bool = False

    def look(self, view: View, now_s: float) -> None:
        """Read the screen and do the next thing of the script."""
        page = None if view.staff is None else view.staff.page
        if page is not None and page not in self.pages[-1:]:
            self.pages.append(page)
        if self._step >= len(self.script.does):
            self.gone = page is None
            return
        self._since_s = now_s if self._since_s is None else self._since_s
        if now_s - self._since_s >= GIVE_UP_S:
            raise AssertionError(f"staff wait in vain: {self.script.does[self._step]} cannot be done on {page}")
        if now_s - self._since_s < READ_S:
            return
        if self._done(self.script.does[self._step], view, page):
            self._step, self._since_s, self._acted = self._step + 1, None, False

    def _done(self, deed: str, view: View, page: Page | None) -> bool:
        match deed:
            case "turn_key":
                if not self._acted:
                    self.hands.turn_key(True)
                self._acted = True
                return page is Page.HOME
            case "turn_key_back":
                self.hands.turn_key(False)
                return True
            case "see_shot":
                self.test_shots += bool(view.takes)
                return bool(view.takes)
            case _:
                offered = any(
                    button.action is Action.STAFF and button.arg == deed and button.enabled for button in view.buttons
                )
                return (offered or deed == "open") and self.hands.touch_menu(deed, keypad=self.script.keypad)


def staff_actions_in(journal: Path) -> list[str]:
    """What staff did at the booth, in order, read from the files of its journal."""
    lines = "".join(path.read_text("ascii") for path in sorted(journal.glob("*"))).splitlines()
    events = (json.loads(line) for line in lines)
    return [event["deed"] for event in events if event.get("event") == StaffDid.__name__]
