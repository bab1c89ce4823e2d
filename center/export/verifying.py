"""Recounts an exported season from its files. Imports nothing of the office: a second program that has to agree.

Two layers. The signature and the digests show whatever was changed after the export. The recount shows records that
never agreed, also where somebody with the office's key signed them: every count, bill and delivery is rebuilt from the
lines of rows and photos and compared with what the office said of itself.
"""

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

FORMAT = 1
MANIFEST, SIGNATURE, COUNTS = "manifest.json", "manifest.sig", "counts.json"
KEYS: Mapping[str, tuple[str, ...]] = {
    "rows": ("row",),
    "photos": ("shot",),
    "deliveries": ("delivery",),
    "delivery_items": ("delivery", "shot"),
    "letters": ("letter",),
    "letter_items": ("letter", "row"),
    "payments": ("payment",),
    "half_days": ("booth", "half_day"),
}
"""The files of lines, and what names a line in each."""
_BEST = ("approved", "waiting", "retake")

Record = Mapping[str, Any]
Records = Mapping[str, Sequence[Record]]


def verify_folder(folder: Path, public_key: str) -> Iterator[str]:
    """What is wrong with an exported season, in words; nothing where all of it agrees.

    `public_key`: of the office, 64 hex digits, had apart from the files.
    """
    names = {path.name for path in folder.iterdir()}
    wanted = {MANIFEST, SIGNATURE, COUNTS, *(f"{name}.jsonl" for name in KEYS)}
    if names != wanted:
        yield f"the folder has {sorted(names - wanted)} too many, {sorted(wanted - names)} too few"
        return
    content = (folder / MANIFEST).read_bytes()
    if not _signed(content, (folder / SIGNATURE).read_text("ascii", "replace"), public_key):
        yield f"{MANIFEST} is not signed by the office of this key"
        return
    manifest = json.loads(content)
    if manifest["format"] != FORMAT:
        yield f"these files are of format {manifest['format']}, this program reads {FORMAT}"
        return
    data = {name: (folder / name).read_bytes() for name in wanted - {MANIFEST, SIGNATURE}}
    changed = [
        name for name, one in data.items() if hashlib.sha256(one).hexdigest() != manifest["files"][name]["sha256"]
    ]
    if changed:
        yield f"changed after the export: {', '.join(sorted(changed))}"
        return
    lines = {name: [json.loads(line) for line in data[f"{name}.jsonl"].splitlines()] for name in KEYS}
    yield from recount(lines, json.loads(data[COUNTS]))


def _signed(content: bytes, signature: str, public_key: str) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_key)).verify(bytes.fromhex(signature), content)
    except (InvalidSignature, ValueError):
        return False
    return True


def recount(lines: Records, counts: Record) -> Iterator[str]:
    """What does not agree among the lines, and between them and `counts`."""
    for name, keys in KEYS.items():
        often = Counter(tuple(line[key] for key in keys) for line in lines[name])
        yield from (f"{name} has {key} {count} times" for key, count in often.items() if count > 1)
    rows = {line["row"]: line for line in lines["rows"]}
    photos = {line["shot"]: line for line in lines["photos"]}
    yield from _photos(rows, photos)
    yield from _half_days(lines["half_days"], photos)
    signed = {(line["booth"], line["half_day"]) for line in lines["half_days"]}
    there = {(photo["booth"], photo["half_day"]) for photo in photos.values()}
    for one in sorted((there - signed) ^ {(booth, half_day) for booth, half_day in counts["unsigned"]}):
        yield f"half day {one} is signed and has no line, or is said to be unsigned and is"
    held, delivery_faults = _delivered(lines, photos)
    yield from delivery_faults
    charged, letter_faults = _charged(lines, rows, photos, counts)
    yield from letter_faults
    schools = counts["schools"]
    by_school: dict[str, list[Record]] = defaultdict(list)
    for photo in photos.values():
        by_school[photo["school"]].append(photo)
    known = Counter(line["school"] for line in rows.values())
    yield from (f"{school} has lines and no counts" for school in (known.keys() | by_school.keys()) - schools.keys())
    for school, told in schools.items():
        mine = {"rows": known[school]}
        mine |= _school(school, rows, by_school[school], held.get(school, {}), charged.get(school, {}), counts)
        yield from (
            f"{school}: {name} is {mine[name]} in the lines, {told.get(name)} in the counts"
            for name in mine
            if mine[name] != told.get(name)
        )


def _photos(rows: Mapping[str, Record], photos: Mapping[str, Record]) -> Iterator[str]:
    for shot, photo in photos.items():
        row = photo["row"]
        if row is not None and (row not in rows or rows[row]["school"] != photo["school"]):
            yield f"photo {shot} has a row of another school, or none there is"
        if photo["standing"] not in _BEST:
            yield f"photo {shot} stands {photo['standing']}"


def _half_days(half_days: Sequence[Record], photos: Mapping[str, Record]) -> Iterator[str]:
    """Signed by two, every difference explained, and each photo in its half day or late for it."""
    by_half_day: dict[tuple[str, str], set[str]] = defaultdict(set)
    for shot, photo in photos.items():
        by_half_day[photo["booth"], photo["half_day"]].add(shot)
    seen: set[str] = set()
    for one in half_days:
        name, shots = f"{one['booth']} {one['half_day']}", one["shots"]
        if not one["first_by"] or not one["second_by"] or one["first_by"] == one["second_by"]:
            yield f"half day {name} is not signed by two"
        if one["counted"] != len(shots) and "count" not in one["explained"]:
            yield f"half day {name}: counted {one['counted']}, {len(shots)} came, nothing explains it"
        open_ones = [shot for shot, where in shots.items() if where in ("waiting", "spoilt")]
        yield from (
            f"half day {name}: shot {shot} is not explained" for shot in open_ones if shot not in one["explained"]
        )
        yield from (f"half day {name}: shot {shot} is signed twice" for shot in sorted(seen & shots.keys()))
        seen |= shots.keys()
        usable = {shot for shot, where in shots.items() if where != "spoilt"}
        yield from (
            f"half day {name}: shot {shot} was signed, and is of another half day or gone"
            for shot in sorted(usable - by_half_day[one["booth"], one["half_day"]])
        )
        late = by_half_day[one["booth"], one["half_day"]] - shots.keys()
        yield from (f"half day {name}: shot {shot} came after it was signed" for shot in sorted(late))


def _delivered(lines: Records, photos: Mapping[str, Record]) -> tuple[dict[str, dict[str, str]], list[str]]:
    """School -> person -> photo it holds, by its packs in order."""
    faults = list(_numbered(lines["deliveries"], "delivery"))
    packs = {line["delivery"]: line for line in lines["deliveries"]}
    held: dict[str, dict[str, str]] = defaultdict(dict)
    of_row: dict[str, str] = {}
    items = defaultdict(list)
    for item in lines["delivery_items"]:
        items[item["delivery"]].append(item)
    faults += [f"delivery {number} has items and is not there" for number in items.keys() - packs.keys()]
    faults += [f"delivery {number} has no items" for number in packs.keys() - items.keys()]
    for number, pack in packs.items():
        mine = held[pack["school"]]
        for item in items[number]:
            shot, person = item["shot"], item["person"]
            photo = photos.get(shot)
            where = f"delivery {number}, photo {shot}"
            if photo is None or photo["person"] != person or photo["school"] != pack["school"]:
                faults.append(f"{where}: not this school's photo of this person")
            elif item["change"] != "withdrawn" and item["row"] is not None and photo["row"] != item["row"]:
                faults.append(f"{where}: given out under another row than the photo's")
            if (item["change"] == "new") != (person not in mine):
                faults.append(f"{where}: {item['change']}, which what was held does not allow")
            if item["change"] == "replaced" and item["before"] != mine.get(person):
                faults.append(f"{where}: takes the place of a photo that was not held")
            if item["change"] == "withdrawn":
                mine.pop(person, None)
                continue
            mine[person] = shot
            if item["row"] is not None and of_row.setdefault(item["row"], person) != person:
                faults.append(f"{where}: its row was given out with another person's photo")
    return held, faults


def _numbered(lines: Sequence[Record], what: str) -> Iterator[str]:
    """Numbers count from 1 within each school, in the order of making."""
    newest: Counter[str] = Counter()
    for line in sorted(lines, key=lambda one: one[what]):
        newest[line["school"]] += 1
        if line["number"] != newest[line["school"]]:
            yield f"{what} {line[what]} of {line['school']} is number {line['number']}, not {newest[line['school']]}"


def _charged(
    lines: Records, rows: Mapping[str, Record], photos: Mapping[str, Record], counts: Record
) -> tuple[dict[str, dict[str, int]], list[str]]:
    """School -> row -> fen that letters have charged, by the letters in order."""
    faults = list(_numbered(lines["letters"], "letter"))
    letters = {line["letter"]: line for line in lines["letters"]}
    items = defaultdict(list)
    for item in lines["letter_items"]:
        items[item["letter"]].append(item)
    faults += [f"letter {number} has items and is not there" for number in items.keys() - letters.keys()]
    paid: Counter[int] = Counter()
    for payment in lines["payments"]:
        paid[payment["letter"]] += payment["fen"]
    faults += [f"letter {number} was paid and is not there" for number in paid.keys() - letters.keys()]
    first: dict[str, str] = {}
    for photo in photos.values():
        if photo["row"] is not None:
            first[photo["row"]] = min(photo["half_day"], first.get(photo["row"], photo["half_day"]))
    charged: dict[str, dict[str, int]] = defaultdict(dict)
    for number, letter in sorted(letters.items()):
        mine = items[number]
        said = (letter["charged"], letter["credited"], letter["fen"], letter["paid_fen"])
        found = (
            sum(item["fen"] >= 0 for item in mine),
            sum(item["fen"] < 0 for item in mine),
            sum(item["fen"] for item in mine),
            paid[number],
        )
        late = [
            item["shot"] for item in mine if item["fen"] > 0 and first.get(item["row"], "")[:10] > letter["cut_off"]
        ]
        faults += [f"letter {number}: photo {shot} was taken after its cut-off" for shot in late]
        if said != found:
            faults.append(
                f"letter {number} says charged, credited, fen, paid {said}; its items and payments are {found}"
            )
        if not letter["cancelled"]:
            faults += _items(number, letter["school"], mine, charged[letter["school"]], rows, photos, counts)
        elif paid[number]:
            faults.append(f"letter {number} is cancelled, and something is paid for it")
    return charged, faults


def _items(
    number: int,
    school: str,
    items: Sequence[Record],
    charged: dict[str, int],
    rows: Mapping[str, Record],
    photos: Mapping[str, Record],
    counts: Record,
) -> Iterator[str]:
    own = counts["fees"].get(school, [])
    for item in items:
        row, fen, photo = item["row"], item["fen"], photos.get(item["shot"])
        where = f"letter {number}, row {row}"
        if fen < 0:
            if charged.pop(row, None) != -fen:
                yield f"{where}: credited {-fen} fen that were not charged"
            continue
        if row in charged:
            yield f"{where}: charged again"
        charged[row] = fen
        if photo is None or photo["person"] != item["person"] or photo["school"] != school:
            yield f"{where}: charged for a photo that is not this school's, or another person's"
        elif row in rows and photo["row"] != row:
            yield f"{where}: charged for the photo of another row"
        elif fen not in {counts["prices"].get(photo["profile"], {}).get("fen"), *own}:
            yield f"{where}: {fen} fen is no fee of this school or profile"


def _school(
    school: str,
    rows: Mapping[str, Record],
    photos: Sequence[Record],
    held: Mapping[str, str],
    charged: Mapping[str, int],
    counts: Record,
) -> dict[str, int]:
    """Every count of a school, made of the lines."""
    persons: dict[str, set[str]] = defaultdict(set)
    of_row: dict[str, list[Record]] = defaultdict(list)
    for photo in photos:
        persons[photo["person"]].add(photo["standing"])
        if photo["row"] is not None:
            of_row[photo["row"]].append(photo)
    best = {person: next((one for one in _BEST if one in reached), "") for person, reached in persons.items()}
    standing = Counter(best.values())
    approved = {person for person, where in best.items() if where == "approved"}
    counted = _counted(of_row, rows, held, charged, school, counts)
    return {
        "photographed": len(persons),
        **{name: standing[name] for name in _BEST},
        **{f"photos_{name}": sum(photo["standing"] == name for photo in photos) for name in _BEST},
        "delivered": len(held),
        "to_withdraw": len(held.keys() - approved),
        "counted": len(counted),
        "billed": len(charged),
        "not_billed": len(counted - charged.keys()),
        "to_credit": len(charged.keys() - counted),
    }


def _counted(
    of_row: Mapping[str, Sequence[Record]],
    rows: Mapping[str, Record],
    held: Mapping[str, str],
    charged: Mapping[str, int],
    school: str,
    counts: Record,
) -> set[str]:
    """The rows that the profile's rule counts: each person once, who was photographed on campus not at all."""
    counted: set[str] = set()
    people: set[str] = set()
    own = list(counts["fees"].get(school, []))[-1:]
    for row in sorted(of_row, key=lambda one: (one not in charged, one)):
        mine = of_row[row]
        where = next(one for one in _BEST if any(photo["standing"] == one for photo in mine))
        newest = [photo for photo in mine if photo["standing"] == where][-1]
        price = counts["prices"].get(newest["profile"], {})
        fen = own[0] if own and own[0] >= 0 else price.get("fen")
        match price.get("rule"):
            case "delivered":
                counts_so = any(photo["person"] in held for photo in mine)
            case "approved":
                counts_so = where == "approved"
            case _:
                counts_so = True
        if not counts_so or newest["person"] in people or rows.get(row, {}).get("campus") or not fen:
            continue
        people.add(newest["person"])
        counted.add(row)
    return counted
