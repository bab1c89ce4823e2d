"""A delivery's file: photos, manifest and print sheets in an encrypted archive, built as they come.

Nothing of it lies on a disk in the clear, and no more than a photo at a time is in memory.
"""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from typing import BinaryIO

from sqlalchemy import select

from center.delivery.model import MANIFEST, MANIFEST_COLUMNS, Change, manifest_row, note
from center.delivery.service import Contents, Deliveries
from center.jobs.work import JobResult, JobRun
from center.platform.database import Database
from center.platform.documents.archive import EncryptedArchive
from center.platform.documents.workbook import Column, workbook
from center.platform.seal_keys import Envelopes
from center.recrop.service import Recropping
from center.shots.tables import ShotRow
from rules.season import CHINA

Progress = Callable[[int, int], None]


class Packing:
    """Builds deliveries' files. Threads may share it."""

    def __init__(self, database: Database, deliveries: Deliveries, envelopes: Envelopes, recrops: Recropping) -> None:
        self._database = database
        self._deliveries = deliveries
        self._envelopes = envelopes
        self._recrops = recrops

    def work(self, run: JobRun) -> JobResult:
        """A job of the kind `pack`: the delivery that its arguments name."""
        contents = self._deliveries.contents(int(str(run.job.arguments["delivery"])))
        path = run.folder / "pack.zip"
        with path.open("xb") as out:
            self.build(contents, out, run.progress)
        return JobResult({"fingerprint": contents.fingerprint}, path, file_name(contents))

    def build(self, contents: Contents, out: BinaryIO, progress: Progress) -> None:
        """Write the archive. Raises `Unavailable`, `OSError` (no room), and what `progress` raises."""
        made = contents.made_at.astimezone(CHINA).strftime("%Y-%m-%d")
        counts = {change: sum(item.change is change for item in contents.items) for change in Change}
        lines: list[tuple[str, ...]] = []
        said = note(contents.school, contents.number, made, counts)
        with EncryptedArchive(out, said, contents.password) as archive:
            for at, item in enumerate(contents.items):
                progress(at, len(contents.items))
                if item.shot_id not in contents.present:
                    lines.append(manifest_row(replace(item, change=Change.WITHDRAWN), "", ()))
                    continue
                photo = self._recrops.finished(item.shot_id)
                archive.add(item.path, photo)
                lines.append(manifest_row(item, hashlib.sha256(photo).hexdigest(), self._codes(item.shot_id)))
            columns = [Column(title, width) for title, width in MANIFEST_COLUMNS]
            archive.add(MANIFEST, workbook("清单", columns, lines))
        progress(len(contents.items), len(contents.items))

    def _codes(self, shot_id: str) -> tuple[str, ...]:
        with self._database.read() as session:
            sha256 = session.execute(select(ShotRow.sha256).where(ShotRow.shot_id == shot_id)).scalar_one()
        return self._envelopes.open(shot_id, sha256).manifest.opaque_codes


def file_name(contents: Contents) -> str:
    """What a delivery's file is called: nothing of a person, nor of the school."""
    return f"delivery-{contents.year}-{contents.delivery_id:05d}-{contents.number}.zip"
