"""A person uses the simulator's window: keys of the keyboard lay the card and scan codes, the mouse touches the panel.

The person at the window cannot sit in front of the booth's camera. So a drawn graduate sits there from the first key
on, and follows the instructions of the pose screen.
"""

import pygame

from kiosk.ui.shell import KEYS as KEYPAD
from sim.play.graduate import SittingVisitor
from sim.play.register import roster
from sim.play.scenario import Graduate
from sim.play.stage import Stage

HELP = (
    "Keys: C lays the ID card or takes it away, S scans the student card, L lets the graduate leave; the mouse touches."
)
FIRST_SEED = 40  # seed of the first graduate who sits there; the scenarios use other seeds


class ByHand:
    """The keys of the window of `stage`. Create this object when the booth already has its window."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._seed = FIRST_SEED
        self._card_lies = False
        pygame.event.set_allowed(pygame.KEYDOWN)
        pygame.display.set_caption(f"补拍  {HELP}")

    def turn(self) -> None:
        """Carry out the keys that were pressed since the last call."""
        for event in pygame.event.get(pygame.KEYDOWN):
            if event.key in KEYPAD:
                pygame.event.post(event)  # this event is for the booth
            else:
                self.press(event.key)

    def press(self, key: int) -> None:
        """Do what one key stands for."""
        if key == pygame.K_c and self._card_lies:
            self._stage.take_card()
            self._card_lies = False
        elif key == pygame.K_c:
            self._seat()
            self._stage.present("card")
            self._card_lies = True
        elif key == pygame.K_s:
            self._seat()
            self._stage.present("student_card")
        elif key == pygame.K_l:
            self._stage.stand_up()
            self._card_lies = False

    def _seat(self) -> None:
        """Let the next graduate sit down if the seat is empty."""
        if self._stage.is_occupied:
            return
        self._seed += 1
        graduate = Graduate(seed=self._seed)
        self._stage.world.office.give_roster(roster((graduate,)))
        self._stage.seat(graduate, SittingVisitor)
