"""Tampers with an exported season; `center verify-season` must find each change.

There are two kinds of changes. Somebody without a key changes, exchanges or deletes files after the export
(`tampered_files`). Or somebody changes records and signs the export again (`tampered_records`); only the recount finds
these changes.
"""

import copy
import json
import random
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from center.export.verifying import verify_folder
from sim.season.tampered_files import ON_FILES
from sim.season.tampered_records import ON_RECORDS, Records, read, write

_TRIES = 20
TAMPERINGS = 1_000
"""How many tamperings the whole proof makes."""


@dataclass(frozen=True, slots=True)
class Tampered:
    """One tampering. `found`: the first fault that the recount reported; "" if it reported none."""

    kind: str
    seed: int
    found: str


def tamper(folder: Path, older: Path, public_key: str, count: int) -> Iterator[Tampered]:
    """Tamper `count` times with an exported season, with all kinds in turn. `older`: an earlier export of the same
    office.

    Each tampering changes something: if a seed changes nothing, a later seed is used instead.
    """
    records = read(folder)
    key = Ed25519PrivateKey.generate()
    key_again = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex()
    audit_place = int(records.manifest["audit"]["place"])
    kinds = [*ON_FILES, *ON_RECORDS]
    with TemporaryDirectory() as made:
        mine = Path(made) / "export"
        for seed in range(count):
            kind = kinds[seed % len(kinds)]
            shutil.rmtree(mine, ignore_errors=True)
            if kind in ON_FILES:
                shutil.copytree(folder, mine)
                ON_FILES[kind](mine, older, random.Random(seed))
                faults = verify_folder(mine, public_key, audit_place)
            else:
                mine.mkdir()
                write(_changed(records, kind, seed), mine, key)
                faults = verify_folder(mine, key_again, audit_place)
            yield Tampered(kind, seed, next(_faults_found(faults), ""))


def _changed(records: Records, kind: str, seed: int) -> Records:
    for more_seed in range(_TRIES):
        mine = copy.deepcopy(records)
        ON_RECORDS[kind](mine, random.Random(seed + 100_000 * more_seed))
        if mine != records:
            return mine
    raise AssertionError(f"{kind} changes nothing")


def _faults_found(faults: Iterator[str]) -> Iterator[str]:
    """The faults that the recount reports. If it can't read a file, this is a fault, too, in the words of the
    command."""
    try:
        yield from faults
    except (json.JSONDecodeError, KeyError, TypeError, AttributeError, UnicodeDecodeError) as fault:
        yield f"no exported season ({type(fault).__name__})"


def tampering(folder: Path, older: Path, public_key: str, count: int) -> tuple[list[str], list[Tampered]]:
    """Tamper `count` times. Returns the lines of the report, one for each kind, and the tamperings that were not
    found."""
    tried: Counter[str] = Counter()
    missed: list[Tampered] = []
    for one in tamper(folder, older, public_key, count):
        tried[one.kind] += 1
        if not one.found:
            missed.append(one)
    lost = Counter(one.kind for one in missed)
    lines = [f"{kind}: {often - lost[kind]} of {often}" for kind, often in sorted(tried.items())]
    return [*lines, f"{count - len(missed)} of {count} tamperings of {len(tried)} kinds were found"], missed
