"""Contact sheets of pictures that are still wrongly refused or warned about, and of faults that are still missed. They
show portraits, so they stay in `out`.

`booth.jpg`: visits in which not everything was right, and smiles that passed. `strangers.jpg`: people at rest who were
refused or warned about without a reason, or whose hidden ears or earrings were missed. `good.jpg`: good pictures that
we made, but that are outside a limit. `missed-*.jpg`: faulty pictures that were not caught.
"""

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from bench.accuracy.faces import pictures
from bench.accuracy.outcome import Outcome
from bench.accuracy.sheet import write_sheet
from kiosk.vision.photo.picture import read_picture
from sim.negatives import FAULTS, fault_named
from sim.negatives.frame import Rgb

Table = dict[str, Any]
Cell = tuple[Rgb, str]
MOST = 64  # the largest number of pictures on a sheet
OF_A_KIND = 16  # the largest number of pictures of one fault


def write_sheets(out: Path, faces: Path | None, study: Table, outcomes: Sequence[Outcome]) -> list[Path]:
    """Write the sheets that are not empty into `out/sheets`; returns their paths."""
    folder = out / "sheets"
    for old in pictures(folder):
        old.unlink()
    found = {
        "booth": _booth(faces, study["booth"]),
        "strangers": _strangers(faces, study["left_out"]),
        "good": _good(out / "pictures", outcomes),
        **{f"missed-{fault.name}": _missed(out / "pictures", outcomes, fault.name) for fault in FAULTS},
    }
    written = []
    for name, cells in found.items():
        shown = list(islice(cells, MOST))
        if shown:
            written.append(folder / f"{name}.jpg")
            write_sheet(written[-1], shown)
    return written


def _booth(faces: Path | None, study: Table | None) -> Iterator[Cell]:
    if faces is None or study is None:
        return
    for one in study["not_clean"]:
        why = ", ".join([*one["failed"], *one["flags"]]) or f"{one['takes']} takes"
        yield from _portrait(faces, one["who"], why)
    for who in (study["smiles"] or {}).get("passed", ()):
        yield from _portrait(faces, f"smiling/{who}", "smile passed")


def _strangers(faces: Path | None, study: Table | None) -> Iterator[Cell]:
    if faces is None or study is None:
        return
    for one in study["told"]:
        yield from _portrait(
            faces, one["who"], ", ".join(f"{check} {value:.3g}" for check, value in one["said"].items())
        )
    for check, entry in study["learnt"].items():
        for who in entry["who"]:
            yield from _portrait(faces, who, f"{check} missed")


def _good(folder: Path, outcomes: Sequence[Outcome]) -> Iterator[Cell]:
    for one in outcomes:
        bad = [f"{check.value} {answer.value:.3g}" for check, answer in one.answers.items()
               if answer.bad and answer.value is not None]  # fmt: skip
        if one.set in ("good", "group") and bad:
            yield from _thumbnail(folder, one, f"{one.who}|{', '.join(bad)}")


def _missed(folder: Path, outcomes: Sequence[Outcome], fault: str) -> Iterator[Cell]:
    checks = fault_named(fault).checks
    missed = (one for one in outcomes if one.fault == fault and not one.caught(checks))
    for one in islice(missed, OF_A_KIND):
        values = [one.answers[check].value for check in checks if check in one.answers]
        said = ", ".join("?" if value is None else f"{value:.3g}" for value in values)
        yield from _thumbnail(folder, one, f"{one.who}|{fault} {said}")


def _portrait(faces: Path, who: str, words: str) -> Iterator[Cell]:
    folder, name = who.split("/", 1)
    path = next((path for path in pictures(faces / folder) if path.stem == name), None)
    if path is not None:
        yield read_picture(path), f"{who}|{words}"


def _thumbnail(folder: Path, one: Outcome, words: str) -> Iterator[Cell]:
    if one.picture is not None and (read := cv2.imread(str(folder / one.picture), cv2.IMREAD_COLOR_RGB)) is not None:
        yield np.asarray(read, np.uint8), words
