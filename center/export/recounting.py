"""Rebuilds every count, bill and delivery of a season from its lines, and reports what does not agree.

It imports nothing of the office: it is a second program that must get the same figures.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence

from center.export.form import KEYS, Record, group, place

_BEST = ("approved", "waiting", "retake")
_RULES = ("photographed", "approved", "delivered")

Records = Mapping[str, Sequence[Record]]


def recount(lines: Records, counts: Record) -> Iterator[str]:
    """Report what does not agree among the lines, and between the lines and `counts`."""
    for name, keys in KEYS.items():
        often = Counter(tuple(line[key] for key in keys) for line in lines[name])
        yield from (f"{name} has {key} {count} times" for key, count in often.items() if count > 1)
    rows = {line["row"]: line for line in lines["rows"]}
    photos = {line["shot"]: line for line in lines["photos"]}
    yield from _photos(rows, photos)
    yield from _prices(photos, counts)
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
            f"{school}: {name} is {mine.get(name)} in the lines, {told.get(name)} in the counts"
            for name in mine.keys() | told.keys()
            if mine.get(name) != told.get(name)
        )


def _prices(photos: Mapping[str, Record], counts: Record) -> Iterator[str]:
    """Check that every profile in use has a price, and that no other profile has one."""
    used = {photo["profile"] for photo in photos.values()}
    if counts["prices"].keys() != used:
        yield f"there are prices for {sorted(counts['prices'])}, photos of {sorted(used)}"
    yield from (
        f"the price of {name} is {price}, which is none"
        for name, price in counts["prices"].items()
        if price is not None and (price.keys() != {"rule", "fen"} or price["rule"] not in _RULES)
    )
    yield from (f"{school} has a fee and no lines" for school in counts["fees"].keys() - counts["schools"].keys())


def _photos(rows: Mapping[str, Record], photos: Mapping[str, Record]) -> Iterator[str]:
    for shot, photo in photos.items():
        row = photo["row"]
        if row is not None and (row not in rows or rows[row]["school"] != photo["school"]):
            yield f"photo {shot} has a row of another school, or none there is"
        if photo["standing"] not in _BEST:
            yield f"photo {shot} stands {photo['standing']}"
        if photo["our_fault"] and photo["standing"] != "retake":
            yield f"photo {shot} stands {photo['standing']}, and was rejected by a fault of the booth"
    count: Counter[tuple[str, str, str]] = Counter()
    for photo in sorted(photos.values(), key=lambda one: place("photos", one)):
        count[group(photo)] += 1
        if photo["nth"] != count[group(photo)]:
            yield f"photo {photo['shot']} is number {photo['nth']} of its row, not {count[group(photo)]}"


def _half_days(half_days: Sequence[Record], photos: Mapping[str, Record]) -> Iterator[str]:
    """Check that two people signed each half day, every difference is explained, and each photo is in its half day or a
    late entry.
    """
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
        mine = by_half_day[one["booth"], one["half_day"]]
        usable = {shot for shot, where in shots.items() if where != "spoilt"}
        yield from (
            f"half day {name}: shot {shot} was signed, and is of another half day or gone"
            for shot in sorted(usable - mine - set(one["others"]))
        )
        if set(one["others"]) - usable or set(one["others"]) & photos.keys():
            yield f"half day {name}: its shots of others are not among the usable that were signed, or are of this year"
        if set(one["late"]) != mine - shots.keys():
            yield f"half day {name}: {sorted(set(one['late']) ^ (mine - shots.keys()))} came late, or did not"
        if not set(one["explained"]) <= {*shots, "count"}:
            yield f"half day {name}: something is explained that is not in it"


def _delivered(lines: Records, photos: Mapping[str, Record]) -> tuple[dict[str, dict[str, str]], list[str]]:
    """The photos that each school holds (school -> person -> photo) after all its packs in order; and what does not
    agree in the packs.
    """
    faults = list(_numbered(lines["deliveries"], "delivery"))
    packs = {line["delivery"]: line for line in lines["deliveries"]}
    held: dict[str, dict[str, str]] = defaultdict(dict)
    of_row: dict[str, str] = {}
    items = defaultdict(list)
    # What is withdrawn comes first: the same photo, or the same row, may be given to another person in the same pack.
    for item in sorted(lines["delivery_items"], key=lambda one: one["change"] != "withdrawn"):
        items[item["delivery"]].append(item)
    # Photos that staff took from a person after they were delivered: the school was told to delete them.
    moved = {(one["shot"], one["person"]) for one in lines["delivery_items"] if one["change"] == "withdrawn"}
    faults += [f"delivery {number} has items and is not there" for number in items.keys() - packs.keys()]
    faults += [f"delivery {number} has no items" for number in packs.keys() - items.keys()]
    for number, pack in packs.items():
        mine = held[pack["school"]]
        for item in items[number]:
            shot, person = item["shot"], item["person"]
            photo = photos.get(shot)
            where = f"delivery {number}, photo {shot}"
            other = photo is not None and photo["person"] != person
            if photo is None or photo["school"] != pack["school"] or (other and (shot, person) not in moved):
                faults.append(f"{where}: not this school's photo of this person")
            elif item["change"] != "withdrawn" and not other and item["row"] not in (None, photo["row"]):
                faults.append(f"{where}: given out under another row than the photo's")
            if (item["change"] == "new") != (person not in mine):
                faults.append(f"{where}: {item['change']}, which what was held does not allow")
            if item["change"] == "replaced" and item["before"] != mine.get(person):
                faults.append(f"{where}: takes the place of a photo that was not held")
            if item["change"] == "withdrawn":
                mine.pop(person, None)
                of_row = {row: whose for row, whose in of_row.items() if whose != person}
                continue
            mine[person] = shot
            if item["row"] is not None and of_row.setdefault(item["row"], person) != person:
                faults.append(f"{where}: its row was given out with another person's photo")
    return held, faults


def _numbered(lines: Sequence[Record], what: str) -> Iterator[str]:
    """Check that numbers count from 1 within each school, in the order of creation."""
    newest: Counter[str] = Counter()
    for line in sorted(lines, key=lambda one: one[what]):
        newest[line["school"]] += 1
        if line["number"] != newest[line["school"]]:
            yield f"{what} {line[what]} of {line['school']} is number {line['number']}, not {newest[line['school']]}"


def _charged(
    lines: Records, rows: Mapping[str, Record], photos: Mapping[str, Record], counts: Record
) -> tuple[dict[str, dict[str, int]], list[str]]:
    """The fen that the letters have charged (school -> row -> fen) after all letters in order; and what does not agree
    in the letters.
    """
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
        elif fen not in {_fen(counts, photo["profile"]), *own}:
            yield f"{where}: {fen} fen is no fee of this school or profile"


def _school(
    school: str,
    rows: Mapping[str, Record],
    photos: Sequence[Record],
    held: Mapping[str, str],
    charged: Mapping[str, int],
    counts: Record,
) -> dict[str, int]:
    """Every count of a school, made by counting its lines."""
    persons: dict[str, set[str]] = defaultdict(set)
    of_row: dict[str, list[Record]] = defaultdict(list)
    for photo in photos:
        persons[photo["person"]].add(photo["standing"])
        if photo["row"] is not None:
            of_row[photo["row"]].append(photo)
    best = {person: next((one for one in _BEST if one in reached), "") for person, reached in persons.items()}
    states = Counter(best.values())
    approved = {person for person, where in best.items() if where == "approved"}
    counted = _counted(of_row, rows, held, charged, school, counts)
    return {
        "photographed": len(persons),
        **{name: states[name] for name in _BEST},
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
    """The rows that the profile's rule counts: each person once, and nobody who was photographed on campus."""
    counted: set[str] = set()
    people: set[str] = set()
    own = list(counts["fees"].get(school, []))[-1:]
    for row in sorted(of_row, key=lambda one: (one not in charged, one)):
        mine = of_row[row]
        where = next(one for one in _BEST if any(photo["standing"] == one for photo in mine))
        newest = max((photo for photo in mine if photo["standing"] == where), key=lambda one: int(one["nth"]))
        price = counts["prices"].get(newest["profile"]) or {}
        fen = own[0] if own and own[0] >= 0 else price.get("fen")
        match price.get("rule"):
            case "delivered":
                counts_so = any(photo["person"] in held for photo in mine)
            case "approved":
                counts_so = where == "approved"
            case _:
                counts_so = where != "retake" or not all(photo["our_fault"] for photo in mine)
        if not counts_so or newest["person"] in people or rows.get(row, {}).get("campus") or not fen:
            continue
        people.add(newest["person"])
        counted.add(row)
    return counted


def _fen(counts: Record, profile: str) -> int | None:
    price = counts["prices"].get(profile)
    return None if price is None else price["fen"]
