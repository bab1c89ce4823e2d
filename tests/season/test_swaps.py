"""Swapped faces planted in the office's own records: none reaches a school; without the cross-check each would."""

from pathlib import Path

import pytest

from sim.season.swaps import KINDS, PLANTS, planted
from sim.season.world_swaps import Sign, Swap, WorldSwaps
from tests.faults.sites import LONG

pytestmark = [pytest.mark.xdist_group("season"), pytest.mark.timeout(7200 if LONG else 900)]


def test_no_planted_swap_reaches_a_school(tmp_path: Path) -> None:
    count = PLANTS if LONG else len(KINDS)
    tried = list(planted(tmp_path / "office", count))
    assert {one.kind for one in tried} == KINDS.keys()
    assert [one for one in tried if not one.held] == []
    assert all("held back" in one.why and "shots: " in one.why for one in tried)


def test_without_the_cross_check_every_kind_of_plant_puts_a_face_beside_another_name(tmp_path: Path) -> None:
    tried = list(planted(tmp_path / "office", len(KINDS), cross_check=False))
    assert [one.kind for one in tried if one.held or not one.wrong] == []


def test_people_who_swap_at_the_booth_are_told_where_something_tells_them_and_nobody_else_is_held(
    tmp_path: Path,
) -> None:
    world = WorldSwaps(tmp_path / "world", *((60, 120) if LONG else (6, 4)))
    try:
        seen = list(world.play())
    finally:
        world.close()
    assert {one.kind for one in seen} == set(Swap)
    assert (world.good, world.held) == (120 if LONG else 4, 0)
    assert all((one.sign is Sign.CODE_ALONE) == (one.kind is Swap.CODE) for one in seen)
    assert {one.sign for one in seen} & {Sign.SEX, Sign.OWNER, Sign.BOOTH_KNEW, Sign.BOOTH_ASKED}
