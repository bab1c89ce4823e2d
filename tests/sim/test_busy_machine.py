"""What `python -m bench.busy_machine` counts."""

import os

import pytest

from bench import busy_machine
from bench.busy_machine import Seen, busy, main


@pytest.mark.parametrize(
    ("screens", "failed"),
    [
        (["pose", "capture", "choose", "saving"], False),
        (["pose", "capture", "pose", "capture", "choose"], True),
        (["pose", "capture", "staff_help"], True),
        (["pose", "capture", "choose", "pose", "capture", "pose"], False),
        (["pose"], True),
    ],
)
def test_a_first_burst_that_does_not_lead_to_the_choice_has_failed(screens: list[str], failed: bool) -> None:
    assert Seen(photo=True, held=True, screens=screens).first_burst_failed is failed


def test_a_run_without_a_photo_is_counted_and_told_by_the_exit_status(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    results = iter([Seen(True, True, ["capture", "choose"]), Seen(False, False, ["capture", "staff_help"])])
    monkeypatch.setattr(busy_machine, "scenario", lambda _folder: next(results))
    assert main(["--runs", "2", "--loops", "0"]) == 1
    assert "1 of 2 with a photo, 1 as expected, 1 first bursts failed; beside 0 busy" in capsys.readouterr().out


def test_the_busy_processes_end_with_the_runs() -> None:
    with busy(2) as started:
        pids = [one.pid for one in started]
        assert all(os.path.exists(f"/proc/{pid}") for pid in pids)
    assert not any(os.path.exists(f"/proc/{pid}") for pid in pids)
