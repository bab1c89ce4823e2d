"""What staff see of sessions that asked for help: the newest view and still of each open call, and the check that staff
waived, in this process's memory only.

A view is dropped when its call ends, or when no newer view came for some seconds. A still is dropped sooner, and at
once when a view says that the graduate no longer agrees. A waiver stays until its call ends, so a booth whose
connection was interrupted for a while still gets the waiver that is in the audit. If the office restarts, it forgets
all views, stills and waivers; the booths send new views.
"""

import threading
from dataclasses import dataclass
from datetime import datetime, timedelta

from center.audit.service import Audit
from center.calls.model import WaiverGround, waivable
from center.platform.clock import Clock
from center.platform.database import Database
from center.platform.faults import NotThere, WrongRequest
from wire.live_help import HelpDirection, HelpView

STALE = timedelta(seconds=15)
FRESH = timedelta(seconds=5)
"""How long a still is shown if no newer one comes."""
MOST_VIEWS = 200
"""At most how many calls of all booths together have a view: staff can't help more people at once."""


@dataclass(frozen=True, slots=True)
class Live:
    """The newest view of an open call, without its still; the time at which the newest still came, if staff may see it;
    and the check that staff waived."""

    view: HelpView
    at: datetime
    still_at: datetime | None = None
    waived: str | None = None

    @property
    def may_waive(self) -> tuple[str, ...]:
        """The checks that staff may waive now."""
        return waivable(self.view) if self.waived is None else ()


class LiveHelp:
    """The views of all open calls. Threads may share it. The caller has checked that a call is open, and which booth
    made it.
    """

    def __init__(self, database: Database, audit: Audit, clock: Clock) -> None:
        self._database = database
        self._audit = audit
        self._clock = clock
        self._lock = threading.Lock()
        # Held while the audit is written, so that a call has at most one waiver, and a first look is noted only once.
        self._audits = threading.Lock()
        self._views: dict[str, tuple[HelpView, datetime]] = {}
        self._stills: dict[str, tuple[bytes, datetime]] = {}
        self._still_viewers: dict[str, set[str]] = {}  # call -> who has seen a still since the graduate agreed
        self._waived: dict[str, str] = {}  # call -> the check that staff waived

    def show(self, view: HelpView) -> HelpDirection:
        """Keep the newest view of a call; returns what staff want of the session."""
        now = self._clock()
        with self._lock:
            self._drop_stale(now)
            if view.call_id in self._views or len(self._views) < MOST_VIEWS:
                self._views[view.call_id] = view.model_copy(update={"still": None}), now
                if view.agreement != "given":
                    self._drop_stills(view.call_id)
                elif view.jpeg is not None:
                    self._stills[view.call_id] = view.jpeg, now
            return HelpDirection(call_id=view.call_id, release=self._waived.get(view.call_id))

    def drop(self, call_id: str) -> None:
        """Forget a call that has ended; does nothing if nothing is known of it."""
        with self._lock:
            self._views.pop(call_id, None)
            self._waived.pop(call_id, None)
            self._drop_stills(call_id)

    def of(self, call_id: str) -> Live | None:
        """The newest view of a call; None: there is none, or it is too old."""
        with self._lock:
            self._drop_stale(self._clock())
            known, still = self._views.get(call_id), self._stills.get(call_id)
            if known is None:
                return None
            return Live(*known, None if still is None else still[1], self._waived.get(call_id))

    def still(self, who: str, call_id: str, booth_id: str) -> bytes:
        """The newest still of a call, a JPEG. When `who` sees a still for the first time since the graduate agreed, the
        audit records this before the still is returned.

        Raises `NotThere` (no agreement in force, or no still), `Unavailable`.
        """
        with self._audits:
            if self._is_first_look(who, call_id):
                with self._database.write() as session:
                    self._audit.append(session, self._clock(), who, "booth.stills_seen", call_id, {"booth": booth_id})
                with self._lock:
                    if call_id in self._stills:
                        self._still_viewers.setdefault(call_id, set()).add(who)
        with self._lock:
            self._drop_stale(self._clock())
            still = self._stills.get(call_id)
        if still is None:
            raise NotThere("there is no picture of this session to see now")
        return still[0]

    def forget_old(self) -> None:
        """Forget what is too old to be shown."""
        with self._lock:
            self._drop_stale(self._clock())

    def _is_first_look(self, who: str, call_id: str) -> bool:
        """Whether there is a still, and `who` has seen none since the graduate agreed."""
        with self._lock:
            self._drop_stale(self._clock())
            return call_id in self._stills and who not in self._still_viewers.get(call_id, ())

    def _drop_stills(self, call_id: str) -> None:
        self._stills.pop(call_id, None)
        self._still_viewers.pop(call_id, None)

    def waive(self, who: str, call_id: str, check: str, ground: str) -> None:
        """Waive a check of the session, once the audit has an entry of this.

        Raises `NotThere` (no view), `WrongRequest` (check or ground), `Unavailable`.
        """
        if ground not in {one.value for one in WaiverGround}:
            raise WrongRequest("a check is waived on one of the grounds of the list")

        with self._audits:
            live = self.of(call_id)
            if live is None:
                raise NotThere("nothing is seen of this session any more")
            if check not in live.may_waive:
                raise WrongRequest("this check can't be waived now: load the page again")
            with self._database.write() as session:
                detail = {"check": check, "ground": ground}
                self._audit.append(session, self._clock(), who, "booth.check_released", call_id, detail)
            with self._lock:
                # The waiver is stored even if the view has become too old meanwhile, because the audit already has it.
                self._waived[call_id] = check
                if len(self._waived) > MOST_VIEWS:
                    # With so many waivers, some calls must have ended without `drop`: delete the oldest waiver.
                    del self._waived[next(iter(self._waived))]

    def _drop_stale(self, now: datetime) -> None:
        for call_id in [call_id for call_id, (_, at) in self._views.items() if now - at > STALE]:
            del self._views[call_id]
            self._drop_stills(call_id)
        # A still that seems to come from the future counts as old, too: the clock was set back, and this must not make
        # a still visible for longer.
        old = [call_id for call_id, (_, at) in self._stills.items() if not timedelta(0) <= now - at <= FRESH]
        for call_id in old:
            del self._stills[call_id]
