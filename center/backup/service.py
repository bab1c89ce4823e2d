"""Makes and tests the office's backups. Knows the age of the newest tested backup, and what is still to be done after a
restoration."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import func, select, update

from center.audit.service import Audit
from center.backup.making import Source, make_backup, named_now
from center.backup.model import Manifest, tested_too_long_ago
from center.backup.pruning import Pruned, prune_backups
from center.backup.tables import BackupRow, RestoreRow
from center.backup.verifying import verify_backup
from center.intake.filing_again import FiledAgain, FilingAgain
from center.platform.clock import Clock
from center.platform.configuration import CenterConfig
from center.platform.database import Database, upsert
from center.platform.faults import Conflict
from center.platform.office_keys import OfficeKeys
from center.platform.photos import PhotoStore
from center.platform.progress import Progress, no_progress
from center.retention.sweep import unnamed_photos
from common.disk import Disk

_ANY_AGE = timedelta(days=-1)


@dataclass(frozen=True, slots=True)
class BackupState:
    """The state of the office's backups. All times are the times at which a backup was made."""

    newest: datetime | None
    newest_tested: datetime | None
    overdue: bool  # no backup was tested, or the newest tested one is older than half of the booths' keep days
    lacking: int  # how many photos the newest backup lacks, because the photo store lost or damaged them
    # whether this office was restored, and perhaps not all stored envelopes without a row were filed again yet
    filing_due: bool


class Backups:
    """The office's backups. Threads may share it; `who` is an account's id or a command's user."""

    def __init__(
        self,
        config: CenterConfig,
        database: Database,
        photos: PhotoStore,
        office_keys: OfficeKeys,
        audit: Audit,
        clock: Clock,
    ) -> None:
        self._config = config
        self._database = database
        self._photos = photos
        self._office_keys = office_keys
        self._audit = audit
        self._clock = clock

    def make(
        self, who: str, place: Path, disk: Disk | None = None, progress: Progress = no_progress, *, wait: bool = True
    ) -> tuple[Path, Manifest]:
        """Make a backup below `place`; returns its folder and manifest. Raises the same errors as `make_backup`."""
        source = Source(self._config, self._database, self._photos, self._office_keys.backup_key)
        made, manifest = make_backup(source, place, self._clock(), disk or Disk(), progress, wait=wait)
        # A photo that was purged while the backup was being made does not count as lacking.
        lacking = len(named_now(self._database, manifest.missing))
        with self._database.write() as session:
            session.execute(
                upsert(session, BackupRow)
                .values(backup_id=manifest.backup_id, made_at=manifest.made_at, tested_at=None, lacking=lacking)
                .on_conflict_do_nothing()
            )
            counts = {"photos": manifest.photos, "missing": len(manifest.missing)}
            self._audit.append(session, self._clock(), who, "backup.made", manifest.backup_id, counts)
        return made, manifest

    def verify(self, who: str, made: Path, progress: Progress = no_progress) -> Manifest:
        """Test the backup in the folder `made` and record that it is whole.

        Raises `BackupFault`, `Unavailable`, and what `progress` raises.
        """
        manifest = verify_backup(made, self._office_keys, progress)
        now = self._clock()
        tested = {"made_at": manifest.made_at, "tested_at": now}
        with self._database.write() as session:
            session.execute(
                upsert(session, BackupRow)
                .values(backup_id=manifest.backup_id, **tested)
                .on_conflict_do_update(index_elements=[BackupRow.backup_id], set_=tested)
            )
            self._audit.append(session, now, who, "backup.tested", manifest.backup_id, {"photos": manifest.photos})
        return manifest

    def prune(self, who: str, place: Path, days: int) -> Pruned:
        """Delete backups older than `days` and older than the newest tested one. Raises `BackupFault`."""
        with self._database.read() as session:
            tested = set(session.scalars(select(BackupRow.backup_id).where(BackupRow.tested_at.is_not(None))))
        now = self._clock()
        before = now - timedelta(days=days)
        pruned = prune_backups(place, tested, before, self._office_keys.backup_key, Disk())
        if pruned.backups or pruned.photos:
            with self._database.write() as session:
                counts = {"backups": len(pruned.backups), "photos": pruned.photos}
                self._audit.append(session, now, who, "backup.pruned", "", counts)
        return pruned

    def state(self) -> BackupState:
        """The state of the backups. Raises `Unavailable`."""
        tested = func.max(BackupRow.made_at).filter(BackupRow.tested_at.is_not(None))
        with self._database.read() as session:
            newest, newest_tested = session.execute(select(func.max(BackupRow.made_at), tested)).one()
            of_newest = select(BackupRow.lacking).order_by(BackupRow.made_at.desc()).limit(1)
            lacking = session.execute(of_newest).scalar_one_or_none() or 0
            due = session.execute(select(RestoreRow.generation).where(RestoreRow.filed_again_at.is_(None))).first()
        overdue = tested_too_long_ago(newest_tested, self._clock(), self._config.backup.keep_days)
        return BackupState(newest, newest_tested, overdue, lacking, due is not None)

    def check_filed(self) -> None:
        """Raise `Conflict` as long as stored files without a row may be shots that arrived after the restored backup
        was made.
        """
        if self.state().filing_due:
            raise Conflict(
                "this office was restored from a backup, and stored photos without a row may be shots that came in "
                "after it: `center photos file-again` gives them their rows; sweep then"
            )

    def file_again(self, who: str, filing: FilingAgain) -> FiledAgain:
        """File again the stored envelopes that no row names; idempotent. Raises `Unavailable`."""
        done = filing.run(unnamed_photos(self._database, self._photos, _ANY_AGE))
        now = self._clock()
        with self._database.write() as session:
            if done.complete:
                waiting = RestoreRow.filed_again_at.is_(None)
                session.execute(update(RestoreRow).where(waiting).values(filed_again_at=now))
            detail = {found.value: count for found, count in done.counts.items()}
            self._audit.append(session, now, who, "photos.filed_again", "", {**detail, "booths": sorted(done.booths)})
        return done
