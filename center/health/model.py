"""The parts of the office that are checked, the levels that a part can have, the limits for free disk space and for
waiting shots, and the name of each part's figure for a monitor. The page `/health`, the API and the metrics all use
this module."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from center.platform.openmetrics import gauge

LOW_DISK_BYTES = 2 << 30
FULL_DISK_BYTES = 200 << 20
UNFILED_S = 3_600
"""A shot is normally opened within a second of its arrival; if one waits an hour, it waits for a key or a repair."""


class Level(StrEnum):
    """How well a part is."""

    OK = "ok"
    WARN = "warn"  # the part works, but staff must do something
    FAIL = "fail"  # the part does not work
    UNKNOWN = "unknown"  # the part could not be checked, because another part fails


class Item(StrEnum):
    """The parts that are checked, each with the unit of its figure."""

    DATABASE = "database"  # seconds it took to answer
    STORE = "store"  # seconds it took to store and read back a few bytes
    KEYS = "keys"  # keys that open sealed photos
    DISK = "disk"  # free bytes in the office's folder
    UNFILED = "unfiled"  # seconds for which the oldest stored shot has waited to be opened
    BACKUP = "backup"  # seconds since the newest tested backup was made
    LACKING = "lacking"  # photos that the newest backup lacks, because the store lost or damaged them
    FILING = "filing"  # 1 while a restored office has not filed its stored photos again
    ACCOUNTS = "accounts"  # accounts that nobody has confirmed for half a year


FIGURES: dict[Item, tuple[str, str]] = {
    Item.DATABASE: ("center_database_seconds", "Time the database took to answer."),
    Item.STORE: ("center_store_seconds", "Time the photo store took to keep and read back a few bytes."),
    Item.KEYS: ("center_seal_keys", "Keys that open sealed photos."),
    Item.DISK: ("center_disk_free_bytes", "Room in the office's folder."),
    Item.UNFILED: ("center_oldest_unfiled_seconds", "Age of the oldest shot that could not be opened yet."),
    Item.BACKUP: ("center_backup_age_seconds", "Time since the newest tested backup was made."),
    Item.LACKING: ("center_backup_lacking", "Photos that the newest backup lacks: the store lost or damaged them."),
    Item.FILING: ("center_filing_due", "1 while a restored office has not filed its stored photos again."),
    Item.ACCOUNTS: ("center_accounts_to_review", "Accounts that nobody has confirmed for half a year."),
}
"""The name of each figure for a monitor."""


@dataclass(frozen=True, slots=True)
class Finding:
    """The state of one part. `value`: what was measured, in the unit of the `item`; None if nothing was measured."""

    item: Item
    level: Level
    value: float | None = None


def worst(findings: Sequence[Finding]) -> Level:
    """The level of the whole office.

    A part that could not be checked does not count, because the part that prevented the check counts.
    """
    levels = {finding.level for finding in findings}
    return next((level for level in (Level.FAIL, Level.WARN) if level in levels), Level.OK)


def metric_lines(findings: Sequence[Finding]) -> Iterator[str]:
    """The findings as lines of metrics, which a monitor reads."""
    states = {finding.item.value: int(finding.level is Level.OK) for finding in findings}
    yield from gauge("center_health", "1 where a part of the office is well, else 0.", states, "part")
    for finding in findings:
        if finding.item is Item.BACKUP and finding.level is not Level.UNKNOWN:
            about = "1 when no backup was tested, or the newest tested one is so old that photos could be lost."
            yield from gauge("center_backup_overdue", about, {"": int(finding.level is Level.WARN)})
        if finding.value is not None:
            yield from gauge(*FIGURES[finding.item], {"": finding.value})


def disk_level(free_bytes: int) -> Level:
    """The level of a disk with this much free space."""
    if free_bytes < FULL_DISK_BYTES:
        return Level.FAIL
    return Level.WARN if free_bytes < LOW_DISK_BYTES else Level.OK
