"""Exports a season to a folder of signed files: rows, photos, deliveries, letters, half days, and the counts of all.

The files have no names or numbers of people: people, rows and photos are the office's random ids. `verifying` rebuilds
every count from the lines; docs/export.md describes the files.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from center.attendance.model import AttendanceState
from center.attendance.service import Attendances
from center.audit.service import Audit
from center.audit.tables import AuditHeadRow, AuditRow
from center.billing.letters import Letters
from center.billing.model import BillDifference
from center.billing.service import Billing
from center.billing.tables import LetterItemRow, LetterRow, PaymentRow
from center.delivery.items import DeliveryItems
from center.delivery.tables import DeliveryItemRow, DeliveryRow
from center.export.form import COUNTS, CURRENCY, FORMAT, MANIFEST, SIGNATURE, Record, group, place
from center.platform.clock import Clock
from center.platform.database import Database, batched
from center.platform.faults import NotThere, WrongRequest
from center.platform.office_keys import OfficeKeys
from center.reconciliation.model import ArrivedShotState, DifferenceKind, half_day_of
from center.reconciliation.tables import HalfDayNoteRow, HalfDayRow
from center.roster.service import Roster
from center.shots.model.shot import Stage
from center.shots.tables import ShotRow
from rules.profile import Profile

_OPEN_KINDS = ("", DifferenceKind.SPOILT.value, DifferenceKind.WAITING.value)
"""The kinds of differences whose explanations are exported. The key of an explanation is the kind and the shot. "" is
for the difference of the half day's count, whose key is the word `count` alone, and for keys from earlier versions,
which are the shot alone.
"""


class SeasonExport:
    """Exports of any year. `who` is an account's id or a command's user."""

    def __init__(
        self,
        database: Database,
        office_keys: OfficeKeys,
        audit: Audit,
        roster: Roster,
        attendances: Attendances,
        items: DeliveryItems,
        billing: Billing,
        letters: Letters,
        profiles: Mapping[str, Profile],
        clock: Clock,
    ) -> None:
        self._database = database
        self._office_keys = office_keys
        self._audit = audit
        self._roster = roster
        self._attendances = attendances
        self._items = items
        self._billing = billing
        self._letters = letters
        self._profiles = profiles
        self._clock = clock

    @property
    def public_key(self) -> str:
        """The key for `center verify-season --key`, to be given separately from the files: 64 hex digits."""
        return self._office_keys.public_key.hex()

    def write(self, who: str, year: str, folder: Path) -> tuple[dict[str, int], int]:
        """Write the season of a year into the new `folder`; returns how many lines each file has, and the newest place
        of the audit.

        Raises `WrongRequest` (the year has no photos), `OSError`.
        """
        schools = [school for school, of_year in self._billing.schools() if of_year == year]
        if not schools:
            raise WrongRequest(f"nothing was photographed for {year[:10]!r}: name a year of graduation")
        folder.mkdir(mode=0o700)
        files: dict[str, dict[str, Any]] = {}
        counts: dict[str, Any] = {}
        with self._database.read() as session:
            rows, photos = self._people(session, schools, year, counts)
            half_days = list(self._half_days(session, year, photos))
            for name, lines in (
                ("rows", rows),
                ("photos", photos),
                ("deliveries", self._delivery_lines(session, year)),
                ("delivery_items", self._delivery_items(session, year)),
                ("letters", self._letter_lines(session, year)),
                ("letter_items", self._letter_items(session, year)),
                ("payments", self._payments(session, year)),
                ("half_days", half_days),
            ):
                files[f"{name}.jsonl"] = _written(folder / f"{name}.jsonl", sorted(lines, key=partial(place, name)))
            signed = {(line["booth"], line["half_day"]) for line in half_days}
            totals = {
                "year": year,
                "schools": counts,
                **CURRENCY,
                "prices": self._prices({line["profile"] for line in photos}),
                "fees": self._fees(session, year, counts),
                "unsigned": sorted({(line["booth"], line["half_day"]) for line in photos} - signed),
            }
            files[COUNTS] = _written(folder / COUNTS, [totals])
            head = session.execute(select(AuditHeadRow.place, AuditHeadRow.hash)).one()
        manifest = {
            "format": FORMAT,
            "year": year,
            "made_at": self._clock().isoformat(),
            "audit": {"place": head.place, "hash": head.hash.hex()},
            "files": files,
        }
        content = json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=True).encode()
        (folder / MANIFEST).write_bytes(content)
        (folder / SIGNATURE).write_text(self._office_keys.sign(content).hex(), "ascii")
        lines_of = {name: int(one["lines"]) for name, one in files.items()}
        with self._database.write() as session:
            detail: dict[str, str | int] = {"sha256": hashlib.sha256(content).hexdigest()}
            self._audit.append(session, self._clock(), who, "season.exported", year, detail)
        return lines_of, head.place

    def _people(
        self, session: Session, schools: Iterable[str], year: str, counts: dict[str, Any]
    ) -> tuple[list[Record], list[Record]]:
        rows: list[Record] = []
        photos: list[Record] = []
        nth: Counter[tuple[str, str, str]] = Counter()
        for school in schools:
            try:
                photographed = self._attendances.photographed_rows(session, school, year)
            except NotThere:
                continue  # the school has no roster of that year, so it got no delivery and no letter
            campus = {row.row_id for row in photographed.rows if row.on_campus}
            rows += [
                {"row": one.row_id, "school": school, "class": one.class_key.hex()[:16], "campus": one.row_id in campus}
                for one in self._roster.keyed(session, school)
                if one.year == year
            ]
            placed = [(row.row_id, photo) for row in photographed.rows for photo in row.photos]
            placed += [("", photo) for photo in photographed.unplaced]
            taken, ours = self._taken(session, school), self._billing.our_fault(session, school)
            for row, one in placed:
                photo = {"shot": one.shot_id, "person": one.person_id, "row": row or None, "school": school}
                nth[group(photo)] += 1
                ours_now = one.state is AttendanceState.RETAKE and one.shot_id in ours
                state = {"standing": one.state.value, "nth": nth[group(photo)], "our_fault": ours_now}
                photos.append({**photo, **state, **taken[one.shot_id]})
            found = self._billing.check_in(session, school, year)
            counts[school] = {
                "rows": sum(line["school"] == school for line in rows),
                "photographed": found.photographed,
                "approved": found.approved,
                "waiting": found.waiting,
                "retake": found.retake,
                "delivered": found.delivered,
                "to_withdraw": found.of(BillDifference.TO_WITHDRAW),
                **_by_state(photo.state for _, photo in placed),
                "counted": found.counted,
                "billed": found.billed,
                "not_billed": found.of(BillDifference.NOT_BILLED),
                "to_credit": found.of(BillDifference.TO_CREDIT),
            }
        return rows, photos

    def _taken(self, session: Session, school: str) -> dict[str, Record]:
        query = select(ShotRow.shot_id, ShotRow.booth_id, ShotRow.profile, ShotRow.taken_at, ShotRow.received_at)
        return {
            shot.shot_id: {
                "booth": shot.booth_id,
                "profile": shot.profile,
                "half_day": half_day_of(shot.booth_id, shot.taken_at or shot.received_at).name,
            }
            for shot in session.execute(query.where(ShotRow.school == school))
        }

    def _delivery_lines(self, session: Session, year: str) -> Iterator[Record]:
        for row in session.scalars(
            select(DeliveryRow).where(DeliveryRow.year == year).order_by(DeliveryRow.delivery_id)
        ):
            yield {"delivery": row.delivery_id, "school": row.school, "number": row.number}

    def _delivery_items(self, session: Session, year: str) -> Iterator[Record]:
        query = (
            select(DeliveryItemRow)
            .join(DeliveryRow, DeliveryRow.delivery_id == DeliveryItemRow.delivery_id)
            .where(DeliveryRow.year == year)
            .order_by(DeliveryItemRow.delivery_id, DeliveryItemRow.shot_id)
        )
        for row in session.scalars(query).all():
            item = self._items.opened(row)
            known = {} if item.row is None else self._roster.row_ids(session, [item.row])
            yield {
                "delivery": row.delivery_id,
                "shot": row.shot_id,
                "person": row.person_id,
                "change": row.change,
                "before": row.before,
                "row": next(iter(known.values()), None),
            }

    def _letter_lines(self, session: Session, year: str) -> Iterator[Record]:
        for one in reversed(self._letters.all_in(session, year=year)):
            yield {
                "letter": one.letter_id,
                "school": one.school,
                "number": one.number,
                "charged": one.charged,
                "credited": one.credited,
                "fen": one.fen,
                "paid_fen": one.paid_fen,
                "cut_off": one.cut_off.isoformat(),
                "cancelled": one.state.value == "cancelled",
            }

    def _letter_items(self, session: Session, year: str) -> Iterator[Record]:
        query = (
            select(LetterItemRow)
            .join(LetterRow, LetterRow.letter_id == LetterItemRow.letter_id)
            .where(LetterRow.year == year)
            .order_by(LetterItemRow.letter_id, LetterItemRow.row_id)
        )
        for row in session.scalars(query):
            ids = {"letter": row.letter_id, "row": row.row_id, "person": row.person_id, "shot": row.shot_id}
            yield {**ids, "fen": row.fen}

    def _payments(self, session: Session, year: str) -> Iterator[Record]:
        query = (
            select(PaymentRow)
            .join(LetterRow, LetterRow.letter_id == PaymentRow.letter_id)
            .where(LetterRow.year == year, PaymentRow.taken_back_at.is_(None))
            .order_by(PaymentRow.payment_id)
        )
        for row in session.scalars(query):
            yield {"payment": row.payment_id, "letter": row.letter_id, "fen": row.fen}

    def _half_days(self, session: Session, year: str, photos: Iterable[Record]) -> Iterator[Record]:
        """The half days that two people have signed: those whose date is in the year, and others in which one of
        `photos` was taken (a late appointment).
        """
        now: dict[tuple[str, str], set[str]] = {}
        for photo in photos:
            now.setdefault((photo["booth"], photo["half_day"]), set()).add(photo["shot"])
        notes: dict[tuple[str, str], list[str]] = {}
        for note in session.execute(select(HalfDayNoteRow.booth_id, HalfDayNoteRow.name, HalfDayNoteRow.about)):
            notes.setdefault((note.booth_id, note.name), []).append(note.about)
        query = select(HalfDayRow).where(HalfDayRow.second_at.is_not(None))
        for row in session.scalars(query.order_by(HalfDayRow.booth_id, HalfDayRow.name)).all():
            if not row.name.startswith(f"{year}-") and (row.booth_id, row.name) not in now:
                continue
            frozen: dict[str, str] = row.frozen or {}
            usable = {shot for shot, where in frozen.items() if where != ArrivedShotState.SPOILT.value}
            mine = now.get((row.booth_id, row.name), set())
            yield {
                "booth": row.booth_id,
                "half_day": row.name,
                "counted": row.counted,
                "first_by": row.first_by,
                "second_by": row.second_by,
                "shots": frozen,
                "late": sorted(mine - frozen.keys()),
                "others": sorted(_of_others(session, usable - mine)),
                # Explanations of differences between the booth's own list of its shots and what arrived are left out,
                # because the export does not contain that list.
                "explained": sorted(
                    {
                        shot
                        for kind, _, shot in (
                            about.rpartition(" ") for about in notes.get((row.booth_id, row.name), [])
                        )
                        if kind in _OPEN_KINDS and (shot in frozen or shot == DifferenceKind.COUNT.value)
                    }
                ),
            }

    def _prices(self, used: Iterable[str]) -> dict[str, Record | None]:
        """For each profile of these photos, the price for one person; None for a profile that bills nobody."""
        billing = {name: self._profiles[name].billing for name in sorted(used)}
        return {
            name: None if of is None else {"rule": of.counts.value, "fen": self._profiles[name].fee_fen}
            for name, of in billing.items()
        }

    def _fees(self, session: Session, year: str, schools: Collection[str]) -> dict[str, list[int]]:
        """For each school, every fee that was set for the year, taken from the audit; -1 means the profile's fee
        again."""
        fees: dict[str, list[int]] = {}
        query = select(AuditRow).where(AuditRow.action == "billing.fee", AuditRow.subject.in_(sorted(schools)))
        for entry in session.scalars(query.order_by(AuditRow.place)):
            if entry.detail["year"] == year:
                fees.setdefault(entry.subject, []).append(int(entry.detail["fen"]))
        return fees


def _of_others(session: Session, shots: Iterable[str]) -> Iterator[str]:
    """Those of `shots` that the office has and has not refused. The caller passes shots that are not among the season's
    photos: they are of another year, or their school is not known.
    """
    for some in batched(sorted(shots)):
        query = select(ShotRow.shot_id).where(ShotRow.shot_id.in_(some))
        yield from session.scalars(query.where(ShotRow.stage != Stage.REFUSED.value))


def _written(path: Path, lines: Iterable[Record]) -> dict[str, Any]:
    """Write one object on each line; returns what the manifest says about the file."""
    digest, count = hashlib.sha256(), 0
    with path.open("xb") as out:
        for line in lines:
            data = json.dumps(line, ensure_ascii=False, sort_keys=True).encode() + b"\n"
            digest.update(data)
            out.write(data)
            count += 1
    return {"sha256": digest.hexdigest(), "lines": count}


def _by_state(states: Iterable[AttendanceState]) -> dict[str, int]:
    often = Counter(states)
    return {
        f"photos_{one.value}": often[one]
        for one in (AttendanceState.APPROVED, AttendanceState.WAITING, AttendanceState.RETAKE)
    }
