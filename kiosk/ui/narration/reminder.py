"""Chooses what is said again while a screen waits for the graduate: its instruction, its question, or the names of its
buttons."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from kiosk.core.session.state import State
from kiosk.ui.narration.guided import CHOICES
from kiosk.ui.viewmodel import View

Lines = tuple[str, ...]

SPOKEN_WITH_GUIDE = frozenset({State.POSE, State.IDENTIFY, State.CONFIRM, State.CARD_LEFT})
"""Screens that ask for more than pressing a button. With the audio guide, too, their own words are said again, not the
names of their buttons."""


def reminder(view: View, lines: Lines) -> Lines:
    """What to say again; () on a screen without reminders. `lines`: all prompts of the screen (`script`)."""
    choose = _REMINDERS.get(view.screen)
    if choose is None or not lines:
        return ()
    if CHOICES in lines and (view.options or view.screen not in SPOKEN_WITH_GUIDE):
        return lines[lines.index(CHOICES) :]
    return lines[-1:] if view.options else choose(view, lines)


def _first(_view: View, lines: Lines) -> Lines:
    return lines[:1]


def _last(_view: View, lines: Lines) -> Lines:
    return lines[-1:]


def _consent(_view: View, _lines: Lines) -> Lines:
    return ("consent.ask",)


def _guide(view: View, lines: Lines) -> Lines:
    """The instruction, if there is one (it is said after the advice about the last take). Otherwise the advice."""
    return (view.guide,) if view.guide in lines else lines


_REMINDERS: Mapping[State, Callable[[View, Lines], Lines]] = MappingProxyType(
    {
        State.CONSENT: _consent,
        State.IDENTIFY: _first,
        State.SCHOOL: _first,
        State.CONFIRM: _first,
        State.PREPARE: _last,  # the last line says what is still to be done, or which button to press
        State.WRONG_TOP: _last,
        State.POSE: _guide,
        State.CHOOSE: _last,
        State.CARD_LEFT: _first,
    }
)
