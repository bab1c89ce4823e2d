"""`python -m sim`: wrong use, wrong files and a missing display are words and an exit code, never a traceback."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from sim.__main__ import _new_folder, _unused, main


@pytest.fixture(autouse=True)
def _no_display(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SDL_VIDEODRIVER", "offscreen")
    monkeypatch.setenv("PYGAME_HIDE_SUPPORT_PROMPT", "1")
    monkeypatch.chdir(tmp_path)


def _said(capsys: pytest.CaptureFixture[str]) -> str:
    out, err = capsys.readouterr()
    assert out == ""
    assert "Traceback" not in err
    return err


def test_a_portrait_without_a_face_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "faces").mkdir()
    Image.fromarray(np.full((600, 600, 3), 200, np.uint8)).save(tmp_path / "faces" / "wall.png")
    assert main(["run", "card-happy", "--people", "faces"]) == 1
    assert "wall.png: no face found" in _said(capsys)


def test_a_portrait_that_is_no_picture_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "faces").mkdir()
    (tmp_path / "faces" / "letter.jpg").write_text("Dear reader")
    assert main(["run", "card-happy", "--people", "faces", "--json"]) == 1
    assert "letter.jpg is not a picture" in _said(capsys)


@pytest.mark.parametrize("folder", ["nowhere", "."])
def test_a_folder_without_portraits_is_wrong_use(folder: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "card-happy", "--people", folder]) == 2
    assert "holds no portraits" in _said(capsys)


def test_a_window_without_a_display_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "card-happy", "--window"]) == 1
    assert "no window could be opened" in _said(capsys)


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "taken").write_text("a file where a folder should be")
    assert main(["run", "card-happy", "--out", "taken"]) == 1
    assert "taken" in _said(capsys)


def test_an_unknown_scenario_is_wrong_use_and_the_known_ones_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "card-hapy"]) == 2
    assert "card-happy" in _said(capsys)


def test_no_run_begins_in_what_another_one_left(tmp_path: Path) -> None:
    assert _unused(tmp_path / "card-happy") == tmp_path / "card-happy"
    (tmp_path / "card-happy").mkdir()
    (tmp_path / "card-happy-2").mkdir()
    assert _unused(tmp_path / "card-happy") == tmp_path / "card-happy-3"


def test_what_a_run_leaves_lies_in_a_folder_with_an_absolute_path() -> None:
    assert _unused(Path("season")) == Path.cwd() / "season"
    assert _new_folder().parent == Path.cwd() / "out"


@contextmanager
def _unset_logging(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Logging as in a program of its own, where nothing has set it up."""
    level = logging.root.level
    with monkeypatch.context() as patch:
        patch.setattr(logging.root, "handlers", [])
        yield
    logging.root.setLevel(level)


def test_a_command_of_figures_says_no_more_than_how_far_it_is(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with _unset_logging(monkeypatch):
        assert main(["swaps", "--count", "1", "--world", "1"]) == 0
    out, err = capsys.readouterr()
    assert "0 of 1 planted swaps reached a school" in out
    assert [line for line in err.splitlines() if not line.startswith("sim: ")] == []
