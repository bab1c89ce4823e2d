"""Deliveries: what a school gets next, made once, built as often as it is asked for.

A delivery is written down as its items - which photo under which name, with which row - and never as a file: the
archive is built from them when somebody takes it, the same bytes inside while nothing has changed. So there is nothing
to lose or to find on another server, and what a school was given can be shown as long as its photos are kept.
"""

import hashlib
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, or_, select, update
from sqlalchemy.orm import Session

from center.audit.service import Audit
from center.delivery.model import (
    MANIFEST,
    MANIFEST_COLUMNS,
    Approved,
    Change,
    Item,
    Plan,
    manifest_row,
    note,
    plan,
)
from center.delivery.tables import DeliveryItemRow, DeliveryRow
from center.platform.clock import Clock
from center.platform.database import Database
from center.platform.documents.archive import encrypted_archive, inner_archive
from center.platform.documents.workbook import Column, workbook
from center.platform.faults import Conflict, NotThere, WrongRequest
from center.platform.office_keys import OfficeKeys
from center.platform.seal_keys import Envelopes
from center.platform.tables import CounterRow
from center.recrop.service import Recropping
from center.recrop.tables import RecroppedRow
from center.roster.service import Roster
from center.shots.model.shot import Stage
from center.shots.tables import DecisionRow, IdentityRow, ShotRow
from rules.names import clean_code
from rules.profile import Profile
from rules.season import CHINA
from wire.manifest import Person
from wire.roster_change import RosterRow
from wire.verdict import Decision

_COUNTER = "deliveries"
_SIGNS = "23456789abcdefghjkmnpqrstuvwxyz"
_PASSWORD_SIGNS = 20  # of 31: 99 bits
_MOST_RECEIVER = 200
_ITEM, _PASSWORD, _RECEIVER = "delivery item", "delivery password", "delivery receiver"


@dataclass(frozen=True, slots=True)
class Delivery:
    """A delivery that was made. `receiver`: who took it at the school, when that was noted."""

    delivery_id: int
    school: str
    year: str
    number: int
    made_by: str
    made_at: datetime
    counts: dict[Change, int]
    handed_over_at: datetime | None = None
    receiver: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class SchoolDelivery:
    """How a school stands: what a delivery made now would hold, and who has no approved photo."""

    plan: Plan
    waiting: int  # photos that staff have not decided for good
    rejected: int  # people whose newest photo was rejected
    missing: int  # roster rows without any photo
    rows: int  # roster rows of the school and year


@dataclass(frozen=True, slots=True)
class _Photo:
    """Digests of a shot's stored envelope, and of what its photo comes from: that, or the photo cut anew."""

    envelope: bytes
    source: bytes


class Deliveries:
    """Deliveries for all schools. Threads may share it; `who` is an account's id or a command's user."""

    def __init__(
        self,
        database: Database,
        office_keys: OfficeKeys,
        audit: Audit,
        roster: Roster,
        envelopes: Envelopes,
        recrops: Recropping,
        profiles: Mapping[str, Profile],
        clock: Clock,
    ) -> None:
        self._database = database
        self._office_keys = office_keys
        self._audit = audit
        self._roster = roster
        self._envelopes = envelopes
        self._recrops = recrops
        self._profiles = profiles
        self._clock = clock

    def schools(self) -> list[tuple[str, str]]:
        """School and year of every approved photo, in order."""
        query = select(ShotRow.school, ShotRow.year).where(*_approved(self._clock())).distinct()
        with self._database.read() as session:
            found = session.execute(query.order_by(ShotRow.school, ShotRow.year)).all()
        return [(row.school, row.year) for row in found if row.school and row.year]

    def standing(self, school: str, year: str) -> SchoolDelivery:
        """What could be delivered now, and what is missing. Raises `Unavailable`, `OfficeKeysFault`."""
        with self._database.read() as session:
            rows = self._rows(session, school, year)
            planned = self._plan(session, school, year, rows)
            shots = session.execute(
                select(ShotRow.stage, ShotRow.decision, ShotRow.final_at, ShotRow.person_id)
                .where(ShotRow.school == school, or_(ShotRow.year == year, ShotRow.year.is_(None)))
                .where(ShotRow.stage.in_([Stage.QUEUED.value, Stage.DECIDED.value]))
                .order_by(ShotRow.queued_at)
            ).all()
            photographed = self._photographed(session, school)
        now = self._clock()
        newest = {shot.person_id: shot for shot in shots}
        undecided = [one for one in newest.values() if one.stage == Stage.QUEUED.value or one.final_at > now]
        rejected = [one for one in newest.values() if one not in undecided and one.decision == Decision.REJECTED.value]
        missing = sum(not photographed & {f"id {row.id_number}", f"student {row.student_no}"} for row in rows)
        return SchoolDelivery(planned, len(undecided), len(rejected), missing, len(rows))

    def make(self, who: str, school: str, year: str) -> tuple[Delivery, str]:
        """Make the next delivery of a school; with its password, which is told apart.

        Raises `Conflict` when there is nothing to deliver, as when somebody else has just made one.
        """
        password = "".join(secrets.choice(_SIGNS) for _ in range(_PASSWORD_SIGNS))
        now = self._clock()
        with self._database.write() as session:
            # Nobody else plans until this one is written: two would both find the same photos undelivered.
            session.execute(select(CounterRow.value).where(CounterRow.name == _COUNTER).with_for_update()).one()
            planned = self._plan(session, school, year, self._rows(session, school, year))
            if not planned.items:
                raise Conflict(f"there is nothing to deliver to {school} of {year}: all it may have, it has")
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
            session.execute(insert(DeliveryItemRow), [self._item_row(delivery_id, one) for one in planned.items])
            counts = dict(planned.counts)
            detail: dict[str, str | int] = {"school": school, "year": year, "number": number}
            detail |= {change.value: count for change, count in counts.items()}
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

    def archive(self, who: str, delivery_id: int) -> tuple[str, bytes]:
        """A delivery as a file: its name and bytes; noted in the audit. Raises `NotThere`, `Unavailable`."""
        with self._database.read() as session:
            row = self._row(session, delivery_id)
            items = [self._item(one) for one in session.scalars(_items_of(delivery_id))]
            present = self._approved_now(session, delivery_id)
        files: list[tuple[str, bytes]] = []
        lines: list[tuple[str, ...]] = []
        for item in sorted(items, key=lambda one: (one.path, one.shot_id)):
            came = present.get(item.shot_id)
            if came is None or _digest(came.source, item.row) != item.digest:
                # Withdrawn, or not approved any more, or cut anew since: the next supplement says what takes its place.
                lines.append(manifest_row(replace(item, change=Change.WITHDRAWN), "", ()))
                continue
            photo = self._recrops.finished(item.shot_id)
            files.append((item.path, photo))
            codes = self._envelopes.open(item.shot_id, came.envelope).manifest.opaque_codes
            lines.append(manifest_row(item, hashlib.sha256(photo).hexdigest(), codes))
        columns = [Column(title, width) for title, width in MANIFEST_COLUMNS]
        files.insert(0, (MANIFEST, workbook("清单", columns, lines)))
        made = row.made_at.astimezone(CHINA).strftime("%Y-%m-%d")
        counts = {change: sum(item.change is change for item in items) for change in Change}
        password = self._opened_password(row)
        data = encrypted_archive(inner_archive(files), note(row.school, row.number, made, counts), password)
        with self._database.write() as session:
            self._audit.append(session, self._clock(), who, "delivery.taken", str(delivery_id), {"bytes": len(data)})
        return f"delivery-{row.year}-{delivery_id:05d}-{row.number}.zip", data

    def password(self, who: str, delivery_id: int) -> str:
        """A delivery's password, to be told to the school apart from the file; noted in the audit."""
        with self._database.write() as session:
            row = self._row(session, delivery_id)
            password = self._opened_password(row)
            self._audit.append(session, self._clock(), who, "delivery.password", str(delivery_id))
        return password

    def hand_over(self, who: str, delivery_id: int, receiver: str) -> None:
        """Note that the school has it: who took it, and how. Raises `NotThere`, `WrongRequest`, `Conflict`."""
        receiver = receiver.strip()
        if not 0 < len(receiver) <= _MOST_RECEIVER:
            raise WrongRequest(f"say who took it at the school, and how, in at most {_MOST_RECEIVER} characters")
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

    def _rows(self, session: Session, school: str, year: str) -> list[RosterRow]:
        return [row for row in self._roster.of_school(session, school) if row.year == year]

    def _plan(self, session: Session, school: str, year: str, rows: Sequence[RosterRow]) -> Plan:
        by_number = {row.id_number: row for row in rows}
        by_student = {clean_code(row.student_no).upper(): row for row in rows}
        newest = select(func.max(DecisionRow.decision_id)).where(DecisionRow.shot_id == ShotRow.shot_id)
        query = (
            select(
                ShotRow.shot_id, ShotRow.person_id, ShotRow.sha256, ShotRow.profile, ShotRow.year, IdentityRow.sealed
            )
            .add_columns(RecroppedRow.sha256.label("recropped"))
            .join(IdentityRow, IdentityRow.shot_id == ShotRow.shot_id)
            .outerjoin(RecroppedRow, RecroppedRow.decision_id == newest.scalar_subquery())
            .where(ShotRow.school == school, or_(ShotRow.year == year, ShotRow.year.is_(None)))
            .where(*_approved(self._clock()))
            .order_by(ShotRow.shot_id)
        )
        approved = []
        for shot in session.execute(query):
            person = Person.model_validate_json(self._office_keys.open("identity", shot.shot_id, shot.sealed))
            number = clean_code(person.id_number or "").upper()
            # Never by the student number where an ID number says who it is: the row could be somebody else's.
            row = by_number.get(number) if number else by_student.get(clean_code(person.student_no or "").upper())
            digest = _digest(shot.recropped or shot.sha256, row)
            name = self._profiles[shot.profile].file_name
            approved.append(Approved(shot.shot_id, shot.person_id, name, row, digest))
        return plan(approved, self._delivered(session, school, year))

    def _delivered(self, session: Session, school: str, year: str) -> dict[str, tuple[str, str]]:
        """Person -> shot and digest of what the school holds now."""
        items = session.execute(
            select(DeliveryItemRow.person_id, DeliveryItemRow.shot_id, DeliveryItemRow.digest, DeliveryItemRow.change)
            .join(DeliveryRow, DeliveryRow.delivery_id == DeliveryItemRow.delivery_id)
            .where(DeliveryRow.school == school, DeliveryRow.year == year)
            .order_by(DeliveryItemRow.delivery_id)
        )
        held: dict[str, tuple[str, str]] = {}
        for item in items:
            if item.change == Change.WITHDRAWN.value:
                held.pop(item.person_id, None)
            else:
                held[item.person_id] = (item.shot_id, item.digest)
        return held

    def _photographed(self, session: Session, school: str) -> set[str]:
        """By which numbers people with a photo are known to the school's roster."""
        query = (
            select(ShotRow.shot_id, IdentityRow.sealed)
            .join(IdentityRow, IdentityRow.shot_id == ShotRow.shot_id)
            .where(ShotRow.school == school)
        )
        known: set[str] = set()
        for shot in session.execute(query):
            person = Person.model_validate_json(self._office_keys.open("identity", shot.shot_id, shot.sealed))
            known |= {f"id {person.id_number}"} if person.id_number else set()
            known |= {f"student {person.student_no}"} if person.student_no else set()
        return known

    def _approved_now(self, session: Session, delivery_id: int) -> dict[str, _Photo]:
        """The photos of a delivery that are approved for good now, by shot."""
        newest = select(func.max(DecisionRow.decision_id)).where(DecisionRow.shot_id == ShotRow.shot_id)
        query = (
            select(ShotRow.shot_id, ShotRow.sha256, RecroppedRow.sha256.label("recropped"))
            .join(DeliveryItemRow, DeliveryItemRow.shot_id == ShotRow.shot_id)
            .outerjoin(RecroppedRow, RecroppedRow.decision_id == newest.scalar_subquery())
            .where(DeliveryItemRow.delivery_id == delivery_id, *_approved(self._clock()))
        )
        return {shot.shot_id: _Photo(shot.sha256, shot.recropped or shot.sha256) for shot in session.execute(query)}

    def _item_row(self, delivery_id: int, item: Item) -> dict[str, Any]:
        said = {"path": item.path, "row": None if item.row is None else item.row.model_dump()}
        return {
            "delivery_id": delivery_id,
            "shot_id": item.shot_id,
            "person_id": item.person_id,
            "change": item.change.value,
            "digest": item.digest,
            "before": item.before or None,
            "sealed": self._office_keys.seal(_ITEM, f"{delivery_id} {item.shot_id}", json.dumps(said).encode()),
        }

    def _item(self, row: DeliveryItemRow) -> Item:
        said = json.loads(self._office_keys.open(_ITEM, f"{row.delivery_id} {row.shot_id}", row.sealed))
        person = None if said["row"] is None else RosterRow(**said["row"])
        return Item(Change(row.change), row.shot_id, row.person_id, said["path"], row.digest, person, row.before or "")

    def _row(self, session: Session, delivery_id: int) -> DeliveryRow:
        row = session.get(DeliveryRow, delivery_id)
        if row is None:
            raise NotThere(f"there is no delivery {delivery_id}")
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


def _digest(source: bytes, row: RosterRow | None) -> str:
    """What changes when the photo or its row does."""
    return hashlib.sha256(source.hex().encode() + (b"" if row is None else row.encode())).hexdigest()


def _approved(now: datetime) -> tuple[Any, ...]:
    """Approved for good: no undo is open any more, and no other photo took its place."""
    return (
        ShotRow.stage == Stage.DECIDED.value,
        ShotRow.decision == Decision.APPROVED.value,
        ShotRow.replaced_by.is_(None),
        or_(ShotRow.told, ShotRow.final_at <= now),
    )


def _items_of(delivery_id: int) -> Any:
    return select(DeliveryItemRow).where(DeliveryItemRow.delivery_id == delivery_id)
