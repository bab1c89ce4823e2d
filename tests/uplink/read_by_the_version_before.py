"""Run with the code of an earlier version on a folder of the present version: prints what it reads there as JSON, and
saves one more shot.

    python read_by_the_version_before.py FOLDER KEY,KEY STUDENT_NO PHOTO

Only calls that the earlier version has may be used here.
"""

import json
import sys
from contextlib import closing
from pathlib import Path

from kiosk.core.events import Saved
from kiosk.core.session.state import SessionPolicy
from kiosk.ports.config import StorageConfig
from kiosk.runtime.journal_file import JournalFile
from kiosk.runtime.system_clock import SystemClock
from kiosk.uplink.outbox import Outbox
from kiosk.uplink.paths import BoothPaths
from kiosk.uplink.roster_cache import RosterCache
from kiosk.uplink.shared_files import read_failures, read_instructions
from kiosk.uplink.shot_saver import ShotSaverWorker
from rules.profile import load_profile
from wire.manifest import Manifest, Person, Times

folder, keys, student_no = Path(sys.argv[1]), tuple(sys.argv[2].split(",")), sys.argv[3]
paths = BoothPaths(folder)
storage = StorageConfig(folder=folder, floor_bytes=0, seal_to=keys)
clock = SystemClock()
events: list[object] = []
saver = ShotSaverWorker(storage, events.append, clock)
saver.open()
now = clock.wall().moment
person = Person(
    name="张三",
    id_number="11010519491231002X",
    student_no="2026000001",
    exam_no=None,
    school="示范大学",
    major=None,
    class_name=None,
    year="2026",
)
manifest = Manifest(
    shot_id="e" * 32,
    booth_id="booth-1",
    receipt="RECE-999999",
    profile="jiangsu-2019",
    consent_version="jiangsu-2019-1",
    person=person,
    identified_by="card",
    times=Times(consented=now, shot=now, accepted=now, clock_synced=False),
)
saver.save(1, manifest, Path(sys.argv[4]).read_bytes())
for _ in range(4):
    saver.poll(0)
saver.close()
profile = load_profile("jiangsu-2019")
JournalFile(paths.journal, "before", SessionPolicy(profile.identification, profile.live_rules)).close()
with Outbox(paths.outbox) as outbox:
    ids = [f"{number:032x}" for number in range(1, 8)] + ["e" * 32]
    rows = {shot_id: outbox.row(shot_id) for shot_id in ids}
    decisions = {shot_id: outbox.decision_of(shot_id) for shot_id in ids}
with closing(RosterCache(storage)) as roster:
    found = len(roster.by_code(student_no))
    place = roster.place()
sys.stdout.write(
    json.dumps(
        {
            "states": {shot_id: row.state.value for shot_id, row in rows.items() if row is not None},
            "digests": {shot_id: row.digest for shot_id, row in rows.items() if row is not None},
            "decisions": {shot_id: one.decision.value for shot_id, one in decisions.items() if one and one.decision},
            "saved": any(isinstance(event, Saved) for event in events),
            "roster": found,
            "roster_place": place,
            "season": getattr(getattr(read_instructions(paths.instructions), "season", None), "version", None),
            "failures": len(read_failures(paths.health)),
        }
    )
)
