"""What `python -m bench.busy_machine` counts."""

import json
import os
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from bench import busy_machine
from bench.busy_machine import Seen, busy, main, scenario


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
    assert Seen(photo=True, not_held=(), screens=screens).first_burst_failed is failed


def test_a_run_without_a_photo_is_counted_and_told_by_the_exit_status(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    results = iter([Seen(True, (), ["capture", "choose"]), Seen(False, ("end: 7",), ["capture", "staff_help"])])
    monkeypatch.setattr(busy_machine, "scenario", lambda _folder: next(results))
    assert main(["--runs", "2", "--loops", "0"]) == 1
    said = capsys.readouterr().out
    assert "1 of 2 with a photo, 1 as expected, 1 first bursts failed; beside 0 busy" in said
    assert "2: NO PHOTO, NOT HELD: end: 7, first burst failed" in said


def test_each_expectation_of_a_run_that_was_not_held_is_named_with_what_was_seen(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    expectations = [
        {"what": "outcome", "expected": "photo", "seen": "no_photo", "held": False},
        {"what": "end", "expected": "attract", "seen": "attract", "held": True},
        {"what": "states", "expected": [], "seen": ["pose"] * 99, "held": False},
    ]
    report = {"photo": None, "states": ["pose"], "expectations": expectations}
    ended = CompletedProcess[str]([], 1, json.dumps(report), "")
    monkeypatch.setattr("bench.busy_machine.subprocess.run", lambda *_, **__: ended)
    outcome, states = scenario(tmp_path).not_held
    assert outcome == 'outcome: "no_photo"'
    assert states.startswith("states: ... ")
    assert len(states) < 140


def test_the_busy_processes_end_with_the_runs() -> None:
    with busy(2) as started:
        pids = [one.pid for one in started]
        assert all(os.path.exists(f"/proc/{pid}") for pid in pids)
    assert not any(os.path.exists(f"/proc/{pid}") for pid in pids)
