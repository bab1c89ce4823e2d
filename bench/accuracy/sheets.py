"""`python -m bench.accuracy.sheets FOLDER [--faces DIR]`: writes contact sheets with a sample of every fault, to be
looked at. The test is fair if staff would take each picture for a real photograph and refuse it. Without `--faces`
one graduate of each skin tone shows each fault; with it, six portraits show it, too (do not publish such sheets).
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np

from bench.accuracy import faces
from bench.accuracy.faces import Portrait
from bench.accuracy.plan import Job, Task
from bench.accuracy.sheet import write_sheet
from bench.accuracy.work import Desk, Workbench
from sim.negatives import FAULTS, Fault
from sim.negatives.frame import Rgb
from sim.negatives.studio import Actor, cast

ON_A_SHEET = 8
SHOWN = 6


def main(argv: Sequence[str] | None = None) -> int:
    """Write the sheets."""
    parser = argparse.ArgumentParser(prog="python -m bench.accuracy.sheets", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("folder", type=Path, help="where to write faults-1.jpg and on")
    parser.add_argument("--faces", type=Path, help="folder of portraits to paint the faults on")
    options = parser.parse_args(argv)
    people = _people(options.faces)
    desk = Desk.set_up("national-2017", options.folder)
    benches = [Workbench(desk, Task(one, people[(k + 1) % len(people)], ())) for k, one in enumerate(people)]
    sheets = [FAULTS[k : k + ON_A_SHEET] for k in range(0, len(FAULTS), ON_A_SHEET)]
    for k, faults in enumerate(sheets):
        write_sheet(options.folder / f"faults-{k + 1}.jpg", list(_cells(benches, faults)), SHOWN)
    return 0


def _people(folder: Path | None) -> list[Portrait | Actor]:
    if folder is not None:
        clean = [one for one in faces.neutral(folder) if one.clean]
        return list(clean[:: max(1, len(clean) // SHOWN)][:SHOWN])
    actors = cast(1)
    # One person of each tone, with women and men in turn.
    return [actors[2 * k + k % 2] for k in range(SHOWN)]


def _cells(benches: Sequence[Workbench], faults: Sequence[Fault]) -> Iterator[tuple[Rgb, str]]:
    for fault in faults:
        for k, bench in enumerate(benches):
            picture = bench.picture(Job("negative", fault.name, k))
            head = picture[: round(picture.shape[0] * 0.80)]
            yield np.asarray(head, np.uint8), fault.name


if __name__ == "__main__":
    cv2.setNumThreads(1)
    sys.exit(main())
