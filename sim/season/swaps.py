"""Plants swapped faces in the office's own records, and counts how many of them reach a school (`make swaps`).

For each plant there is a school of its own with a few people. A plant lets one part of the office's program pass on the
wrong person, so everything that is made from this part's result has the mistake. Afterwards `make swaps` opens each
file that the school could download, as the school would.
"""

import hashlib
import io
import random
import sys
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pyzipper

from center.attendance.service import Attendances
from center.commands.jobs import make_runner
from center.corrections import number as corrected_number
from center.corrections.number import NumberCorrection
from center.delivery import model as delivery_model
from center.delivery import packing
from center.delivery.cross_check import CrossCheck
from center.delivery.model import MANIFEST
from center.jobs.model import JobState
from center.platform.documents.archive import INNER, EncryptedArchive
from center.platform.documents.paper import Paper
from center.platform.foreign_tables.reader import read_bytes
from center.print_sheets import model as prints_model
from center.print_sheets import sheets
from center.recrop.service import Recropping
from center.roster.model.matching import PhotoPlace, SchoolRows
from center.shots.model.staff_decision import Approve
from rules.idnumber import check_digit
from rules.profile import load_profile
from sim.office.served import ServedOffice
from sim.season.clock import SeasonClock
from sim.season.photos import report, scripted
from sim.season.schools import YEAR, made_schools
from wire import envelope
from wire.manifest import Manifest, Person, Times
from wire.roster_change import RosterRow

PEOPLE = 3
PLANTS = 300
_REPORT_EVERY = 50
_BEGIN = datetime(2026, 9, 1, 1, 0, tzinfo=UTC)

Plant = AbstractContextManager[object]
"""A context in which the office's program has a mistake."""
Planting = Callable[["Swaps", list[RosterRow]], Plant]


@dataclass(frozen=True, slots=True)
class Planted:
    """The result of one plant. `held`: the office gave nothing out; `wrong`: how many pictures a school has with the
    name of somebody else."""

    kind: str
    held: bool
    wrong: int
    why: str = ""


class Swaps:
    """An office with a school for each plant. `cross_check`: whether the office cross-checks the files that it made."""

    def __init__(self, folder: Path, *, cross_check: bool = True) -> None:
        self._clock = SeasonClock(_BEGIN)
        self._served = ServedOffice(
            folder.absolute(), self._clock, lambda: self._clock.now_ns() / 1e9, undo_s=1, second_reviews=0
        )
        self.office = self._served.office
        self._profile = load_profile("jiangsu-2019")
        self._checks = report(self._profile)
        self._photos = 0
        self._faces: dict[str, str] = {}  # for the SHA-256 of each photo, the student number of the person on it
        self._schools = iter(made_schools(300, PEOPLE))
        self._opened = ExitStack()
        # A real PDF is not needed, and making one takes a tenth of a second: the cross-check reads the content of the
        # paper.
        self._opened.enter_context(patch.object(Paper, "bytes", lambda _: b"%PDF"))
        if not cross_check:
            self._opened.enter_context(patch.object(CrossCheck, "paper", lambda *_: None))
            self._opened.enter_context(patch.object(CrossCheck, "archive", lambda *_: None))

    def close(self) -> None:
        """Close the office."""
        self._opened.close()
        self._served.close()

    def plant(self, kind: str) -> Planted:
        """Plant one swap in the records of a new school, and look at the files that the school could download."""
        school = next(self._schools)
        rows = list(school.rows)
        self.office.roster.import_rows("sue", rows)
        for row in rows:
            self._photograph(row)
        if kind in LATER:  # the first pack is right, and the swap is in the supplement
            assert not self._deliver(rows[0].school, "first").held
            self.office.roster.import_rows("sue", [row.model_copy(update={"class_name": "新班"}) for row in rows])
        with KINDS[kind](self, rows):
            return self._deliver(rows[0].school, kind)

    def _photograph(self, row: RosterRow) -> None:
        self._photos += 1
        shot_id, photo, now = f"{self._photos:032x}", scripted(int(row.student_no), self._photos), self._clock.now
        self._faces[hashlib.sha256(photo).hexdigest()] = row.student_no
        manifest = Manifest(
            shot_id=shot_id,
            booth_id=self._served.booth_id,
            receipt=f"{self._photos:026d}".replace("0", "A").replace("1", "B"),
            profile=self._profile.name,
            consent_version=self._profile.consent.version,
            person=Person.of_row(row),
            identified_by="card",
            checks=self._checks,
            times=Times(consented=now, shot=now, accepted=now, clock_synced=True),
        )
        data = envelope.build(manifest, photo)
        self.office.intake.receive(self._served.booth_id, shot_id, hashlib.sha256(data).digest(), data)
        shot = self.office.queue.claim("anna", shot_id)
        self.office.queue.decide("anna", shot_id, shot.version, Approve())
        self._clock.to(now + timedelta(seconds=5))

    def _deliver(self, school: str, kind: str) -> Planted:
        made, password = self.office.deliveries.make("sue", school, YEAR)
        if kind in ON_SHEETS:
            self._work()
            self.office.print_locks.unlock("sue", school, YEAR, "演示")
            self.office.print_jobs.ask("sue", school, YEAR, "six-inch")
        self._work()
        (job,) = self.office.jobs.newest(1)
        if job.state is JobState.FAILED:
            return Planted(kind, held=True, wrong=0, why=str(job.fault))
        if kind in ON_SHEETS:
            return Planted(kind, held=False, wrong=1)
        _, parts = self.office.deliveries.file("sue", made.delivery_id)
        return Planted(kind, held=False, wrong=self._wrong(b"".join(parts), password) or int(kind in ON_LISTS))

    def _work(self) -> None:
        runner = make_runner(self.office)
        while runner.run_one():
            pass

    def _wrong(self, pack: bytes, password: str) -> int:
        """How many pictures of a pack have the number or the name of another person beside them or in the file's
        name."""
        with pyzipper.AESZipFile(io.BytesIO(pack)) as outer:
            inner = outer.read(INNER, pwd=password.encode())
        with zipfile.ZipFile(io.BytesIO(inner)) as files:
            (sheet,) = read_bytes(files.read(MANIFEST))
            lines = [[str(cell or "") for cell in row.cells] for row in sheet.rows[1:]]
            wrong = 0
            for line in lines:
                face = self._faces.get(hashlib.sha256(files.read(line[1])).hexdigest()) if line[1] else line[6]
                named = Path(line[1]).stem if line[1] else line[6]
                wrong += not face == line[6] == named
        return wrong


# --- the kinds of swaps ---------------------------------------------------------------------------------------


def _shifted(people: int = PEOPLE) -> dict[int, int]:
    return {at: (at + 1) % people for at in range(people)}


def _row_off_by_one(_: Swaps, __: list[RosterRow]) -> Plant:
    """Each photo is placed on the roster row that follows the right one."""
    place = SchoolRows.place

    def wrong(self: SchoolRows, numbers: Any) -> PhotoPlace:
        found = place(self, numbers)
        return found if found.row is None else replace(found, row=_shifted(len(self.rows))[found.row])

    return patch.object(SchoolRows, "place", wrong)


def _numbers_of_another(_: Swaps, __: list[RosterRow]) -> Plant:
    """The numbers of two people are exchanged where the office reads the photos."""
    photos = Attendances.photos

    def wrong(self: Attendances, session: Any, school: str) -> list[Any]:
        found = photos(self, session, school)
        one, other = found[:2]
        return [replace(one, numbers=other.numbers), replace(other, numbers=one.numbers), *found[2:]]

    return patch.object(Attendances, "photos", wrong)


def _correction_of_another(swaps: Swaps, rows: list[RosterRow]) -> Plant:
    """A school corrects one person's number, but the office changes the row of another person. A guard in the office
    would leave the photos of the other row unchanged. It is taken out here, so that the cross-check has to find the
    mistake."""
    one, other = rows[:2]
    body = f"{one.id_number[:6]}1990{one.id_number[10:17]}"  # nobody else here was born in this year
    (match,) = swaps.office.passes.find("sue", other.student_no)
    office = swaps.office
    number = NumberCorrection(office.database, office.office_keys, office.audit, office.roster, office.clock)
    with patch.object(corrected_number, "_is_of_another", lambda *_: False):
        number.correct("sue", match.row_id, one.id_number, body + check_digit(body))
    return nullcontext()


def _file_name(_: Swaps, __: list[RosterRow]) -> Plant:
    """Two photos of an archive have each other's file names."""
    add, held = EncryptedArchive.add, list[tuple[str, bytes]]()

    def wrong(self: EncryptedArchive, path: str, content: bytes) -> None:
        if not path.endswith(".jpg") or len(held) > 1:
            return add(self, path, content)
        held.append((path, content))
        if len(held) > 1:
            (path_a, one), (path_b, other) = held
            add(self, path_a, other)
            add(self, path_b, one)
        return None

    return patch.object(EncryptedArchive, "add", wrong)


def _manifest_line(_: Swaps, __: list[RosterRow]) -> Plant:
    """A line of the manifest names the person of the line before."""
    line, before = delivery_model.manifest_row, list[Any]()

    def wrong(item: Any, sha256: str, codes: Any) -> tuple[str, ...]:
        row = before[-1] if before else item.row
        before.append(item.row)
        return line(replace(item, row=row), sha256, codes)

    return patch.object(packing, "manifest_row", wrong)


def _manifest_file(_: Swaps, __: list[RosterRow]) -> Plant:
    """A line of the manifest has the file and the digest of the line before."""
    line, before = delivery_model.manifest_row, list[tuple[str, str]]()

    def wrong(item: Any, sha256: str, codes: Any) -> tuple[str, ...]:
        path, digest = before[-1] if before else (item.path, sha256)
        before.append((item.path, sha256))
        return line(replace(item, path=path), digest, codes)

    return patch.object(packing, "manifest_row", wrong)


def _photo_of_another(_: Swaps, __: list[RosterRow]) -> Plant:
    """The photo store returns the photo of the previous request."""
    with_codes, before = Recropping.with_codes, list[bytes]()

    def wrong(self: Recropping, shot_id: str) -> tuple[bytes, tuple[str, ...]]:
        photo, codes = with_codes(self, shot_id)
        before.append(photo)
        return (before[-2] if len(before) > 1 else photo), codes

    return patch.object(Recropping, "with_codes", wrong)


def _on_paper(name: str, at: int) -> Planting:
    """A function that draws a page gets the picture (its argument `at`) of the previous person."""

    def plant(_: Swaps, __: list[RosterRow]) -> Plant:
        draw, before = getattr(sheets, name), list[bytes]()

        def wrong(*arguments: Any) -> None:
            before.append(arguments[at])
            draw(*arguments[:at], before[-2] if len(before) > 1 else arguments[at], *arguments[at + 1 :])

        return patch.object(sheets, name, wrong)

    return plant


def _caption(_: Swaps, __: list[RosterRow]) -> Plant:
    """A picture has the caption of the previous person."""
    lines, before = prints_model.caption_lines, list[RosterRow]()

    def wrong(layout: Any, row: RosterRow) -> list[str]:
        before.append(row)
        return lines(layout, before[-2] if len(before) > 1 else row)

    return patch.object(sheets, "caption_lines", wrong)


KINDS: dict[str, Planting] = {
    "a roster row off by one": _row_off_by_one,
    "two people's numbers exchanged": _numbers_of_another,
    "a re-delivery, a row off by one": _row_off_by_one,
    "a re-delivery, two people exchanged": _numbers_of_another,
    "a correction of the wrong person": _correction_of_another,
    "two names in the archive": _file_name,
    "a person's line of the manifest": _manifest_line,
    "a file's line of the manifest": _manifest_file,
    "another photo from the store": _photo_of_another,
    "a picture on a sheet": _on_paper("_person", 5),
    "a caption on a sheet": _caption,
    "a picture on the checklist": _on_paper("_line", 3),
}
LATER = {"a re-delivery, a row off by one", "a re-delivery, two people exchanged", "a correction of the wrong person"}
ON_SHEETS = {"a picture on a sheet", "a caption on a sheet"}
ON_LISTS = {"a picture on the checklist"}


def planted(folder: Path, count: int, *, cross_check: bool = True) -> Iterator[Planted]:
    """Plant `count` swaps and yield the results. Each kind is planted equally often (or once more), in a random order
    that is always the same."""
    kinds = [[*KINDS][at % len(KINDS)] for at in range(count)]
    random.Random(1).shuffle(kinds)
    swaps = Swaps(folder, cross_check=cross_check)
    try:
        for kind in kinds:
            yield swaps.plant(kind)
    finally:
        swaps.close()


def swaps(folder: Path, count: int) -> int:
    """Plant `count` swaps and print the result of each kind. Returns 0 if no swap reached a school, else 1."""
    tried: Counter[str] = Counter()
    reached: Counter[str] = Counter()
    for number, one in enumerate(planted(folder, count), start=1):
        if number % _REPORT_EVERY == 0:
            sys.stderr.write(f"sim: {number} of {count} swaps planted\n")
        tried[one.kind] += 1
        reached[one.kind] += bool(one.wrong) or not one.held
    sys.stdout.writelines(
        f"{kind}: {reached[kind]} of {tried[kind]} reached a school\n" for kind in KINDS if tried[kind]
    )
    sys.stdout.write(f"{reached.total()} of {tried.total()} planted swaps reached a school\n")
    return 1 if reached.total() else 0
