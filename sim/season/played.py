"""Plays a season and compares the recount of its files with the office's own figures."""

import sys
from pathlib import Path

from sim.season.recount import SchoolCount, lines, recount
from sim.season.story import OfficeFigures, SeasonStory
from sim.season.tampering import tampering

SMALL = {"schools": 2, "each": 20, "graduates": 34, "vision": 0}
FULL = {"schools": 94, "each": 110, "graduates": 10_000, "vision": 2, "half_days": 12}
"""As many schools as in annex 1 of the notice, and ten thousand people in six days. Each booth reads the roster of
all schools.
"""


def season(folder: Path, *, full: bool) -> int:
    """Play a season in `folder` (new), recount it, print both results. Returns 0 if every number agrees, else 1."""
    told = (SeasonStory(folder, **FULL) if full else SeasonStory(folder)).play()
    found = recount(folder)
    sys.stdout.writelines(f"{line}\n" for line in lines(found))
    faults = disagreements(told, found)
    sys.stderr.writelines(f"sim: {fault}\n" for fault in faults)
    people = sum(one.photos for one in found.values())
    sys.stderr.write(
        f"{len(found)} schools, {people} photos delivered ({told.by_vision} before real vision), "
        f"{sum(one.billed for one in found.values())} people billed, {sum(one.yuan for one in found.values())} yuan; "
        f"the files are in {folder}\n"
    )
    return 1 if faults else 0


def tampered(played: Path | None, folder: Path, count: int) -> int:
    """Tamper `count` times with the export of a played season, or of a small one that is played in `folder`.

    Prints how many tamperings of each kind were found. Returns 0 if all were found, else 1.
    """
    if played is None:
        played = folder / "season"
        SeasonStory(played, **SMALL).play()
    key = (played / "export.key").read_text("ascii")
    told, missed = tampering(played / "export", played / "export-before", key, count)
    sys.stdout.writelines(f"{line}\n" for line in told)
    sys.stderr.writelines(f"sim: not found: {one.kind} (seed {one.seed})\n" for one in missed)
    return 1 if missed else 0


def disagreements(told: OfficeFigures, found: dict[str, SchoolCount]) -> list[str]:
    """Each number of the files that differs from the office's number, each picture of somebody else, and everything
    that the recount could not explain."""
    faults = [f"{school}: {one}" for school, count in found.items() for one in count.wrong]
    for school in sorted(told.photographed.keys() | found.keys()):
        count = found.get(school, SchoolCount())
        office = (told.delivered.get(school), told.delivered.get(school), told.billed.get(school), told.fen.get(school))
        files = (count.photos, count.printed, count.billed, count.yuan * 100)
        if office != files:
            faults.append(f"{school}: delivered, printed, billed, fen are {office} at the office, {files} in the files")
        faults += [
            f"{school}: the picture of {student} shows {told.faces.get(digest, 'nobody who sat at a booth')}"
            for student, digest in count.pictures.items()
            if told.faces.get(digest) != student
        ]
    return faults
