"""A booth that goes back to the version before reads what this version wrote: shots, decisions, roster, instructions.

The code of that version is taken from the repository's history and runs in a process of its own on a folder that
today's code made, with the libraries of today. When a version is released, its commit is added here.
"""

import io
import json
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

import pytest

from center.shots.model.staff_decision import Approve
from common.disk import Disk
from kiosk.core.session.state import SessionPolicy
from kiosk.runtime.journal_file import JournalFile
from kiosk.uplink.shared.shared_files import HealthFile
from kiosk.uplink.storage.outbox import Outbox
from kiosk.uplink.storage.outbox_rows import ShotState
from rules.profile import load_profile
from tests.uplink.test_periodic_sync import row
from tests.uplink.worlds import World
from wire.heartbeat import DeviceFailure

ROOT = Path(__file__).parents[2]
BEFORE = {"0.2.0": "4ab02db"}
"""Version -> the commit that is it."""
PARTS = ("kiosk", "rules", "wire", "common")
OTHER = "e" * 32


def code_of(version: str, folder: Path) -> Path:
    """The code of a version, from the history; the test is left out where that is not at hand."""
    command = ["git", "-C", str(ROOT), "archive", BEFORE[version], *PARTS]
    try:
        done = subprocess.run(command, capture_output=True, check=False)
    except FileNotFoundError:
        pytest.skip("NOT RUN: there is no git on this machine")
    if done.returncode != 0:
        pytest.skip(f"NOT RUN: the history of {version} is not here ({done.stderr.decode().strip()[:80]})")
    with tarfile.open(fileobj=io.BytesIO(done.stdout)) as tar:
        tar.extractall(folder, filter="data")
    return folder


def read_by(version: str, world: World, tmp_path: Path) -> dict[str, Any]:
    """What that version's code reads in a folder with shots in every state and the office's words."""
    code = code_of(version, tmp_path / "code")
    world.office.give_roster([row(9)])
    world.keep(1, 2)
    world.run(100)
    world.decide(1, Approve())
    world.run(4_000)
    world.keep(3)
    HealthFile(world.config.storage.folder / "health.json", Disk()).write(
        [DeviceFailure(device="scanner", cause="fault.scanner_missing")]
    )
    profile = load_profile("jiangsu-2019")
    policy = SessionPolicy(profile.identification, profile.live_rules)
    JournalFile(world.config.storage.folder / "journal", "20260920T093000", policy).close()
    world.loop.close()
    world.saver.close()
    folder = Path(shutil.copytree(world.config.storage.folder, tmp_path / "copy"))
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(world.photo)
    script = Path(__file__).with_name("read_by_the_version_before.py")
    number = row(9).student_no
    done = subprocess.run(
        [sys.executable, script, folder, ",".join(world.config.storage.seal_to), number, photo],
        env={"PYTHONPATH": str(code), "PATH": "/usr/bin:/bin"},
        cwd=code,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return {**json.loads(done.stdout), "folder": folder}


@pytest.mark.parametrize("version", sorted(BEFORE))
def test_the_version_before_reads_all_of_it_and_saves_another_shot(version: str, world: World, tmp_path: Path) -> None:
    read = read_by(version, world, tmp_path)
    with Outbox(world.config.storage.folder / "outbox.sqlite3") as outbox:
        rows = {f"{number:032x}": outbox.row(f"{number:032x}") for number in (1, 2, 3)}
    for shot_id, known in rows.items():
        assert known is not None
        assert (read["states"][shot_id], read["digests"][shot_id]) == (known.state.value, known.digest)
    assert set(read["states"].values()) >= {ShotState.VERIFIED.value, ShotState.KEPT.value}
    assert read["decisions"] == {f"{1:032x}": "approved"}
    assert (read["season"] is not None, read["failures"]) == (True, 1)
    assert (read["roster"], read["roster_place"]) == (0, 0), "no fault, nobody yet, and the feed from its first place"
    # A booth writes journals and never reads one: a replay takes the version that wrote it.
    names = sorted(path.name for path in (read["folder"] / "journal").iterdir())
    assert names == ["20260920T093000-0000.jsonl", "before-0000.jsonl"]
    assert read["saved"]
    with Outbox(read["folder"] / "outbox.sqlite3") as outbox:  # this version again
        other = outbox.row(OTHER)
    assert other is not None
    assert other.state is ShotState.KEPT
    assert (read["folder"] / "spool" / f"{OTHER}.envelope").exists()
