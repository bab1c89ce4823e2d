"""The tables of shots.

Shots, identities and photos are stored apart: a row of `shots` says nothing about a person except the school. Names and
numbers are sealed in `identities`, and photos are in the photo store. Rows are looked up by keyed hashes (`*_lookup`).
Columns that change at every claim (`holder`, `lease_until`, `version`) are in no index, so that PostgreSQL can update
them in place.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Float,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    String,
    Text,
)
from sqlalchemy.orm import Mapped, mapped_column

from center.platform.columns import Json
from center.platform.tables import Base, BigKey, Id, partial


class PersonRow(Base):
    """A photographed person, identified by a keyed hash only; all the person's shots refer to this row."""

    __tablename__ = "people"

    person_id: Mapped[str] = mapped_column(Id, primary_key=True)
    lookup: Mapped[bytes] = mapped_column(unique=True)


class ShotRow(Base):
    """A shot: where its bytes are, its state, staff's decision. See `center.shots.model.shot`."""

    __tablename__ = "shots"
    __table_args__ = (
        # The indexes for claims: the head of the whole queue, or of a school's or a booth's part of it.
        partial("ix_shots_queue", "rank", "queued_at", "shot_id", where="stage = 'queued'"),
        partial("ix_shots_queue_of_school", "school", "rank", "queued_at", "shot_id", where="stage = 'queued'"),
        partial("ix_shots_queue_of_booth", "booth_id", "rank", "queued_at", "shot_id", where="stage = 'queued'"),
        # A school's newest shots, in any state.
        Index("ix_shots_of_school", "school", "queued_at"),
        # Decisions that are not in the feed yet.
        partial("ix_shots_untold", "booth_id", "final_at", where="stage = 'decided' AND NOT told"),
        # A booth's shots by the time they were taken.
        Index("ix_shots_of_booth_taken", "booth_id", "taken_at"),
        Index("ix_shots_taken_at", "taken_at"),
        # Shots that staff must look into, or the office must open again.
        partial("ix_shots_set_aside", "stage", "received_at", where="stage IN ('received', 'refused')"),
        {"postgresql_with": {"fillfactor": 85}},
    )

    shot_id: Mapped[str] = mapped_column(Id, primary_key=True)
    booth_id: Mapped[str] = mapped_column(ForeignKey("booths.booth_id"))
    sha256: Mapped[bytes]  # the SHA-256 of the bytes in the photo store
    size: Mapped[int] = mapped_column(BigInteger)
    received_at: Mapped[datetime]
    verified_at: Mapped[datetime | None]
    refusal: Mapped[list[str] | None] = mapped_column(Json)

    stage: Mapped[str] = mapped_column(String(16))
    version: Mapped[int] = mapped_column(Integer, default=1)
    holder: Mapped[str | None] = mapped_column(Id)
    lease_until: Mapped[datetime | None]
    claimed_at: Mapped[datetime | None]
    decision: Mapped[str | None] = mapped_column(String(16))
    decided_by: Mapped[str | None] = mapped_column(Id)
    decided_at: Mapped[datetime | None]
    final_at: Mapped[datetime | None]
    told: Mapped[bool] = mapped_column(default=False)
    replaced_by: Mapped[str | None] = mapped_column(Id)
    touched_by: Mapped[str | None] = mapped_column(Id)
    touched_at: Mapped[datetime | None]

    # Most of the columns from here on come from the opened envelope, and are None until it is opened.
    rank: Mapped[int | None] = mapped_column(SmallInteger)
    queued_at: Mapped[datetime | None]
    profile: Mapped[str | None] = mapped_column(String(80))
    school: Mapped[str | None] = mapped_column(String(200))
    year: Mapped[str | None] = mapped_column(String(20))
    identified_by: Mapped[str | None] = mapped_column(String(8))
    person_id: Mapped[str | None] = mapped_column(ForeignKey("people.person_id"), index=True)
    receipt_lookup: Mapped[bytes | None] = mapped_column(index=True)
    flags: Mapped[list[str] | None] = mapped_column(Json)
    all_passed: Mapped[bool] = mapped_column(default=False)
    shot_at: Mapped[datetime | None]  # when the photo was taken, by the booth's clock
    clock_synced: Mapped[bool | None]
    photo_purged_at: Mapped[datetime | None]  # when its bytes were deleted, by the retention table or on request
    identity_purged_at: Mapped[datetime | None]  # when the identity of its person was deleted
    taken_at: Mapped[datetime | None]  # `shot_at`, or when the shot came in if the booth's clock could not be trusted


class IdentityRow(Base):
    """The person on a shot (`wire.manifest.Person`), sealed."""

    __tablename__ = "identities"

    shot_id: Mapped[str] = mapped_column(ForeignKey("shots.shot_id"), primary_key=True)
    sealed: Mapped[bytes]


class ReportRow(Base):
    """The measured values of a shot: `[[check, verdict, value], ...]` as the booth reported them."""

    __tablename__ = "reports"

    shot_id: Mapped[str] = mapped_column(ForeignKey("shots.shot_id"), primary_key=True)
    checks: Mapped[list[Any]] = mapped_column(Json)


class FindingRow(Base):
    """A check of a shot that did not pass."""

    __tablename__ = "findings"
    __table_args__ = (Index("ix_findings_check_id", "check_id", "shot_id"),)

    shot_id: Mapped[str] = mapped_column(ForeignKey("shots.shot_id"), primary_key=True)
    check_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    verdict: Mapped[str] = mapped_column(String(16))
    value: Mapped[float | None] = mapped_column(Float)


class DecisionRow(Base):
    """Every decision ever made, including undone ones; statistics are counted from this table."""

    __tablename__ = "decisions"
    __table_args__ = (
        Index("ix_decisions_decided_at", "decided_at"),
        Index("ix_decisions_of_user", "user_id", "decided_at"),
        partial("ix_decisions_rejected", "decided_at", where="decision = 'rejected'"),
    )

    decision_id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    shot_id: Mapped[str] = mapped_column(ForeignKey("shots.shot_id"), index=True)
    user_id: Mapped[str] = mapped_column(Id)
    decision: Mapped[str] = mapped_column(String(16))
    reasons: Mapped[list[str]] = mapped_column(Json)
    note: Mapped[str] = mapped_column(Text)
    recrop: Mapped[list[float] | None] = mapped_column("mend", Json)  # scale, dx, dy
    replaces: Mapped[str | None] = mapped_column(Id)
    in_bulk: Mapped[bool]
    shown_at: Mapped[datetime | None]
    decided_at: Mapped[datetime]
    undone_at: Mapped[datetime | None]


class FeedRow(Base):
    """A booth's decision feed, in order."""

    __tablename__ = "verdicts"

    booth_id: Mapped[str] = mapped_column(ForeignKey("booths.booth_id"), primary_key=True)
    sequence: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    shot_id: Mapped[str] = mapped_column(ForeignKey("shots.shot_id"))
    decision: Mapped[str] = mapped_column(String(16))
    reasons: Mapped[list[str]] = mapped_column(Json)
    decided_at: Mapped[datetime]


class ShotCountRow(Base):
    """How many shots of a day and school are in each state, without the rows of `shot_count_changes`, which are
    still to be added to it.

    `day`: the day in China on which the shots were taken, in days since 1970. `standing`: waiting, approved, rejected
    or replaced.
    """

    __tablename__ = "shot_counts"

    day: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    school: Mapped[str] = mapped_column(String(200), primary_key=True)
    standing: Mapped[str] = mapped_column(String(16), primary_key=True)
    shots: Mapped[int] = mapped_column(Integer)


class ShotCountChangeRow(Base):
    """One shot more or one shot less in a count. Triggers on `shots` write these rows (migration 0010), so that no two
    writers wait for each other.
    """

    __tablename__ = "shot_count_changes"

    change_id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    day: Mapped[int] = mapped_column(Integer)
    school: Mapped[str] = mapped_column(String(200))
    standing: Mapped[str] = mapped_column(String(16))
    shots: Mapped[int] = mapped_column(SmallInteger)
