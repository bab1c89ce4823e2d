"""The display as the loop uses it; generic in what a view is, so that ports know no screens."""

from collections.abc import Mapping
from typing import Protocol, TypeVar

from kiosk.ports.frames import Rgb

V = TypeVar("V", contravariant=True)


class Display(Protocol[V]):
    """SHALL not wait for the panel; `show` SHALL draw only what changed since the last call."""

    def pump(self) -> None:
        """Turn touches into `Touched` events."""
        ...

    def show(self, view: V, preview: Rgb | None, photos: Mapping[int, Rgb]) -> None:
        """Draw `view`; `preview` is a new live picture (None: no new one), `photos` the takes by number."""
        ...
