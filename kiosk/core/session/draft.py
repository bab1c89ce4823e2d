"""What rules are made of: guards, which read a session, and actions, which write to a draft of the session."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from kiosk.core.events import Event
from kiosk.core.session import effects as fx
from kiosk.core.session.state import Flag, Session, SessionPolicy


class Draft:
    """A session while one event is applied to it. Actions write to the draft."""

    def __init__(self, session: Session, event: Event, policy: SessionPolicy) -> None:
        self.session = session
        self.event = event
        self.policy = policy
        self.effects: list[fx.Effect] = []

    def set(self, **changes: object) -> None:
        self.session = replace(self.session, **changes)  # type: ignore[arg-type]  # field names are checked by replace

    def ask(self, make: Callable[[int], fx.Effect]) -> int:
        """Add the effect that `make` returns for the next id; returns the id."""
        number = self.session.next_id
        self.set(next_id=number + 1)
        self.effects.append(make(number))
        return number


Do = Callable[[Draft], None]
Guard = Callable[[Session, Event, SessionPolicy], bool]


def always(_session: Session, _event: Event, _policy: SessionPolicy) -> bool:
    return True


def marked(flags: tuple[Flag, ...], changes: Mapping[Flag, bool]) -> tuple[Flag, ...]:
    """`flags`, in which each flag of `changes` is set (True) or removed (False)."""
    return (*(flag for flag in flags if flag not in changes), *(flag for flag, on in changes.items() if on))
