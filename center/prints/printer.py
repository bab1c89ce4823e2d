"""The office's own printer, by CUPS: `lp` prints a file, `lpstat` says whether the printer exists and accepts jobs."""

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from center.platform.faults import Unavailable

_WITHIN_S = 30


def require_ready(printer: str) -> None:
    """Raises `Unavailable` if CUPS is not installed or not running, or if the printer is unknown or switched off."""
    for program in ("lpstat", "lp"):
        if shutil.which(program) is None:
            raise Unavailable(
                "the program {program} is missing: apt-get install cups-client, then print again", program=program
            )
    if "not running" in _run(["lpstat", "-r"], printer):
        raise Unavailable("the printing system CUPS is not running: `systemctl start cups`, then print again")
    state = _run(["lpstat", "-p", printer], printer)
    # CUPS says "printer NAME disabled since ..." if the printer is stopped, switched off or can't be reached.
    if "disabled" in state.split("\n")[0]:
        why = " ".join(line.strip() for line in state.splitlines()[1:])[:200]
        raise Unavailable(
            "the printer {printer} is off or stopped ({why}): switch it on, then `cupsenable {printer}`, and print "
            "again",
            printer=printer,
            why=why or "no reason given",
        )


def send(printer: str, files: Sequence[Path], paper_mm: tuple[float, float]) -> str:
    """Print files at their own size. Returns what `lp` says: it names the request in the print queue.

    Raises `Unavailable` if the printer accepts no jobs, or if CUPS does not answer; in the second case the printer may
    print them all the same.
    """
    size = f"media=Custom.{paper_mm[0]:g}x{paper_mm[1]:g}mm"
    said = _run(["lp", "-d", printer, "-o", size, "-o", "print-scaling=none", "--", *map(str, files)], printer)
    return said.strip()[:200]


def _run(command: list[str], printer: str) -> str:
    try:
        done = subprocess.run(  # noqa: S603 - a fixed program, no shell
            command, capture_output=True, text=True, timeout=_WITHIN_S, check=False, env={**os.environ, "LC_ALL": "C"}
        )
    except subprocess.TimeoutExpired as fault:
        if command[0] == "lp":
            raise Unavailable(
                "CUPS did not answer within {seconds} s and may print all the same: look at the print queue first "
                "(`lpstat -o`), then print what is missing",
                seconds=_WITHIN_S,
            ) from fault
        raise Unavailable(
            "CUPS did not answer within {seconds} s: look after it, then print again", seconds=_WITHIN_S
        ) from fault
    if done.returncode != 0 and "not accepting" in done.stderr:
        raise Unavailable(
            "the printer {printer} accepts no jobs: `cupsaccept {printer}`, then print again", printer=printer
        )
    if done.returncode != 0:
        raise Unavailable(
            "the printer {printer} can't be used ({why}): `lpstat -e` lists those there are",
            printer=printer,
            why=done.stderr.strip()[:200],
        )
    return done.stdout
