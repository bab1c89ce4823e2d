"""A folder of labelled portraits: `neutral/*.jpg` with `labels.csv`, and `smiling/*.jpg` beside it.

Without labels every portrait counts as good and nothing is known of its geometry; a folder without `neutral` is
itself the folder of neutral portraits.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from rules.checks import CheckId

SETS_AT_REST = ("neutral", "rest", "close")
"""Folders of people at rest; `neutral` alone is labelled."""
PICTURES = (".jpg", ".jpeg", ".png")
SHOWN_BY_LABEL: Mapping[str, tuple[CheckId, ...]] = {
    "brows": (CheckId.HAIR_BROWS, CheckId.HAIR_EYES),
    "ears": (CheckId.EARS,),
    "earrings": (CheckId.JEWELLERY,),
}
"""Checks a label speaks of: right to fail where it says so, not counted where it is unsure."""
SHOWN_BY_SIGHT: Mapping[str, frozenset[CheckId]] = {
    "neutral/001": frozenset({CheckId.POSITION, CheckId.HAIR_HEIGHT}),  # a bun too high for any legal crop
    "neutral/003": frozenset({CheckId.HAIR_BROWS, CheckId.HAIR_EYES}),  # a fringe
    "rest/male_bretislav": frozenset({CheckId.NEUTRAL, CheckId.MOUTH_CLOSED}),  # smiles
    "rest/male_arnold": frozenset({CheckId.MOUTH_CLOSED}),  # teeth
    "close/053f": frozenset({CheckId.HEAD_COVER}),  # a wide headband
    "close/065f": frozenset({CheckId.HEAD_COVER}),  # a wide headband
}
"""Faults that people at rest do show, by looking at them: right to refuse."""
SURE, UNSURE = "no", "unsure"
Place = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Marks:
    """Hand-placed positions in the portrait, pixels."""

    pupil_l: Place
    pupil_r: Place
    hair_top: float
    chin: float
    face_l: float
    face_r: float


@dataclass(frozen=True, slots=True)
class Portrait:
    """One portrait and what is known of it. `faults`: what its label shows; `unsure`: what must not be scored.
    Both hold `brows`, `ears`, `earrings`."""

    path: Path
    marks: Marks | None = None
    sex: str = ""
    group: str = ""
    faults: frozenset[str] = frozenset()
    unsure: frozenset[str] = frozenset()

    @property
    def clean(self) -> bool:
        """No fault is known of it."""
        return not self.faults


def neutral(folder: Path) -> list[Portrait]:
    """The neutral portraits, by name. ValueError when there are none or the labels are wrong."""
    place = folder / "neutral" if (folder / "neutral").is_dir() else folder
    paths = pictures(place)
    if not paths:
        raise ValueError(f"{folder} holds no portraits: give a folder with neutral/*.jpg, or with .jpg files")
    table = next((path for path in (folder / "labels.csv", place / "labels.csv") if path.is_file()), None)
    labels = {} if table is None else _labels(table)
    return [_portrait(path, labels.get(path.stem)) for path in paths]


def smiling(folder: Path) -> list[Portrait]:
    """The smiling portraits, if there are any."""
    return [Portrait(path) for path in pictures(folder / "smiling")]


def pictures(folder: Path) -> list[Path]:
    """The pictures of a folder, by name; none where it does not exist."""
    return sorted(path for path in folder.iterdir() if path.suffix.lower() in PICTURES) if folder.is_dir() else []


def _labels(table: Path) -> dict[str, dict[str, str]]:
    with table.open(encoding="utf-8") as file:
        return {row["id"]: row for row in csv.DictReader(file)}


def _portrait(path: Path, row: dict[str, str] | None) -> Portrait:
    if row is None:
        return Portrait(path)
    try:
        marks = Marks(
            (float(row["pupil_l_x"]), float(row["pupil_l_y"])),
            (float(row["pupil_r_x"]), float(row["pupil_r_y"])),
            *(float(row[key]) for key in ("hair_top_y", "chin_y", "face_l_x", "face_r_x")),
        )
    except (KeyError, ValueError) as fault:
        raise ValueError(f"labels.csv, portrait {path.stem}: {fault} is missing or no number") from fault
    said = {
        "brows": row.get("brows_covered", SURE),
        "ears": "no" if row.get("ears_hidden", "none") == "none" else row["ears_hidden"],
        "earrings": row.get("earrings", SURE),
    }
    return Portrait(
        path,
        marks,
        row.get("gender", ""),
        row.get("ethnicity", ""),
        frozenset(name for name, word in said.items() if word not in (SURE, UNSURE)),
        frozenset(name for name, word in said.items() if word == UNSURE),
    )
