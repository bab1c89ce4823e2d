"""The state for the code on a receipt, from "waiting" to "prints sent", and nothing about the person.

A code has 130 random bits (`kiosk.runtime.submission`). It is looked up by its keyed hash, so that the time of the
look-up does not reveal how much of a guess is right.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from center.delivery.model import Change
from center.delivery.tables import DeliveryItemRow, DeliveryRow
from center.passes.service import Passes
from center.platform.clock import Clock
from center.platform.database import Database
from center.platform.office_keys import OfficeKeys
from center.prints.sending import first_sent_since
from center.season.model import show_hours
from center.season.service import Seasons
from center.shots.model.person import receipt_text
from center.shots.model.shot import State
from center.shots.service import SHOT_COLUMNS, shot_of
from center.shots.tables import DecisionRow, ShotRow
from rules.season import day_in_china, season_state
from wire.decision import Decision


class ReceiptState(StrEnum):
    """The state of a receipt."""

    WAITING = "waiting"
    APPROVED = "approved"
    DELIVERED = "delivered"  # the school has the photo
    PRINTS_SENT = "prints_sent"  # the school has the photo, and its prints were sent
    RETAKE = "retake"


@dataclass(frozen=True, slots=True)
class ReceiptAnswer:
    """The public answer. `reasons` are names of checks or `other`, only with `RETAKE`.

    `delivered_at`: when the school received the photo; `prints_sent_at`: when prints were first sent to the school
    after the delivery with this photo was made.
    """

    state: ReceiptState
    reasons: tuple[str, ...] = ()
    taken_at: datetime | None = None
    delivered_at: datetime | None = None
    prints_sent_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ComingAgain:
    """When the graduate can come again, in case the photo is rejected. `until` None: neither the window nor a pass is
    open.

    `by_appointment`: whether a pass caused by this photo opens the booth; `hours`: the hours of a usual working day.
    """

    until: date | None
    by_appointment: bool
    hours: str
    next_opening: datetime | None


def coming_again(
    database: Database, office_keys: OfficeKeys, seasons: Seasons, passes: Passes, clock: Clock, code: str
) -> ComingAgain:
    """When the graduate with this receipt can come again. Raises `Unavailable`."""
    lookup = office_keys.lookup("receipt", receipt_text(code))
    newest = select(ShotRow.shot_id).where(ShotRow.receipt_lookup == lookup).order_by(ShotRow.received_at.desc())
    with database.read() as session:
        shot_id = session.execute(newest.limit(1)).scalar_one_or_none()
        own = None if shot_id is None else passes.of_shot(session, shot_id)
    table, now = seasons.table(), clock()
    today = day_in_china(now)
    until = table.rules.last_day.of(today.year) if table.in_window(today) else None
    if own is not None:
        until = own.last
    opening = season_state(now, True, table).next_opening
    return ComingAgain(until, own is not None, show_hours(table.rules.hours), opening)


def receipt_state(database: Database, office_keys: OfficeKeys, clock: Clock, code: str) -> ReceiptAnswer | None:
    """The state of the shot with this receipt; None if there is none. Raises `Unavailable`."""
    lookup = office_keys.lookup("receipt", receipt_text(code))
    with database.read() as session:
        row = session.execute(
            select(*SHOT_COLUMNS, ShotRow.taken_at)
            .where(ShotRow.receipt_lookup == lookup)
            .order_by(ShotRow.received_at.desc())
            .limit(1)
        ).first()
        if row is None:
            return None
        shot = shot_of(row)
        if shot.state(clock()) not in (State.FINAL, State.REPLACED):
            return ReceiptAnswer(ReceiptState.WAITING, taken_at=row.taken_at)
        if shot.decision is Decision.APPROVED:
            delivered, prints = _on_the_way(session, shot.shot_id)
            state = ReceiptState.DELIVERED if delivered else ReceiptState.APPROVED
            return ReceiptAnswer(ReceiptState.PRINTS_SENT if prints else state, (), row.taken_at, delivered, prints)
        newest = select(func.max(DecisionRow.decision_id)).where(DecisionRow.shot_id == shot.shot_id)
        reasons = session.execute(
            select(DecisionRow.reasons).where(DecisionRow.decision_id == newest.scalar_subquery())
        ).scalar_one()
    return ReceiptAnswer(ReceiptState.RETAKE, tuple(reasons), row.taken_at)


def _on_the_way(session: Session, shot_id: str) -> tuple[datetime | None, datetime | None]:
    """When the school received this photo, and when prints were first sent to the school after the delivery with this
    photo was made. None for what has not happened.
    """
    newest = (
        select(DeliveryRow.school, DeliveryRow.year, DeliveryRow.made_at, DeliveryRow.handed_over_at)
        .join(DeliveryItemRow, DeliveryItemRow.delivery_id == DeliveryRow.delivery_id)
        .where(
            DeliveryItemRow.shot_id == shot_id,
            DeliveryItemRow.change != Change.WITHDRAWN.value,
            DeliveryRow.handed_over_at.is_not(None),
        )
        .order_by(DeliveryRow.delivery_id.desc())
        .limit(1)
    )
    row = session.execute(newest).first()
    if row is None:
        return None, None
    return row.handed_over_at, first_sent_since(session, row.school, row.year, row.made_at)
