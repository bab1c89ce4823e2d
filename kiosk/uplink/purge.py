"""Deletes data by age alone, as the table in docs/uplink.md says.

Envelopes are not handled here: they are deleted only after the office verified them (`ShotTransfer`). Everything that
is deleted here can be fetched again or is about nobody. Ages are counted by the office's clock. While the office has
not answered since the uplink's start, they are counted by the booth's clock, if that is synchronised. The roster's age,
which counts while there is no office, is always counted by the booth's synchronised clock."""

import contextlib
import logging
from dataclasses import dataclass
from pathlib import Path

from common.disk import Disk
from kiosk.ports.clock import Clock
from kiosk.ports.config import StorageConfig
from kiosk.ports.faults import DeviceFault
from kiosk.uplink.file_ages import FileAges
from kiosk.uplink.roster.roster_cache import RosterCache
from kiosk.uplink.shared.paths import BoothPaths
from kiosk.uplink.storage.outbox import Outbox

log = logging.getLogger(__name__)

LEDGER_DAYS = 400
"""How long the row of a shot stays after its copy is deleted: into the next season, to answer questions about the
last."""
DAMAGED_DAYS = 90
EVERY_NS = 6 * 3_600_000_000_000
_DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class Purge:
    """Deletes what is too old. May raise `DeviceFault` and `OSError`; the next round continues where it stopped."""

    config: StorageConfig
    clock: Clock
    disk: Disk
    roster: RosterCache

    def run(self, outbox: Outbox, office_ms: int | None) -> None:
        """Do one round. Every deletion is logged with its rule and count, and is noted in the outbox."""
        wall = self.clock.wall()
        synced_ms = wall.ms if wall.synced else None
        # If the office is gone for good, a restarted booth never gets the office's time. Without its own clock, it
        # would delete nothing.
        now_ms = synced_ms if office_ms is None else office_ms
        if now_ms is not None:
            self._log(outbox, now_ms, "ledger rows", outbox.forget_deleted_copies(now_ms - LEDGER_DAYS * _DAY_MS))
            persons = outbox.forget_persons(now_ms - self.config.person_days * _DAY_MS)
            self._log(outbox, now_ms, "persons of shots", persons)
            self._forget_files(outbox, now_ms)
        if synced_ms is not None:
            old = self._old_roster(synced_ms - self.config.roster_days * _DAY_MS)
            self._log(outbox, synced_ms, "roster entries", old)

    def _forget_files(self, outbox: Outbox, now_ms: int) -> None:
        days, paths = self.config, BoothPaths(self.config.folder)
        rules = (
            # all but the newest, which is being written
            ("journals", sorted(paths.journal.glob("*"))[:-1], days.journal_days),
            ("rosters of former versions", sorted(paths.folder.glob(f"{paths.roster_0_2.name}*")), days.roster_days),
            ("damaged ledgers", sorted(paths.folder.glob("outbox.damaged-*")), DAMAGED_DAYS),
        )
        ages = FileAges(paths.file_ages, self.disk)
        ages.note((file for _, files, _ in rules for file in files), now_ms)
        for what, files, most_days in rules:
            old = ages.unchanged_since(files, now_ms - most_days * _DAY_MS)
            self._log(outbox, now_ms, what, self._delete(old))

    def _old_roster(self, since_ms: int) -> int:
        try:
            return self.roster.forget_unless_answered(since_ms)
        # The fault was already reported when the roster's changes were requested; shots are sent even without a roster.
        except (DeviceFault, OSError):
            return 0

    def _delete(self, files: list[Path]) -> int:
        gone = 0
        for file in files:
            with contextlib.suppress(FileNotFoundError):  # the booth also deletes its oldest journals
                self.disk.unlink(file)
                gone += 1
        return gone

    def _log(self, outbox: Outbox, at_ms: int, what: str, count: int) -> None:
        if count:
            outbox.log_deletion(at_ms, what, count)
            log.info("deleted by age: %d %s", count, what)
