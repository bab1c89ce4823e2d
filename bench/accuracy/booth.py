"""Photographed people in the whole booth: each person of a folder's portraits takes a seat in front of the simulated
camera, in lockstep, and does what the screen says.

This measures what a graduate experiences: whether there is a photo, whether the first take has no failed check, how
long it takes, which instructions the screen gives, and what staff are told. The sets `neutral`, `rest` and `close` show
people at rest. Those who are also in the set `smiling` come a second time and smile at the capture, until the screen
objects.
"""

import logging
import os
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from bench.accuracy.faces import SETS_AT_REST, SHOWN_BY_LABEL, SHOWN_BY_SIGHT, neutral, pictures
from bench.accuracy.kept import Kept
from bench.accuracy.pool import side_by_side
from bench.accuracy.stats import share
from kiosk.core.session.state import State
from rules.checks import CheckId
from sim.play.record import Record
from sim.play.scenario import Booth as Setting
from sim.play.scenario import Expect, Graduate, Scenario

Table = dict[str, Any]
SMILES = 1.0  # how much people smile at the capture: as strongly as in their own smiling portrait
WARNS = frozenset({CheckId.EARS, CheckId.JEWELLERY})  # in every profile these checks only warn
LIMIT_S = 300.0  # virtual seconds; the session gives up earlier


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody who comes. `set`, `path`: the portrait at rest and its set; `smiling`: the smiling portrait of the same
    person, for the capture; `shows`: the checks that rightly fail, by the labels or by what we saw in the picture.
    """

    set: str
    path: Path
    smiling: Path | None = None
    shows: frozenset[CheckId] = frozenset()


@dataclass(frozen=True, slots=True)
class Visit:
    """The result of one visit.

    `takes`: how often the camera took a burst; `failed`: the failed checks of the sent photo, without those that
    rightly fail; `warned`: the checks of this photo that warn; `faulty`: the portrait has a fault that the booth must
    refuse; `told`: every instruction in order; `unseated`: why the person could not be put in front of the camera.
    """

    set: str
    who: str
    smiles: bool
    faulty: bool = False
    photo: bool = False
    takes: int = 0
    seconds: float = 0.0
    told: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()
    warned: tuple[str, ...] = ()
    help: str | None = None
    unseated: str | None = None

    @property
    def clean(self) -> bool:
        """Whether the first take was sent, no check failed wrongly, and the person did not wait 45 seconds in vain."""
        return self.photo and self.takes == 1 and not self.failed and "tried_in_vain" not in self.flags


def visitors(folder: Path) -> list[Visitor]:
    """The visitors of a folder: first everybody at rest, then those who smile at the capture. Raises `ValueError` if
    there is nobody."""
    first = SETS_AT_REST[0]
    labelled = [Visitor(first, one.path, shows=_shown(first, one.path.stem, one.faults)) for one in neutral(folder)]
    others = [
        Visitor(name, path, shows=_shown(name, path.stem))
        for name in SETS_AT_REST[1:]
        for path in pictures(folder / name)
    ]
    smiling = {path.stem: path for path in pictures(folder / "smiling")}
    pairs = [replace(one, smiling=smiling[one.path.stem]) for one in labelled if one.path.stem in smiling]
    return [*labelled, *others, *pairs]


def _shown(folder: str, who: str, labelled: Iterable[str] = ()) -> frozenset[CheckId]:
    seen = SHOWN_BY_SIGHT.get(f"{folder}/{who}", frozenset())
    return seen.union(*(SHOWN_BY_LABEL[fault] for fault in labelled))


def visits(people: Sequence[Visitor], profile: str, jobs: int, kept: Kept) -> list[Visit]:
    """Let everybody visit, in `jobs` booths at the same time; returns the visits in the order of `people`."""
    names = [f"visit {one.set}/{one.path.name} {one.smiling is not None}" for one in people]
    work = partial(visit, profile=profile)
    done: list[Visit] = []
    for _, found in kept.each(names, people, lambda them: side_by_side(work, them, jobs, _quiet)):
        done.append(found)
        if len(done) % 10 == 0 or len(done) == len(people):
            sys.stderr.write(f"{len(done)} of {len(people)} visits\n")
    return done


def visit(one: Visitor, profile: str) -> Visit:
    """Play one visit, in a world of its own."""
    from sim.people import Light, Pose, photographed
    from sim.play.stage import play

    person = photographed(one.path, one.smiling)
    smiles = one.smiling is not None
    try:
        person.layer(Pose(), Light(), 1.0)
    except ValueError as fault:
        return Visit(one.set, one.path.stem, smiles, unseated=str(fault))
    with TemporaryDirectory() as folder:
        record = play(_scenario(profile, smiles=smiles), Path(folder), [person]).record
    return _seen(one, record)


def _scenario(profile: str, *, smiles: bool) -> Scenario:
    return Scenario(
        name="accuracy",
        summary="A photographed graduate with an ID card, who does what the screen says.",
        booth=Setting(profile=profile),
        graduate=(Graduate(smiles_at_shot=SMILES if smiles else 0.0),),
        limit_s=LIMIT_S,
        expect=Expect(outcome="photo", states=()),
    )


def _seen(one: Visitor, record: Record) -> Visit:
    last = record.received[-1].manifest if record.received else None
    rows = () if last is None else last.checks
    return Visit(
        one.set,
        one.path.stem,
        one.smiling is not None,
        bool(one.shows - WARNS),
        photo=last is not None,
        takes=record.states.count(State.CAPTURE),
        seconds=round(record.virtual_s, 1),
        told=tuple(told for told in record.instructions if told),
        flags=() if last is None else last.flags,
        failed=tuple(str(row["id"]) for row in rows if row["verdict"] == "fail" and row["id"] not in one.shows),
        warned=tuple(str(row["id"]) for row in rows if row["verdict"] == "warn"),
        help=record.help,
    )


def booth_figures(found: Sequence[Visit]) -> Table:
    """The figures of people at rest, for each set and for all together; then those of people who smile at the
    capture."""
    rest = [one for one in found if not one.smiles]
    sets = {name: [one for one in rest if one.set == name] for name in dict.fromkeys(one.set for one in rest)}
    return {
        "rest": {name: _figures(them) for name, them in sets.items()} | {"all": _figures(rest)},
        "smiles": _smiles([one for one in found if one.smiles and one.unseated is None]),
        "not_clean": [_told(one) for one in rest if one.unseated is None and not one.clean],
    }


def _figures(found: Sequence[Visit]) -> Table:
    seated = [one for one in found if one.unseated is None]
    faultless = [one for one in seated if not one.faulty]
    seconds = [one.seconds for one in seated if one.photo]
    return {
        "photo": share(sum(one.photo for one in seated), len(seated)),
        "clean": share(sum(one.clean for one in seated), len(seated)),
        "clean_of_faultless": share(sum(one.clean for one in faultless), len(faultless)),
        "seconds": None if not seconds else [round(float(np.percentile(seconds, at)), 1) for at in (50, 90, 100)],
        "instructions": dict(Counter(name for one in seated for name in dict.fromkeys(one.told)).most_common()),
        "flags": dict(Counter(flag for one in seated for flag in one.flags).most_common()),
        "warned": dict(Counter(check for one in seated for check in one.warned).most_common()),
        "unseated": sorted(f"{one.set}/{one.who}" for one in found if one.unseated is not None),
    }


def _smiles(found: Sequence[Visit]) -> Table | None:
    """The figures of smiles. A smile counts as caught if the visit was not `clean`."""
    if not found:
        return None
    return {
        "caught": share(sum(not one.clean for one in found), len(found)),
        "passed": sorted(one.who for one in found if one.clean),
        "photo": share(sum(one.photo for one in found), len(found)),
        "seconds": round(float(np.median([one.seconds for one in found])), 1),
    }


def _told(one: Visit) -> Table:
    return {
        "who": f"{one.set}/{one.who}", "faulty": one.faulty, "photo": one.photo, "takes": one.takes,
        "seconds": one.seconds, "failed": list(one.failed), "flags": list(one.flags), "told": list(one.told),
        "help": one.help,
    }  # fmt: skip


def _quiet() -> None:
    """Make a worker process draw its pictures without a display, in one thread."""
    import cv2

    os.environ.update(SDL_VIDEODRIVER="dummy", PYGAME_HIDE_SUPPORT_PROMPT="1")
    logging.disable(logging.CRITICAL)
    cv2.setNumThreads(1)
