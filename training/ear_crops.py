"""`python -m training.ear_crops --faces DIR OUT.npz`: the crops by which the ears' network is taught, with the truth.

The people are drawn people of seeds that no report uses, and the photographed people in `bench.accuracy.faces.TAUGHT`,
which are half of one set. The other half, and all other sets, are left out and judged. Everybody is shown with bare
ears, with hair in front of the ears and behind them, with earrings, and with spots that are no earrings
(`training.ear_paint`), in front of walls of many colours. The crops show people: they stay out of the repository.
"""

import argparse
import multiprocessing as mp
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from bench.accuracy.faces import TAUGHT, neutral
from kiosk.vision.analysis import PictureAnalyzer
from kiosk.vision.checks.ear_crops import SIDES, ear_crop
from kiosk.vision.checks.headmap import head_map
from kiosk.vision.models import models_folder
from kiosk.vision.photo.picture import read_picture
from sim.negatives import eyewear, jewels, lamps, strands
from sim.negatives.backdrops import before
from sim.negatives.frame import Colour, Floats, Rgb
from sim.negatives.source import Source
from sim.negatives.studio import SEXES, TONES, Actor, at_rest
from sim.people.traits import HairStyle
from training.ear_paint import Hidden, behind, curtains, earrings, spots

SEED = 20261129
PORTRAIT_PX = 960
DRAWN_PEOPLE = 288
FIRST_SEED = 300_000
FREE: tuple[HairStyle, ...] = ("buzz", "short", "side_part", "slicked", "receding", "bald", "ponytail", "bun")
OVER: tuple[HairStyle, ...] = ("bob", "long", "short", "curly")
"""Hair styles that cover the ears, by themselves or with `ears_covered`."""
WALLS: tuple[Colour, ...] = ((100, 197, 255), (255, 255, 255), (214, 216, 215), (150, 152, 150), (67, 142, 219))
NOT_TOLD = float("nan")
OF_PORTRAIT = {
    "plain": 6, "curtains": 12, "earrings": 14, "behind": 4, "both": 3, "spots": 3, "fringe": 1, "glasses": 2,
    "one_sided": 1, "necklace": 1,
}  # fmt: skip
OF_DRAWN = {"plain": 1, "curtains": 1, "earrings": 2, "behind": 1, "glasses": 1}
"""How many pictures of each kind are made of one portrait, and of one drawn person whose hair leaves the ears free."""

Truth = tuple[tuple[float, float], tuple[float, float]]
"""For each side, the picture's left one first: whether hair covers the ear, and whether an earring is seen."""


@dataclass(frozen=True)
class Person:
    """Who is shown, what is true of both sides before anything is painted, and the pictures to make."""

    shown: Path | Actor
    covered: float
    earring: float
    kinds: tuple[str, ...]
    seed: int


def people(folder: Path | None) -> list[Person]:
    """Everybody from whose pictures the network learns."""
    drawn = [_drawn(number) for number in range(DRAWN_PEOPLE)]
    if folder is None:
        return drawn
    kinds = tuple(kind for kind, count in OF_PORTRAIT.items() for _ in range(count))
    found: list[Person] = []
    for one in neutral(folder):
        if f"neutral/{one.path.stem}" not in TAUGHT:
            continue
        covered = NOT_TOLD if "ears" in one.faults | one.unsure else 0.0
        earring = 1.0 if "earrings" in one.faults else NOT_TOLD if "earrings" in one.unsure else 0.0
        for path in (one.path, folder / "smiling" / one.path.name):
            if path.is_file():
                found.append(Person(path, covered, earring, kinds, SEED + len(found)))
    return [*found, *drawn]


def _drawn(number: int) -> Person:
    rng = np.random.default_rng([SEED, number])
    tone, sex = TONES[number % len(TONES)], SEXES[number // len(TONES) % 2]
    covered = number % 4 == 3
    styles = OVER if covered else FREE
    style = styles[int(rng.integers(len(styles)))]
    own: dict[str, Any] = {
        "skin_type": tone, "sex": sex, "ears_covered": covered and style in ("short", "curly"),
        "earrings": not covered and bool(rng.random() < 0.15), "hair_volume": float(rng.uniform(0.85, 1.15)),
    }  # fmt: skip
    if rng.random() < 0.4:
        own["hair_colour"] = tuple(int(v) for v in rng.integers(20, 230) * rng.uniform(0.6, 1.0, 3))
    actor = Actor(tone, sex, FIRST_SEED + number, style, "", own)
    kinds = ("plain",) * 3 if covered else tuple(kind for kind, count in OF_DRAWN.items() for _ in range(count))
    return Person(actor, float(covered), float(own["earrings"]), kinds, SEED + 10_000 + number)


def shown(source: Source, kind: str, rng: np.random.Generator) -> tuple[Rgb, Hidden, Hidden]:
    """Returns a picture of the given kind, the sides on which hair was painted over an ear, and the sides on which an
    earring was painted."""
    no = (False, False)
    if kind == "curtains":
        rgb, hidden = curtains(source, rng)
        return rgb, hidden, no
    if kind == "earrings":
        rgb, worn = earrings(source, rng)
        return rgb, no, worn
    if kind == "both":
        rgb, worn = earrings(source.showing(behind(source, rng)), rng)
        return rgb, no, worn
    makers = {
        "behind": behind, "spots": spots, "fringe": strands.fringe, "glasses": eyewear.clear,
        "one_sided": lamps.one_sided, "necklace": jewels.necklace,
    }  # fmt: skip
    return (source.rgb if kind == "plain" else makers[kind](source, rng)), no, no


def pictures(person: Person, analyzer: PictureAnalyzer) -> Iterator[tuple[Rgb, Truth]]:
    """All pictures of one person, and the truth about each."""
    rng = np.random.default_rng(person.seed)
    source = _source(person.shown, analyzer, rng)
    if source is None:
        return
    for number, kind in enumerate(person.kinds):
        here = source if number % 3 == 0 else source.showing(before(source, _wall(rng), rng))
        rgb, hidden, worn = shown(here, kind, rng)
        truth = tuple(
            # If the person wears an earring, hair that was painted over the ear may hide it: the truth is not known.
            (1.0 if over else person.covered, 1.0 if ring else NOT_TOLD if over and person.earring else person.earring)
            for over, ring in zip(hidden, worn, strict=True)
        )
        yield _as_taken(rgb, rng), (truth[0], truth[1])


def _source(shown: Path | Actor, analyzer: PictureAnalyzer, rng: np.random.Generator) -> Source | None:
    alpha: Floats | None = None
    if isinstance(shown, Actor):
        rgb, alpha, _ = shown.picture(at_rest(rng), _wall(rng), rng)
    else:
        rgb = read_picture(shown)
        shrink = PORTRAIT_PX / max(rgb.shape[:2])
        rgb = np.asarray(cv2.resize(rgb, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA), np.uint8)
    face = analyzer.look(rgb).face
    return None if face is None else Source.of(rgb, face, alpha)


def _wall(rng: np.random.Generator) -> Colour:
    if rng.random() < 0.6:
        return WALLS[int(rng.integers(len(WALLS)))]
    red, green, blue = (float(v) for v in rng.uniform(90, 255) * rng.uniform(0.75, 1.0, 3))
    return red, green, blue


def _as_taken(rgb: Rgb, rng: np.random.Generator) -> Rgb:
    """The picture as some camera would take it: sometimes smaller, softer, noisier or lighter."""
    if rng.random() < 0.4:
        size = float(rng.uniform(0.55, 0.9))
        rgb = np.asarray(cv2.resize(rgb, None, fx=size, fy=size, interpolation=cv2.INTER_AREA), np.uint8)
    out = rgb * float(rng.uniform(0.85, 1.06)) * rng.uniform(0.96, 1.04, 3)
    if rng.random() < 0.3:
        out = out + rng.normal(0, float(rng.uniform(1, 4)), rgb.shape)
    return np.asarray(np.clip(out + 0.5, 0, 255), np.uint8)


def crops(person: Person) -> tuple[Floats, Floats]:
    """The crops (n, HEIGHT, WIDTH, CHANNELS) of a person, and the truth (n, 2): covered, earring."""
    if not _ANALYZER:
        cv2.setNumThreads(1)
        _ANALYZER.append(PictureAnalyzer(models_folder()))
    seen, told = [], []
    for rgb, truth in pictures(person, _ANALYZER[0]):
        analysis = _ANALYZER[0].analyze(rgb)
        if analysis is None:
            continue
        head = head_map(rgb, analysis.face, analysis)
        seen += [ear_crop(head, side).astype(np.float16) for side in SIDES]
        told += list(truth)
    return np.asarray(seen), np.asarray(told, np.float32).reshape(-1, 2)


_ANALYZER: list[PictureAnalyzer] = []
"""This process's networks."""


def main(argv: Sequence[str] | None = None) -> int:
    """Make all crops and write them."""
    parser = argparse.ArgumentParser(prog="python -m training.ear_crops", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("out", type=Path, help="where the crops go")
    parser.add_argument("--faces", type=Path, help="folder of labelled portraits; without it drawn people only")
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    options = parser.parse_args(argv)
    everybody = people(options.faces)
    found = []
    # A fresh interpreter each: the networks' threads do not survive a fork.
    with ProcessPoolExecutor(options.jobs, mp.get_context("spawn")) as pool:
        for number, (seen, told) in enumerate(pool.map(crops, everybody)):
            if len(seen):
                found.append((seen, told, np.full(len(seen), number)))
            if number % 20 == 19 or number + 1 == len(everybody):
                sys.stderr.write(f"{number + 1} of {len(everybody)} people\n")
    seen, told, who = (np.concatenate(part) for part in zip(*found, strict=True))
    options.out.parent.mkdir(parents=True, exist_ok=True)
    np.savez(options.out, crops=seen, truth=told, who=who)
    sys.stderr.write(f"{len(seen)} crops: {options.out}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
