"""Times how `center verify-season` recounts an exported season of a hundred thousand people, on one core."""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from bench.row import Row, one_core
from center.export.form import CURRENCY, FIELDS, FORMAT
from sim.season.tampered_records import Records, write

PEOPLE, SCHOOLS, BOOTHS, DAYS = 100_000, 94, 40, 75
LIMIT_S = 60.0
_FEN = 1_200


def run() -> list[Row]:
    """Time the command, including its start."""
    key = Ed25519PrivateKey.generate()
    public = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex()
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        write(season(PEOPLE), Path(folder), key)
        command = [sys.executable, "-m", "center", "verify-season", folder, "--key", public]
        with one_core():
            begun = time.perf_counter()
            done = subprocess.run(command, stdout=subprocess.PIPE, check=False)
            took_s = time.perf_counter() - begun
    assert done.returncode == 0, done.stdout.decode()[:500]
    note = f"{PEOPLE} people, one core; load {os.getloadavg()[0]:.1f}"
    return [Row("verify-season", took_s * 1e3, took_s * 1e3, took_s / LIMIT_S, 1, note)]


def season(people: int) -> Records:
    """A season of `people` people: all are photographed, approved, delivered in two packs for each school, billed, and
    their bills are paid.
    """
    lines: dict[str, list[dict[str, object]]] = {name: [] for name in FIELDS}
    shots: dict[tuple[str, str], dict[str, str]] = {}
    counts: dict[str, dict[str, int]] = {}
    for at in range(people):
        school, number = f"学校{at % SCHOOLS:02}", at // SCHOOLS
        row, person, shot = (f"{kind}{at:031x}" for kind in "abc")
        day, half = at % DAYS, ("am", "pm")[at // DAYS % 2]
        booth, half_day = f"booth-{at % BOOTHS:02}", f"2026-{8 + day // 25:02}-{1 + day % 25:02}-{half}"
        pack, letter = 1 + at % SCHOOLS * 2 + number % 2, 1 + at % SCHOOLS
        lines["rows"].append({"row": row, "school": school, "class": f"{number % 30:016x}", "campus": False})
        lines["photos"].append(
            {"shot": shot, "person": person, "row": row, "nth": 1, "school": school, "standing": "approved",
             "booth": booth, "profile": "jiangsu-2019", "half_day": half_day, "our_fault": False}
        )  # fmt: skip
        lines["delivery_items"].append(
            {"delivery": pack, "shot": shot, "person": person, "change": "new", "before": None, "row": row}
        )
        lines["letter_items"].append({"letter": letter, "row": row, "person": person, "shot": shot, "fen": _FEN})
        shots.setdefault((booth, half_day), {})[shot] = "approved"
        counts.setdefault(school, {"rows": 0})["rows"] += 1
    for at, (school, mine) in enumerate(sorted(counts.items())):
        heads = mine["rows"]
        same = ("photographed", "approved", "photos_approved", "delivered", "counted", "billed")
        none = ("waiting", "retake", "photos_waiting", "photos_retake", "to_withdraw", "not_billed", "to_credit")
        mine |= dict.fromkeys(same, heads) | dict.fromkeys(none, 0)
        lines["deliveries"] += [
            {"delivery": 1 + at * 2 + more, "school": school, "number": 1 + more} for more in (0, 1)
        ]
        fen = heads * _FEN
        lines["letters"].append(
            {"letter": 1 + at, "school": school, "number": 1, "charged": heads, "credited": 0, "fen": fen,
             "paid_fen": fen, "cut_off": "2026-11-20", "cancelled": False}
        )  # fmt: skip
        lines["payments"].append({"payment": 1 + at, "letter": 1 + at, "fen": fen})
    lines["half_days"] = [
        {"booth": booth, "half_day": half_day, "counted": len(mine), "first_by": "a", "second_by": "b", "shots": mine,
         "late": [], "others": [], "explained": []}
        for (booth, half_day), mine in shots.items()
    ]  # fmt: skip
    prices = {"jiangsu-2019": {"rule": "photographed", "fen": _FEN}}
    totals = {"year": "2026", "schools": counts, "prices": prices, "fees": {}, "unsigned": [], **CURRENCY}
    manifest = {"format": FORMAT, "year": "2026", "made_at": "2026-12-01T00:00:00+00:00",
                "audit": {"place": 1, "hash": "00"}}  # fmt: skip
    return Records(lines, totals, manifest)
