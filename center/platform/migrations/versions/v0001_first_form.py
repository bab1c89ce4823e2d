"""The office's first form: all tables, the audit's first head, and triggers that keep the audit append-only."""

import sqlalchemy as sa
from alembic import op

from center.platform.columns import Json, Moment

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only: to go back, an administrator restores a backup."""
    _tables()
    _starting_rows()
    _append_only()
    _moving_head()


def _tables() -> None:
    op.create_table(
        "audit",
        sa.Column("place", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=80), nullable=False),
        sa.Column("detail", Json(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("place", name=op.f("pk_audit")),
    )
    op.create_index(op.f("ix_audit_subject"), "audit", ["subject"], unique=False)
    op.create_table(
        "audit_head",
        sa.Column("only", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("only", name=op.f("pk_audit_head")),
    )
    op.create_table(
        "booths",
        sa.Column("booth_id", sa.String(length=63), nullable=False),
        sa.Column("schools", Json(), nullable=True),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("revoked_at", Moment(), nullable=True),
        sa.Column("verdict_sequence", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("booth_id", name=op.f("pk_booths")),
    )
    op.create_table(
        "counters",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_counters")),
    )
    op.create_table(
        "people",
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("lookup", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_people")),
        sa.UniqueConstraint("lookup", name=op.f("uq_people_lookup")),
    )
    op.create_table(
        "roster_rows",
        sa.Column("row_id", sa.String(length=32), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("lookup", sa.LargeBinary(), nullable=False),
        sa.Column("id_lookup", sa.LargeBinary(), nullable=True),
        sa.Column("school", sa.String(length=200), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("row_id", name=op.f("pk_roster_rows")),
        sa.UniqueConstraint("lookup", name=op.f("uq_roster_rows_lookup")),
        sa.UniqueConstraint("sequence", name=op.f("uq_roster_rows_sequence")),
    )
    op.create_index(op.f("ix_roster_rows_id_lookup"), "roster_rows", ["id_lookup"], unique=False)
    op.create_table(
        "users",
        sa.Column("user_id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("school", sa.String(length=200), nullable=True),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("totp_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("totp_step", sa.BigInteger(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("locked_until", Moment(), nullable=True),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("disabled_at", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_users")),
        sa.UniqueConstraint("name", name=op.f("uq_users_name")),
    )
    op.create_table(
        "booth_credentials",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("booth_id", sa.String(length=63), nullable=False),
        sa.Column("issued_at", Moment(), nullable=False),
        sa.Column("revoked_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(["booth_id"], ["booths.booth_id"], name=op.f("fk_booth_credentials_booth_id")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_booth_credentials")),
    )
    op.create_index(op.f("ix_booth_credentials_booth_id"), "booth_credentials", ["booth_id"], unique=False)
    op.create_table(
        "enrolment_codes",
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("booth_id", sa.String(length=63), nullable=False),
        sa.Column("expires_at", Moment(), nullable=False),
        sa.Column("used_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(["booth_id"], ["booths.booth_id"], name=op.f("fk_enrolment_codes_booth_id")),
        sa.PrimaryKeyConstraint("code_hash", name=op.f("pk_enrolment_codes")),
    )
    op.create_index(op.f("ix_enrolment_codes_booth_id"), "enrolment_codes", ["booth_id"], unique=False)
    op.create_table(
        "heartbeats",
        sa.Column("booth_id", sa.String(length=63), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["booth_id"], ["booths.booth_id"], name=op.f("fk_heartbeats_booth_id")),
        sa.PrimaryKeyConstraint("booth_id", name=op.f("pk_heartbeats")),
    )
    op.create_table(
        "sessions",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("user_id", sa.String(length=32), nullable=False),
        sa.Column("csrf_token", sa.String(length=64), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("seen_at", Moment(), nullable=False),
        sa.Column("ended_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.user_id"], name=op.f("fk_sessions_user_id")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_sessions")),
    )
    op.create_index(op.f("ix_sessions_user_id"), "sessions", ["user_id"], unique=False)
    op.create_table(
        "shots",
        sa.Column("shot_id", sa.String(length=32), nullable=False),
        sa.Column("booth_id", sa.String(length=63), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("received_at", Moment(), nullable=False),
        sa.Column("verified_at", Moment(), nullable=True),
        sa.Column("refusal", Json(), nullable=True),
        sa.Column("stage", sa.String(length=16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("holder", sa.String(length=32), nullable=True),
        sa.Column("lease_until", Moment(), nullable=True),
        sa.Column("claimed_at", Moment(), nullable=True),
        sa.Column("decision", sa.String(length=16), nullable=True),
        sa.Column("decided_by", sa.String(length=32), nullable=True),
        sa.Column("decided_at", Moment(), nullable=True),
        sa.Column("final_at", Moment(), nullable=True),
        sa.Column("told", sa.Boolean(), nullable=False),
        sa.Column("replaced_by", sa.String(length=32), nullable=True),
        sa.Column("touched_by", sa.String(length=32), nullable=True),
        sa.Column("touched_at", Moment(), nullable=True),
        sa.Column("rank", sa.SmallInteger(), nullable=True),
        sa.Column("queued_at", Moment(), nullable=True),
        sa.Column("profile", sa.String(length=80), nullable=True),
        sa.Column("school", sa.String(length=200), nullable=True),
        sa.Column("year", sa.String(length=20), nullable=True),
        sa.Column("identified_by", sa.String(length=8), nullable=True),
        sa.Column("person_id", sa.String(length=32), nullable=True),
        sa.Column("receipt_lookup", sa.LargeBinary(), nullable=True),
        sa.Column("flags", Json(), nullable=True),
        sa.Column("all_passed", sa.Boolean(), nullable=False),
        sa.Column("shot_at", Moment(), nullable=True),
        sa.Column("clock_synced", sa.Boolean(), nullable=True),
        sa.ForeignKeyConstraint(["booth_id"], ["booths.booth_id"], name=op.f("fk_shots_booth_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.person_id"], name=op.f("fk_shots_person_id")),
        sa.PrimaryKeyConstraint("shot_id", name=op.f("pk_shots")),
        postgresql_with={"fillfactor": 85},
    )
    op.create_index(op.f("ix_shots_person_id"), "shots", ["person_id"], unique=False)
    _partial_index("ix_shots_queue", ["rank", "queued_at", "shot_id"], "stage = 'queued'")
    _partial_index("ix_shots_queue_of_booth", ["booth_id", "rank", "queued_at", "shot_id"], "stage = 'queued'")
    _partial_index("ix_shots_queue_of_school", ["school", "rank", "queued_at", "shot_id"], "stage = 'queued'")
    op.create_index(op.f("ix_shots_receipt_lookup"), "shots", ["receipt_lookup"], unique=False)
    _partial_index("ix_shots_set_aside", ["stage", "received_at"], "stage IN ('received', 'refused')")
    _partial_index("ix_shots_untold", ["booth_id", "final_at"], "stage = 'decided' AND NOT told")
    op.create_table(
        "decisions",
        sa.Column("decision_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("shot_id", sa.String(length=32), nullable=False),
        sa.Column("user_id", sa.String(length=32), nullable=False),
        sa.Column("decision", sa.String(length=16), nullable=False),
        sa.Column("reasons", Json(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("mend", Json(), nullable=True),
        sa.Column("replaces", sa.String(length=32), nullable=True),
        sa.Column("in_bulk", sa.Boolean(), nullable=False),
        sa.Column("shown_at", Moment(), nullable=True),
        sa.Column("decided_at", Moment(), nullable=False),
        sa.Column("undone_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(["shot_id"], ["shots.shot_id"], name=op.f("fk_decisions_shot_id")),
        sa.PrimaryKeyConstraint("decision_id", name=op.f("pk_decisions")),
    )
    op.create_index("ix_decisions_decided_at", "decisions", ["decided_at"], unique=False)
    op.create_index(op.f("ix_decisions_shot_id"), "decisions", ["shot_id"], unique=False)
    op.create_table(
        "findings",
        sa.Column("shot_id", sa.String(length=32), nullable=False),
        sa.Column("check_id", sa.String(length=40), nullable=False),
        sa.Column("verdict", sa.String(length=16), nullable=False),
        sa.Column("value", sa.Float(), nullable=True),
        sa.ForeignKeyConstraint(["shot_id"], ["shots.shot_id"], name=op.f("fk_findings_shot_id")),
        sa.PrimaryKeyConstraint("shot_id", "check_id", name=op.f("pk_findings")),
    )
    op.create_index("ix_findings_check_id", "findings", ["check_id", "shot_id"], unique=False)
    op.create_table(
        "identities",
        sa.Column("shot_id", sa.String(length=32), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["shot_id"], ["shots.shot_id"], name=op.f("fk_identities_shot_id")),
        sa.PrimaryKeyConstraint("shot_id", name=op.f("pk_identities")),
    )
    op.create_table(
        "reports",
        sa.Column("shot_id", sa.String(length=32), nullable=False),
        sa.Column("checks", Json(), nullable=False),
        sa.ForeignKeyConstraint(["shot_id"], ["shots.shot_id"], name=op.f("fk_reports_shot_id")),
        sa.PrimaryKeyConstraint("shot_id", name=op.f("pk_reports")),
    )
    op.create_table(
        "skips",
        sa.Column("user_id", sa.String(length=32), nullable=False),
        sa.Column("shot_id", sa.String(length=32), nullable=False),
        sa.Column("until", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["shot_id"], ["shots.shot_id"], name=op.f("fk_skips_shot_id")),
        sa.PrimaryKeyConstraint("user_id", "shot_id", name=op.f("pk_skips")),
    )
    op.create_table(
        "verdicts",
        sa.Column("booth_id", sa.String(length=63), nullable=False),
        sa.Column("sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("shot_id", sa.String(length=32), nullable=False),
        sa.Column("decision", sa.String(length=16), nullable=False),
        sa.Column("reasons", Json(), nullable=False),
        sa.Column("decided_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["booth_id"], ["booths.booth_id"], name=op.f("fk_verdicts_booth_id")),
        sa.ForeignKeyConstraint(["shot_id"], ["shots.shot_id"], name=op.f("fk_verdicts_shot_id")),
        sa.PrimaryKeyConstraint("booth_id", "sequence", name=op.f("pk_verdicts")),
    )


def _partial_index(name: str, columns: list[str], where: str) -> None:
    op.create_index(name, "shots", columns, unique=False, postgresql_where=sa.text(where), sqlite_where=sa.text(where))


def _starting_rows() -> None:
    head = sa.table("audit_head", sa.column("only"), sa.column("place"), sa.column("hash"))
    op.execute(sa.insert(head).values(only=1, place=0, hash=sa.literal(bytes(32), sa.LargeBinary)))
    op.execute(sa.insert(sa.table("counters", sa.column("name"), sa.column("value"))).values(name="roster", value=0))


def _append_only() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'the audit is append-only'; END $$"
        )
        op.execute(
            "CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit "
            "FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only()"
        )
        return
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER audit_append_only_{verb.lower()} BEFORE {verb} ON audit "
            "BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END"
        )


def _moving_head() -> None:
    """Let the database itself move the head when an entry is appended: no caller needs a second statement, or can avoid
    the move."""
    move = "UPDATE audit_head SET place = NEW.place, hash = NEW.hash"
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION audit_moves_head() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN {move}; RETURN NEW; END $$"
        )
        op.execute(
            "CREATE TRIGGER audit_moves_head AFTER INSERT ON audit FOR EACH ROW EXECUTE FUNCTION audit_moves_head()"
        )
        return
    op.execute(f"CREATE TRIGGER audit_moves_head AFTER INSERT ON audit BEGIN {move}; END")
