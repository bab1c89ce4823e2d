"""The scripted devices of a booth in the season: camera, eye, lamps, readers and the panel.

They do what their ports require, and answer after the times of real devices. The person always has the right pose, and
the photo is a simple drawn figure (`photos`), so that a session takes milliseconds instead of seconds.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np

from common.latest_slot import LatestSlot
from kiosk.core.events import (
    BurstTaken,
    CardFailed,
    CardFound,
    CardRead,
    CardRemoved,
    CardTrouble,
    CodeKind,
    CodeRead,
    Event,
    LampsTested,
    LooksSeen,
    Measured,
    SeatSeen,
    TakeFinished,
)
from kiosk.core.inputs import Measures, Sight
from kiosk.ports.clock import Clock
from kiosk.ports.eye import FinishedPhoto
from kiosk.ports.frames import Burst, Frame, Rgb
from kiosk.ports.vault import Vault
from kiosk.ports.worker import Emit
from kiosk.ui.viewmodel import View
from rules.checks import CheckId
from rules.profile import Profile
from sim.season.photos import fine_values, report
from sim.season.visitors import SeasonVisitor, holder

_LAMPS_NS, _BURST_NS, _FINISH_NS, _READ_NS = 500_000_000, 600_000_000, 400_000_000, 500_000_000
_CARD_TRIES = 3
_BLANK = np.zeros((640, 480, 3), np.uint8)


class ScriptedDevices:
    """All devices of a booth in one object: `Camera`, `Eye`, `LampSwitch`, `IdentityReader` and `Display`.

    `make_photo`: makes the JPEG of the person in the seat.
    """

    def __init__(
        self, profile: Profile, emit: Emit, vault: Vault, clock: Clock, make_photo: Callable[[SeasonVisitor], bytes]
    ) -> None:
        self.live: LatestSlot[Frame] = LatestSlot()
        self.seated: SeasonVisitor | None = None
        self.spoils = False  # whether the next photo is damaged in memory
        self._emit, self._vault, self._clock, self._make_photo = emit, vault, clock, make_photo
        self._checks = report(profile)
        self._fine = fine_values(profile)
        self._due: list[tuple[int, Callable[[int], Event]]] = []  # the coming events of readers and lamps
        self._due_of_takes: list[
            tuple[int, Callable[[int], Event]]
        ] = []  # the coming events about takes; they are dropped with the takes
        self._photos: dict[int, FinishedPhoto] = {}
        self._watching = self._listening = self._lit = self._card_lies = False
        self._sight = Sight.POSE

    def poll(self) -> None:
        """Emit the events that are due by now, and the events that follow from what the camera sees."""
        now_ns = self._clock.now_ns()
        for waiting in (self._due, self._due_of_takes):
            due = [one for one in waiting if one[0] <= now_ns]
            waiting[:] = [one for one in waiting if one[0] > now_ns]
            for _, event in due:
                self._emit(event(now_ns))
        if self._watching:
            faces = int(self.seated is not None)
            measures = Measures(now_ns, faces, self._fine if faces else MappingProxyType({}))
            self._emit(
                {
                    Sight.POSE: Measured(now_ns, measures),
                    Sight.WORN: LooksSeen(now_ns, measures),
                    Sight.SEAT: SeatSeen(now_ns, faces),
                }[self._sight]
            )

    def _after(self, wait_ns: int, event: Callable[[int], Event], *, of_take: bool = False) -> None:
        (self._due_of_takes if of_take else self._due).append((self._clock.now_ns() + wait_ns, event))

    # Camera, lamps and eye.

    def shoot(self, request: int, take: int, decided_ns: int) -> None:  # noqa: ARG002 - the port's signature
        """See `Camera`; the burst is always good."""
        self._after(_BURST_NS, lambda now_ns: BurstTaken(now_ns, request, take), of_take=True)

    def switch(self, on: bool, left: float = 0.0, right: float = 0.0) -> None:  # noqa: ARG002 - the port's signature
        """See `LampSwitch`."""
        if on and not self._lit:
            self._after(_LAMPS_NS, LampsTested)
        self._lit = on

    def watch(self, on: bool, sight: Sight = Sight.POSE) -> None:
        """See `Eye`."""
        self._watching, self._sight = on, sight

    def expect(self, request: int) -> None:
        """See `Eye`. There is nothing to do: the burst of a session that is over is dropped together with its event."""

    def forgive(self, take: int, check: CheckId | None = None) -> None:
        """See `Eye`. There is nothing to do: every burst is accepted."""

    def judge_burst(self, burst: Burst) -> None:
        """See `Eye`. There is nothing to do: the camera has already chosen the frame."""

    def finish(self, take: int) -> None:
        """See `Eye`."""
        assert self.seated is not None, "a burst was taken of somebody"
        jpeg = self._make_photo(self.seated)
        if self.spoils:
            jpeg, self.spoils = jpeg[:20_000], False
        self._photos[take] = FinishedPhoto(take, jpeg, _BLANK, checks=self._checks)
        self._after(_FINISH_NS, lambda now_ns: TakeFinished(now_ns, take, 0.9), of_take=True)

    def photo(self, take: int) -> FinishedPhoto | None:
        """See `Eye`."""
        return self._photos.get(take)

    def forget(self) -> None:
        """See `Eye` and `Display`. Drops the photos, and the events about them that are not yet emitted."""
        self._photos.clear()
        self._due_of_takes.clear()

    # The readers.

    def listen(self, on: bool) -> None:
        """See `IdentityReader`."""
        self._listening = on

    def lay(self, visitor: SeasonVisitor) -> None:
        """Lay a card on the reader."""
        self._card_lies = True
        if not self._listening:
            return
        self._after(0, CardFound)
        if visitor.script.card == "unreadable":
            for at in range(1, _CARD_TRIES + 1):
                self._after(at * _READ_NS, lambda now_ns: CardFailed(now_ns, CardTrouble.HOLD_STILL))
        else:
            self._after(_READ_NS, lambda now_ns: CardRead(now_ns, self._vault.token(holder(visitor.row)), True))

    def take_card(self) -> None:
        """Take the card from the reader."""
        if self._card_lies:
            self._after(0, CardRemoved)
        self._card_lies = False

    def scan(self, code: str | bytes) -> None:
        """Hold a code in front of the scanner: a number, or an image-collection code."""
        kind = CodeKind.STUDENT_OR_EXAM_NUMBER if isinstance(code, str) else CodeKind.OPAQUE
        if self._listening:
            self._after(_READ_NS, lambda now_ns: CodeRead(now_ns, self._vault.token(code), kind))

    # The panel.

    def pump(self) -> bool:
        """See `Display`; touches come from the scripted visitor."""
        return True

    @property
    def cursor(self) -> None:
        """See `Display`; nobody uses the audio guide."""
        return

    def show(self, view: View, preview: Rgb | None, takes: Mapping[int, Rgb]) -> None:
        """See `Display`; the scripted visitor reads the view."""
