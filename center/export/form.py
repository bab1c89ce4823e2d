"""The form of an exported season: its files, the fields of their lines, and the order of the lines.

The writer and the reader both use it; docs/export.md describes it. It imports nothing of the office.
"""

from collections.abc import Mapping
from typing import Any

FORMAT = 3
MANIFEST, SIGNATURE, COUNTS = "manifest.json", "manifest.sig", "counts.json"
CURRENCY = {"currency": "CNY", "unit": "fen"}
"""The currency and unit of all amounts, as `counts.json` states them."""

Record = Mapping[str, Any]
Kinds = tuple[type, ...]

_TEXT: Kinds = (str,)
_NUMBER: Kinds = (int,)
_YES: Kinds = (bool,)
_TEXT_OR_NONE: Kinds = (str, type(None))

FIELDS: Mapping[str, Mapping[str, Kinds]] = {
    "rows": {"row": _TEXT, "school": _TEXT, "class": _TEXT, "campus": _YES},
    "photos": {
        "shot": _TEXT,
        "person": _TEXT,
        "row": _TEXT_OR_NONE,
        "nth": _NUMBER,
        "school": _TEXT,
        "standing": _TEXT,
        "booth": _TEXT,
        "profile": _TEXT,
        "half_day": _TEXT,
        "our_fault": _YES,
    },
    "deliveries": {"delivery": _NUMBER, "school": _TEXT, "number": _NUMBER},
    "delivery_items": {
        "delivery": _NUMBER,
        "shot": _TEXT,
        "person": _TEXT,
        "change": _TEXT,
        "before": _TEXT_OR_NONE,
        "row": _TEXT_OR_NONE,
    },
    "letters": {
        "letter": _NUMBER,
        "school": _TEXT,
        "number": _NUMBER,
        "charged": _NUMBER,
        "credited": _NUMBER,
        "fen": _NUMBER,
        "paid_fen": _NUMBER,
        "cut_off": _TEXT,
        "cancelled": _YES,
    },
    "letter_items": {"letter": _NUMBER, "row": _TEXT, "person": _TEXT, "shot": _TEXT, "fen": _NUMBER},
    "payments": {"payment": _NUMBER, "letter": _NUMBER, "fen": _NUMBER},
    "half_days": {
        "booth": _TEXT,
        "half_day": _TEXT,
        "counted": (int, type(None)),
        "first_by": _TEXT,
        "second_by": _TEXT,
        "shots": (dict,),
        "late": (list,),
        "others": (list,),
        "explained": (list,),
    },
}
"""The files that consist of lines -> the fields of a line."""

KEYS: Mapping[str, tuple[str, ...]] = {
    "rows": ("row",),
    "photos": ("shot",),
    "deliveries": ("delivery",),
    "delivery_items": ("delivery", "shot", "person"),
    "letters": ("letter",),
    "letter_items": ("letter", "row"),
    "payments": ("payment",),
    "half_days": ("booth", "half_day"),
}
"""For each file, the fields that identify a line."""


def group(photo: Record) -> tuple[str, str, str]:
    """The group within which the field `nth` counts: the photos of the same roster row or, if they have no row, of the
    same person."""
    return photo["school"], photo["row"] or "", "" if photo["row"] else photo["person"]


def place(name: str, line: Record) -> tuple[Any, ...]:
    """The sort key by which lines are ordered in their file."""
    match name:
        case "rows":
            return line["school"], line["row"]
        case "photos":
            return *group(line), line["nth"]
        case _:
            return tuple(line[key] for key in KEYS[name])
