"""Every table of the office.

Shots, identities and photos are apart: a row of `shots` says nothing of a person but the school; names and numbers
are sealed in `identities` and `roster_rows`; photos are in the photo store. Look-ups go by keyed hashes (`*_lookup`).
Columns that change at every claim (`holder`, `lease_until`, `version`) are in no index, so that PostgreSQL can update
them in place.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    false,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from center.store.columns import Json, Moment

Id = String(32)
"""32 hex digits at random."""
BigKey = BigInteger().with_variant(Integer, "sqlite")
"""A number SQLite counts up by itself."""


def _partial(name: str, *columns: str, where: str) -> Index:
    """An index of the few rows for which `where` holds."""
    return Index(name, *columns, postgresql_where=text(where), sqlite_where=text(where))


class Base(DeclarativeBase):
    """All of the office's tables."""

    # Every constraint has a name of its own, so that a later migration can change it on both databases.
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_name)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: Moment, bytes: LargeBinary, bool: Boolean}  # noqa: RUF012 - SQLAlchemy's own way


def table_of(row: type[Base]) -> Table:
    """The table behind a mapped class: statements on it make no objects and are several times quicker."""
    table = row.__table__
    assert isinstance(table, Table), "every mapped class of ours is one table"
    return table


class BoothRow(Base):
    """A booth by its name. `schools` None: it may read every school's roster."""

    __tablename__ = "booths"

    booth_id: Mapped[str] = mapped_column(String(63), primary_key=True)
    schools: Mapped[list[str] | None] = mapped_column(Json)
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    verdict_sequence: Mapped[int] = mapped_column(BigInteger, default=0)  # place of its newest verdict


class CredentialRow(Base):
    """A booth's credential, hashed. One of a booth is good: the newest."""

    __tablename__ = "booth_credentials"

    token_hash: Mapped[bytes] = mapped_column(primary_key=True)
    booth_id: Mapped[str] = mapped_column(ForeignKey("booths.booth_id"), index=True)
    issued_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class EnrolmentRow(Base):
    """A one-time code, hashed."""

    __tablename__ = "enrolment_codes"

    code_hash: Mapped[bytes] = mapped_column(primary_key=True)
    booth_id: Mapped[str] = mapped_column(ForeignKey("booths.booth_id"), index=True)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class HeartbeatRow(Base):
    """The newest sign of life of each booth (`wire.heartbeat`, as sent)."""

    __tablename__ = "heartbeats"

    booth_id: Mapped[str] = mapped_column(ForeignKey("booths.booth_id"), primary_key=True)
    at: Mapped[datetime]  # the office's clock
    message: Mapped[str] = mapped_column(Text)


class PersonRow(Base):
    """Somebody who was photographed, known by a keyed hash only. Holds that person's shots together."""

    __tablename__ = "people"

    person_id: Mapped[str] = mapped_column(Id, primary_key=True)
    lookup: Mapped[bytes] = mapped_column(unique=True)


class ShotRow(Base):
    """A shot: where its bytes are, how far it is, what staff said. See `center.domain.shot`."""

    __tablename__ = "shots"
    __table_args__ = (
        # The claim's way to the head of the queue, whole or by school or booth.
        _partial("ix_shots_queue", "rank", "queued_at", "shot_id", where="stage = 'queued'"),
        _partial("ix_shots_queue_of_school", "school", "rank", "queued_at", "shot_id", where="stage = 'queued'"),
        _partial("ix_shots_queue_of_booth", "booth_id", "rank", "queued_at", "shot_id", where="stage = 'queued'"),
        # A school's newest, whatever became of them.
        Index("ix_shots_of_school", "school", "queued_at"),
        # Decisions whose graduates have not been told.
        _partial("ix_shots_untold", "booth_id", "final_at", where="stage = 'decided' AND NOT told"),
        # What staff have to look at by hand, or the office has to open again.
        _partial("ix_shots_set_aside", "stage", "received_at", where="stage IN ('received', 'refused')"),
        {"postgresql_with": {"fillfactor": 85}},
    )

    shot_id: Mapped[str] = mapped_column(Id, primary_key=True)
    booth_id: Mapped[str] = mapped_column(ForeignKey("booths.booth_id"))
    sha256: Mapped[bytes]  # of the bytes in the photo store
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

    # From the opened envelope; None until it is.
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
    shot_at: Mapped[datetime | None]  # the booth's clock
    clock_synced: Mapped[bool | None]


class IdentityRow(Base):
    """Who is on a shot (`wire.manifest.Person`), sealed."""

    __tablename__ = "identities"

    shot_id: Mapped[str] = mapped_column(ForeignKey("shots.shot_id"), primary_key=True)
    sealed: Mapped[bytes]


class ReportRow(Base):
    """The native measures of a shot: `[[check, verdict, value], ...]` as the booth reported them."""

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
    """Every decision ever made, undone ones too: the numbers are counted here."""

    __tablename__ = "decisions"
    __table_args__ = (
        Index("ix_decisions_decided_at", "decided_at"),
        Index("ix_decisions_of_user", "user_id", "decided_at"),
    )

    decision_id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    shot_id: Mapped[str] = mapped_column(ForeignKey("shots.shot_id"), index=True)
    user_id: Mapped[str] = mapped_column(Id)
    decision: Mapped[str] = mapped_column(String(16))
    reasons: Mapped[list[str]] = mapped_column(Json)
    note: Mapped[str] = mapped_column(Text)
    mend: Mapped[list[float] | None] = mapped_column(Json)  # scale, dx, dy
    replaces: Mapped[str | None] = mapped_column(Id)
    in_bulk: Mapped[bool]
    shown_at: Mapped[datetime | None]
    decided_at: Mapped[datetime]
    undone_at: Mapped[datetime | None]


class MendedRow(Base):
    """A photo cut anew by a decision, beside the one that came: its file's digest in the photo store."""

    __tablename__ = "mended_photos"

    decision_id: Mapped[int] = mapped_column(BigKey, ForeignKey("decisions.decision_id"), primary_key=True)
    shot_id: Mapped[str] = mapped_column(ForeignKey("shots.shot_id"), index=True)
    sha256: Mapped[bytes]  # of the bytes in the photo store, sealed where the office has a key
    size: Mapped[int] = mapped_column(BigInteger)


class SettlementRow(Base):
    """An answer to what flags of a shot ask. Words and who was thought to be on the photo before are sealed."""

    __tablename__ = "settlements"

    settlement_id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    shot_id: Mapped[str] = mapped_column(ForeignKey("shots.shot_id"), index=True)
    flags: Mapped[list[str]] = mapped_column(Json)
    way: Mapped[str] = mapped_column(String(16))
    ground: Mapped[str | None] = mapped_column(String(16))
    words_sealed: Mapped[bytes | None]
    row_id: Mapped[str | None] = mapped_column(Id)
    before_sealed: Mapped[bytes | None]  # the person, where a row changed it
    user_id: Mapped[str] = mapped_column(Id)
    at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]  # the row it named was taken back: the flags ask again


class SecondLookRow(Base):
    """A decided shot before another reviewer, for whom it is one that waits. See `center.store.seconds`."""

    __tablename__ = "second_looks"
    __table_args__ = (
        _partial("ix_second_looks_open", "due_at", "look_id", where="decision IS NULL AND voided_at IS NULL"),
        Index("ix_second_looks_decided_at", "decided_at"),
        Index("ix_second_looks_of_user", "touched_by", "decided_at"),
    )

    look_id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    shot_id: Mapped[str] = mapped_column(ForeignKey("shots.shot_id"), index=True)
    decision_id: Mapped[int] = mapped_column(BigInteger)
    first_by: Mapped[str] = mapped_column(Id)
    first_decision: Mapped[str] = mapped_column(String(16))
    first_at: Mapped[datetime]
    due_at: Mapped[datetime]  # once nobody can undo the first decision
    voided_at: Mapped[datetime | None]  # the first decision was taken back
    version: Mapped[int] = mapped_column(Integer)
    holder: Mapped[str | None] = mapped_column(Id)
    lease_until: Mapped[datetime | None]
    claimed_at: Mapped[datetime | None]
    touched_by: Mapped[str | None] = mapped_column(Id)
    touched_at: Mapped[datetime | None]
    decision: Mapped[str | None] = mapped_column(String(16))
    reasons: Mapped[list[str] | None] = mapped_column(Json)
    note: Mapped[str | None] = mapped_column(Text)
    shown_at: Mapped[datetime | None]
    decided_at: Mapped[datetime | None]
    final_at: Mapped[datetime | None]
    settled_by: Mapped[str | None] = mapped_column(Id)
    settled_at: Mapped[datetime | None]
    outcome: Mapped[str | None] = mapped_column(String(8))  # first, back


class SkipRow(Base):
    """A shot somebody would rather not judge now."""

    __tablename__ = "skips"

    user_id: Mapped[str] = mapped_column(Id, primary_key=True)
    shot_id: Mapped[str] = mapped_column(ForeignKey("shots.shot_id"), primary_key=True)
    until: Mapped[datetime]


class VerdictRow(Base):
    """What a booth was told, in the order of its feed."""

    __tablename__ = "verdicts"

    booth_id: Mapped[str] = mapped_column(ForeignKey("booths.booth_id"), primary_key=True)
    sequence: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    shot_id: Mapped[str] = mapped_column(ForeignKey("shots.shot_id"))
    decision: Mapped[str] = mapped_column(String(16))
    reasons: Mapped[list[str]] = mapped_column(Json)
    decided_at: Mapped[datetime]


class RosterRowRow(Base):
    """A roster row, sealed, under the place of its newest change. Rows that are gone stay as names without content."""

    __tablename__ = "roster_rows"

    row_id: Mapped[str] = mapped_column(Id, primary_key=True)
    sequence: Mapped[int] = mapped_column(BigInteger, unique=True)
    lookup: Mapped[bytes] = mapped_column(unique=True)  # year, school, student number
    id_lookup: Mapped[bytes | None] = mapped_column(index=True)  # ID number; None once removed
    student_lookup: Mapped[bytes | None] = mapped_column(index=True)  # student number, whatever the school
    name_lookup: Mapped[bytes | None] = mapped_column(index=True)  # whole name, as names are compared
    provisional: Mapped[bool] = mapped_column(default=False, server_default=false())  # made by staff, not by a school
    school: Mapped[str] = mapped_column(String(200))
    content: Mapped[bytes | None]  # keyed hash, to see whether an import changes anything
    sealed: Mapped[bytes | None]


class CounterRow(Base):
    """A number that only rises, its holder's transaction alone."""

    __tablename__ = "counters"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[int] = mapped_column(BigInteger)


class UserRow(Base):
    """An account of staff or of a school."""

    __tablename__ = "users"

    user_id: Mapped[str] = mapped_column(Id, primary_key=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)
    role: Mapped[str] = mapped_column(String(16))
    school: Mapped[str | None] = mapped_column(String(200))
    password_hash: Mapped[str] = mapped_column(String(200))
    totp_sealed: Mapped[bytes]
    totp_step: Mapped[int] = mapped_column(BigInteger, default=0)  # the newest one used: a code works once
    failures: Mapped[int] = mapped_column(Integer, default=0)
    locked_until: Mapped[datetime | None]
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]


class SessionRow(Base):
    """A login, by the hash of its cookie."""

    __tablename__ = "sessions"

    token_hash: Mapped[bytes] = mapped_column(primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.user_id"), index=True)
    csrf_token: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class AuditRow(Base):
    """An entry of the audit. Triggers refuse to change or delete one; the hashes show when it was done all the same."""

    __tablename__ = "audit"

    place: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(80))
    action: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(80), index=True)
    detail: Mapped[dict[str, Any]] = mapped_column(Json)
    hash: Mapped[bytes]


class AuditHeadRow(Base):
    """The audit's newest place and hash: one row, moved on by a trigger of `audit`."""

    __tablename__ = "audit_head"

    only: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    place: Mapped[int] = mapped_column(BigInteger)
    hash: Mapped[bytes]
