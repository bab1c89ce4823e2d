"""Nothing of a graduate on the booth's disk, in its log or journal, nor in its memory once the session is over."""

import logging
from pathlib import Path

import pytest

from sim.memory import UNIT, measure, unit_environment
from sim.needles import in_folder, needles
from sim.play import play
from sim.register import papers, row_of
from sim.scenario import Scenario, load

SCENARIOS = ("card-happy",)


def texts(scenario: Scenario) -> set[str]:
    """The names and numbers of a scenario's graduates."""
    found = set()
    for graduate in scenario.graduate:
        row = row_of(graduate.seed)
        carried = papers(graduate)
        found |= {row.name, row.id_number, row.student_no, row.exam_no, carried.card.name, carried.card.number}
    return found


@pytest.mark.parametrize("name", SCENARIOS)
def test_disk_log_and_journal_hold_no_name_and_no_number(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    caplog.set_level(logging.DEBUG)
    scenario = load(name)
    play(scenario, tmp_path)
    booth = tmp_path / "booth"
    assert list(booth.glob("journal/*.jsonl")), "the journal was searched"
    assert (booth / "roster.sqlite3").exists()
    sought = needles(texts(scenario))
    assert in_folder(booth, sought) == []
    for text, _ in sought.values():
        assert text not in caplog.text
    (tmp_path / "control").mkdir()
    (tmp_path / "control" / "file").write_bytes(b"..." + row_of(scenario.graduate[0].seed).name.encode("utf-16-le"))
    assert len(in_folder(tmp_path / "control", sought)) == 1, "the search finds what is there"


def test_an_idle_booths_memory_holds_nobody(tmp_path: Path) -> None:
    try:
        found = measure(tmp_path, 3, unit_environment())
    except PermissionError:
        pytest.skip("NOT RUN: this system does not let a program look into its child's memory (ptrace_scope)")
    assert found["during_a_session"], "the search finds who is there"
    assert found["idle"] == {}


@pytest.mark.parametrize("unit", ["booth.service", "uplink.service"])
def test_both_units_overwrite_what_they_free(unit: str) -> None:
    environment = unit_environment(UNIT.with_name(unit))
    assert environment["PYTHONMALLOC"] == "malloc"
    assert 0 < int(environment["MALLOC_PERTURB_"]) < 256
    assert environment["GLIBC_TUNABLES"] == "glibc.malloc.tcache_count=0"
