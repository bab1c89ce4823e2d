"""The booth's end of live help: while a call is open, it sends the view of the session to the uplink, and receives the
directions of staff.

Once a second, a thread of its own makes the view from the session (one frozen value) and, while the graduate agrees, a
still from the newest live frame. The main loop only passes the newest session on. Nothing is written to the disk. If no
socket can be made in the folder, or if no uplink runs, the call for help works without live help.
"""

import logging
import os
import threading
from collections.abc import Callable, Mapping
from pathlib import Path

from common.catalog import Catalog
from common.latest_slot import LatestSlot
from kiosk.core.events import Agreement, HelpDirected, HelpLost
from kiosk.core.session.quality import Judged
from kiosk.core.session.state import Session, State
from kiosk.core.session.stills import shows_stills
from kiosk.ports.clock import Clock
from kiosk.ports.frames import Frame
from kiosk.ports.worker import Emit
from kiosk.uplink.shared.local_socket import LocalSocket
from kiosk.uplink.shared.paths import HELP_DIRECTIONS, HELP_VIEWS
from kiosk.vision.photo.still import still
from rules.checks import CheckId
from wire.faults import MessageError
from wire.help_call import CallId
from wire.live_help import GREATEST, MOST_CHARACTERS, MOST_STILL_BYTES, HelpDirection, HelpView, LiveCheck, still_of

log = logging.getLogger(__name__)

CHECKS = frozenset(check.value for check in CheckId)
EVERY_NS = 1_000_000_000
LOST_NS = 10_000_000_000
"""If no direction came for so long, the office counts as lost, and the graduate's agreement ends. In this time two
views in a row got no answer (`kiosk.uplink.office.help_line`)."""
OpenCall = Callable[[], tuple[int, CallId] | None]
"""Returns the open call: the effect that began it, and its id; None: there is no open call."""


class LiveHelp:
    """A `Worker`. The main thread calls `follow`."""

    device = None

    def __init__(
        self,
        booth_id: str,
        folder: Path,
        call: OpenCall,
        catalogs: Mapping[str, Catalog],
        live: LatestSlot[Frame],
        emit: Emit,
        clock: Clock,
    ) -> None:
        self._booth_id = booth_id
        self._folder = folder
        self._call = call
        self._catalogs = catalogs
        self._frames = live.reader()
        self._emit = emit
        self._clock = clock
        self._session = Session()
        self._socket: LocalSocket | None = None
        self._rest = threading.Event()
        self._due_ns = 0
        self._known_direction: HelpDirection | None = None
        self._agreed_ns: int | None = None  # since when the graduate agrees
        self._answered_ns = 0  # when the last direction came, or when the graduate agreed

    def follow(self, session: Session) -> None:
        """From now on make the views from this session."""
        self._session = session

    def open(self) -> None:
        """Open the socket."""
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._socket = LocalSocket(self._folder, HELP_DIRECTIONS, HELP_VIEWS)
        except OSError as error:
            log.warning("live help does not work: no socket in %s: %s", self._folder, os.strerror(error.errno or 0))

    def poll(self, timeout_s: float) -> None:
        """Send the view if it is time; then wait at most `timeout_s` for a direction of staff."""
        if self._socket is None:
            self._rest.wait(timeout_s)
            return
        session, call = self._session, self._call()
        self._follow_agreement(session, call)
        if call is not None and session.call == call[0] and self._clock.now_ns() >= self._due_ns:
            self._due_ns = self._clock.now_ns() + EVERY_NS
            seen = self._still(session)
            # read again, because the graduate may have taken the agreement back while the still was made
            newest = self._session
            if newest.call == call[0]:
                self._socket.send(self.view(newest, call[1], seen if shows_stills(newest) else None).encode())
        direction = _decoded(self._socket.newest(timeout_s))
        if call is not None and direction is not None and direction.call_id == call[1]:
            self._hear(direction, call[0])

    def close(self) -> None:
        """Close the socket; idempotent."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _follow_agreement(self, session: Session, call: tuple[int, CallId] | None) -> None:
        """Note when the graduate agreed. If the office no longer answers, report this."""
        now_ns = self._clock.now_ns()
        if call is None or session.call != call[0] or session.agreement is not Agreement.GIVEN:
            self._agreed_ns = None
        elif self._agreed_ns is None:
            self._agreed_ns = self._answered_ns = now_ns
        elif now_ns - self._answered_ns >= LOST_NS:
            self._answered_ns = now_ns
            self._emit(HelpLost(now_ns, call[0]))

    def _hear(self, direction: HelpDirection, request: int) -> None:
        """Report each new direction once. If the office says that the call is not open, report this every time."""
        self._answered_ns = self._clock.now_ns()
        if not direction.open:
            self._emit(HelpLost(self._answered_ns, request))
        if direction != self._known_direction:
            self._known_direction = direction
            release = None if direction.release not in CHECKS else CheckId(direction.release)
            self._emit(HelpDirected(self._answered_ns, request, release))

    def _still(self, session: Session) -> str | None:
        """A still of the newest live frame. None if this frame was sent already, or was exposed before the graduate
        agreed."""
        if self._agreed_ns is None or not shows_stills(session):
            return None
        frame = self._frames.next()
        if frame is None or frame.exposed_ns < self._agreed_ns:
            return None
        jpeg = still(frame.rgb, MOST_STILL_BYTES)
        return None if jpeg is None else still_of(jpeg)

    def view(self, session: Session, call_id: CallId, seen: str | None = None) -> HelpView:
        """The view of `session` for staff. `seen`: a still."""
        guide = session.guidance.text if session.state is State.POSE else ""
        words = self._catalogs[session.language].text(guide) if guide else ""
        judgement = session.judgement if session.judgement is not None else session.looks
        return HelpView(
            booth_id=self._booth_id,
            call_id=call_id,
            screen=session.state.value,
            instruction="".join(filter(str.isprintable, words))[:MOST_CHARACTERS],
            checks=() if judgement is None else tuple(map(_live_check, judgement.checks)),
            released=None if session.waived is None else session.waived.value,
            agreement=session.agreement.value,
            still=seen,
        )


def _live_check(one: Judged) -> LiveCheck:
    """The result of a check, for a message. A value that a message can't contain counts as not measured."""
    value = one.value if one.value is not None and abs(one.value) <= GREATEST else None
    return LiveCheck(check=one.check.value, result=one.verdict.value, value=value, min=one.limit.min, max=one.limit.max)


def _decoded(data: bytes | None) -> HelpDirection | None:
    try:
        return None if data is None else HelpDirection.decode(data)
    except MessageError:
        return None
