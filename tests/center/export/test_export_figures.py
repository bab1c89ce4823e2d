"""What an export says of a season whose late photos were taken in the next calendar year."""

import json
from datetime import date, datetime
from pathlib import Path

from center.export.verifying import verify_folder
from center.reconciliation.model import HalfDay
from center.wiring.office import Office
from rules.half_day import Half
from rules.season import CHINA
from tests.center.conftest import file_shot
from tests.center.delivery.test_deliveries import YEAR, decide, enter, person_of
from tests.center.factories import HandClock, shot_id
from wire.manifest import Times

LATE = datetime(2027, 3, 2, 10, tzinfo=CHINA)


def test_a_signed_half_day_of_a_late_appointment_is_not_said_to_be_unsigned(
    office: Office, clock: HandClock, tmp_path: Path
) -> None:
    enter(office, 1)
    clock.now = LATE
    file_shot(office, 1, person=person_of(1), times=Times(consented=LATE, shot=LATE, accepted=LATE, clock_synced=True))
    decide(office, clock, 1)
    half_day = HalfDay("booth-1", date(2027, 3, 2), Half.MORNING)
    clock.move(hours=9)
    office.reconciliations.count("anna", half_day, 1)
    folders = [tmp_path / "before", tmp_path / "after"]
    office.export.write("sue", YEAR, folders[0])
    for who in ("anna", "bob"):
        office.reconciliations.sign(who, half_day, office.reconciliations.of(half_day).digest)
    office.export.write("sue", YEAR, folders[1])
    unsigned = [json.loads((folder / "counts.json").read_text())["unsigned"] for folder in folders]
    assert unsigned == [[["booth-1", "2027-03-02-am"]], []]
    (line,) = (folders[1] / "half_days.jsonl").read_text().splitlines()
    assert json.loads(line)["shots"] == {shot_id(1): "approved"}
    for folder in folders:
        assert list(verify_folder(folder, office.export.public_key)) == []
