"""Makes and judges the pictures of one task. It runs in worker processes, each with one set of networks and one
thread."""

from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np

from bench.accuracy import geometry
from bench.accuracy.faces import OF_LEARNT, Portrait, taught
from bench.accuracy.outcome import Answer, Outcome
from bench.accuracy.plan import Job, Task
from kiosk.vision.analysis import Analysis, PictureAnalyzer
from kiosk.vision.checks.checkup import judge_shot
from kiosk.vision.checks.shot import shot_values
from kiosk.vision.models import models_folder
from kiosk.vision.photo.picture import read_picture
from rules.checks import Verdict
from rules.profile import Profile, load_profile
from sim.negatives import Fault, Source, fault_named
from sim.negatives.acting import Part
from sim.negatives.frame import Colour, Rgb
from sim.negatives.studio import Actor, at_rest, set_before

SIDE_PX = 960
"""The length of the longer side to which portraits are reduced before pictures are made from them. The pupils still lie
more pixels apart than in the photo.
"""
THUMB_PX = 280
SAMPLES = 6  # this many pictures of each fault are stored: the first ones
KEPT_A_TASK = 2
"""How many thumbnails are stored for each person and kind of error: enough to see the error, and few enough to
store."""


@dataclass
class Desk:
    """The tools of a worker: the profile, the folder of thumbnails, the networks."""

    profile: Profile
    out: Path
    eye: PictureAnalyzer

    @classmethod
    def set_up(cls, profile: str, out: Path) -> "Desk":
        """Load the networks; each of them uses one thread."""
        cv2.setNumThreads(1)
        return cls(load_profile(profile), out, PictureAnalyzer(models_folder()))

    @property
    def wall(self) -> Colour:
        """The colour that the photo's background must have; good pictures that are made here have a wall of this
        colour."""
        red, green, blue = self.profile.background.rgb
        return float(red), float(green), float(blue)

    def done(self, task: Task) -> list[Outcome]:
        """All outcomes of a task, in the order of its jobs."""
        bench = Workbench(self, task)
        return [bench.judged(job) for job in task.jobs]


class Workbench:
    """One task in progress. Its sources are made when they are first needed, and then stored."""

    def __init__(self, desk: Desk, task: Task) -> None:
        self._desk, self._task = desk, task
        self._sources: dict[int, Source] = {}
        self._kept: Counter[str] = Counter()

    def judged(self, job: Job) -> Outcome:
        """Make the picture of a job, judge it, and store a thumbnail if it shows an error or is one of the first."""
        profile, person = self._desk.profile, self._task.person
        rgb = self.picture(job)
        analysis = self._desk.eye.analyze(rgb)
        answers, ready = {}, False
        if analysis is not None:
            hand = self._desk.eye.hand(rgb, analysis.face)
            judgement = judge_shot(shot_values(rgb, analysis, profile, hand=hand), profile)
            answers = {one.check: Answer(one.verdict, one.side, one.value) for one in judgement.checks}
            ready = judgement.ready
        outcome = Outcome(
            job.set, "drawn", "", job.seed, job.fault, 0, person.sex, "", analysis is not None, ready, answers
        )
        if isinstance(person, Portrait):
            measures = self._measured(job, analysis, person)
            outcome = replace(
                outcome, material="portrait", who=person.path.stem, group=person.group, faults=person.faults,
                unsure=person.unsure | (OF_LEARNT if taught(person) else frozenset()), measures=measures,
            )  # fmt: skip
        else:
            outcome = replace(outcome, who=person.name, tone=person.tone, group=person.group)
        return replace(outcome, picture=self._thumbnail(outcome, rgb))

    def _measured(self, job: Job, analysis: Analysis | None, portrait: Portrait) -> dict[str, float]:
        if job.set != "portrait" or portrait.marks is None or analysis is None:
            return {}
        return geometry.against(analysis, portrait.marks, self._desk.profile.photo)

    def picture(self, job: Job) -> Rgb:
        """The picture that a job asks for, (h, w, 3)."""
        person = self._task.person
        if isinstance(person, Portrait):
            if job.set in ("portrait", "smiling"):
                return read_picture(person.path)
            source = self._source(person)
            if job.set == "good":
                return set_before(source, self._desk.wall, np.random.default_rng([3, job.seed]))
            return self._painted(job, fault_named(job.fault), source)
        rng = np.random.default_rng([4, person.seed, job.seed])
        if job.set in ("good", "group"):
            return person.picture(at_rest(rng), self._desk.wall, rng)[0]
        fault = fault_named(job.fault)
        part = Part() if fault.act is None else fault.act(rng)
        if fault.act is not None and not part.painted:
            return person.picture(part, self._desk.wall, rng)[0]
        return self._painted(job, fault, self._source(person, part))

    def _painted(self, job: Job, fault: Fault, source: Source) -> Rgb:
        other = self._source(self._task.other) if fault.make is None else None
        return fault.made(source, job.seed, other)

    def _source(self, person: Portrait | Actor, part: Part | None = None) -> Source:
        if part is not None and part != Part():
            assert isinstance(person, Actor)
            return self._drawn(person, part)
        if id(person) not in self._sources:
            made = self._cut(person) if isinstance(person, Portrait) else self._drawn(person, Part())
            self._sources[id(person)] = made
        return self._sources[id(person)]

    def _cut(self, portrait: Portrait) -> Source:
        rgb = read_picture(portrait.path)
        shrink = SIDE_PX / max(rgb.shape[:2])
        if shrink < 1:
            size = (round(rgb.shape[1] * shrink), round(rgb.shape[0] * shrink))
            rgb = np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), np.uint8)
        return _sourced(self._desk, rgb, portrait.path.name)

    def _drawn(self, actor: Actor, part: Part) -> Source:
        rgb, alpha, _ = actor.picture(part, self._desk.wall, np.random.default_rng([5, actor.seed]))
        face = self._desk.eye.look(rgb).face
        if face is None:
            raise ValueError(f"{actor.name}: no face found in the good picture, so nothing can be made of it")
        return Source.of(rgb, face, alpha)

    def _thumbnail(self, outcome: Outcome, rgb: Rgb) -> str | None:
        """Store a small picture if it shows an error or is one of the first of its fault; returns its file name."""
        kind = _error(outcome)
        if kind is not None:
            self._kept[kind] += 1
            if self._kept[kind] > KEPT_A_TASK:
                kind = None
        if kind is None and not (outcome.set == "negative" and outcome.seed < SAMPLES):
            return None
        scale = THUMB_PX / rgb.shape[0]
        small = cv2.resize(rgb, (round(rgb.shape[1] * scale), THUMB_PX), interpolation=cv2.INTER_AREA)
        name = f"{outcome.set}-{outcome.fault or 'none'}-{outcome.who.replace(' ', '-')}-{outcome.seed}.jpg"
        folder = self._desk.out / "pictures"
        folder.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(folder / name), cv2.cvtColor(small, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, 82])
        return name


def _sourced(desk: Desk, rgb: Rgb, name: str) -> Source:
    face = desk.eye.look(rgb).face
    if face is None:
        raise ValueError(f"{name}: no face found; give a frontal portrait")
    try:
        return Source.of(rgb, face)
    except ValueError as fault:
        raise ValueError(f"{name}: {fault}") from fault


def _error(outcome: Outcome) -> str | None:
    """The kind of error that an outcome shows; None if it shows no error."""
    if outcome.set == "negative":
        return None if outcome.caught(fault_named(outcome.fault).checks) else outcome.fault
    wrong = [k for k, one in outcome.answers.items() if one.verdict in (Verdict.FAIL, Verdict.WARN)]
    return f"{outcome.set} {wrong[0].value}" if wrong else None
