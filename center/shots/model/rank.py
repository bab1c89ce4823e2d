"""The order of the queue: flagged shots first, then the rest, the oldest first in both groups.

Booths send flags (`kiosk` names them), and the office adds its own.
"""

import re
from collections.abc import Iterable
from enum import IntEnum, StrEnum


class Rank(IntEnum):
    """A shot's place in the queue; the smaller the earlier."""

    FLAGGED = 0
    PLAIN = 1


class OfficeFlag(StrEnum):
    """The office's own flags."""

    NOT_JUDGED = "not_judged"  # a required check has no result in the booth's report
    APPROVED_ALREADY = "approved_already"  # the person has an approved photo
    ON_CAMPUS = "on_campus"  # a campus list has the person: this is a second photo
    UNNAMED_FLAG = "unnamed_flag"  # the booth sent a malformed flag, or too many flags


_FLAG = re.compile(r"[a-z][a-z0-9_]{0,39}")
_MOST_FLAGS = 16


def clean_flags(flags: Iterable[str]) -> tuple[str, ...]:
    """The booth's well-formed flags, each once; all others together become the flag `unnamed_flag`."""
    wanted: dict[str, None] = {}
    for flag in flags:
        wanted[flag if _FLAG.fullmatch(flag) and len(wanted) < _MOST_FLAGS else OfficeFlag.UNNAMED_FLAG.value] = None
    return tuple(wanted)


def rank(flags: Iterable[str]) -> Rank:
    """The place of a shot with these flags."""
    return Rank.FLAGGED if any(True for _ in flags) else Rank.PLAIN
