"""What staff see of sessions that asked for help: the newest view of each open call, and the check that staff released,
in this process's memory only.

A view is dropped when its call ends, or when no newer one came for some seconds. A release stays until its call ends,
so a booth whose connection was interrupted for a while still gets the release that is in the audit. A restart forgets
all of them; the booths send new views.
"""

import threading
from dataclasses import dataclass
from datetime import datetime, timedelta

from center.audit.service import Audit
from center.calls.model import ReleaseGround, releasable
from center.platform.clock import Clock
from center.platform.database import Database
from center.platform.faults import NotThere, WrongRequest
from wire.live_help import HelpDirection, HelpView

STALE = timedelta(seconds=15)
MOST_VIEWS = 200
"""Of all booths together: more people than that can't be helped at once."""


@dataclass(frozen=True, slots=True)
class Live:
    """The newest view of an open call, and the check that staff released."""

    view: HelpView
    at: datetime
    release: str | None = None

    @property
    def may_release(self) -> tuple[str, ...]:
        """The checks that staff may release now."""
        return releasable(self.view) if self.release is None else ()


class LiveHelp:
    """The views of all open calls. Threads may share it. The caller has checked that a call is open, and which booth
    made it.
    """

    def __init__(self, database: Database, audit: Audit, clock: Clock) -> None:
        self._database = database
        self._audit = audit
        self._clock = clock
        self._lock = threading.Lock()
        self._releases = threading.Lock()  # one release at a time: a call has at most one
        self._views: dict[str, tuple[HelpView, datetime]] = {}
        self._released: dict[str, str] = {}  # call -> check

    def show(self, view: HelpView) -> HelpDirection:
        """Keep the newest view of a call; returns what staff want of the session."""
        now = self._clock()
        with self._lock:
            self._drop_stale(now)
            if view.call_id in self._views or len(self._views) < MOST_VIEWS:
                self._views[view.call_id] = view, now
            return HelpDirection(call_id=view.call_id, release=self._released.get(view.call_id))

    def drop(self, call_id: str) -> None:
        """Forget a call that has ended; does nothing if nothing is known of it."""
        with self._lock:
            self._views.pop(call_id, None)
            self._released.pop(call_id, None)

    def of(self, call_id: str) -> Live | None:
        """The newest view of a call; None: there is none, or it is too old."""
        with self._lock:
            self._drop_stale(self._clock())
            known = self._views.get(call_id)
            return None if known is None else Live(*known, self._released.get(call_id))

    def release(self, who: str, call_id: str, check: str, ground: str) -> None:
        """Release a check of the session, once the audit has an entry of the release.

        Raises `NotThere` (no view), `WrongRequest` (check or ground), `Unavailable`.
        """
        if ground not in {one.value for one in ReleaseGround}:
            raise WrongRequest("a check is released on one of the grounds of the list")

        with self._releases:
            live = self.of(call_id)
            if live is None:
                raise NotThere("nothing is seen of this session any more")
            if check not in live.may_release:
                raise WrongRequest("this check can't be released now: load the page again")
            with self._database.write() as session:
                detail = {"check": check, "ground": ground}
                self._audit.append(session, self._clock(), who, "booth.check_released", call_id, detail)
            with self._lock:
                # Even if the view has become too old meanwhile: the audit already has the release.
                self._released[call_id] = check
                if len(self._released) > MOST_VIEWS:
                    # the oldest release: the office was never told that its call ended
                    del self._released[next(iter(self._released))]

    def _drop_stale(self, now: datetime) -> None:
        for call_id in [call_id for call_id, (_, at) in self._views.items() if now - at > STALE]:
            del self._views[call_id]
