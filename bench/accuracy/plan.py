"""Decides which pictures are made, of whom, and with which seed. This depends only on the requested numbers, not on the
process that does the work.

A *task* is one person with all the pictures to be made of this person, so that each person is found, cut out or drawn
only once. The faults that belong to one check share the check's number of faulty pictures. Half of these pictures are
made from portraits, if there are any.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bench.accuracy import faces
from bench.accuracy.faces import LEARNT, Portrait, taught
from bench.accuracy.outcome import Set
from rules.checks import CheckId
from sim.negatives import FAULTS, Fault, fault_named
from sim.negatives.studio import TONES, Actor, cast, group_cast
from sim.people.groups import GROUPS

LOOKS = 4
"""How many people of each tone and sex are drawn if there is enough time for them."""
OF_MEMBER = 10
"""How many good pictures are made of each member of a group of drawn people."""
FEW = 60
"""With fewer faulty pictures than this for each check, the run is a quick look: it draws one person of each tone and
sex."""


@dataclass(frozen=True, slots=True)
class Job:
    """One picture of a task's person. `fault`: the name of the fault, or none."""

    set: Set
    fault: str
    seed: int


@dataclass(frozen=True)
class Task:
    """One person, the jobs for this person, and the person who looks over the shoulder if a job needs one."""

    person: Portrait | Actor
    other: Portrait | Actor
    jobs: tuple[Job, ...]


@dataclass(frozen=True)
class Plan:
    """All tasks, and the numbers that determined them."""

    tasks: tuple[Task, ...]
    per_check: int
    portraits: int

    @property
    def pictures(self) -> int:
        """How many pictures are judged."""
        return sum(len(task.jobs) for task in self.tasks)


def quotas(per_check: int) -> dict[str, int]:
    """How many faulty pictures each fault gets: at least `per_check` for each check, divided among the check's
    faults."""
    sharing = Counter(main_check(fault) for fault in FAULTS)
    return {fault.name: -(-per_check // sharing[main_check(fault)]) for fault in FAULTS}


def main_check(fault: Fault) -> CheckId:
    """The check under which a fault is counted: the one of its checks that comes first in the order of `rules.checks`,
    except for dark glasses and for a smile."""
    if fault.name == "dark_glasses":
        return CheckId.GLARE  # the darkened eye region is the worse fault, and both profiles require this check
    if fault.name == "smile":
        return CheckId.NEUTRAL
    return next(check for check in CheckId if check in fault.checks)


def planned(folder: Path | None, per_check: int) -> Plan:
    """The plan for `per_check` faulty pictures of each check, and as many good faces of each skin tone."""
    portraits = faces.neutral(folder) if folder is not None else []
    grins = faces.smiling(folder) if folder is not None else []
    actors = cast(1 if per_check < FEW else LOOKS)
    wanted = quotas(per_check)
    clean = [portrait for portrait in portraits if portrait.clean]
    halves = {name: (count // 2 if clean else 0) for name, count in wanted.items()}
    tasks = [
        *_shared(clean, halves, per_check),
        *_shared(actors, {name: wanted[name] - halves[name] for name in wanted}, per_check * len(TONES)),
    ]
    seen = {id(task.person): task for task in tasks}
    alone = [Task(one, one, ()) for one in portraits if id(one) not in seen]
    tasks = [_with_first(task, "portrait") if isinstance(task.person, Portrait) else task for task in [*tasks, *alone]]
    tasks += [Task(one, one, (Job("smiling", "", 0),)) for one in grins]
    tasks += _groups(per_check)
    order = sorted(tasks, key=lambda task: -len(task.jobs))
    return Plan(tuple(order), per_check, len(portraits))


def _groups(good: int) -> Iterator[Task]:
    """The tasks for `good` good pictures of each group of drawn people; each member gets `OF_MEMBER` or one more."""
    for group in GROUPS:
        people = group_cast(group, -(-good // OF_MEMBER))
        for k, person in enumerate(people):
            yield Task(person, person, tuple(Job("group", "", seed) for seed in range(k, good, len(people))))


def _with_first(task: Task, kind: Set) -> Task:
    return replace(task, jobs=(Job(kind, "", 0), *task.jobs))


def _shared(people: Sequence[Portrait | Actor], wanted: dict[str, int], good: int) -> Iterator[Task]:
    """Give the jobs to the people in turn. The next person of the list looks over the shoulder.

    Nobody gets a fault of a check that was trained on this person.
    """
    if not people:
        return
    hands: list[list[Job]] = [[] for _ in people]
    strangers = [k for k, one in enumerate(people) if not (isinstance(one, Portrait) and taught(one))]
    turn = 0
    for name, count in wanted.items():
        free = strangers if main_check(fault_named(name)) in LEARNT else range(len(people))
        for k in range(count if free else 0):
            # A new fault starts with another person, so that the small remainders do not all go to one group.
            hands[free[(k + turn) % len(free)]].append(Job("negative", name, k))
        turn += count
    for k in range(good):
        hands[k % len(people)].append(Job("good", "", k))
    for k, person in enumerate(people):
        yield Task(person, people[(k + 1) % len(people)], tuple(hands[k]))
