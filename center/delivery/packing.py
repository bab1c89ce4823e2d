"""Builds a delivery's file: an encrypted archive of photos, manifest, checklist and print sheets.

Everything except the note is encrypted while it is written, so no part of it is ever on a disk unencrypted.
"""

import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from sqlalchemy.orm import Session

from center.delivery.cross_check import CrossCheck, CrossChecks, HeldBack
from center.delivery.items import profiles_of
from center.delivery.model import (
    MANIFEST,
    MANIFEST_COLUMNS,
    MORE_SIZES,
    SIZES_COLUMNS,
    SIZES_LIST,
    Change,
    Contents,
    Item,
    manifest_row,
    note,
    size_path,
    size_row,
)
from center.delivery.service import FORMAT, Deliveries
from center.jobs.work import JobResult, JobRun
from center.platform.database import Database
from center.platform.documents.archive import EncryptedArchive
from center.platform.documents.workbook import Column, workbook
from center.platform.progress import Progress
from center.print_sheets.model import PrintedPerson
from center.print_sheets.sheets import CHECKLIST, checklist, formats, thumb, volumes
from center.recrop.service import Recropping
from rules.profile import Prints, Profile
from rules.season import day_in_china


class Packing:
    """Builds the files of deliveries. Threads may share it."""

    def __init__(
        self,
        database: Database,
        deliveries: Deliveries,
        recrops: Recropping,
        cross_checks: CrossChecks,
        profiles: Mapping[str, Profile],
    ) -> None:
        self._database = database
        self._deliveries = deliveries
        self._recrops = recrops
        self._cross_checks = cross_checks
        self._profiles = profiles

    def work(self, run: JobRun) -> JobResult:
        """Do a job of the kind `pack`, for the delivery that its arguments name."""
        contents = self._deliveries.contents(int(str(run.job.arguments["delivery"])))
        path = run.folder / "pack.zip"
        self.write(run.job.asked_by, contents, path, run.progress)
        return JobResult({"fingerprint": contents.fingerprint}, path, file_name(contents))

    def write(self, who: str, contents: Contents, path: Path, progress: Progress) -> None:
        """Write the archive to `path` (a new file that only its owner can read), then compare its pictures with the
        sealed envelopes (`cross_check`).

        Raises `HeldBack`, `Unavailable`, `OSError` (the disk is full), and what `progress` raises; before that it
        deletes `path`.
        """
        with self._database.read() as session:
            sizes = sizes_of(session, sorted(contents.present), self._profiles)
        cross_check = self._cross_checks.of(contents.present, sizes=bool(sizes))
        out = open(path, "x+b", opener=lambda file, flags: os.open(file, flags, 0o600))  # noqa: SIM115 - closed below
        try:
            with out:
                self.build(contents, out, progress, cross_check, sizes)
            cross_check.archive(path, contents.password)
        except BaseException as fault:
            path.unlink()
            if isinstance(fault, HeldBack):
                self._cross_checks.held_back(who, str(contents.delivery_id), fault)
            raise

    def build(
        self, contents: Contents, out: BinaryIO, progress: Progress, cross_check: CrossCheck, sizes: Sequence[str]
    ) -> None:
        """Write the archive into `out`; raises the same as `write`. `sizes`: further sizes, which the note names."""
        made = str(day_in_china(contents.made_at))
        said = note(
            contents.school,
            contents.number,
            made,
            contents.counts,
            sheets=not contents.prints_locked,
            sizes=sizes,
            deleted=contents.deleted,
        )
        steps = len(contents.items) * (1 if contents.prints_locked else 2)
        thumbs: dict[str, bytes] = {}
        lines: list[tuple[str, ...]] = []
        sized: list[tuple[str, ...]] = []
        with EncryptedArchive(out, said, contents.password) as archive:
            for at, item in enumerate(contents.items):
                progress(at, steps)
                if not contents.contains(item):
                    lines.append(manifest_row(replace(item, change=Change.WITHDRAWN), "", ()))
                    continue
                photo, codes = self._recrops.with_codes(item.shot_id)
                thumbs[item.shot_id] = thumb(photo)
                archive.add(item.path, photo)
                lines.append(manifest_row(item, hashlib.sha256(photo).hexdigest(), codes))
                sized += self._in_sizes(item, archive) if sizes else []
            columns = [Column(title, width) for title, width in MANIFEST_COLUMNS]
            archive.add(MANIFEST, workbook("清单", columns, lines))
            if sized:
                archive.add(SIZES_LIST, workbook(MORE_SIZES, [Column(*one) for one in SIZES_COLUMNS], sized))
            printed = [
                PrintedPerson(item.shot_id, item.row) for item in contents.items if item.row and contents.contains(item)
            ]
            if printed:
                archive.add(CHECKLIST, checklist(contents.school, printed, thumbs.__getitem__, cross_check.paper))
            if printed and not contents.prints_locked:
                with self._database.read() as session:
                    prints = prints_of(session, list(thumbs), self._profiles)
                done = len(contents.items)
                for name, pdf in volumes(
                    formats()[FORMAT],
                    prints,
                    printed,
                    self._recrops.finished,
                    lambda at, _: progress(done + at, steps),
                    cross_check.paper,
                ):
                    archive.add(name, pdf)
        progress(steps, steps)

    def _in_sizes(self, item: Item, archive: EncryptedArchive) -> Iterator[tuple[str, ...]]:
        """Add the photo in each further size of its profile; returns the lines of all sizes for the list, also the line
        of a size that could not be made.
        """
        for one in self._recrops.sized(item.shot_id):
            digest = ""
            if one.jpeg is not None:
                archive.add(size_path(one.size.name, item.path), one.jpeg)
                digest = hashlib.sha256(one.jpeg).hexdigest()
            yield size_row(item, one.size.name, digest)


def sizes_of(session: Session, shot_ids: Sequence[str], profiles: Mapping[str, Profile]) -> tuple[str, ...]:
    """The names of the further sizes in the profiles of these shots."""
    return tuple(sorted({size.name for one in profiles_of(session, shot_ids) for size in profiles[one].more_sizes}))


def prints_of(session: Session, shot_ids: Sequence[str], profiles: Mapping[str, Profile]) -> Prints:
    """How many pictures are printed of each person, and their size.

    Both come from the profile that most of the shots have.
    """
    often = profiles_of(session, shot_ids)
    return profiles[min(often, key=lambda name: (-often[name], name))].prints


def file_name(contents: Contents) -> str:
    """The name of a delivery's file: it contains nothing of a person or of the school."""
    return f"delivery-{contents.year}-{contents.delivery_id:05d}-{contents.number}.zip"
