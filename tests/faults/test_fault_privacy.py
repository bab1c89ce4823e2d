"""Nothing of a graduate on the booth's disk, in its log or journal, nor in its memory once the session is over."""

import base64
import json
import logging
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

import pytest

from kiosk.commands.doctor.bundle import write_bundle
from kiosk.ports.clock import WallTime
from kiosk.ports.config import BoothConfig, StorageConfig
from sim.memory import UNIT, measure, unit_environment
from sim.needles import in_folder, written
from sim.play.register import documents, roster, row_of
from sim.play.scenario import Scenario, load, names
from sim.play.stage import play
from tests.faults.conftest import Record
from tests.faults.sites import LONG

SCENARIOS = names() if LONG else ("card-happy", "barcode-ambiguous", "card-and-barcode-disagree")


def texts(scenario: Scenario) -> set[str]:
    """The names and numbers of a scenario's graduates, and of all on the booth's roster."""
    found = set()
    for row in [*roster(scenario.graduate), *(row_of(graduate.seed) for graduate in scenario.graduate)]:
        found |= {row.name, row.id_number, row.student_no, row.exam_no}
    for graduate in scenario.graduate:
        carried = documents(graduate)
        found |= {carried.card.name, carried.card.number, carried.student_no, carried.exam_no}
    return found


@pytest.mark.parametrize("name", SCENARIOS)
def test_disk_log_and_journal_hold_no_name_and_no_number(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str], name: str, record: Record
) -> None:
    caplog.set_level(logging.DEBUG)
    scenario = load(name)
    play(scenario, tmp_path / "world")
    booth = tmp_path / "world" / "booth"
    assert list(booth.glob("journal/*.jsonl")), "the journal was searched"
    assert (booth / "roster-2.sqlite3").exists()
    support = tmp_path / "support.zip"
    config = BoothConfig(storage=StorageConfig(folder=booth))
    write_bundle(support, config, WallTime(datetime(2026, 9, 1, tzinfo=UTC), True))
    with zipfile.ZipFile(support) as archive:
        assert {"outbox.json", "config.toml"} <= set(archive.namelist())
        assert any(part.startswith("journal/") for part in archive.namelist())
        archive.extractall(booth / "support")
    (booth / "said").write_text("".join([caplog.text, *capfd.readouterr()]), "utf-8")
    sought = written(texts(scenario))
    assert in_folder(booth, sought) == []
    record("forms of names and numbers sought on a booth's disk", len(sought))
    record("bytes of disk, log and journal searched", sum(path.stat().st_size for path in booth.rglob("*")))


FORMS: dict[str, Callable[[str], bytes]] = {
    "utf-8": str.encode,
    "utf-16": lambda text: text.encode("utf-16"),
    "gb18030": lambda text: text.encode("gb18030"),
    "json": lambda text: json.dumps({"name": text}).encode(),
    "python": lambda text: repr(text.encode()).encode(),
    "url": lambda text: quote(text).encode(),
    "hex": lambda text: text.encode("gb18030").hex().encode(),
    "base64": lambda text: base64.b64encode(text.encode()),
    "base64 of a text around": lambda text: base64.b64encode(b'{"name":"' + text.encode() + b'"}'),
    "base64 of another text around": lambda text: base64.urlsafe_b64encode(b'{"id":"' + text.encode() + b'"}'),
    "in a file's name": str.encode,
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("text", ["王丽", "阿依古丽·买买提", "\U00030000明", "11010519491231002X"])
def test_the_search_finds_a_name_or_number_however_it_is_written(tmp_path: Path, form: str, text: str) -> None:
    (tmp_path / "nothing").write_bytes(b"a line about nobody, 110101\n")
    assert in_folder(tmp_path, written([text])) == []
    found = FORMS[form](text)
    if form == "in a file's name":
        (tmp_path / f"x-{found.decode()}.jpg").touch()
    else:
        (tmp_path / "file").write_bytes(b"before " + found + b" behind")
    assert in_folder(tmp_path, written([text])) != []


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
