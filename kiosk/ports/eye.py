"""The vision worker, called the eye, as the runtime uses it: the takes it holds and the photos made of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from pydantic import JsonValue

from kiosk.core.inputs import Sight
from kiosk.ports.frames import Burst, Rgb
from rules.checks import CheckId

Original = Callable[[], bytes | None]
"""Makes the JPEG from which a photo can be recropped, as the finish report's `original` describes it. Making it takes
as long as a finish, so the eye calls this function while the graduate chooses, and the I/O worker gets the result.
Every call returns the same bytes. None: none can be made."""


@dataclass(frozen=True, slots=True)
class FinishedPhoto:
    """A legal photo of one take: the file, its picture for the screen, and the finish report."""

    take: int
    jpeg: bytes
    rgb: Rgb  # (640, 480, 3)
    report: Mapping[str, JsonValue] = field(default_factory=dict)  # finish report, JSON values only
    checks: tuple[Mapping[str, JsonValue], ...] = ()  # the check report's `checks`, JSON values only
    original: Original | None = None


class Eye(Protocol):
    """SHALL be callable from the main thread without waiting for image processing: requests are queued, answers are
    events.

    `watch` switches looking at live frames on and off (`sight`: what to look for), `listen` the reading of codes.
    `expect` comes before a burst is ordered. `judge_burst` of an expected burst SHALL end in `BurstTaken` or
    `BurstFailed`; one that is not expected any more, because `forget` came first, SHALL be dropped. `finish` SHALL end
    in `TakeFinished` or `TakeRefused`. `forgive` comes before the burst of a take. With a check, that burst SHALL NOT
    be lost because of this check. Without a check the burst SHALL be used whatever the checks say, as long as there is
    a face, and its photo SHALL be made wherever the legal crop lies. `forget` SHALL drop every frame, take and photo,
    and every track of a face.
    """

    def watch(self, on: bool, sight: Sight = Sight.POSE) -> None: ...

    def listen(self, on: bool) -> None: ...

    def expect(self, request: int) -> None: ...

    def forgive(self, take: int, check: CheckId | None = None) -> None: ...

    def judge_burst(self, burst: Burst) -> None: ...

    def finish(self, take: int) -> None: ...

    def photo(self, take: int) -> FinishedPhoto | None: ...

    def forget(self) -> None: ...
