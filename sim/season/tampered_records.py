"""Changes the records of an exported season and signs it again, as somebody could who has the office's key.

Only the recount can find such changes. A seed determines each change; the same seed always gives the same change.
"""

import hashlib
import json
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from center.export.form import COUNTS, FIELDS, MANIFEST, SIGNATURE, place

Line = dict[str, Any]


@dataclass
class Records:
    """An export in memory. `manifest`: the manifest without the entries that describe the files."""

    lines: dict[str, list[Line]]
    counts: Line
    manifest: Line
    # for each file, the last change of its bytes
    raw: dict[str, Callable[[bytes], bytes]] = field(default_factory=dict)
    in_order: bool = True  # whether changed lines are sorted in the office's way


OnRecords = Callable[[Records, random.Random], None]
"""A function that makes one change. Each function below with a `name` returns such a function for the export's file
`name`, or for one of its lines; the first line of its description says what is changed."""


def read(folder: Path) -> Records:
    """Read an exported season."""
    lines = {
        name: [json.loads(line) for line in (folder / f"{name}.jsonl").read_bytes().splitlines()] for name in FIELDS
    }
    return Records(lines, json.loads((folder / COUNTS).read_bytes()), json.loads((folder / MANIFEST).read_bytes()))


def write(records: Records, folder: Path, key: Ed25519PrivateKey) -> None:
    """Write an export, signed with `key`."""
    files = {}
    content = {
        f"{name}.jsonl": sorted(lines, key=partial(_place, name)) if records.in_order else lines
        for name, lines in records.lines.items()
    } | {COUNTS: [records.counts]}
    for name, lines in content.items():
        data = b"".join(json.dumps(line, ensure_ascii=False, sort_keys=True).encode() + b"\n" for line in lines)
        data = records.raw.get(name, bytes)(data)
        (folder / name).write_bytes(data)
        files[name] = {"sha256": hashlib.sha256(data).hexdigest(), "lines": len(lines)}
    manifest = json.dumps({**records.manifest, "files": files}, ensure_ascii=False).encode()
    (folder / MANIFEST).write_bytes(manifest)
    (folder / SIGNATURE).write_text(key.sign(manifest).hex(), "ascii")


def _place(name: str, line: Line) -> tuple[Any, ...]:
    try:
        return tuple(str(part) if not isinstance(part, int) else part for part in place(name, line))
    except KeyError:
        return ()


def drop(name: str) -> OnRecords:
    """A line is left out."""
    return lambda records, chance: records.lines[name].remove(chance.choice(records.lines[name]))


def again(name: str) -> OnRecords:
    """A line is repeated."""
    return lambda records, chance: records.lines[name].append(dict(chance.choice(records.lines[name])))


def invent(name: str, key: str) -> OnRecords:
    """A line is copied under another id: an invented photo, pack or letter."""

    def tamper(records: Records, chance: random.Random) -> None:
        one = dict(chance.choice(records.lines[name]))
        one[key] = f"{chance.getrandbits(128):032x}" if isinstance(one[key], str) else 9_000 + chance.randrange(999)
        records.lines[name].append(one)

    return tamper


def change(name: str, key: str, *values: object) -> OnRecords:
    """A field of a line gets another value."""

    def tamper(records: Records, chance: random.Random) -> None:
        one = chance.choice(records.lines[name])
        one[key] = chance.choice([value for value in values if value != one[key]])

    return tamper


def add(name: str, key: str) -> OnRecords:
    """An amount in one line is changed."""

    def tamper(records: Records, chance: random.Random) -> None:
        chance.choice(records.lines[name])[key] += chance.choice((-1_200, -1, 1, 1_200))

    return tamper


def everywhere(name: str, key: str, to: Callable[[Any], Any]) -> OnRecords:
    """A field is changed in the same way in all lines of one file."""

    def tamper(records: Records, _: random.Random) -> None:
        for line in records.lines[name]:
            line[key] = to(line[key])

    return tamper


def exchange(name: str, *keys: str) -> OnRecords:
    """Two lines exchange their values of one of the fields `keys`: a face, a row, a bill."""

    def tamper(records: Records, chance: random.Random) -> None:
        one, key = chance.choice(records.lines[name]), chance.choice(keys)
        other = chance.choice([line for line in records.lines[name] if line[key] != one[key]])
        one[key], other[key] = other[key], one[key]

    return tamper


def other_school(name: str) -> OnRecords:
    """A line is moved to another school."""

    def tamper(records: Records, chance: random.Random) -> None:
        one = chance.choice(records.lines[name])
        one["school"] = chance.choice([school for school in records.counts["schools"] if school != one["school"]])

    return tamper


def renamed(name: str) -> OnRecords:
    """A school has another name in one file."""

    def tamper(records: Records, chance: random.Random) -> None:
        school = chance.choice(records.lines[name])["school"]
        for line in records.lines[name]:
            line["school"] = f"{school}（新）" if line["school"] == school else line["school"]

    return tamper


def out_of_order(name: str) -> OnRecords:
    """Two neighbouring lines are exchanged."""

    def tamper(records: Records, chance: random.Random) -> None:
        records.in_order = False
        lines = records.lines[name]
        at = chance.randrange(len(lines) - 1)
        lines[at], lines[at + 1] = lines[at + 1], lines[at]

    return tamper


def more(name: str) -> OnRecords:
    """A line has an additional field."""
    return lambda records, chance: chance.choice(records.lines[name]).update(note=str(chance.random()))


def less(name: str) -> OnRecords:
    """A line lacks one of its fields."""

    def tamper(records: Records, chance: random.Random) -> None:
        line = chance.choice(records.lines[name])
        del line[chance.choice(sorted(line))]

    return tamper


def as_text(name: str, key: str) -> OnRecords:
    """A number is written as text."""

    def tamper(records: Records, chance: random.Random) -> None:
        line = chance.choice(records.lines[name])
        line[key] = str(line[key])

    return tamper


def in_file(name: str, to: Callable[[bytes], bytes]) -> OnRecords:
    """The bytes of a file are changed, and the manifest is changed to match."""
    return lambda records, _: records.raw.update({f"{name}.jsonl": to})


def in_counts(do: Callable[[Line, random.Random], object]) -> OnRecords:
    """The figures that the office itself has exported are changed."""

    def tamper(records: Records, chance: random.Random) -> None:
        do(records.counts, chance)

    return tamper


def _one_count(counts: Line, chance: random.Random) -> None:
    mine = counts["schools"][chance.choice(sorted(counts["schools"]))]
    mine[chance.choice(sorted(mine))] += chance.choice((-1, 1))


def _counts_exchanged(counts: Line, chance: random.Random) -> None:
    one, other = chance.sample(sorted(counts["schools"]), 2)
    counts["schools"][one], counts["schools"][other] = counts["schools"][other], counts["schools"][one]


def _signed_by_one(records: Records, chance: random.Random) -> None:
    one = chance.choice(records.lines["half_days"])
    one["second_by"] = one["first_by"]


def _lost_from_a_half_day(records: Records, chance: random.Random) -> None:
    one = chance.choice([line for line in records.lines["half_days"] if line["shots"]])
    one["shots"].pop(chance.choice(sorted(one["shots"])))


def _late(records: Records, chance: random.Random) -> None:
    chance.choice(records.lines["half_days"])["late"].append(f"{chance.getrandbits(128):032x}")


def _of_others(records: Records, chance: random.Random) -> None:
    one = chance.choice([line for line in records.lines["half_days"] if line["shots"]])
    one["others"].append(chance.choice(sorted(one["shots"])))


def _called_our_fault(records: Records, chance: random.Random) -> None:
    chance.choice([line for line in records.lines["photos"] if line["standing"] == "approved"])["our_fault"] = True


_CENTS = 100

ON_RECORDS: dict[str, OnRecords] = {
    **{f"a line of {name} is lost": drop(name) for name in FIELDS},
    **{f"a line of {name} stands twice": again(name) for name in FIELDS},
    **{f"a line of {name} is invented": invent(name, key) for name, key in
       (("rows", "row"), ("photos", "shot"), ("deliveries", "delivery"), ("letters", "letter"),
        ("payments", "payment"), ("delivery_items", "shot"), ("letter_items", "row"))},
    **{f"lines of {name} in another order": out_of_order(name) for name in FIELDS},
    **{f"a field more in {name}": more(name) for name in FIELDS},
    **{f"a field less in {name}": less(name) for name in FIELDS},
    "a photo stands otherwise": change("photos", "standing", "approved", "waiting", "retake"),
    "an approved photo called the booth's fault": _called_our_fault,
    "a photo in another half day": change("photos", "half_day", "2026-09-01-am", "2026-09-01-pm", "2026-09-02-am"),
    "all photos in one half day": everywhere("photos", "half_day", lambda _: "2026-09-01-am"),
    "another person on a photo": exchange("photos", "person"),
    "another row for a photo": exchange("photos", "row"),
    "another booth": exchange("photos", "booth"),
    "another number of a photo": change("photos", "nth", 2, 3, 0),
    "another profile": change("photos", "profile", "national-2017"),
    "another kind of change": change("delivery_items", "change", "new", "replaced", "withdrawn"),
    "another pack": exchange("delivery_items", "delivery"),
    "a swapped face in a pack": exchange("delivery_items", "shot", "person", "row"),
    "another letter": exchange("letter_items", "letter"),
    "a bill for another": exchange("letter_items", "row", "person", "shot"),
    "another amount of a line": add("letter_items", "fen"),
    "other amounts of all lines": everywhere("letter_items", "fen", lambda fen: fen * 2),
    "another amount of a letter": add("letters", "fen"),
    "other amounts of all letters": everywhere("letters", "fen", lambda fen: fen - 1_200),
    "one head more in all letters": everywhere("letters", "charged", lambda heads: heads + 1),
    "another payment": add("payments", "fen"),
    "other payments": everywhere("payments", "fen", lambda fen: fen // 2),
    "another number of a letter": change("letters", "number", 1, 2, 3),
    "another number of a pack": change("deliveries", "number", 1, 2, 3),
    "a cancelled letter": change("letters", "cancelled", True),
    "an earlier cut-off": change("letters", "cut_off", "2026-08-01"),
    **{f"a line of {name} of another school": other_school(name) for name in
       ("rows", "photos", "deliveries", "letters")},
    **{f"a school renamed in {name}": renamed(name) for name in ("rows", "photos", "deliveries", "letters")},
    "another count": in_counts(_one_count),
    "counts of two schools exchanged": in_counts(_counts_exchanged),
    "a school without counts": in_counts(lambda counts, chance: counts["schools"].pop(
        chance.choice(sorted(counts["schools"])))),
    "counts of a school that is none": in_counts(lambda counts, _: counts["schools"].update(某大学={"rows": 0})),
    "another price": in_counts(lambda counts, chance: counts["prices"]["jiangsu-2019"].update(
        fen=chance.choice((1_000, 1_500)))),
    "another rule": in_counts(lambda counts, _: counts["prices"]["jiangsu-2019"].update(rule="free")),
    "a price more": in_counts(lambda counts, _: counts["prices"].update(other={"rule": "approved", "fen": 1})),
    "a fee of a school that is none": in_counts(lambda counts, _: counts["fees"].update(某大学=[1])),
    "another currency": in_counts(lambda counts, chance: counts.update(currency=chance.choice(("USD", "HKD")))),
    "another unit": in_counts(lambda counts, _: counts.update(unit="yuan")),
    "amounts in yuan": everywhere("letter_items", "fen", lambda fen: fen // _CENTS),
    "another year": in_counts(lambda counts, _: counts.update(year="2025")),
    "an unsigned half day": in_counts(lambda counts, _: counts["unsigned"].append(["booth-9", "2026-09-01-am"])),
    "signed by one": _signed_by_one,
    "a shot lost from a half day": _lost_from_a_half_day,
    "a shot that came late": _late,
    "a shot of others": _of_others,
    "another count of a booth": change("half_days", "counted", 1, 99),
    "something explained that is not there": lambda records, chance: chance.choice(
        records.lines["half_days"])["explained"].append("x"),
    "an amount as text": as_text("letter_items", "fen"),
    "a number as text": as_text("deliveries", "number"),
    "blanks in a line": in_file("rows", lambda data: data.replace(b", ", b",  ", 1)),
    "no last line break": in_file("photos", lambda data: data[:-1]),
    "Windows' line breaks": in_file("letters", lambda data: data.replace(b"\n", b"\r\n")),
    "a field twice in a line": in_file("payments", lambda data: data.replace(b'{"', b'{"fen": 1, "', 1)),
}  # fmt: skip
