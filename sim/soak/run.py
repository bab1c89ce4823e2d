"""Plays a soak: visits one after the other, with faults of the whole catalogue, in one booth that is never switched
off."""

import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import mean, median

from kiosk.uplink.shared.paths import BoothPaths
from kiosk.uplink.storage.outbox import Outbox
from kiosk.uplink.storage.outbox_rows import ShotState
from sim.play.scenario import Expect, Graduate, Scenario
from sim.soak.accounts import ASKS, Accounts, Visit
from sim.soak.booth import SoakStage, SoakWorld
from sim.soak.eye import Seat
from sim.soak.holdings import Holdings, descriptor_targets, held, return_freed_memory, thread_names
from sim.soak.visits import Plan, Plans

PATIENCE_S = 150.0
"""A person who has no photo after this time gets up and leaves."""
RESTS_S = 400.0
"""After everybody has left and nothing is broken any more, the booth must serve again within this many virtual
seconds. The time covers the longest wait of a session, of a lamp's test and of reopening a device."""
SHUT_S = 14 * 86_400.0
"""The most virtual seconds for which the booth may be shut before it serves again: more than any holiday has."""
SENT_S = 3_600.0
"""After the office can be reached again, a shot must be there within this many virtual seconds. The longest wait of
the uplink is 5 minutes, a busy office asks for 30 s more, and shots are sent one after the other."""
GROWTH = 0.02
"""The share by which memory may grow after the warm-up."""
JITTER = 2
"""This many connections between booth, proxy and office may be open at one measurement and closed at another."""
_SWITCH_S = 0.0005
"""After this many seconds Python lets another thread run. The time is short, because there are twenty threads, and the
main loop has to wait for its turn again and again."""
FIRST = 2
"""This many visits come to a first booth, which is closed before anything is measured: what a process loads once is no
leak."""

EachLook = Callable[["Soak"], None]


@dataclass(slots=True)
class Soak:
    """The result. `broken`: each rule that was broken, with what was observed. `starts`: how often the booth's program
    had to be started again."""

    seed: int
    accounts: Accounts = field(default_factory=Accounts)
    faults: Counter[str] = field(default_factory=Counter)
    samples: list[Holdings] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    starts: int = 0
    real_s: float = 0.0
    processor_s: float = 0.0
    virtual_s: float = 0.0

    @property
    def growth(self) -> float:
        """Growth of memory from the end of the warm-up to the end, as a share. See `growth_of`."""
        return growth_of(self.samples)


def growth_of(samples: Sequence[Holdings]) -> float:
    """Growth of memory over all `samples`, as a share: from the median of the first third of them to the median of the
    last third, extended to the whole run at the same pace. So steady growth counts in full, and a single sample, taken
    while the C library still held something, decides nothing."""
    third = -(-len(samples) // 3)
    first, last = samples[:third], samples[-third:]
    apart = mean(one.visits for one in last) - mean(one.visits for one in first)
    if not apart:
        return 0.0
    share = median(one.memory_bytes for one in last) / median(one.memory_bytes for one in first) - 1
    return share * (samples[-1].visits - samples[0].visits) / apart


def soak(folder: Path, visits: int, seed: int, *, warm_up: int, every: int, each: EachLook = lambda _: None) -> Soak:
    """Let `warm_up` and then `visits` people come to a booth in `folder` (new); measure its holdings every `every`
    visits.

    `each`: called after each measurement.
    """
    begun, processor = time.monotonic(), time.process_time()
    sys.setswitchinterval(_SWITCH_S)
    return_freed_memory()
    _played(folder / "first", Soak(seed), range(1, FIRST + 1), FIRST, 1, lambda _: None)
    before = held(0)
    found = Soak(seed)
    _played(folder / "booth", found, range(1, warm_up + visits + 1), warm_up, every, each)
    _judge_holdings(found, before)
    found.broken += found.accounts.broken
    found.real_s, found.processor_s = time.monotonic() - begun, time.process_time() - processor
    return found


def _played(folder: Path, found: Soak, numbers: range, warm_up: int, every: int, each: EachLook) -> None:
    plans, seat = Plans(found.seed, len(numbers)), Seat(photos=found.accounts.photos)
    graduates = tuple(Graduate(seed=number) for number in range(2, len(numbers) + 1))
    scenario = Scenario(name="soak", summary="", graduate=graduates, expect=Expect(outcome="photo", states=()))
    world = SoakWorld(scenario, folder, seat)
    try:
        stage = SoakStage(scenario, world, folder)
        world.start()
        stage.wait_for_the_booth()
        for number in numbers:
            _visit(stage, number, plans.next(), found)
            if number >= warm_up and (number - warm_up) % every == 0:
                found.samples.append(_look(stage, number, found))
                found.accounts.count(world.office, [BoothPaths(world.config.storage.folder).spool], sent=False)
                each(found)
        _send_all(stage, found)
        found.virtual_s = stage.now_s
        found.accounts.count(world.office, [BoothPaths(world.config.storage.folder).spool], sent=True)
        found.accounts.compare()
    finally:
        world.close()


def _visit(stage: SoakStage, number: int, plan: Plan, found: Soak) -> None:
    """Play one visit, from sitting down until the seat is empty. The person comes when the booth is at rest, or takes
    the seat of somebody who has just walked off."""
    world = stage.world
    if plan.sits_down_after_s is None:
        _rest(stage, found, f"before visit {number}")
        world.look_with(vision=plan.by_vision)
    else:
        stage.stay_empty(plan.sits_down_after_s)
    world.forget_the_past()
    record = stage.begin(number, plan)
    limit_s = stage.now_s + PATIENCE_S
    while stage.is_occupied and stage.now_s < limit_s:
        stage.turn()
    stage.stand_up()
    if (what := stage.repair()) is not None:
        found.faults[what] += 1
    found.accounts.visits[number] = Visit.of(plan, record, stage.starts)
    found.starts += stage.starts
    # A person who takes over a seat sees the screen of the former person until the booth notices the change.
    former = set() if plan.sits_down_after_s is None else {record.states[0]}
    if strangers := record.strangers - ASKS - former:
        found.broken.append(f"visit {number}: {sorted(strangers)} showed somebody else")


def _rest(stage: SoakStage, found: Soak, when: str) -> None:
    """Wait until the booth serves again and has forgotten everybody, if necessary over noons, nights and holidays. A
    document that still lies on the reader is taken away."""
    left_s, shut_s = RESTS_S, SHUT_S
    while not stage.rests and left_s > 0 and shut_s > 0:
        begun_s, is_shut = stage.now_s, stage.is_shut
        stage.world.reader.take()
        stage.turn()
        if is_shut:
            shut_s -= stage.now_s - begun_s
        else:
            left_s -= stage.now_s - begun_s
    if not stage.rests:
        found.broken.append(f"{when}: {stage.state_in_words} after {RESTS_S:.0f} s without anybody or any fault")
        stage.world.restart()  # starts the program again, so that one fault is reported only once


def _look(stage: SoakStage, number: int, found: Soak) -> Holdings:
    """Measure the holdings while the booth rests. The lowest of several values counts, because connections come and
    go."""
    looks = []
    for _ in range(3):
        _rest(stage, found, f"after visit {number}")
        stage.unload_vision()
        stage.wait(20.0)
        looks.append(held(number, stage.world.config.storage.folder))
    return min(looks, key=lambda one: (one.threads + one.descriptors, one.memory_bytes))


def _send_all(stage: SoakStage, found: Soak) -> None:
    """Wait until the office has verified every saved shot; no shot may be parked for staff."""
    limit_s = stage.now_s + SENT_S
    while True:
        stage.wait(20.0)
        with Outbox(BoothPaths(stage.world.config.storage.folder).outbox) as outbox:
            counts, parked = outbox.counts(), outbox.parked()
        waiting = counts[ShotState.KEPT] + counts[ShotState.RECEIVED]
        if not waiting or stage.now_s >= limit_s:
            break
    found.broken += [f"shot {row.shot_id} waits for staff: {row.parked}" for row in parked]
    if waiting:
        found.broken.append(f"{counts[ShotState.KEPT]} shots are not sent, {counts[ShotState.RECEIVED]} not verified")


def _judge_holdings(found: Soak, before: Holdings) -> None:
    """Judge memory, threads, descriptors and files: while the booth ran, and after it was closed."""
    first, last = found.samples[0], found.samples[-1]
    if found.growth > GROWTH:
        found.broken.append(f"memory grew by {found.growth:.1%} after the warm-up, more than {GROWTH:.0%}")
    found.broken += last.beyond(first, JITTER)
    after = held(len(found.accounts.visits))
    found.broken += [
        f"{name} left when all was closed: {getattr(after, name) - getattr(before, name)}, there are {dict(there)}"
        for name, there in (("threads", thread_names()), ("descriptors", descriptor_targets()))
        if getattr(after, name) > getattr(before, name)
    ]
