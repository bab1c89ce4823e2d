"""The display as the loop uses it; generic in the type of a view, so that ports do not depend on screens."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, TypeVar

from kiosk.ports.frames import Rgb

V = TypeVar("V", contravariant=True)


@dataclass(frozen=True, slots=True)
class Cursor:
    """The place on the screen of a person who uses the audio guide, and the prompts to say there, in order (none: be
    silent). `moves` increases with each move, even with a move to the same place."""

    moves: int
    prompts: tuple[str, ...]


class Display(Protocol[V]):
    """SHALL not wait for the panel; `show` SHALL draw only what changed since the last call."""

    def pump(self) -> bool:
        """Turn touches into `Touched` events; False when the window was closed."""
        ...

    def show(self, view: V, preview: Rgb | None, takes: Mapping[int, Rgb]) -> None:
        """Draw `view`; `preview` is a new live picture (None: no new one), `takes` the finished photos by number."""
        ...

    @property
    def cursor(self) -> Cursor | None:
        """The place to which the person with the audio guide moved last; None: nobody uses it."""
        ...

    def forget(self) -> None:
        """Blank the screen; drop every picture and text that was drawn."""
        ...
