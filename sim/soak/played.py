"""Plays a soak or an unattended season, prints the results and stores them in a folder."""

import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from sim.marked_page import write_between
from sim.soak import season_report
from sim.soak.outages import Unattended
from sim.soak.report import MARKS, chart, lines
from sim.soak.run import Soak, soak
from sim.soak.season import unattended

# The usual and the least number of visits of the warm-up: it has to contain the fiftieth visit, which loads real
# vision.
WARM_UP, LEAST = 200, 60
EVERY = 100  # the holdings are measured after this many visits


def played(folder: Path, visits: int, seed: int, page: Path | None) -> int:
    """Play in `folder` (new); `page`: renew its figures and chart. Returns 0 if every rule held, else 1."""
    warm_up = max(LEAST, min(WARM_UP, visits // 5))
    folder.mkdir(parents=True)
    found = soak(folder, visits, seed, warm_up=warm_up, every=min(EVERY, max(1, visits // 5)), each=_tell)
    (folder / "memory.svg").write_text(chart(found.samples), "utf-8")
    if page is not None:
        (page.parent / "pictures" / "soak.svg").write_text(chart(found.samples), "utf-8")
    _keep(folder, lines(found), MARKS, page)
    return 1 if found.broken else 0


def season_played(folder: Path, seed: int, days: int | None, page: Path | None) -> int:
    """Play an unattended season in `folder` (new). Returns 0 if every rule held, else 1."""
    folder.mkdir(parents=True)
    found = unattended(folder, seed, days, _tell_day)
    _keep(folder, season_report.lines(found), season_report.MARKS, page)
    return 1 if found.broken else 0


def _keep(folder: Path, told: Sequence[str], marks: tuple[str, str], page: Path | None) -> None:
    (folder / "report.md").write_text("\n".join(told) + "\n", "utf-8")
    sys.stdout.write("\n".join(told) + "\n")
    if page is not None:
        write_between(page, marks, told)
    sys.stderr.write(f"the report is in {folder}\n")


def _tell_day(day: date, found: Unattended) -> None:
    visits = len(found.accounts.visits)
    sys.stderr.write(f"{day}: {visits} visits so far, {found.accounts.shots} shots at the office\n")
    sys.stderr.flush()


def _tell(found: Soak) -> None:
    """Print one line for each measurement, because a soak takes minutes or hours."""
    last = found.samples[-1]
    sys.stderr.write(
        f"after {last.visits} visits: {last.memory_bytes / 1e6:.1f} MB, {last.threads} threads, "
        f"{last.descriptors} descriptors; {len(found.broken)} rules broken\n"
    )
    for one in found.broken[-3:]:
        sys.stderr.write(f"  {one}\n")
    sys.stderr.flush()
