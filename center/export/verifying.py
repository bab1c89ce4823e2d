"""Recounts an exported season from its files. It imports nothing of the office: it is a second program that must get
the same figures.

There are two layers. The signature and the digests show every change made after the export. The recount shows records
that never agreed, even if somebody with the office's key signed them. It rebuilds every count, bill and delivery from
the lines of rows and photos and compares them with the office's own figures.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from center.export.form import (
    COUNTS,
    CURRENCY,
    FIELDS,
    FORMAT,
    KEYS,
    MANIFEST,
    SIGNATURE,
    Record,
    place,
)
from center.export.recounting import recount

_TOTALS = {"year", "schools", "prices", "fees", "unsigned", *CURRENCY}


def verify_folder(folder: Path, public_key: str, audit_place: int = 0) -> Iterator[str]:
    """Report in words what is wrong with an exported season; nothing if all of it agrees.

    `public_key`: the office's, 64 hex digits, obtained separately from the files. `audit_place`: the newest place of
    the office's audit at the export, also obtained separately. An older export is signed as well, but its audit ends
    before this place.
    """
    names = {path.name for path in folder.iterdir()}
    wanted = {MANIFEST, SIGNATURE, COUNTS, *(f"{name}.jsonl" for name in KEYS)}
    if names != wanted:
        yield f"the folder has {sorted(names - wanted)} too many, {sorted(wanted - names)} too few"
        return
    content = (folder / MANIFEST).read_bytes()
    if not _signed(content, (folder / SIGNATURE).read_bytes(), public_key):
        yield f"{MANIFEST} is not signed by the office of this key"
        return
    manifest = json.loads(content)
    if manifest["format"] != FORMAT:
        yield f"these files are of format {manifest['format']}, this program reads {FORMAT}"
        return
    if manifest["audit"]["place"] < audit_place:
        yield f"an older export: its audit ends at {manifest['audit']['place']}, before {audit_place}"
    data = {name: (folder / name).read_bytes() for name in wanted - {MANIFEST, SIGNATURE}}
    changed = [
        name for name, one in data.items() if hashlib.sha256(one).hexdigest() != manifest["files"][name]["sha256"]
    ]
    if changed:
        yield f"changed after the export: {', '.join(sorted(changed))}"
        return
    yield from _recounted(data, manifest)


def _recounted(data: Mapping[str, bytes], manifest: Record) -> Iterator[str]:
    """Check the content of signed files. The form is checked first: lines in a wrong form cannot be counted."""
    lines: dict[str, list[Record]] = {}
    faults: list[str] = []
    for name in KEYS:
        lines[name] = [json.loads(line) for line in data[f"{name}.jsonl"].splitlines()]
        faults += _form(name, lines[name], data[f"{name}.jsonl"])
        if manifest["files"][f"{name}.jsonl"]["lines"] != len(lines[name]):
            faults.append(f"{name} has {len(lines[name])} lines, not as many as the manifest says")
    counts = json.loads(data[COUNTS])
    if _canonical([counts]) != data[COUNTS] or counts.keys() != _TOTALS:
        faults.append(f"{COUNTS} is not in the form of an export")
    elif {name: counts[name] for name in CURRENCY} != CURRENCY:
        faults.append(f"amounts are in {counts['currency']} {counts['unit']}, not in {' '.join(CURRENCY.values())}")
    elif counts["year"] != manifest["year"]:
        faults.append(f"{COUNTS} is of {counts['year']}, the manifest of {manifest['year']}")
    if faults:
        yield from faults
        return
    yield from recount(lines, counts)


def _form(name: str, lines: Sequence[Record], data: bytes) -> Iterator[str]:
    """Check that a file's lines have their fields with the right types, in the office's notation and order."""
    fields = FIELDS[name]
    for number, line in enumerate(lines, start=1):
        if line.keys() != fields.keys() or any(type(line[key]) not in kinds for key, kinds in fields.items()):
            yield f"line {number} of {name} is not in the form of an export"
            return
    if _canonical(lines) != data:
        yield f"{name} is not written as the office writes it"
    places = [place(name, line) for line in lines]
    yield from (
        f"line {number} of {name} stands in another place than the office writes it"
        for number, (one, other) in enumerate(pairwise(places), start=2)
        if one >= other
    )


def _canonical(lines: Sequence[Record]) -> bytes:
    return b"".join(json.dumps(line, ensure_ascii=False, sort_keys=True).encode() + b"\n" for line in lines)


def _signed(content: bytes, signature: bytes, public_key: str) -> bool:
    try:
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_key))
        key.verify(bytes.fromhex(signature.decode("ascii")), content)
    except (InvalidSignature, ValueError):
        return False
    return signature == signature.lower().strip()  # hex digits in lower case are the only valid form
