"""The display as the main loop uses it. It is generic in the type of a view, so that ports do not depend on screens."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, TypeVar

from kiosk.ports.frames import Rgb

V = TypeVar("V", contravariant=True)


@dataclass(frozen=True, slots=True)
class Cursor:
    """The part of the screen to which a person with the audio guide has moved. `prompts`: what to say about it, in
    order (none: be silent). `moves` increases with each move, even if the part stays the same."""

    moves: int
    prompts: tuple[str, ...]


class Display(Protocol[V]):
    """The display. Its methods SHALL not wait for the panel. `show` SHALL draw only what has changed since the last
    call."""

    def pump(self) -> bool:
        """Turn touches into `Touched` events. Returns False if the window was closed."""
        ...

    def show(self, view: V, preview: Rgb | None, takes: Mapping[int, Rgb]) -> None:
        """Draw `view`. `preview`: a new live picture (None: there is no new one); `takes`: the finished photos by
        number."""
        ...

    @property
    def cursor(self) -> Cursor | None:
        """The part of the screen to which a person with the audio guide moved last; None: nobody uses the audio
        guide."""
        ...

    def forget(self) -> None:
        """Blank the screen, and drop every picture and text that was drawn."""
        ...
