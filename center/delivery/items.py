"""Reads and opens the items of deliveries. They show which photos a school holds, and which of these are still finally
approved.

An item is a photo that was given out under a name, with the roster row that it had then. Items are sealed. They stay
until the retention table deletes them, so the office can say at any time what a school has.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, or_, select, update
from sqlalchemy.orm import Session

from center.delivery.model import Change, Item, file_name_of
from center.delivery.tables import DeliveryItemRow, DeliveryRow
from center.platform.clock import Clock
from center.platform.database import batched
from center.platform.office_keys import OfficeKeys
from center.print_sheets.model import PrintedPerson
from center.recrop.tables import RecroppedRow
from center.shots.final import replaced_for_good
from center.shots.model.shot import Stage
from center.shots.tables import DecisionRow, ShotRow
from wire.decision import Decision
from wire.roster_change import RosterRow

_ITEM = "delivery item"


class DeliveryItems:
    """The items of all deliveries, read and written inside the caller's transaction. Threads may share it."""

    def __init__(self, office_keys: OfficeKeys, clock: Clock) -> None:
        self._office_keys = office_keys
        self._clock = clock

    def values(self, delivery_id: int, item: Item) -> dict[str, Any]:
        """The values of the columns of an item's row."""
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

    def opened(self, row: DeliveryItemRow) -> Item:
        """The item in a row; without path and roster row if the graduate asked for deletion. Raises
        `OfficeKeysFault`.
        """
        if not row.sealed:
            return Item(Change(row.change), row.shot_id, row.person_id, "", row.digest, None, row.before or "")
        said = json.loads(self._office_keys.open(_ITEM, f"{row.delivery_id} {row.shot_id}", row.sealed))
        person = None if said["row"] is None else RosterRow(**said["row"])
        return Item(Change(row.change), row.shot_id, row.person_id, said["path"], row.digest, person, row.before or "")

    def of(self, session: Session, delivery_id: int) -> list[Item]:
        """The items of a delivery. Raises `OfficeKeysFault`."""
        rows = session.scalars(select(DeliveryItemRow).where(DeliveryItemRow.delivery_id == delivery_id))
        return [self.opened(row) for row in rows]

    def given(self, session: Session, school: str, year: str, shot_ids: Iterable[str]) -> dict[tuple[str, str], Item]:
        """Shot and person -> the item with which the school got this shot last for this person. Raises
        `OfficeKeysFault`."""
        items: dict[tuple[str, str], Item] = {}
        for some in batched(shot_ids):
            rows = session.scalars(_given(school, year).where(DeliveryItemRow.shot_id.in_(some)))
            items |= {(row.shot_id, row.person_id): self.opened(row) for row in rows}
        return items

    def by_file_name(self, session: Session, before: DeliveryRow) -> dict[str, tuple[str, str]]:
        """File name -> shot and person of the photo that the school got last under this name, by its deliveries before
        this one. A photo that was withdrawn since is among them. Raises `OfficeKeysFault`."""
        query = _given(before.school, before.year).where(DeliveryRow.delivery_id < before.delivery_id)
        items = map(self.opened, session.scalars(query))
        return {file_name_of(one.path): (one.shot_id, one.person_id) for one in items}

    def delivered(
        self, session: Session, school: str, year: str, at: datetime | None = None
    ) -> dict[str, tuple[str, str]]:
        """Person -> shot and digest of the photo that the school holds now or, with `at`, held at that time. A photo
        that the office has deleted is among them: the school keeps it.
        """
        then = () if at is None else (DeliveryRow.made_at <= at,)
        items = session.execute(
            select(DeliveryItemRow.person_id, DeliveryItemRow.shot_id, DeliveryItemRow.digest, DeliveryItemRow.change)
            .join(DeliveryRow, DeliveryRow.delivery_id == DeliveryItemRow.delivery_id)
            .where(DeliveryRow.school == school, DeliveryRow.year == year, *then)
            .order_by(DeliveryItemRow.delivery_id)
        )
        held: dict[str, tuple[str, str]] = {}
        for item in items:
            if item.change == Change.WITHDRAWN.value:
                held.pop(item.person_id, None)
            else:
                held[item.person_id] = (item.shot_id, item.digest)
        return held

    def deleted(self, session: Session, school: str, year: str) -> set[str]:
        """The shots in a school's deliveries whose photo the office deleted, by the retention table or on request."""
        query = (
            select(ShotRow.shot_id)
            .join(DeliveryItemRow, DeliveryItemRow.shot_id == ShotRow.shot_id)
            .join(DeliveryRow, DeliveryRow.delivery_id == DeliveryItemRow.delivery_id)
            .where(DeliveryRow.school == school, DeliveryRow.year == year, ShotRow.photo_purged_at.is_not(None))
        )
        return set(session.scalars(query))

    def held_at(self, session: Session, school: str, year: str, at: datetime) -> int | None:
        """How many photos a school held at that time; None if items of a delivery that was made by then have been
        deleted since, as the retention table says.
        """
        gone = select(DeliveryRow.delivery_id).where(
            DeliveryRow.school == school,
            DeliveryRow.year == year,
            DeliveryRow.made_at <= at,
            ~select(DeliveryItemRow.shot_id).where(DeliveryItemRow.delivery_id == DeliveryRow.delivery_id).exists(),
        )
        known = session.execute(gone.limit(1)).first() is None
        return len(self.delivered(session, school, year, at)) if known else None

    def held(self, session: Session, school: str, year: str, delivery_id: int | None = None) -> list[PrintedPerson]:
        """The people of whom a school has a photo that is still valid, from one delivery or from all.

        Raises `OfficeKeysFault`.
        """
        return [
            PrintedPerson(one.shot_id, one.row) for one in self.valid(session, school, year, delivery_id) if one.row
        ]

    def valid(self, session: Session, school: str, year: str, delivery_id: int | None = None) -> list[Item]:
        """The items of the photos that a school has and that are still valid. Raises `OfficeKeysFault`."""
        query = (
            select(DeliveryItemRow)
            .join(DeliveryRow, DeliveryRow.delivery_id == DeliveryItemRow.delivery_id)
            .where(DeliveryRow.school == school, DeliveryRow.year == year)
            .order_by(DeliveryItemRow.delivery_id)
        )
        newest = {row.person_id: row for row in session.scalars(query)}
        present = {
            photo: source
            for one in {row.delivery_id for row in newest.values()}
            for photo, source in self.approved_now(session, one).items()
        }
        items = [self.opened(row) for row in newest.values() if delivery_id in (None, row.delivery_id)]
        return [item for item in items if is_current(item, present)]

    def approved_now(self, session: Session, delivery_id: int) -> dict[tuple[str, str], bytes]:
        """Shot and person -> digest of the recrop or envelope, for each photo of a delivery that is now finally
        approved for the person under whom it was delivered. Photos that the office has deleted are left out.
        """
        newest = select(func.max(DecisionRow.decision_id)).where(DecisionRow.shot_id == ShotRow.shot_id)
        query = (
            select(ShotRow.shot_id, ShotRow.person_id, ShotRow.sha256, RecroppedRow.sha256.label("recropped"))
            .join(DeliveryItemRow, DeliveryItemRow.shot_id == ShotRow.shot_id)
            .outerjoin(RecroppedRow, RecroppedRow.decision_id == newest.scalar_subquery())
            .where(
                DeliveryItemRow.delivery_id == delivery_id,
                DeliveryItemRow.person_id == ShotRow.person_id,
                ShotRow.photo_purged_at.is_(None),
                *finally_approved(self._clock()),
            )
        )
        return {(shot.shot_id, shot.person_id): shot.recropped or shot.sha256 for shot in session.execute(query)}

    def is_approved(self, session: Session, shot_id: str) -> bool:
        """Whether a photo is finally approved, no other one has taken its place, and the office still has it."""
        there = ShotRow.shot_id == shot_id, ShotRow.photo_purged_at.is_(None)
        query = select(ShotRow.shot_id).where(*there, *finally_approved(self._clock()))
        return session.execute(query).first() is not None


def move_items(session: Session, shot_ids: Collection[str], before: str, after: str) -> None:
    """Move the items of these shots from the record `before` to the record `after`, whose they are."""
    mine = DeliveryItemRow.shot_id.in_(shot_ids), DeliveryItemRow.person_id == before
    session.execute(update(DeliveryItemRow).where(*mine).values(person_id=after))


def profiles_of(session: Session, shot_ids: Sequence[str]) -> Counter[str]:
    """How many of these shots each profile has."""
    often: Counter[str] = Counter()
    for some in batched(shot_ids):
        often.update(map(str, session.scalars(select(ShotRow.profile).where(ShotRow.shot_id.in_(some)))))
    return often


def is_current(item: Item, approved: Mapping[tuple[str, str], bytes]) -> bool:
    """Whether an item's photo is still approved and unchanged, with the same roster row, so that it may be given out
    again. `approved`: what `approved_now` returned."""
    source = approved.get((item.shot_id, item.person_id), b"")
    return item.change is not Change.WITHDRAWN and digest_of(source, item.row) == item.digest


def digest_of(source: bytes, row: RosterRow | None) -> str:
    """A digest of a photo and its roster row. `source`: the digest of the recrop or envelope from which the photo
    comes.
    """
    return hashlib.sha256(source.hex().encode() + (b"" if row is None else row.encode())).hexdigest()


def finally_approved(now: datetime) -> tuple[Any, ...]:
    """SQL conditions. Finally approved: nobody can undo the decision any more, and no other photo took its place for
    good.
    """
    return (
        ShotRow.stage == Stage.DECIDED.value,
        ShotRow.decision == Decision.APPROVED.value,
        ~replaced_for_good(now),
        or_(ShotRow.told, ShotRow.final_at <= now),
    )


def _given(school: str, year: str) -> Select[DeliveryItemRow]:
    """The items with which the school got a photo, the oldest delivery first."""
    return (
        select(DeliveryItemRow)
        .join(DeliveryRow, DeliveryRow.delivery_id == DeliveryItemRow.delivery_id)
        .where(DeliveryRow.school == school, DeliveryRow.year == year)
        .where(DeliveryItemRow.change != Change.WITHDRAWN.value)
        .order_by(DeliveryItemRow.delivery_id)
    )
