"""Deliveries: the photos a school gets next. A delivery is made once; a job builds its file later (`packing`).

A delivery is stored as its items: each names a photo, its file name and its row. The file is built from the items and
kept for some days only. As long as the photos are kept, it can be built again; its content is the same if nothing has
changed.
"""

import hashlib
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from center.attendance.model import AttendanceState, Photographed
from center.attendance.service import Attendances
from center.audit.service import Audit
from center.delivery.items import DeliveryItems, digest_of, finally_approved, is_current, profiles_of
from center.delivery.model import (
    Approved,
    Change,
    Contents,
    Delivery,
    Item,
    Plan,
    SchoolDelivery,
    file_name_of,
    plan,
)
from center.delivery.tables import DeliveryItemRow, DeliveryRow
from center.jobs.model import Job
from center.jobs.service import Jobs
from center.mail.model import Occasion
from center.mail.service import Mails
from center.platform.clock import Clock
from center.platform.database import Database
from center.platform.faults import Conflict, NotThere, WrongRequest
from center.platform.office_keys import OfficeKeys
from center.platform.tables import CounterRow
from center.platform.tokens import drawn_password
from center.print_sheets.service import PrintLocks
from center.print_sheets.sheets import formats
from center.recrop.tables import RecroppedRow
from center.roster.model.matching import SchoolRows
from center.roster.service import Roster
from center.shots.tables import DecisionRow, ShotRow
from rules.profile import Profile
from rules.season import CHINA

_COUNTER = "deliveries"
_MOST_RECEIVER = 200
_MOST_WITHOUT_SCHOOL = 200
_MOST_NAMED = 20
PACK = "pack"
"""The kind of job that builds a delivery's file."""
FORMAT = "six-inch"
"""The print format that the notice demands; the print sheets in a delivery's file have it."""
LAYOUT = "1"
"""The version of the file's layout. Change it with the layout, so that files that were built before are built again."""
FROM_PROFILE = frozenset({"background", "more_sizes", "photo", "prints"})
"""The parts of a profile that determine a file's content, and so are part of its fingerprint."""
_PASSWORD, _RECEIVER = "delivery password", "delivery receiver"


class Deliveries:
    """Deliveries for all schools. Threads may share it; `who` is an account's id or a command's user."""

    def __init__(
        self,
        database: Database,
        office_keys: OfficeKeys,
        audit: Audit,
        items: DeliveryItems,
        roster: Roster,
        attendances: Attendances,
        jobs: Jobs,
        mails: Mails,
        print_locks: PrintLocks,
        profiles: Mapping[str, Profile],
        clock: Clock,
    ) -> None:
        self._database = database
        self._office_keys = office_keys
        self._audit = audit
        self._items = items
        self._roster = roster
        self._attendances = attendances
        self._jobs = jobs
        self._mails = mails
        self._print_locks = print_locks
        self._profiles = profiles
        self._clock = clock

    def schools(self) -> list[tuple[str, str]]:
        """Each pair of school and year that has finally approved photos, in order."""
        query = select(ShotRow.school, ShotRow.year).where(*finally_approved(self._clock())).distinct()
        with self._database.read() as session:
            found = session.execute(query.order_by(ShotRow.school, ShotRow.year)).all()
        return [(row.school, row.year) for row in found if row.school and row.year]

    def delivered_schools(self) -> list[tuple[str, str]]:
        """Each pair of school and year that has deliveries, in order."""
        query = select(DeliveryRow.school, DeliveryRow.year).distinct().order_by(DeliveryRow.school, DeliveryRow.year)
        with self._database.read() as session:
            return [(row.school, row.year) for row in session.execute(query)]

    def of_school(self, school: str, year: str) -> SchoolDelivery:
        """What could be delivered now, and what is missing. Raises `Unavailable`, `OfficeKeysFault`."""
        with self._database.read() as session:
            planned = self.planned(session, school, year)
            found = self._attendances.count(session, school, year)
        counts = found.counts
        return SchoolDelivery(
            planned,
            counts[AttendanceState.WAITING],
            counts[AttendanceState.RETAKE],
            counts[AttendanceState.MISSING],
            counts.total(),
            len(found.without_row),
        )

    def planned(self, session: Session, school: str, year: str) -> Plan:
        """What a delivery made now would contain, inside the caller's transaction. Raises `OfficeKeysFault`."""
        rows = SchoolRows(self._roster.of_school(session, school))
        return self._plan(session, school, year, rows, self._attendances.photos(session, school))

    def without_school(self) -> list[str]:
        """Approved photos whose school is not known: no school gets them until staff enter the school."""
        query = select(ShotRow.shot_id).where(ShotRow.school.is_(None), *finally_approved(self._clock()))
        with self._database.read() as session:
            return list(session.scalars(query.order_by(ShotRow.shot_id).limit(_MOST_WITHOUT_SCHOOL)))

    def make(self, who: str, school: str, year: str, classes: Collection[str] | None = None) -> tuple[Delivery, str]:
        """Make a school's next delivery; returns it and its password, which must reach the school separately.

        `classes`: deliver only these (`Item.class_name`); None: all. Raises `Conflict` if there is nothing to deliver
        (perhaps because somebody has just made a delivery), `WrongRequest` if a class has nothing to deliver.
        """
        password = drawn_password()
        now = self._clock()
        with self._database.write() as session:
            # This lock makes others wait before they plan: else two deliveries would contain the same photos.
            session.execute(select(CounterRow.value).where(CounterRow.name == _COUNTER).with_for_update()).one()
            planned = self.planned(session, school, year)
            if not planned.items:
                raise Conflict(
                    "there is nothing to deliver to {school} of {year}: all it may have, it has",
                    school=school,
                    year=year,
                )
            if classes is not None:
                planned = _of_classes(planned, classes)
            number = (
                1
                + session.execute(
                    select(func.coalesce(func.max(DeliveryRow.number), 0)).where(
                        DeliveryRow.school == school, DeliveryRow.year == year
                    )
                ).scalar_one()
            )
            delivery_id: int = session.execute(
                insert(DeliveryRow)
                .values(
                    school=school,
                    year=year,
                    number=number,
                    made_by=who,
                    made_at=now,
                    password_sealed=self._office_keys.seal(_PASSWORD, f"{school}\0{year}\0{number}", password.encode()),
                )
                .returning(DeliveryRow.delivery_id)
            ).scalar_one()
            session.execute(insert(DeliveryItemRow), [self._items.values(delivery_id, one) for one in planned.items])
            counts = dict(planned.counts)
            detail: dict[str, str | int] = {"school": school, "year": year, "number": number}
            detail |= {change.value: count for change, count in counts.items()}
            detail |= {} if classes is None else {"classes": len(set(classes))}
            self.build(session, who, delivery_id, school, year, number)
            self._mails.tell(session, Occasion.DELIVERY, delivery_id, school, year)
            self._audit.append(session, now, who, "delivery.made", str(delivery_id), detail)
        return Delivery(delivery_id, school, year, number, who, now, counts), password

    def all(self, school: str | None = None, limit: int = 200) -> list[Delivery]:
        """The newest deliveries, of one school or of all. Raises `OfficeKeysFault`."""
        query = select(DeliveryRow).order_by(DeliveryRow.delivery_id.desc()).limit(limit)
        if school is not None:
            query = query.where(DeliveryRow.school == school)
        with self._database.read() as session:
            rows = session.scalars(query).all()
            counted = session.execute(
                select(DeliveryItemRow.delivery_id, DeliveryItemRow.change, func.count())
                .where(DeliveryItemRow.delivery_id.in_([row.delivery_id for row in rows]))
                .group_by(DeliveryItemRow.delivery_id, DeliveryItemRow.change)
            ).all()
        counts: dict[int, dict[Change, int]] = {}
        for delivery_id, change, count in counted:
            counts.setdefault(delivery_id, {})[Change(change)] = count
        return [self._delivery(row, counts.get(row.delivery_id, {})) for row in rows]

    def build(self, session: Session, who: str, delivery_id: int, school: str, year: str, number: int) -> int:
        """Request a delivery's file inside the caller's transaction; returns the job's number."""
        return self._jobs.ask(session, who, PACK, f"{year} {school} {number}", {"delivery": delivery_id})

    def build_again(self, who: str, delivery_id: int) -> int:
        """Request a delivery's file again, because it was deleted or its content has changed; returns the job's number.

        Raises `NotThere`, `Conflict` (the office has deleted all its photos).
        """
        with self._database.write() as session:
            row = self._row(session, delivery_id)
            shots = {one.shot_id for one in self._items.of(session, delivery_id)}
            if shots and shots <= self._items.deleted(session, row.school, row.year):
                raise Conflict(
                    "the office has deleted all photos of delivery {delivery_id}, on request or by the retention "
                    "table: the school keeps what it has",
                    delivery_id=delivery_id,
                )
            return self.build(session, who, delivery_id, row.school, row.year, row.number)

    def file(self, who: str, delivery_id: int) -> tuple[str, Iterator[bytes]]:
        """A delivery's built file: its name, and its content in parts. The audit records the download. Raises
        `Conflict` (the file is not built, or what it may contain has changed since), `NotThere`, `Unavailable`.
        """
        job = self._file(self.contents(delivery_id))
        data = self._jobs.file(job.job_id)
        self.note_taken(who, delivery_id, job.file_bytes)
        return job.file_name, data

    def built(self, delivery_id: int) -> tuple[Delivery, Job]:
        """A delivery with the counts of its built file, and the job that built the file, for the slip that both sides
        sign.

        Raises the same errors as `file`.
        """
        contents = self.contents(delivery_id)
        with self._database.read() as session:
            delivery = self._delivery(self._row(session, delivery_id), dict(contents.counts))
        return delivery, self._file(contents)

    def _file(self, contents: Contents) -> Job:
        """The job with the delivery's file. Raises `Conflict` (not built, or its content has changed since)."""
        subject, delivery_id = f"{contents.year} {contents.school} {contents.number}", contents.delivery_id
        job = self._jobs.newest_about(PACK, [subject]).get(subject)
        if job is None or not job.file_name:
            raise Conflict(
                "the file of delivery {delivery_id} is not built: build it, then take it", delivery_id=delivery_id
            )
        if job.result.get("fingerprint") != contents.fingerprint:
            raise Conflict(
                "what delivery {delivery_id} may hold has changed since it was built: build it again",
                delivery_id=delivery_id,
            )
        return job

    def builds(self, deliveries: Sequence[Delivery]) -> dict[int, Job]:
        """The newest job that builds each delivery's file: delivery -> job."""
        subjects = {f"{one.year} {one.school} {one.number}": one.delivery_id for one in deliveries}
        return {subjects[subject]: job for subject, job in self._jobs.newest_about(PACK, list(subjects)).items()}

    def note_taken(self, who: str, delivery_id: int, size: int) -> None:
        """Record in the audit that somebody downloaded a delivery's file."""
        with self._database.write() as session:
            self._audit.append(session, self._clock(), who, "delivery.taken", str(delivery_id), {"bytes": size})

    def contents(self, delivery_id: int) -> Contents:
        """What a delivery's file contains now. Raises `NotThere`, `OfficeKeysFault`."""
        with self._database.read() as session:
            row = self._row(session, delivery_id)
            approved = self._items.approved_now(session, delivery_id)
            every, deleted = self._items.of(session, delivery_id), self._items.deleted(session, row.school, row.year)
            # The delivery's list has no line for a photo that the office deleted: the school keeps its copy, and the
            # office has nothing of the photo any more.
            items = sorted(
                (one for one in every if one.shot_id not in deleted), key=lambda one: (one.path, one.shot_id)
            )
            # The file leaves out photos that were withdrawn, are not approved any more, or were recropped: the next
            # supplement withdraws or replaces them.
            current = [one for one in items if is_current(one, approved)]
            present = {one.shot_id for one in current}
            # If two photos had the same file name, the school may have only the one that came last. If the other one is
            # withdrawn here, the list must not tell the school to delete the file of this name.
            withdrawn = [one for one in items if one.change is Change.WITHDRAWN]
            last = self._items.by_file_name(session, row) if withdrawn else {}
            last |= {file_name_of(one.path): (one.shot_id, one.person_id) for one in current}
            gone = {
                one for one in withdrawn if last.get(file_name_of(one.path)) not in (None, (one.shot_id, one.person_id))
            }
            items = [one for one in items if one not in gone]
            locked = self._print_locks.unlock_of(session, row.school, row.year) is None
            used = profiles_of(session, sorted(present))
        return Contents(
            delivery_id,
            row.school,
            row.year,
            row.number,
            row.made_at,
            self._opened_password(row),
            tuple(items),
            present,
            locked,
            self._fingerprint(items, present, sorted(used), locked=locked),
            sum(one.shot_id in deleted for one in every),
        )

    def _fingerprint(self, items: Sequence[Item], present: set[str], profiles: Sequence[str], *, locked: bool) -> str:
        """A digest of everything that can change the content of a delivery's file. An item's own digest covers the
        photo and the row, but not the path, which becomes empty when the person's data are deleted.
        """
        told = {
            "layout": LAYOUT,
            "format": formats()[FORMAT].model_dump(mode="json"),
            "locked": locked,
            "items": [(one.shot_id, one.digest, one.path, one.shot_id in present) for one in items],
            "profiles": [self._profiles[one].model_dump(mode="json", include=set(FROM_PROFILE)) for one in profiles],
        }
        return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()

    def password(self, who: str, delivery_id: int) -> str:
        """A delivery's password, which must reach the school separately from the file. The audit records that `who` saw
        it."""
        with self._database.write() as session:
            row = self._row(session, delivery_id)
            password = self._opened_password(row)
            self._audit.append(session, self._clock(), who, "delivery.password", str(delivery_id))
        return password

    def not_handed_over(self, last: date) -> int:
        """How many deliveries made up to the day `last` in China have no receiver noted. Raises `Unavailable`."""
        until = datetime.combine(last + timedelta(days=1), time(), CHINA)
        query = select(func.count()).where(DeliveryRow.handed_over_at.is_(None), DeliveryRow.made_at < until)
        with self._database.read() as session:
            return session.execute(query).scalar_one()

    def hand_over(self, who: str, delivery_id: int, receiver: str) -> None:
        """Note who received the delivery at the school, and how. Raises `NotThere`, `WrongRequest`, `Conflict`."""
        receiver = receiver.strip()
        if not 0 < len(receiver) <= _MOST_RECEIVER:
            raise WrongRequest(
                "say who took it at the school, and how, in at most {most} characters", most=_MOST_RECEIVER
            )
        now = self._clock()
        with self._database.write() as session:
            noted = session.execute(
                update(DeliveryRow)
                .where(DeliveryRow.delivery_id == delivery_id, DeliveryRow.handed_over_at.is_(None))
                .values(
                    handed_over_at=now,
                    handed_over_by=who,
                    receiver_sealed=self._office_keys.seal(_RECEIVER, str(delivery_id), receiver.encode()),
                )
                .returning(DeliveryRow.delivery_id)
            ).first()
            if noted is None:
                self._row(session, delivery_id)
                raise Conflict("this delivery was handed over before: its receiver stays as it was noted")
            self._audit.append(session, now, who, "delivery.handed_over", str(delivery_id))

    def _plan(self, session: Session, school: str, year: str, rows: SchoolRows, photos: Sequence[Photographed]) -> Plan:
        newest = select(func.max(DecisionRow.decision_id)).where(DecisionRow.shot_id == ShotRow.shot_id)
        query = (
            select(ShotRow.shot_id, ShotRow.sha256, ShotRow.profile, RecroppedRow.sha256.label("recropped"))
            .outerjoin(RecroppedRow, RecroppedRow.decision_id == newest.scalar_subquery())
            .where(ShotRow.school == school, *finally_approved(self._clock()))
        )
        sources = {shot.shot_id: shot for shot in session.execute(query)}
        approved = []
        for photo in photos:
            source, place = sources.get(photo.shot_id), rows.place(photo.numbers)
            if source is None or place.year != year:
                continue
            row = None if place.row is None else rows.rows[place.row]
            digest = digest_of(source.recropped or source.sha256, row)
            name = self._profiles[source.profile].file_name
            approved.append(
                Approved(photo.shot_id, photo.person_id, name, row, digest, place.several, place.other_name)
            )
        kept = self._items.deleted(session, school, year)
        delivered = self._items.delivered(session, school, year)
        without_row = {one.person_id for one in approved if one.row is None} & delivered.keys()
        given = self._items.given(session, school, year, [delivered[person_id][0] for person_id in without_row])
        files = {person_id: given[delivered[person_id][0], person_id].path for person_id in without_row}
        planned = plan(approved, delivered, kept, files)
        return replace(planned, items=tuple(self._as_delivered(session, school, year, planned.items)))

    def _as_delivered(self, session: Session, school: str, year: str, items: Sequence[Item]) -> Iterator[Item]:
        """The items of a plan. Each withdrawn item gets the path and row with which its photo was delivered, so that it
        names the file that the school must delete, and the person on it."""
        gone = [item.shot_id for item in items if item.change is Change.WITHDRAWN]
        before = self._items.given(session, school, year, gone)
        for item in items:
            was = before.get((item.shot_id, item.person_id)) if item.change is Change.WITHDRAWN else None
            yield item if was is None else replace(item, path=was.path, row=was.row)

    def _row(self, session: Session, delivery_id: int) -> DeliveryRow:
        row = session.get(DeliveryRow, delivery_id)
        if row is None:
            raise NotThere("there is no delivery {delivery_id}", delivery_id=delivery_id)
        return row

    def _opened_password(self, row: DeliveryRow) -> str:
        name = f"{row.school}\0{row.year}\0{row.number}"
        return self._office_keys.open(_PASSWORD, name, row.password_sealed).decode()

    def _delivery(self, row: DeliveryRow, counts: dict[Change, int]) -> Delivery:
        sealed = row.receiver_sealed
        receiver = "" if sealed is None else self._office_keys.open(_RECEIVER, str(row.delivery_id), sealed).decode()
        return Delivery(
            row.delivery_id,
            row.school,
            row.year,
            row.number,
            row.made_by,
            row.made_at,
            counts,
            row.handed_over_at,
            receiver,
        )


def _of_classes(planned: Plan, classes: Collection[str]) -> Plan:
    known = planned.by_class
    for name in classes:
        if name not in known:
            raise WrongRequest(
                "{name} has nothing to deliver now; these have: {known}",
                name=name[:80],
                known=", ".join(list(known)[:_MOST_NAMED]),
            )
    if not classes:
        raise WrongRequest("choose at least one class")
    return planned.of_classes(classes)
