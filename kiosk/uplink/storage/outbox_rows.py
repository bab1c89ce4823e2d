"""The tables of the outbox, its rows as values, and the queries on their columns."""

from dataclasses import dataclass
from enum import StrEnum

from kiosk.uplink.storage.database import Added
from wire.decision import Decision

MIGRATIONS = (
    """
    CREATE TABLE shots (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        shot_id TEXT NOT NULL UNIQUE CHECK (length(shot_id) = 32),
        digest TEXT NOT NULL CHECK (length(digest) = 64),
        content TEXT,
        size INTEGER NOT NULL CHECK (size >= 0),
        state TEXT NOT NULL DEFAULT 'kept' CHECK (state IN ('kept', 'received', 'verified', 'released')),
        parked TEXT,
        attempts INTEGER NOT NULL DEFAULT 0,
        tried_ms INTEGER NOT NULL DEFAULT 0,
        next_ms INTEGER NOT NULL DEFAULT 0,
        kept_ms INTEGER NOT NULL,
        receipt TEXT,
        verified_ms INTEGER,
        released_ms INTEGER
    ) STRICT;
    CREATE INDEX shots_at_work ON shots (state, seq) WHERE state <> 'released';
    """,
    """
    ALTER TABLE shots ADD COLUMN decision TEXT CHECK (decision IN ('approved', 'rejected'));
    ALTER TABLE shots ADD COLUMN reasons TEXT;
    CREATE TABLE verdict_feed (one INTEGER PRIMARY KEY CHECK (one = 1), place INTEGER NOT NULL) STRICT;
    CREATE TABLE deletions (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        at_ms INTEGER NOT NULL,
        what TEXT NOT NULL,
        count INTEGER NOT NULL
    ) STRICT;
    """,
    """
    ALTER TABLE shots ADD COLUMN person BLOB;
    CREATE INDEX shots_by_person ON shots (person) WHERE person IS NOT NULL;
    """,
    """
    ALTER TABLE verdict_feed ADD COLUMN office TEXT NOT NULL DEFAULT '';
    """,
)

ADDED = (Added("shots", "taken_by", "TEXT"), Added("shots", "record", "BLOB"), Added("shots", "stays", "TEXT"))

Value = str | int | float | bytes | None
COLUMNS = (
    "shot_id, digest, content, size, state, parked, attempts, tried_ms, next_ms, receipt, verified_ms, taken_by, stays"
)
# `state <> 'released'` is the condition of the partial index. Queries state it even where it follows from their other
# conditions, because SQLite uses the index only then.
DUE = "state <> 'released' AND parked IS NULL AND NOT (tried_ms <= :now AND :now < next_ms)"
NOT_OF = "shot_id NOT IN (SELECT value FROM json_each(:but))"
NEXT_DUE = (
    f"SELECT min(CASE WHEN {DUE} THEN :now ELSE next_ms END) FROM shots"  # noqa: S608 - our own text only
    " WHERE state <> 'released' AND state IN ('kept', 'received') AND parked IS NULL"
)
_OURS = "(:office = '' OR taken_by IS NULL OR taken_by = :office)"
FORGET_DECISIONS = f"UPDATE shots SET decision = NULL, reasons = NULL WHERE decision IS NOT NULL AND {_OURS}"  # noqa: S608 - our own text only
ASK_AGAIN = (
    "UPDATE shots SET state = CASE state WHEN 'kept' THEN 'kept' ELSE 'received' END, parked = NULL, attempts = 0,"  # noqa: S608 - our own text only
    f" tried_ms = 0, next_ms = 0, verified_ms = NULL, stays = NULL WHERE state <> 'released' AND {_OURS}"
)
DECISION = "SELECT state, decision, reasons FROM shots"
PARKED = f"SELECT {COLUMNS} FROM shots WHERE parked IS NOT NULL ORDER BY seq"  # noqa: S608 - our own text only


class ShotState(StrEnum):
    """The state of a shot; docs/uplink.md explains each state."""

    KEPT = "kept"
    RECEIVED = "received"
    VERIFIED = "verified"
    COPY_DELETED = "released"  # the office has the shot; its row stays


@dataclass(frozen=True, slots=True)
class Deletion:
    """A line of the deletion log: when (milliseconds since 1970), by which retention rule, and how many things (files,
    rows, copies) were deleted."""

    at_ms: int
    what: str
    count: int


@dataclass(frozen=True, slots=True)
class ShotRow:
    """A row of the outbox.

    `digest`: SHA-256 of the saved bytes, hex. `content`: SHA-256 of the envelope before sealing; None if the row was
    rebuilt from a file. `size`: the number of saved bytes. `receipt`: the office's receipt as JSON. `taken_by`: the
    office that has the shot, and the booth's name there (`OfficeConfig.identity`); None if no office has it yet, or if
    this is not known. `stays`: why the booth keeps its copy of a verified shot although `storage.keep_days` are over.
    """

    shot_id: str
    digest: str
    content: str | None
    size: int
    state: ShotState
    parked: str | None
    attempts: int
    tried_ms: int
    next_ms: int
    receipt: str | None
    verified_ms: int | None
    taken_by: str | None = None
    stays: str | None = None


@dataclass(frozen=True, slots=True)
class KeptCopies:
    """Copies of verified shots that this booth keeps for the same reason (see `ShotRow`), and their bytes."""

    why: str
    count: int
    size: int


@dataclass(frozen=True, slots=True)
class Noted:
    """A receipt (JSON) that is to be stored.

    `ask_ms`: when the booth first asks whether the shot is verified (the booth's clock). `verified_ms`: when the
    shot was verified, if the receipt says this (the office's clock). `taken_by`: see `ShotRow`.
    """

    shot_id: str
    receipt: str
    now_ms: int
    ask_ms: int
    verified_ms: int | None = None
    taken_by: str | None = None


@dataclass(frozen=True, slots=True)
class KnownDecision:
    """The office's decision on a shot. `decision`: None while staff have not decided; `reasons`: why staff rejected the
    photo (names of checks)."""

    state: ShotState
    decision: Decision | None
    reasons: tuple[str, ...]


def row_of(values: tuple[Value, ...]) -> ShotRow:
    shot_id, digest, content, size, state, parked, attempts, tried_ms, next_ms, receipt, *rest = values
    verified_ms, taken_by, stays = rest
    return ShotRow(
        shot_id=str(shot_id),
        digest=str(digest),
        content=_text(content),
        size=number(size),
        state=ShotState(str(state)),
        parked=_text(parked),
        attempts=number(attempts),
        tried_ms=number(tried_ms),
        next_ms=number(next_ms),
        receipt=_text(receipt),
        verified_ms=None if verified_ms is None else number(verified_ms),
        taken_by=_text(taken_by),
        stays=_text(stays),
    )


def known_decision(values: tuple[Value, ...]) -> KnownDecision:
    state, decision, reasons = values
    decided = None if decision is None else Decision(str(decision))
    return KnownDecision(ShotState(str(state)), decided, tuple(str(reasons or "").split()))


def _text(value: Value) -> str | None:
    return None if value is None else str(value)


def number(value: Value) -> int:
    assert isinstance(value, int)
    return value
