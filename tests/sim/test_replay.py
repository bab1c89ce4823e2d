"""`python -m sim replay`: a booth's journal shown again, without the people it never held."""

from pathlib import Path

import pytest
from PIL import Image

from sim.__main__ import main

JOURNAL = Path(__file__).parent / "journals" / "retake-then-accept.jsonl"
"""Of that scenario, played by this version of the journal: `python -m sim run retake-then-accept` makes another one."""


@pytest.fixture(autouse=True)
def _no_display(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYGAME_HIDE_SUPPORT_PROMPT", "1")


def test_every_screen_of_the_visit_is_reported_in_order_and_drawn(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["replay", str(JOURNAL), "--anyway", "--out", str(tmp_path)]) == 0
    told = capsys.readouterr().out.splitlines()
    assert told[0] == f"visit 1: {tmp_path / 'visit-001.png'}"
    states = [line.split()[2] for line in told[1:]]
    once = [state for state, before in zip(states, ["", *states], strict=False) if state != before]
    assert once == [
        *("closed", "attract", "consent", "identify", "confirm", "prepare", "pose", "capture", "choose"),
        *("pose", "capture", "choose", "saving", "done", "attract"),
    ]
    assert any("请将身份证放在读卡器上" in line for line in told)
    with Image.open(tmp_path / "visit-001.png") as sheet:
        assert sheet.width > 5 * 288
        assert sheet.height > 4 * 512


def test_a_person_is_shown_without_name_and_number(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["replay", str(JOURNAL), "--anyway", "--out", str(tmp_path)]) == 0
    (confirm,) = [line for line in capsys.readouterr().out.splitlines() if " confirm " in line]
    assert "姓名 | *** | 证件号码 | ***" in confirm


def test_each_visit_of_a_journal_has_its_own_sheet(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = JOURNAL.read_text("utf-8").splitlines()
    asked = lines.index(next(line for line in lines if '"SeasonTold"' in line)) + 1
    twice = tmp_path / "twice.jsonl"
    twice.write_text("\n".join([*lines, *lines[asked:]]), "utf-8")
    assert main(["replay", str(twice), "--anyway", "--out", str(tmp_path)]) == 0
    assert [line for line in capsys.readouterr().out.splitlines() if line.startswith("visit")] == [
        f"visit {number}: {tmp_path / f'visit-00{number}.png'}" for number in (1, 2)
    ]


def test_another_policy_is_named_with_the_remedy(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = tmp_path / "booth.toml"
    other.write_text('profile = "national-2017"\n', "utf-8")
    assert main(["replay", str(JOURNAL), "--config", str(other), "--out", str(tmp_path)]) == 1
    assert "replay it with the version, profile and configuration that wrote it" in capsys.readouterr().err


def test_a_file_that_is_no_journal_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    letter = tmp_path / "letter.txt"
    letter.write_text("Dear reader", "utf-8")
    assert main(["replay", str(letter), "--out", str(tmp_path)]) == 1
    assert "letter.txt: line 1 is no header of a journal" in capsys.readouterr().err
    assert main(["replay", str(tmp_path / "none"), "--out", str(tmp_path)]) == 2
    assert "none" in capsys.readouterr().err
