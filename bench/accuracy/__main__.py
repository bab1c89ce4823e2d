"""`python -m bench.accuracy`: how often the eye errs, as a page with pictures and as JSON.

Without `--faces` only drawn people are judged, and the page says so. Takes both cores for about half an hour at
300 faulty pictures a check; `--per-check 24` is a look of a minute or two.
"""

import argparse
import json
import os
import shutil
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from bench.accuracy.bars import Bar, bars, bars_of_people
from bench.accuracy.booth import booth_figures, visitors, visits
from bench.accuracy.cutting import cut_photos, cutting_figures
from bench.accuracy.left_out import left_out_figures, strangers
from bench.accuracy.page import page
from bench.accuracy.plan import planned
from bench.accuracy.pool import worked
from bench.accuracy.summary import Table, summed
from kiosk.vision.analysis import PictureAnalyzer
from kiosk.vision.face.find import FaceFinder
from kiosk.vision.models import models_folder
from rules.profile import Profile, ProfileError, load_profile


def main(argv: Sequence[str] | None = None) -> int:
    """Run the report. Returns 0 when it was written, 1 when a promise does not hold and `--strict`, 2 wrong use."""
    options = _options(argv)
    try:
        profile = load_profile(options.profile)
        plan = planned(options.faces, options.per_check)
    except (ProfileError, ValueError) as error:
        sys.stderr.write(f"bench.accuracy: {error}\n")
        return 2
    if options.faces is None:
        sys.stderr.write("No --faces given: drawn people only; nothing is said of geometry or of portraits.\n")
    if options.people:
        return _only_people(options, profile)
    shutil.rmtree(options.out / "pictures", ignore_errors=True)
    options.out.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    outcomes = worked(plan, options.profile, options.out, options.jobs)
    head = {
        "profile": options.profile,
        "per_check": plan.per_check,
        "portraits": plan.portraits,
        "pictures": len(outcomes),
        "seconds": round(time.monotonic() - began),
    }
    report: Table = {**head, **_people(options, profile), **summed(outcomes, profile)}
    promises = bars(report)
    report["promises"] = [bar._asdict() for bar in promises]
    _write(options.out / "report.json", report)
    (options.out / "index.html").write_text(page(report, promises, outcomes), encoding="utf-8")
    if options.json:
        print(json.dumps(report, ensure_ascii=False))
    else:
        _print(promises)
        print(f"{options.out}/index.html, {options.out}/report.json; {head['seconds']} s")
    return _code(options, promises)


def _only_people(options: argparse.Namespace, profile: Profile) -> int:
    """The first part of the report alone."""
    options.out.mkdir(parents=True, exist_ok=True)
    promises = bars_of_people(_people(options, profile))
    _print(promises)
    return _code(options, promises)


def _print(promises: Sequence[Bar]) -> None:
    for bar in promises:
        word = {True: "holds", False: "NOT  ", None: "-    "}[bar.holds]
        print(f"{word} {bar.promise}: {bar.figure} (limit {bar.limit})")


def _code(options: argparse.Namespace, promises: Sequence[Bar]) -> int:
    return 1 if options.strict and any(bar.holds is False for bar in promises) else 0


def _people(options: argparse.Namespace, profile: Profile) -> Table:
    """What people feel, what strangers are told, and how they are cut out; also written to `people.json`."""
    cuts = cut_photos(options.faces, PictureAnalyzer(models_folder()), profile)
    study = {
        "profile": options.profile,
        "booth": _booth(options),
        "left_out": _strangers(options.faces, profile),
        "cutting": cutting_figures(cuts),
    }
    _write(options.out / "people.json", study)
    return study


def _write(path: Path, table: Table) -> None:
    path.write_text(json.dumps(table, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _booth(options: argparse.Namespace) -> Table | None:
    if options.faces is None:
        return None
    sys.stderr.write("Every portrait visits the booth\n")
    return booth_figures(visits(visitors(options.faces), options.profile, options.jobs))


def _strangers(faces: Path | None, profile: Profile) -> Table | None:
    if faces is None:
        return None
    sys.stderr.write("Judging every data set by what is laid without it\n")
    people = strangers(faces, PictureAnalyzer(models_folder()), FaceFinder(models_folder()), profile)
    return left_out_figures(people, profile)


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
