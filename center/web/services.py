"""What the pages work with, put together once from the office."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from anyio import CapacityLimiter

from center.accounts.monitor import MonitorToken
from center.accounts.sessions import Sessions
from center.audit.trail import Trail
from center.platform.limits import Rate
from center.review.desk import Desk
from center.review.evidence import Checks
from center.review.figures import Figures
from center.review.seconds import SecondLooks
from center.wiring import Office
from rules.profile import Profile, load_profile, profile_names

_PUBLIC_THREADS = 3
"""Strangers' pages and logins share so many threads and connections; staff's pages half of the connections. What is
left is for booths: nobody who can reach the login page can stall them."""
_FAILED_LOGINS_PER_S, _FAILED_LOGINS_AT_ONCE = 1.0, 60
"""Of one address: a campus behind one may log in together at nine o'clock."""


@dataclass(frozen=True, slots=True)
class Services:
    """The office, and what only its pages ask of it."""

    office: Office
    desk: Desk
    figures: Figures
    evidence: Checks
    seconds: SecondLooks
    sessions: Sessions
    trail: Trail
    profiles: Mapping[str, Profile]
    importing: threading.Lock  # one roster at a time: reading one takes memory
    monitor: MonitorToken
    staff_threads: CapacityLimiter
    public_threads: CapacityLimiter
    logins: Rate  # by address; browsers that were let in before are not held up by it

    @classmethod
    def of(cls, office: Office) -> Self:
        """Everything on one office."""
        profiles = {name: load_profile(name) for name in profile_names()}
        return cls(
            office=office,
            desk=Desk(
                office.database,
                office.envelopes,
                office.vault,
                office.audit,
                profiles,
                office.config.review,
                office.clock,
            ),
            figures=Figures(office.database, office.clock),
            evidence=Checks(office.database, office.clock),
            seconds=SecondLooks(office.database, office.audit, office.clock),
            sessions=Sessions(office.database, office.audit, office.clock),
            trail=Trail(office.database),
            profiles=profiles,
            importing=threading.Lock(),
            monitor=MonitorToken(office.database, office.audit, office.clock),
            staff_threads=CapacityLimiter(max(2, office.config.database.connections // 2)),
            public_threads=CapacityLimiter(_PUBLIC_THREADS),
            logins=Rate(_FAILED_LOGINS_PER_S, _FAILED_LOGINS_AT_ONCE),
        )

    def threads_of(self, *, public: bool) -> CapacityLimiter:
        """The share of threads a page runs in."""
        return self.public_threads if public else self.staff_threads
