"""Checks every part of the office separately: a part that fails or hangs does not hide the others."""

import hashlib
import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, wait

from sqlalchemy import func, select

from center.accounts.review import AccountReviews
from center.backup.service import Backups
from center.health.model import UNFILED_S, Finding, Item, Level, disk_level
from center.platform.clock import Clock
from center.platform.configuration import CenterConfig
from center.platform.database import Database
from center.platform.faults import OfficeFault
from center.platform.migrate import is_current
from center.platform.office_keys import OfficeKeys, load_office_keys
from center.platform.photos import PROBE_ID, PhotoStore, photo_name
from center.platform.seal_keys import load_seal_keys
from center.shots.model.shot import Stage
from center.shots.tables import ShotRow
from common.disk import Disk

log = logging.getLogger(__name__)

KEPT_S = 5.0
"""A request within this time gets the previous answer, so that many monitors cost no more than one."""
ANSWER_S = 10.0
"""Within this time a part must answer."""
_Ask = Callable[[], tuple[Level, float | None]]
_PROBE = b"the office looks whether its photo store works"
_PROBE_SHA256 = hashlib.sha256(_PROBE).digest()


class OfficeHealth:
    """The health of the office. Threads may share it: one of them checks, the others wait for its result."""

    def __init__(
        self,
        config: CenterConfig,
        database: Database,
        photos: PhotoStore,
        office_keys: OfficeKeys,
        backups: Backups,
        account_reviews: AccountReviews,
        clock: Clock,
        monotonic: Callable[[], float] = time.monotonic,
        disk: Disk | None = None,
    ) -> None:
        self._config = config
        self._database = database
        self._photos = photos
        self._office_keys = office_keys
        self._backups = backups
        self._account_reviews = account_reviews
        self._clock = clock
        self._monotonic = monotonic
        self._disk = disk or Disk()
        self._turn = threading.Lock()
        self._answers: dict[Item, Future[Finding]] = {}
        self._answered_at: dict[Item, float] = {}
        self._looked_at: float | None = None
        self._findings: tuple[Finding, ...] = ()

    def look(self) -> tuple[Finding, ...]:
        """The state of each part, checked at most `KEPT_S` ago, in the order of `Item`."""
        with self._turn:
            if self._looked_at is None or self._monotonic() - self._looked_at > KEPT_S:
                first = self._ask(
                    {
                        Item.DATABASE: self._database_works,
                        Item.STORE: self._store_works,
                        Item.KEYS: self._keys_fit,
                        Item.DISK: self._room,
                    }
                )
                self._findings = (*first, *self._from_database(works=first[0].level is Level.OK))
                self._looked_at = self._monotonic()
            return self._findings

    def _from_database(self, *, works: bool) -> tuple[Finding, ...]:
        asking: dict[Item, _Ask] = {
            Item.UNFILED: self._unfiled,
            Item.BACKUP: self._backup,
            Item.LACKING: self._lacking,
            Item.FILING: self._filing,
            Item.ACCOUNTS: self._accounts,
        }
        return self._ask(asking, in_turn=True) if works else tuple(Finding(item, Level.UNKNOWN) for item in asking)

    def _ask(self, asking: Mapping[Item, _Ask], *, in_turn: bool = False) -> tuple[Finding, ...]:
        """Ask each part in a thread of its own. With `in_turn`, one thread asks all of them, because parts that read
        the database must not hold several connections. A part that does not answer within `ANSWER_S` fails; the parts
        that its thread would ask after it stay unknown. No thread is started for parts whose last thread still runs, so
        a folder that hangs for a day holds one thread. Parts that answered a thread before it hung become unknown, too,
        when their answers are too old.
        """
        threads = [asking] if in_turn else [{item: ask} for item, ask in asking.items()]
        for parts in threads:
            if all(item not in self._answers or self._answers[item].done() for item in parts):
                answers = {item: Future[Finding]() for item in parts}
                self._answers.update(answers)
                name = next(iter(parts)).value
                threading.Thread(target=self._answer, args=(answers, parts), name=name, daemon=True).start()
        wait([self._answers[item] for item in asking], ANSWER_S)
        return tuple(found for parts in threads for found in self._found(list(parts)))

    def _answer(self, answers: Mapping[Item, Future[Finding]], parts: Mapping[Item, _Ask]) -> None:
        for item, ask in parts.items():
            try:
                found = self._asked(item, ask)
                self._answered_at[item] = self._monotonic()
                answers[item].set_result(found)
            except Exception as fault:  # a programming error: raised where the answer is asked for
                answers[item].set_exception(fault)

    def _found(self, items: Sequence[Item]) -> Iterator[Finding]:
        """The findings of the parts that one thread asks, in the order in which it asks them."""
        hangs = False
        for item in items:
            if hangs:
                yield Finding(item, Level.UNKNOWN)
                continue
            hangs = not self._answers[item].done()
            yield self._answered(item, self._answers[item])

    def _answered(self, item: Item, answer: Future[Finding]) -> Finding:
        if answer.done():
            found = answer.result()
            old = self._monotonic() - self._answered_at[item] > ANSWER_S + KEPT_S
            return Finding(item, Level.UNKNOWN) if old else found
        log.error("the office's %s does not answer within %g s", item.value, ANSWER_S)
        return Finding(item, Level.FAIL)

    def _asked(self, item: Item, ask: _Ask) -> Finding:
        try:
            return Finding(item, *ask())
        except (OfficeFault, OSError) as fault:
            log.error("the office's %s does not work: %s", item.value, fault)
            return Finding(item, Level.FAIL)

    def _database_works(self) -> tuple[Level, float | None]:
        began = self._monotonic()
        current = is_current(self._database)
        return Level.OK if current else Level.FAIL, self._monotonic() - began

    def _store_works(self) -> tuple[Level, float | None]:
        began = self._monotonic()
        self._photos.put(photo_name(PROBE_ID, _PROBE_SHA256), _PROBE, _PROBE_SHA256)
        return Level.OK, self._monotonic() - began

    def _keys_fit(self) -> tuple[Level, float | None]:
        """Whether the files still have the keys with which this process works.

        After a restart the process would need the files.
        """
        same = load_office_keys(self._config.keys).audit_key == self._office_keys.audit_key
        seals = len(load_seal_keys(self._config.seal_keys).recipients)
        return Level.FAIL if not same else Level.OK if seals else Level.WARN, seals

    def _room(self) -> tuple[Level, float | None]:
        free = self._disk.free_bytes(self._config.folder)
        return disk_level(free), free

    def _unfiled(self) -> tuple[Level, float | None]:
        with self._database.read() as session:
            oldest = session.execute(
                select(func.min(ShotRow.received_at)).where(ShotRow.stage == Stage.RECEIVED.value)
            ).scalar_one()
        age_s = 0.0 if oldest is None else (self._clock() - oldest).total_seconds()
        return Level.WARN if age_s > UNFILED_S else Level.OK, age_s

    def _backup(self) -> tuple[Level, float | None]:
        state = self._backups.state()
        tested = state.newest_tested
        age_s = None if tested is None else (self._clock() - tested).total_seconds()
        return Level.WARN if state.overdue else Level.OK, age_s

    def _lacking(self) -> tuple[Level, float | None]:
        lacking = self._backups.state().lacking
        return Level.WARN if lacking else Level.OK, lacking

    def _filing(self) -> tuple[Level, float | None]:
        due = self._backups.state().filing_due
        return Level.WARN if due else Level.OK, int(due)

    def _accounts(self) -> tuple[Level, float | None]:
        due = self._account_reviews.due()
        return Level.WARN if due else Level.OK, due
