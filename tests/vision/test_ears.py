"""The network for ears: an earring is recognised, and bare ears of any skin have none."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from threading import Thread

import numpy as np
import pytest

from bench.accuracy.faces import TAUGHT
from kiosk.vision.analysis import PictureAnalyzer
from kiosk.vision.checks.ear_crops import CHANNELS, HEIGHT, SIDES, WIDTH, ear_crop
from kiosk.vision.checks.ear_network import WEIGHTS, earring_seen
from kiosk.vision.checks.headmap import HeadMap, head_map
from kiosk.vision.checks.jewels import EARRING_COUNTS
from kiosk.vision.checks.shot import looks
from rules.checks import CheckId
from rules.profile import load_profile
from sim.negatives import Source, fault_named
from sim.people import Light, Pose, drawn
from sim.twins.scene import Scene
from tests.vision.conftest import HALF, Picture
from training.ear_crops import DRAWN_PEOPLE, FIRST_SEED, people

SEEDS = (105, 119, 139)
"""One person each of a middling, the lightest and the darkest skin."""
MOST_BYTES = 300_000
RULES = {rule.check: rule.limit for rule in load_profile("national-2017").shot_rules}

Bare = Callable[[int], tuple[Picture, Source]]
Seen = Callable[[Picture], HeadMap]


@pytest.fixture(scope="module")
def bare(analyzer: PictureAnalyzer) -> Bare:
    scene = Scene()

    @cache
    def of(seed: int) -> tuple[Picture, Source]:
        rgb = np.array(scene.picture(HALF, Light(), [(drawn(seed, hair_style="short"), Pose())]))
        face = analyzer.look(rgb).face
        assert face is not None
        return rgb, Source.of(rgb, face)

    return of


@pytest.fixture(scope="module")
def seen(analyzer: PictureAnalyzer) -> Seen:
    def head(rgb: Picture) -> HeadMap:
        analysis = analyzer.analyze(rgb)
        assert analysis is not None
        return head_map(rgb, analysis.face, analysis)

    return head


def told(head: HeadMap) -> float:
    found = earring_seen(head)
    assert found is not None
    return found


@pytest.mark.parametrize("seed", SEEDS)
def test_bare_ears_are_without_an_earring(bare: Bare, seen: Seen, seed: int) -> None:
    assert told(seen(bare(seed)[0])) < 0.5


@pytest.mark.parametrize("seed", SEEDS)
def test_an_earring_is_found(bare: Bare, seen: Seen, seed: int) -> None:
    assert told(seen(fault_named("earrings").made(bare(seed)[1], seed))) > EARRING_COUNTS


def test_both_ears_of_an_even_head_look_alike_to_the_network(bare: Bare, seen: Seen) -> None:
    head = seen(bare(SEEDS[0])[0])
    left, right = (ear_crop(head, side) for side in SIDES)
    assert left.shape == (HEIGHT, WIDTH, CHANNELS)
    assert np.abs(left - right).mean() < 0.1 * np.abs(left - right[:, ::-1]).mean(), "one side is mirrored"


def test_both_checks_ask_staff_by_what_is_seen(bare: Bare, analyzer: PictureAnalyzer) -> None:
    rgb = bare(SEEDS[0])[0]
    analysis = analyzer.analyze(rgb)
    assert analysis is not None
    values = looks(rgb, analysis)
    for check in (CheckId.EARS, CheckId.JEWELLERY):
        value = values[check]
        assert value is not None
        assert RULES[check].side(value) == 0


def test_without_a_matte_nothing_is_told_of_ears(bare: Bare, analyzer: PictureAnalyzer) -> None:
    rgb = bare(SEEDS[0])[0]
    face = analyzer.look(rgb).face
    assert face is not None
    assert earring_seen(head_map(rgb, face)) is None


def test_two_threads_look_at_the_same_time(bare: Bare, seen: Seen) -> None:
    heads = [seen(bare(seed)[0]) for seed in SEEDS[:2]]
    wanted = [told(head) for head in heads]
    found: list[list[float]] = [[], []]

    def look(which: int) -> None:
        found[which] += [told(heads[which]) for _ in range(20)]

    threads = [Thread(target=look, args=(which,)) for which in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [[one] * 20 for one in wanted]


def test_the_weights_are_small() -> None:
    assert WEIGHTS.stat().st_size <= MOST_BYTES


def test_nobody_who_teaches_is_in_the_report(tmp_path: Path) -> None:
    for folder in ("neutral", "smiling"):
        (tmp_path / folder).mkdir()
        for who in ("001", "003"):  # the second is left out
            (tmp_path / folder / f"{who}.jpg").touch()
    everybody = people(tmp_path)
    assert [one.shown for one in everybody if isinstance(one.shown, Path)] == [
        tmp_path / "neutral" / "001.jpg", tmp_path / "smiling" / "001.jpg",
    ]  # fmt: skip
    assert "neutral/003" not in TAUGHT
    seeds = [one.shown.seed for one in everybody if not isinstance(one.shown, Path)]
    # The report's drawn people have seeds from 100 and from 50 000 on.
    assert (min(seeds), len(set(seeds))) == (FIRST_SEED, DRAWN_PEOPLE)
