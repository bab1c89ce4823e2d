"""The vision worker, called the eye, as the runtime uses it. It holds the takes, and the photos that it made from
them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from pydantic import JsonValue

from kiosk.core.inputs import Sight
from kiosk.ports.frames import Burst, Rgb
from rules.checks import CheckId

Original = Callable[[], bytes | None]
"""Makes the JPEG of the original, from which a photo can be recropped; `original` in the finish report describes it.
This takes as long as finishing a photo. So the eye calls the function while the graduate chooses, and the I/O worker
gets the result later. Every call returns the same bytes. None: no original can be made."""


@dataclass(frozen=True, slots=True)
class FinishedPhoto:
    """The legal photo of one take: its file, its picture for the screen, and its finish report."""

    take: int
    jpeg: bytes
    rgb: Rgb  # (640, 480, 3)
    report: Mapping[str, JsonValue] = field(default_factory=dict)  # the finish report; it has only JSON values
    checks: tuple[Mapping[str, JsonValue], ...] = ()  # `checks` of the check report; it has only JSON values
    original: Original | None = None


class Eye(Protocol):
    """The vision worker. The main thread SHALL be able to call it without waiting for image processing: requests are
    put into a queue, and answers are events.

    `watch` switches looking at live frames on and off (`sight`: what to look for). `listen` switches the reading of
    codes on and off. `expect` is called before a burst is ordered. `judge_burst` of an expected burst SHALL end in
    `BurstTaken` or `BurstFailed`. A burst that is not expected any more, because `forget` was called meanwhile, SHALL
    be dropped. `finish` SHALL end in `TakeFinished` or `TakeRefused`. `forgive` is called before the burst of a take.
    With a check as argument, the burst SHALL NOT be lost because of this check. Without a check, the burst SHALL be
    used whatever the checks say, as long as there is a face, and its photo SHALL be made wherever the legal crop lies.
    `forget` SHALL drop every frame, take and photo, and all data with which faces are followed.
    """

    def watch(self, on: bool, sight: Sight = Sight.POSE) -> None: ...

    def listen(self, on: bool) -> None: ...

    def expect(self, request: int) -> None: ...

    def forgive(self, take: int, check: CheckId | None = None) -> None: ...

    def judge_burst(self, burst: Burst) -> None: ...

    def finish(self, take: int) -> None: ...

    def photo(self, take: int) -> FinishedPhoto | None: ...

    def forget(self) -> None: ...
