"""What the pages work with, put together once from the office."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from center.accounts.sessions import Sessions
from center.audit.trail import Trail
from center.review.desk import Desk
from center.review.evidence import Checks
from center.review.figures import Figures
from center.review.seconds import SecondLooks
from center.wiring import Office
from rules.profile import Profile, load_profile, profile_names

_LOGINS_AT_ONCE = 4


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
    at_the_door: threading.BoundedSemaphore  # password hashes are dear on purpose: so many at once, others wait

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
            at_the_door=threading.BoundedSemaphore(_LOGINS_AT_ONCE),
        )

    @property
    def metrics_token(self) -> str:
        """What a monitor must bring to read `/metrics`: derived from the office's keys, nothing to store."""
        return self.office.vault.lookup("monitor", "metrics").hex()[:40]
