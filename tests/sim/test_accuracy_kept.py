"""A report that was stopped goes on, and never with what other code or other options have found."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from bench.accuracy.kept import Kept, state

NAMES = ("a", "b", "c")


class Stopped(Exception):
    """The run is killed."""


def doubled(given: Sequence[int]) -> Iterator[int]:
    yield from (2 * one for one in given)


def stopped_at_three(given: Sequence[int]) -> Iterator[int]:
    for one in given:
        if one == 3:
            raise Stopped
        yield 2 * one


def test_a_stopped_run_goes_on_behind_what_it_has_found(tmp_path: Path) -> None:
    first = Kept(tmp_path, ("national-2017",), "abc")
    assert not first.begun
    with pytest.raises(Stopped):
        list(first.each(NAMES, (1, 2, 3), stopped_at_three))
    again = Kept(tmp_path, ("national-2017",), "abc")
    assert again.begun
    assert list(again.each(NAMES, (1, 2, 3), doubled)) == [(True, 2), (True, 4), (False, 6)]


@pytest.mark.parametrize(("option", "of"), [("jiangsu-2019", "abc"), ("national-2017", "abd")])
def test_other_code_and_other_options_begin_anew(tmp_path: Path, option: str, of: str) -> None:
    list(Kept(tmp_path, ("national-2017",), "abc").each(NAMES, (1, 2, 3), doubled))
    other = Kept(tmp_path, (option,), of)
    assert not other.begun
    assert [known for known, _ in other.each(NAMES, (1, 2, 3), doubled)] == [False] * 3
    assert not Kept(tmp_path, ("national-2017",), "abc").begun, "what others found is gone"


def test_any_change_of_code_data_or_weights_is_another_state(tmp_path: Path) -> None:
    room = tmp_path / "kiosk"
    room.mkdir()
    seen = set()
    for name, words in (("a.py", "1"), ("a.py", "2"), ("b.tflite", "1"), ("b.csv", "1"), ("c.toml", "1")):
        (room / name).write_text(words, encoding="utf-8")
        seen.add(state(tmp_path))
    assert len(seen) == 5
    (room / "notes.md").write_text("1", encoding="utf-8")
    assert state(tmp_path) in seen
