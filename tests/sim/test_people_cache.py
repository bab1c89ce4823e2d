"""The cache of drawn people: one bound for everybody, the longest unused goes first, and all of who is gone."""

import numpy as np
import pytest
from numpy.typing import NDArray

from sim.people import cache
from sim.people.cache import PersonCache

PICTURE_BYTES = 1_000


@pytest.fixture(autouse=True)
def _room_for_three(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "_STORE", cache._Store())
    monkeypatch.setattr(cache, "MOST_BYTES", 3 * PICTURE_BYTES)


def made(owner: PersonCache, key: str) -> bool:
    """Whether what `key` names had to be made."""
    makes: list[str] = []

    def make() -> NDArray[np.uint8]:
        makes.append(key)
        return np.zeros(PICTURE_BYTES, np.uint8)

    owner.get(key, make)
    return bool(makes)


def test_all_people_share_one_bound_and_the_longest_unused_picture_goes() -> None:
    ann, ben = PersonCache(), PersonCache()
    assert [made(ann, "a"), made(ann, "b"), made(ben, "a")] == [True, True, True], "one name, two people"
    assert not made(ann, "a")
    assert made(ben, "b"), "a fourth picture"
    assert [made(ann, "a"), made(ben, "a"), made(ben, "b")] == [False, False, False]
    assert made(ann, "b"), "it was the longest unused"


def test_pictures_go_with_their_person() -> None:
    ann, ben = PersonCache(), PersonCache()
    for key in ("a", "b", "c"):
        made(ann, key)
    del ann
    for key in ("a", "b", "c"):
        made(ben, key)
    assert not made(ben, "a")


def test_a_picture_larger_than_the_bound_is_cached_alone() -> None:
    ann = PersonCache()
    made(ann, "small")
    large = ann.get("large", lambda: np.zeros(9 * PICTURE_BYTES, np.uint8))
    assert ann.get("large", lambda: np.zeros(1, np.uint8)) is large
    assert made(ann, "small")
