"""A folder of labelled portraits: `neutral/*.jpg` with `labels.csv`, and `smiling/*.jpg` beside it.

Without labels every portrait counts as good, and its geometry is unknown. If a folder has no `neutral`, the portraits
in the folder itself count as the neutral ones.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from rules.checks import CheckId

SETS_AT_REST = ("neutral", "rest", "close")
"""Folders of people at rest; only `neutral` has labels."""
PICTURES = (".jpg", ".jpeg", ".png")
SHOWN_BY_LABEL: Mapping[str, tuple[CheckId, ...]] = {
    "brows": (CheckId.HAIR_BROWS, CheckId.HAIR_EYES),
    "ears": (CheckId.EARS,),
    "earrings": (CheckId.JEWELLERY,),
}
"""For each label, the checks that it is about. They rightly fail if the label says so; they are not counted if the
label is unsure."""
SHOWN_BY_SIGHT: Mapping[str, frozenset[CheckId]] = {
    "neutral/001": frozenset({CheckId.POSITION, CheckId.HAIR_HEIGHT}),  # a bun too high for any legal crop
    "neutral/003": frozenset({CheckId.HAIR_BROWS, CheckId.HAIR_EYES}),  # a fringe
    # the person smiles; the ears are half hidden
    "rest/male_bretislav": frozenset({CheckId.NEUTRAL, CheckId.MOUTH_CLOSED, CheckId.EARS}),
    # the person shows teeth; the ears are mostly hidden
    "rest/male_arnold": frozenset({CheckId.MOUTH_CLOSED, CheckId.EARS}),
    "rest/male_kristian": frozenset({CheckId.EARS}),
    "close/020f": frozenset({CheckId.JEWELLERY}),
    "close/026f": frozenset({CheckId.JEWELLERY}),
    "close/048f": frozenset({CheckId.JEWELLERY}),
    "close/053f": frozenset({CheckId.HEAD_COVER}),  # a wide headband
    "close/065f": frozenset({CheckId.HEAD_COVER, CheckId.JEWELLERY}),  # a wide headband; rings
    "close/147m": frozenset({CheckId.JEWELLERY}),  # one small ring at the ear's rim
}
"""Faults that people at rest really show, as we saw when we looked at the pictures: refusing these is right."""
UNSURE_BY_SIGHT: Mapping[str, frozenset[CheckId]] = {
    "rest/female_roxanne": frozenset({CheckId.EARS}),
    "close/123m": frozenset({CheckId.EARS, CheckId.JEWELLERY}),
}
"""Checks whose right answer we could not tell even from the picture: they are not counted."""
TAUGHT = frozenset(
    f"neutral/{who}"
    for who in (
        *("001", "005", "010", "016", "021", "026", "033", "041", "045"),
        *("064", "069", "082", "092", "099", "107", "118", "125", "131"),
    )
)
"""The people of the set `neutral` whose ears were used to train the network of `training`: every second person, by
name.

Neither the other people of `neutral` nor any other set were used.
"""
LEARNT = frozenset({CheckId.EARS, CheckId.JEWELLERY})
"""The checks that were trained on photographed people. They are not counted for the people on whom they were
trained."""
SURE, UNSURE = "no", "unsure"
Place = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Marks:
    """Positions in the portrait that were placed by hand, in pixels."""

    pupil_l: Place
    pupil_r: Place
    hair_top: float
    chin: float
    face_l: float
    face_r: float


@dataclass(frozen=True, slots=True)
class Portrait:
    """One portrait, with what is known about it.

    `faults`: the faults that the label names; `unsure`: what must not be counted. Both contain words of the label:
    `brows`, `ears`, `earrings`.
    """

    path: Path
    marks: Marks | None = None
    sex: str = ""
    group: str = ""
    faults: frozenset[str] = frozenset()
    unsure: frozenset[str] = frozenset()

    @property
    def clean(self) -> bool:
        """Whether no fault of the portrait is known."""
        return not self.faults


def neutral(folder: Path) -> list[Portrait]:
    """The neutral portraits, by name. Raises `ValueError` if there are none or the labels are wrong."""
    place = folder / "neutral" if (folder / "neutral").is_dir() else folder
    paths = pictures(place)
    if not paths:
        raise ValueError(f"{folder} holds no portraits: give a folder with neutral/*.jpg, or with .jpg files")
    table = next((path for path in (folder / "labels.csv", place / "labels.csv") if path.is_file()), None)
    labels = {} if table is None else _labels(table)
    return [_portrait(path, labels.get(path.stem)) for path in paths]


def smiling(folder: Path) -> list[Portrait]:
    """The smiling portraits; an empty list if there are none."""
    return [Portrait(path) for path in pictures(folder / "smiling")]


OF_LEARNT = frozenset(word for word, checks in SHOWN_BY_LABEL.items() if LEARNT.intersection(checks))
"""The labels that are about a check of `LEARNT`."""


def taught(who: Portrait) -> bool:
    """Whether the checks `LEARNT` were trained on this person."""
    return f"{who.path.parent.name}/{who.path.stem}" in TAUGHT


def shown_and_unsure(folder: Path) -> dict[str, tuple[frozenset[CheckId], frozenset[CheckId]]]:
    """For each person at rest in a folder, by `set/name`: the checks that rightly fail, and those that are not counted.

    Both come from looking at the pictures; for ears and earrings also from the labels.
    """
    found = {}
    for one in neutral(folder):
        shown, unsure = (
            LEARNT.intersection(check for word in words for check in SHOWN_BY_LABEL[word])
            for words in (one.faults, one.unsure)
        )
        found[f"{SETS_AT_REST[0]}/{one.path.stem}"] = (shown, unsure)
    for who in {*SHOWN_BY_SIGHT, *UNSURE_BY_SIGHT, *TAUGHT}:
        shown, unsure = found.get(who, (frozenset(), frozenset()))
        unsure |= UNSURE_BY_SIGHT.get(who, frozenset()) | (LEARNT if who in TAUGHT else frozenset())
        found[who] = (shown | SHOWN_BY_SIGHT.get(who, frozenset()), unsure)
    return found


def portraits(folder: Path | None) -> list[str]:
    """Name and size of every picture and table of labels in the folder and below it. They identify what a report was
    made from."""
    paths = sorted(folder.rglob("*")) if folder is not None else []
    return [f"{path} {path.stat().st_size}" for path in paths if path.suffix.lower() in (*PICTURES, ".csv")]


def pictures(folder: Path) -> list[Path]:
    """The pictures of a folder, by name; an empty list if the folder does not exist."""
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
