"""`python -m bench.accuracy`: report how often the vision errs, as a page with pictures and as JSON.

Without `--faces` only drawn people are judged, and the page says so. A run with 300 faulty pictures for each check
needs both cores for about half an hour; with `--per-check 24` it needs some minutes. If a run was stopped, start it
again with the same options and unchanged code: it then continues where it was.
"""

import argparse
import json
import os
import shutil
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from bench.accuracy.bars import Bar, bars, bars_of_people
from bench.accuracy.booth import booth_figures, visitors, visits
from bench.accuracy.contact import write_sheets
from bench.accuracy.faces import portraits
from bench.accuracy.kept import Kept, state
from bench.accuracy.page import page
from bench.accuracy.plan import planned
from bench.accuracy.pool import side_by_side, worked
from bench.accuracy.studies import studied
from bench.accuracy.summary import Table, summed
from rules.profile import ProfileError, load_profile


def main(argv: Sequence[str] | None = None) -> int:
    """Run the report. Returns 0 if it was written, 1 with `--strict` if a promise is broken, 2 for wrong use."""
    options = _options(argv)
    try:
        profile = load_profile(options.profile)
        plan = planned(options.faces, options.per_check)
    except (ProfileError, ValueError) as error:
        sys.stderr.write(f"bench.accuracy: {error}\n")
        return 2
    if options.faces is None:
        sys.stderr.write("No --faces given: drawn people only; nothing is said of geometry or of portraits.\n")
    began, of = time.monotonic(), state()
    kept = Kept(options.out, (options.profile, options.per_check, *portraits(options.faces)), of)
    if kept.begun:
        sys.stderr.write("An earlier run of the very same state goes on.\n")
    else:
        shutil.rmtree(options.out / "pictures", ignore_errors=True)
    study = {"profile": options.profile, "state": of, "day": _today(), **_people(options, kept)}
    _write(options.out / "people.json", study)
    _say(began, "what people feel, strangers, cutting out")
    if options.people:
        promises = bars_of_people(study)
        _print(promises)
        return _code(options, promises)
    outcomes = worked(plan, options.profile, options.out, options.jobs, kept)
    _say(began, "everything")
    head = {
        "profile": options.profile, "state": of, "day": study["day"], "per_check": plan.per_check,
        "portraits": plan.portraits, "pictures": len(outcomes),
    }  # fmt: skip
    report: Table = {**head, **study, **summed(outcomes, profile)}
    promises = bars(report)
    report["promises"] = [bar._asdict() for bar in promises]
    _write(options.out / "report.json", report)
    (options.out / "index.html").write_text(page(report, promises, outcomes), encoding="utf-8")
    sheets = write_sheets(options.out, options.faces, study, outcomes)
    if options.json:
        print(json.dumps(report, ensure_ascii=False))
    else:
        _print(promises)
        print(f"{options.out}/index.html, {options.out}/report.json; to be looked at: {', '.join(map(str, sheets))}")
    return _code(options, promises)


def _say(began: float, what: str) -> None:
    sys.stderr.write(f"{time.monotonic() - began:.0f} s: {what}\n")


def _today() -> str:
    return datetime.now(UTC).date().isoformat()


def _print(promises: Sequence[Bar]) -> None:
    for bar in promises:
        word = {True: "holds", False: "NOT  ", None: "-    "}[bar.holds]
        print(f"{word} {bar.promise}: {bar.figure} (limit {bar.limit})")


def _code(options: argparse.Namespace, promises: Sequence[Bar]) -> int:
    return 1 if options.strict and any(bar.holds is False for bar in promises) else 0


def _people(options: argparse.Namespace, kept: Kept) -> Table:
    """Measure what graduates experience, how strangers are judged, and how well people are cut out."""
    booth = None
    if options.faces is not None:
        sys.stderr.write("Every portrait visits the booth\n")
        booth = booth_figures(visits(visitors(options.faces), options.profile, options.jobs, kept))
        sys.stderr.write("Judging every data set by what is laid without it, and looking at how people are cut out\n")
    parts = ("left_out", "cutting")
    work = partial(studied, faces=options.faces, profile=options.profile)
    found = kept.each(parts, parts, lambda missing: side_by_side(work, missing, min(options.jobs, len(parts))))
    return {"booth": booth, **dict(zip(parts, (study for _, study in found), strict=True))}


def _write(path: Path, table: Table) -> None:
    path.write_text(json.dumps(table, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.accuracy", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--faces", type=Path, help="folder of portraits: neutral/*.jpg, labels.csv, smiling/*.jpg")
    parser.add_argument("--profile", default="national-2017", help="whose rules: a name in rules/profiles")
    parser.add_argument("--per-check", type=int, default=300, help="faulty pictures a check, good ones a skin tone")
    parser.add_argument("--out", type=Path, default=Path("out/accuracy"), help="folder for page, JSON, pictures")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes")
    parser.add_argument("--people", action="store_true", help="only the report's first part: no faulty pictures")
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    parser.add_argument("--strict", action="store_true", help="fail when a promise does not hold")
    return parser.parse_args(argv)


if __name__ == "__main__":
    sys.exit(main())
