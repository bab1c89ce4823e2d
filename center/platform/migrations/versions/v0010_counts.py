"""Counts of shots by day, school and standing, kept by triggers; an index of a booth's shots by the time when they were
taken.

The triggers belong to the table `shots`: a later migration that makes this table anew on SQLite must also make the
triggers anew.
"""

import sqlalchemy as sa
from alembic import op

from center.platform.columns import Moment

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_DAY = "CAST((COALESCE({of}taken_at, {of}received_at) + 28800000) / 86400000 AS INTEGER)"
_STANDING = (
    "CASE {of}stage WHEN 'queued' THEN 'waiting'"
    " WHEN 'decided' THEN CASE WHEN {of}replaced_by IS NULL THEN {of}decision ELSE 'replaced' END END"
)
_SEEN = ("stage", "decision", "replaced_by", "school", "taken_at")
_ADD = "INSERT INTO shot_count_changes (day, school, standing, shots)"


def _change(of: str, shots: int) -> str:
    """The statement with which a trigger counts its row `OLD.` or `NEW.`, if the row has a standing."""
    day, standing = _DAY.format(of=of), _STANDING.format(of=of)
    return f"{_ADD} SELECT {day}, COALESCE({of}school, ''), {standing}, {shots} WHERE {standing} IS NOT NULL;"


def _sqlite() -> list[str]:
    differs = " OR ".join(f"OLD.{name} IS NOT NEW.{name}" for name in _SEEN)
    minus, plus = _change("OLD.", -1), _change("NEW.", 1)
    return [
        f"CREATE TRIGGER count_new_shot AFTER INSERT ON shots BEGIN {plus} END",
        f"CREATE TRIGGER count_moved_shot AFTER UPDATE ON shots WHEN {differs} BEGIN {minus} {plus} END",
        f"CREATE TRIGGER count_gone_shot AFTER DELETE ON shots BEGIN {minus} END",
    ]


def _postgresql() -> list[str]:
    differs = " OR ".join(f"OLD.{name} IS DISTINCT FROM NEW.{name}" for name in _SEEN)
    minus, plus = _change("OLD.", -1), _change("NEW.", 1)
    begin = "RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
    end = "RETURN NULL; END $$"
    moved = "FUNCTION count_moved_shot()"
    return [
        f"CREATE FUNCTION count_new_shot() {begin} {plus} {end}",
        f"CREATE FUNCTION count_moved_shot() {begin} {minus} {plus} {end}",
        f"CREATE FUNCTION count_gone_shot() {begin} {minus} {end}",
        "CREATE TRIGGER count_new_shot AFTER INSERT ON shots FOR EACH ROW EXECUTE FUNCTION count_new_shot()",
        f"CREATE TRIGGER count_moved_shot AFTER UPDATE ON shots FOR EACH ROW WHEN ({differs}) EXECUTE {moved}",
        "CREATE TRIGGER count_gone_shot AFTER DELETE ON shots FOR EACH ROW EXECUTE FUNCTION count_gone_shot()",
    ]


def upgrade() -> None:
    """Forward only."""
    op.create_table(
        "shot_counts",
        sa.Column("day", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("school", sa.String(length=200), nullable=False),
        sa.Column("standing", sa.String(length=16), nullable=False),
        sa.Column("shots", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", "school", "standing", name=op.f("pk_shot_counts")),
    )
    op.create_table(
        "shot_count_changes",
        sa.Column("change_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("school", sa.String(length=200), nullable=False),
        sa.Column("standing", sa.String(length=16), nullable=False),
        sa.Column("shots", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("change_id", name=op.f("pk_shot_count_changes")),
    )
    op.add_column("shots", sa.Column("taken_at", Moment(), nullable=True))
    op.execute("UPDATE shots SET taken_at = CASE WHEN clock_synced THEN shot_at ELSE received_at END")
    op.create_index("ix_shots_of_booth_taken", "shots", ["booth_id", "taken_at"], unique=False)
    rejected = sa.text("decision = 'rejected'")
    op.create_index(
        "ix_decisions_rejected", "decisions", ["decided_at"], postgresql_where=rejected, sqlite_where=rejected
    )
    there = sa.text("sealed IS NOT NULL")
    op.create_index("ix_roster_rows_school", "roster_rows", ["school"], postgresql_where=there, sqlite_where=there)
    day, standing = _DAY.format(of=""), _STANDING.format(of="")
    op.execute(
        f"INSERT INTO shot_counts (day, school, standing, shots) SELECT {day}, COALESCE(school, ''), {standing},"  # noqa: S608 - constants
        f" count(*) FROM shots WHERE {standing} IS NOT NULL GROUP BY 1, 2, 3"
    )
    for statement in _sqlite() if op.get_bind().dialect.name == "sqlite" else _postgresql():
        op.execute(statement)
