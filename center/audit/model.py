"""The audit: entries chained by hashes, so that a changed, removed or inserted row is detected.

Each entry's hash covers the previous hash and every field of its own, under a key that is not in the database: somebody
who can write rows but does not have the key can't make a valid chain. A chain alone can't show that entries at its end
were removed. So the newest place and hash are stored separately (`audit_head`), and can be compared with a paper copy.
"""

import hashlib
import hmac
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from center.platform.clock import epoch_ms
from center.platform.sentence import Sentence

FIRST = bytes(32)
"""Stands for the previous entry's hash in the chain's first entry, which has no previous entry."""
_CUT = "the chain ends at entry {place}, its head says {head}: its end was cut off or added to"

Detail = Mapping[str, str | int | float | bool | list[str] | None]


@dataclass(frozen=True, slots=True)
class Entry:
    """Who did what to what, and when. It has no personal data of graduates: `subject` and `detail` contain only random
    ids and names of checks. `actor` is an account's id, `booth:<name>` or `command:<user>`.
    """

    place: int  # 1, 2, 3, ... without gaps
    at: datetime
    actor: str
    action: str
    subject: str
    detail: Detail


TODAYS_WORDS = {
    "faith": "head_cover",
    "medical": "other",
    "mark": "skin",
    "says_head_cover": "exception_head_cover",
    "says_scar": "exception_skin",
    "says_medical": "exception_other",
    "says_other": "exception_other",
}
"""Old words for grounds and flags -> today's words. Entries from before version 0.2 have the old words, of which some
name health or religion.
"""


def in_todays_words(detail: Detail) -> Detail:
    """`detail` in the words used today. The entry itself can't be changed, because that would break the chain."""
    shown: dict[str, str | int | float | bool | list[str] | None] = {}
    for name, value in detail.items():
        if isinstance(value, list):
            shown[name] = [TODAYS_WORDS.get(word, word) for word in value]
        else:
            shown[name] = TODAYS_WORDS.get(value, value) if isinstance(value, str) else value
    return shown


@dataclass(frozen=True, slots=True)
class Sealed:
    """An entry as stored in the database."""

    entry: Entry
    hash: bytes


@dataclass(frozen=True, slots=True)
class Break:
    """A place where the chain is broken, and what was found there."""

    place: int
    what: Sentence


def seal(key: bytes, before: bytes, entry: Entry) -> bytes:
    """The hash of `entry`; `before`: the hash of the entry that it follows."""
    fields = [
        entry.place,
        epoch_ms(entry.at),
        entry.actor,
        entry.action,
        entry.subject,
        dict(entry.detail),
    ]
    text = json.dumps(fields, ensure_ascii=True, allow_nan=False, sort_keys=True, separators=(",", ":"))
    return hmac.digest(key, before + text.encode(), hashlib.sha256)


def breaks(key: bytes, rows: Iterable[Sealed], head: tuple[int, bytes]) -> Iterator[Break]:
    """Every place where the chain `rows` (in the order of their places) is broken. `head`: the newest place and
    hash."""
    place, before = 0, FIRST
    for row in rows:
        if row.entry.place != place + 1:
            missing = {"first": place + 1, "last": row.entry.place - 1}
            yield Break(place + 1, Sentence("entries {first} to {last} are missing", missing))
        elif not hmac.compare_digest(seal(key, before, row.entry), row.hash):
            yield Break(row.entry.place, Sentence("the entry was changed, or the one before it"))
        # Continue with the stored hash, so that one changed row counts as one break and not as many.
        place, before = row.entry.place, row.hash
    if (place, before) != head:
        yield Break(place + 1, Sentence(_CUT, {"place": place, "head": head[0]}))
