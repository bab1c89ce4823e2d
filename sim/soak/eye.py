"""An eye that sees what a script tells it.

Only long runs use it, and only if they choose it: looking at pictures takes most of a session's processor time, and
other tests cover the real eye. Everything else of the booth is real.
"""

import hashlib
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image

from common.latest_slot import LatestSlot
from kiosk.core.events import BurstTaken, Device, FinishFault, LooksSeen, Measured, SeatSeen, TakeFinished, TakeRefused
from kiosk.core.inputs import Measures, Sight
from kiosk.ports.clock import Clock
from kiosk.ports.eye import FinishedPhoto
from kiosk.ports.frames import Burst, Frame
from kiosk.ports.vault import Vault
from kiosk.ports.worker import Emit
from kiosk.vision.worker import EyeWorker
from rules.checks import CheckId
from rules.profile import Profile
from sim.season.photos import fine_values, report, scripted

REFUSED_EACH = 19
"""Of so many takes one is refused and gives no photo."""


@dataclass(slots=True)
class Seat:
    """The person in front of the camera. `visit`: the number of the visit; 0 while nobody sits there. `by_vision`:
    whether the booth's own eye looks. `loaded`: whether this eye's networks (60 MB) are in memory. `photos`: for the
    SHA-256 of each photo, the visits in which it was taken.
    """

    visit: int = 0
    by_vision: bool = False
    loaded: bool = False
    photos: dict[str, set[int]] = field(default_factory=dict)


class ScriptedEye:
    """A `Worker` that is an `Eye`. It sees a face while somebody sits there. All frames and bursts are good, and each
    take gives a photo except one in `REFUSED_EACH`."""

    device = Device.EYE

    def __init__(self, seat: Seat, profile: Profile, live: LatestSlot[Frame], emit: Emit, clock: Clock) -> None:
        self._seat, self._emit, self._frames, self._clock = seat, emit, live.reader(), clock
        self._fine, self._checks = fine_values(profile), report(profile)
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._orders: deque[Callable[[], None]] = deque()
        self._taken: dict[int, int] = {}  # for each take, the number of its visit
        self._photos: dict[int, FinishedPhoto] = {}
        self._watching, self._sight = False, Sight.POSE
        self._made = 0
        self._expected: set[int] = set()  # the requests of the bursts that were ordered

    def open(self) -> None:
        """Do nothing, because there is nothing to load."""

    def close(self) -> None:
        """Drop everything about the person."""
        self.forget()

    def watch(self, on: bool, sight: Sight = Sight.POSE) -> None:
        """See `Eye`."""
        self._watching, self._sight = on, sight
        self._wake.set()

    def listen(self, on: bool) -> None:
        """Do nothing, because nobody holds a code in front of this camera."""

    def expect(self, request: int) -> None:
        """See `Eye`."""
        with self._lock:
            self._expected.add(request)

    def forgive(self, take: int, check: CheckId | None = None) -> None:
        """Do nothing, because every burst is accepted."""

    def judge_burst(self, burst: Burst) -> None:
        """See `Eye`."""
        with self._lock:
            if burst.request not in self._expected:
                return
            self._expected.discard(burst.request)
        self._taken[burst.take] = self._seat.visit
        self._order(lambda: self._emit(BurstTaken(self._clock.now_ns(), burst.request, burst.take)))

    def finish(self, take: int) -> None:
        """See `Eye`."""
        self._order(lambda: self._finish(take))

    def photo(self, take: int) -> FinishedPhoto | None:
        """See `Eye`."""
        with self._lock:
            return self._photos.get(take)

    def forget(self) -> None:
        """See `Eye`."""
        with self._lock:
            self._orders.clear()
            self._photos.clear()
            self._taken.clear()
            self._expected.clear()
        self._wake.set()

    def poll(self, timeout_s: float) -> None:
        """Do the next order; if there is none, look at the newest frame."""
        with self._lock:
            order = self._orders.popleft() if self._orders else None
        if order is not None:
            order()
        elif self._watching:
            if self._frames.next(timeout_s) is not None:
                self._look()
        else:
            self._wake.wait(timeout_s)
            self._wake.clear()

    def _look(self) -> None:
        now_ns, faces = self._clock.now_ns(), int(self._seat.visit > 0)
        measures = Measures(now_ns, faces, self._fine if faces else {})
        match self._sight:
            case Sight.POSE:
                self._emit(Measured(now_ns, measures))
            case Sight.WORN:
                self._emit(LooksSeen(now_ns, measures))
            case Sight.SEAT:
                self._emit(SeatSeen(now_ns, faces))

    def _order(self, job: Callable[[], None]) -> None:
        with self._lock:
            self._orders.append(job)
        self._wake.set()

    def _finish(self, take: int) -> None:
        self._made += 1
        visit = self._taken.get(take, 0)
        if not visit or self._made % REFUSED_EACH == 0:
            self._emit(TakeRefused(self._clock.now_ns(), take, FinishFault.NO_FACE))
            return
        jpeg = scripted(visit, self._made)
        self._seat.photos[hashlib.sha256(jpeg).hexdigest()] = {visit}
        picture = np.asarray(Image.open(BytesIO(jpeg)).convert("RGB"))
        with self._lock:
            self._photos[take] = FinishedPhoto(take, jpeg, picture, checks=self._checks)
        self._emit(TakeFinished(self._clock.now_ns(), take, 0.9))


class EitherEye:
    """The scripted eye or, while `seat.by_vision` is true, the booth's own. `by_vision` changes only while nobody
    sits there."""

    device = Device.EYE

    def __init__(
        self,
        seat: Seat,
        models: Path,
        profile: Profile,
        live: LatestSlot[Frame],
        emit: Emit,
        vault: Vault,
        clock: Clock,
        main_size: tuple[int, int],
        *_station: object,
    ) -> None:
        """The arguments after `seat` are those of `EyeWorker`. The eye works as in a station that was not
        calibrated."""
        self._seat = seat
        self._scripted = ScriptedEye(seat, profile, live, emit, clock)
        self._own = EyeWorker(models, profile, live, emit, vault, clock, main_size)

    @property
    def _eye(self) -> ScriptedEye | EyeWorker:
        return self._own if self._seat.by_vision else self._scripted

    def open(self) -> None:
        """Do nothing: the networks are loaded when they are needed for the first time."""

    def close(self) -> None:
        """Drop everything about the person, and the networks."""
        self._scripted.close()
        self._own.close()
        self._seat.loaded = False

    def watch(self, on: bool, sight: Sight = Sight.POSE) -> None:
        """See `Eye`."""
        self._eye.watch(on, sight)

    def listen(self, on: bool) -> None:
        """See `Eye`."""
        self._eye.listen(on)

    def expect(self, request: int) -> None:
        """See `Eye`."""
        self._eye.expect(request)

    def forgive(self, take: int, check: CheckId | None = None) -> None:
        """See `Eye`."""
        self._eye.forgive(take, check)

    def judge_burst(self, burst: Burst) -> None:
        """See `Eye`."""
        self._eye.judge_burst(burst)

    def finish(self, take: int) -> None:
        """See `Eye`."""
        self._eye.finish(take)

    def photo(self, take: int) -> FinishedPhoto | None:
        """See `Eye`."""
        photo = self._eye.photo(take)
        if photo is not None and self._seat.by_vision:
            self._seat.photos.setdefault(hashlib.sha256(photo.jpeg).hexdigest(), set()).add(self._seat.visit)
        return photo

    def forget(self) -> None:
        """See `Eye`."""
        self._scripted.forget()
        self._own.forget()

    def poll(self, timeout_s: float) -> None:
        """See `Worker`."""
        seat = self._seat
        if seat.by_vision and not seat.loaded:
            self._own.open()
            seat.loaded = True
        elif seat.loaded and not seat.by_vision:
            self._own.close()
            seat.loaded = False
        self._eye.poll(timeout_s)
