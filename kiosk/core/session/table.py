"""The row types of the session's tables."""

from collections.abc import Callable
from dataclasses import dataclass

from kiosk.core.events import Action, Event
from kiosk.core.session.draft import Do, Guard, always
from kiosk.core.session.state import Session, State

Target = State | Callable[[Session], State] | None
Trigger = type[Event] | Action


@dataclass(frozen=True, slots=True)
class Rule:
    """If a trigger `on` comes in `state` and the guard `when` is true, run the actions `do` and go `to` a state (None:
    stay)."""

    state: State | None  # None: any state
    on: Trigger
    when: Guard
    to: Target = None
    do: tuple[Do, ...] = ()


@dataclass(frozen=True, slots=True)
class Deadline:
    """When `ms` have passed since the graduate last did something or was last seen (or, with `whole`, since the state
    began), run `do` and go `to` a state."""

    ms: int
    to: State
    do: tuple[Do, ...] = ()
    whole: bool = False
    when: Guard = always
