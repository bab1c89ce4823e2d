"""The services of all tasks, looked up by their type, so that `center.web` need not import the tasks."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeVar, cast

from anyio import CapacityLimiter

from center.accounts.service import Accounts
from center.platform.clock import Clock
from center.platform.configuration import LimitsConfig
from center.platform.limits import Rate
from center.platform.office_keys import OfficeKeys
from rules.profile import Profile

_PUBLIC_THREADS = 3
"""How many threads and connections strangers' pages share. Staff's pages, including the thread for files, get half of
the connections. The rest are for booths, so that nobody who can reach the login page can stall them.
"""
_LOGIN_THREADS = 2
"""How many threads logins have: as many as passwords are hashed at once. A login needs a connection only before and
after the hashing, and must not keep strangers' pages waiting.
"""
_FAILED_LOGINS_PER_S, _FAILED_LOGINS_AT_ONCE = 1.0, 60
"""How many failed logins one address may have: on average, and at once. A whole campus may have one address and log in
at nine o'clock."""
_POLLS_PER_S, _POLLS_AT_ONCE = 100.0, 1_000
"""How often one address may ask for the page that phones load again every ten seconds: enough for a campus of a
thousand phones."""

Service = TypeVar("Service")


def _public_threads() -> CapacityLimiter:
    return CapacityLimiter(_PUBLIC_THREADS)


def _login_threads() -> CapacityLimiter:
    return CapacityLimiter(_LOGIN_THREADS)


def _one_thread() -> CapacityLimiter:
    return CapacityLimiter(1)


def _logins() -> Rate:
    return Rate(_FAILED_LOGINS_PER_S, _FAILED_LOGINS_AT_ONCE)


def _visits() -> Rate:
    return Rate(LimitsConfig().public_per_s, LimitsConfig().public_burst)


def _polls() -> Rate:
    return Rate(_POLLS_PER_S, _POLLS_AT_ONCE)


def _new_numbers() -> Rate:
    return Rate(LimitsConfig().number_per_min / 60, LimitsConfig().number_burst)


@dataclass(frozen=True, slots=True)
class Services:
    """All services. `center.wiring.console` constructs it once; threads share it."""

    clock: Clock
    office_keys: OfficeKeys
    accounts: Accounts
    profiles: Mapping[str, Profile]
    by_type: Mapping[type, object]
    staff_threads: CapacityLimiter
    # The thread for forms with a file. They run one at a time, because reading a school's file takes many times its
    # size in memory. Forms that wait must not hold the threads of the other pages.
    file_threads: CapacityLimiter = field(default_factory=_one_thread)
    public_threads: CapacityLimiter = field(default_factory=_public_threads)
    login_threads: CapacityLimiter = field(default_factory=_login_threads)
    # The limit of failed logins from one address; it does not apply to known browsers.
    logins: Rate = field(default_factory=_logins)
    visits: Rate = field(default_factory=_visits)  # the limit for pages without a login, from one address
    # The limit for the page that phones ask for again and again, from one address.
    polls: Rate = field(default_factory=_polls)
    new_numbers: Rate = field(default_factory=_new_numbers)  # the limit for new numbers of the queue, from one address

    def get(self, kind: type[Service]) -> Service:
        """The service of this type. Raises `LookupError` if `center.wiring.console` has not registered one."""
        found = self.by_type.get(kind)
        if found is None:
            raise LookupError(f"no service {kind.__name__}: add it in center/wiring/console.py")
        return cast("Service", found)

    def threads_of(self, *, public: bool, hashes: bool = False) -> CapacityLimiter:
        """The thread pool in which a page runs. `hashes`: whether the page hashes a password for a stranger."""
        if hashes:
            return self.login_threads
        return self.public_threads if public else self.staff_threads
