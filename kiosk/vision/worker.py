"""The vision worker, which implements the port `Eye`. It first carries out orders (bursts, finishes); if there are
none, it looks at the newest live frame."""

import logging
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from types import MappingProxyType

import numpy as np

from common.latest_slot import LatestSlot
from kiosk.core.events import (
    BurstFailed,
    BurstTaken,
    CodeRead,
    Device,
    Event,
    FinishFault,
    LooksSeen,
    Measured,
    SeatSeen,
    ShootFault,
    TakeFinished,
    TakeRefused,
)
from kiosk.core.inputs import Sight
from kiosk.core.scan.codes import Scan
from kiosk.core.session.quality import Judgement
from kiosk.ports.clock import Clock
from kiosk.ports.eye import FinishedPhoto, Original
from kiosk.ports.frames import Burst, Frame
from kiosk.ports.vault import Vault
from kiosk.ports.worker import Emit
from kiosk.text.catalog import load_all
from kiosk.vision.analysis import PictureAnalyzer
from kiosk.vision.backdrop.empty_backdrop import EmptyBackdrop
from kiosk.vision.checks.brows import brow_height
from kiosk.vision.checks.burst import Chosen, best_of
from kiosk.vision.checks.checkup import check_rows, doubts, judge_shot, score, warnings
from kiosk.vision.checks.ear_network import forget_ears
from kiosk.vision.checks.framing import PixelNeed
from kiosk.vision.checks.live import live_measures
from kiosk.vision.checks.liveness import Liveness
from kiosk.vision.checks.personal_baseline import PersonalBaseline
from kiosk.vision.checks.pose import STRAIGHT, PoseZero, pose
from kiosk.vision.checks.shot import shot_values
from kiosk.vision.checks.worn import live_worn
from kiosk.vision.codes import CodeReader
from kiosk.vision.face.face import Observation
from kiosk.vision.face.square import Points
from kiosk.vision.face.track import FaceTracker
from kiosk.vision.photo.finish import FinishRefused, finish_studied
from rules.checks import CheckId
from rules.profile import Profile

log = logging.getLogger(__name__)

SAME_CODE_NS = 2_000_000_000
"""The eye reports a code that is held in front of the camera once. It reports the same code again only after the code
was out of sight for this long."""
LOOKS_EVERY_NS = 700_000_000
"""The time from the end of one look at what is worn to the start of the next. A look takes a third as long as a
finish, and its result may be shown a second late."""

SEAT_EVERY_NS = 500_000_000
"""The time between two looks at the seat (`Sight.SEAT`). The shortest absence that counts is six times as long."""


CRASHES = 2
"""After so many orders in a row that met an unforeseen error, the eye itself counts as failed. A single error may be
caused by one picture, and the next picture is a different one."""


@dataclass(frozen=True, slots=True)
class _Order:
    """A job. If the job raises an error, `failed` makes the event that answers the order; its argument is the time."""

    do: Callable[["_Held"], None]
    failed: Callable[[int], Event]


@dataclass(slots=True)
class _Held:
    """What the eye knows of one session. `forget` replaces the whole object. So if a job of the previous session is
    still running, it writes into an object that nobody reads any more."""

    orders: deque[_Order] = field(default_factory=deque)
    takes: dict[int, Chosen] = field(default_factory=dict)
    photos: dict[int, FinishedPhoto] = field(default_factory=dict)
    originals: deque[Original] = field(default_factory=deque)  # the originals that are still to be made
    codes: dict[Scan, int] = field(default_factory=dict)
    expected: set[int] = field(default_factory=set)  # the requests of the bursts that were ordered
    forgiven: set[int] = field(default_factory=set)
    waived: dict[int, CheckId] = field(default_factory=dict)
    liveness: Liveness = field(default_factory=Liveness)
    baseline: PersonalBaseline = field(default_factory=PersonalBaseline)
    last: Observation | None = None
    looked_ns: int | None = None  # when the last look at what is worn was over
    last_width: int = 0


class EyeWorker:
    """The `Worker` that is also the `Eye`. `poll` lasts as long as its job: on a desktop, a live frame takes some 5 ms,
    a finish some 200 ms."""

    device = Device.EYE

    def __init__(
        self,
        models: Path,
        profile: Profile,
        live: LatestSlot[Frame],
        emit: Emit,
        vault: Vault,
        clock: Clock,
        main_size: tuple[int, int],
        zero: PoseZero = STRAIGHT,
        empty: EmptyBackdrop | None = None,
    ) -> None:
        """`main_size`: (width, height) of the frames from which photos are made. `zero`: the pose that this station
        measures for a straight head. `empty`: the station's empty backdrop."""
        self._models, self._profile, self._vault, self._clock = models, profile, vault, clock
        self._emit, self._live, self._main_width, self._zero = emit, live.reader(), main_size[0], zero
        self._empty = empty
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._held = _Held()
        self._tracked: _Held | None = self._held  # whose data the tracker and networks contain; None: not known
        self._session = 0  # the session for which codes are read
        self._crashes = 0  # how many orders in a row raised an error
        self._watching = self._listening = False
        self._sight = Sight.POSE
        self._tracker: FaceTracker | None = None
        self._analyzer: PictureAnalyzer | None = None
        self._reader = CodeReader()
        self._catalogs = load_all()

    def open(self) -> None:
        """Load the networks. Raises `PermanentFault` if a model is missing or damaged."""
        self._tracker, self._analyzer = FaceTracker(self._models), PictureAnalyzer(self._models, self._empty)

    def close(self) -> None:
        """Drop the networks. Orders, takes and photos stay until `forget`, because the session still relies on them and
        the eye is closed after every fault."""
        self._tracker = self._analyzer = None
        # otherwise this reference would keep the takes in memory even after `forget`, until the eye is opened again
        self._tracked = None

    def watch(self, on: bool, sight: Sight = Sight.POSE) -> None:
        """Start looking at live frames for `sight`, or stop looking."""
        self._watching, self._sight = on, sight
        self._wake.set()

    def listen(self, on: bool) -> None:
        """Start reading codes held in front of the camera for the vault's present session, or stop it. Call this on the
        thread that empties the vault."""
        if on:
            self._session = self._vault.session()
        self._listening = on
        self._wake.set()

    def expect(self, request: int) -> None:
        """Accept the coming burst of effect `request`, unless `forget` comes first."""
        with self._lock:
            self._held.expected.add(request)

    def forgive(self, take: int, check: CheckId | None = None) -> None:
        """Accept the coming burst of `take` even if `check` fails. Without `check`, accept it however the person looks,
        even if the crop lies exactly at its limits."""
        with self._lock:
            if check is None:
                self._held.forgiven.add(take)
            else:
                self._held.waived[take] = check

    def judge_burst(self, burst: Burst) -> None:
        """Order the choice of the best frame of a burst. The event `BurstTaken` or `BurstFailed` reports the result. A
        burst that was not expected belongs to a session that is over: the eye drops its frames and reports nothing."""
        failed = partial(BurstFailed, request=burst.request, fault=ShootFault.NOT_JUDGED)
        order = _Order(partial(self._judge_burst, burst), failed)
        with self._lock:
            if burst.request in self._held.expected:
                self._held.expected.discard(burst.request)
                self._held.orders.append(order)
        self._wake.set()

    def finish(self, take: int) -> None:
        """Order the finished photo of a take. The event `TakeFinished` or `TakeRefused` reports the result."""
        self._order(_Order(partial(self._finish, take), partial(TakeRefused, take=take, fault=FinishFault.FILE)))

    def photo(self, take: int) -> FinishedPhoto | None:
        """The finished photo of a take; None if there is none."""
        with self._lock:
            return self._held.photos.get(take)

    def forget(self) -> None:
        """Drop orders, takes, photos and tracks, and also what a job that is still running makes."""
        with self._lock:
            self._held = _Held()
        self._wake.set()

    def poll(self, timeout_s: float) -> None:
        """Do the next order; if there is none, look at the newest frame. Wait at most `timeout_s` for either."""
        with self._lock:
            held = self._held
            order = held.orders.popleft() if held.orders else None
        if held is not self._tracked and self._tracker is not None and self._analyzer is not None:
            self._tracker.forget()
            self._analyzer.forget()
            forget_ears()
            self._tracked = held
        if order is not None:
            self._carry_out(order, held)
        elif held.originals and not self._is_guiding():
            _make_ahead(held.originals.popleft())
        elif self._watching or self._listening:
            frame = self._live.next(timeout_s)
            if frame is not None:
                self._look(frame, held)
        else:
            self._wake.wait(timeout_s)
            self._wake.clear()

    def _is_guiding(self) -> bool:
        """Whether somebody in front of the screen waits for what the live frames show."""
        return self._listening or (self._watching and self._sight is not Sight.SEAT)

    def _order(self, order: _Order) -> None:
        with self._lock:
            self._held.orders.append(order)
        self._wake.set()

    def _carry_out(self, order: _Order, held: _Held) -> None:
        """Do an order. The order is answered even if it meets an unforeseen error, because the session waits for the
        answer."""
        try:
            order.do(held)
        except Exception as error:
            self._tell(held, order.failed(self._clock.now_ns()))
            self._crashes += 1
            if self._crashes >= CRASHES:
                raise
            log.error("the eye could not carry out an order: unforeseen error", exc_info=error)
        else:
            self._crashes = 0

    def _tell(self, held: _Held, event: Event) -> None:
        if self._is_current(held):
            self._emit(event)

    def _is_current(self, held: _Held) -> bool:
        with self._lock:
            return held is self._held

    def _look(self, frame: Frame, held: _Held) -> None:
        if self._listening:
            self._read_codes(frame, held)
        if self._watching:
            match self._sight:
                case Sight.POSE:
                    self._measure(frame, held)
                case Sight.WORN:
                    self._look_at_what_is_worn(frame, held)
                case Sight.SEAT:
                    self._look_at_seat(frame, held)

    def _look_at_seat(self, frame: Frame, held: _Held) -> None:
        assert self._tracker is not None, "open() comes before poll()"
        if held.looked_ns is not None and self._clock.now_ns() - held.looked_ns < SEAT_EVERY_NS:
            return
        held.looked_ns = self._clock.now_ns()
        self._tell(held, SeatSeen(held.looked_ns, self._tracker.track(frame.rgb, frame.exposed_ns).faces))

    def _look_at_what_is_worn(self, frame: Frame, held: _Held) -> None:
        assert self._tracker is not None, "open() comes before poll()"
        assert self._analyzer is not None
        seen = self._tracker.track(frame.rgb, frame.exposed_ns)
        if held.looked_ns is not None and self._clock.now_ns() - held.looked_ns < LOOKS_EVERY_NS:
            return
        worn = live_worn(frame.rgb, seen, self._analyzer, self._profile, self._zero)
        held.looked_ns = self._clock.now_ns()
        self._tell(held, LooksSeen(held.looked_ns, worn))

    def _measure(self, frame: Frame, held: _Held) -> None:
        assert self._tracker is not None, "open() comes before poll()"
        width = frame.rgb.shape[1]
        seen = self._tracker.track(frame.rgb, frame.exposed_ns)
        held.last, held.last_width = seen, width
        need = PixelNeed(self._main_width / width, self._profile.photo.aim_face_width_px)
        measures = live_measures(frame.rgb, seen, need, self._zero)
        held.liveness.see(seen, None if seen.face is None else pose(seen.face, self._zero))
        brows = brow_height(seen.face) if seen.face is not None and CheckId.NEUTRAL in measures.values else None
        held.baseline.learn(measures.values, brows)
        values = held.baseline.judged(measures.values, brows)
        if seen.face is not None:
            values[CheckId.LIVE_PERSON] = held.liveness.score()
        measures = replace(measures, values=MappingProxyType(values), exposure_us=_exposure_us(frame))
        self._tell(held, Measured(self._clock.now_ns(), measures))

    def _read_codes(self, frame: Frame, held: _Held) -> None:
        now = self._clock.now_ns()
        for code in self._reader.read(frame.rgb):
            last_ns, held.codes[code] = held.codes.get(code), now
            if last_ns is not None and now - last_ns < SAME_CODE_NS:
                continue
            token = self._vault.token_in(self._session, code.value)
            if token is not None:
                self._tell(held, CodeRead(now, token, code.kind))

    def _judge_burst(self, burst: Burst, held: _Held) -> None:
        assert self._analyzer is not None, "open() comes before poll()"
        chosen = best_of(
            burst,
            self._analyzer,
            self._profile,
            self._zero,
            self._live_mesh(burst, held),
            held.baseline,
            forgiven=burst.take in held.forgiven,
            waived=held.waived.get(burst.take),
        )
        now = self._clock.now_ns()
        if isinstance(chosen, ShootFault):
            self._tell(held, BurstFailed(now, burst.request, chosen))
            return
        held.takes[burst.take] = chosen
        self._tell(held, BurstTaken(now, burst.request, burst.take))

    def _live_mesh(self, burst: Burst, held: _Held) -> Points | None:
        """The mesh that was last seen live, in pixels of the burst's frames; None if no face was seen live."""
        if not burst.frames or held.last is None or held.last.face is None:
            return None
        scale = np.float32(burst.frames[0].rgb.shape[1] / held.last_width)
        mesh: Points = held.last.face.mesh * scale
        return mesh

    def _finish(self, take: int, held: _Held) -> None:
        chosen = held.takes.pop(take, None)  # a take is finished once; its frame takes 36 MB
        result = FinishFault.NO_FACE if chosen is None else self._finished(take, chosen, held)
        now = self._clock.now_ns()
        if isinstance(result, FinishFault):
            self._tell(held, TakeRefused(now, take, result))
            return
        photo, judgement, unclear = result
        with self._lock:
            held.photos[take] = photo
            if photo.original is not None:
                held.originals.append(photo.original)
        failed = tuple(one.check.value for one in judgement.failing())
        self._tell(held, TakeFinished(now, take, score(judgement), warnings(judgement), unclear, failed))

    def _finished(
        self, take: int, chosen: Chosen, held: _Held
    ) -> tuple[FinishedPhoto, Judgement, tuple[str, ...]] | FinishFault:
        assert self._analyzer is not None, "open() comes before poll()"
        rgb = chosen.frame.rgb
        analysis = self._analyzer.analyze(rgb, chosen.observation)
        if analysis is None:
            return FinishFault.NO_FACE
        forgiven = take in held.forgiven
        photo = finish_studied(rgb, analysis, self._profile, take, forgiven=forgiven)
        if isinstance(photo, FinishRefused):
            return photo.fault
        ground = analysis.backdrop
        hand = self._analyzer.hand(rgb, analysis.face)
        measured = shot_values(rgb, analysis, self._profile, self._zero, hand=hand, finished=True, forgiven=forgiven)
        values = held.baseline.judged(measured, brow_height(analysis.face)) | {
            CheckId.FILE: 0.0,
            CheckId.LIVE_PERSON: held.liveness.score(None if ground.empty is None else ground.empty_holds),
        }
        judgement = judge_shot(values, self._profile)
        rows = tuple(check_rows(judgement, self._profile, self._catalogs))
        return replace(photo, checks=rows), judgement, doubts(values, self._profile)


def _make_ahead(original: Original) -> None:
    """Make the original while the graduate chooses, so that the accepted photo is saved sooner."""
    try:
        original()
    except Exception as fault:  # the saver asks again; after another error it saves the photo alone
        log.error("an original can't be made ahead (%s)", type(fault).__name__)


def _exposure_us(frame: Frame) -> float | None:
    """The exposure time in microseconds times gain; None if the metadata do not say it."""
    time_us, gain = frame.metadata.get("ExposureTime"), frame.metadata.get("AnalogueGain")
    return float(time_us) * gain if isinstance(time_us, int | float) and isinstance(gain, int | float) else None
