"""At the end of a season: what is due is purged, and the drill from a backup made after it brings the rest back."""

from datetime import timedelta
from pathlib import Path

from sqlalchemy import func, select

from center.accounts.model.roles import Role
from center.platform.photos import photo_name
from center.shots.counts import shot_counts
from center.shots.tables import IdentityRow, ShotRow
from center.wiring.office import Office
from tests.center.backup.conftest import Safe, restored
from tests.center.conftest import file_shot
from tests.center.delivery.test_deliveries import decide
from tests.center.factories import START, HandClock, shot_id


def test_the_drill_after_a_purge_brings_counts_and_accounts_back_and_nobodys_data(
    plain: Office, clock: HandClock, tmp_path: Path, safe: Safe
) -> None:
    for number in (1, 2):
        file_shot(plain, number)
        decide(plain, clock, number)
    plain.accounts.add("test", "anna", Role.STAFF, "correct-horse-battery-staple")
    before = shot_counts(plain.database, START.date(), START.date())
    plain.backups.make("test", tmp_path / "old")
    clock.now = START + timedelta(days=200)
    assert plain.purge.purge("sue").left == 0
    made, manifest = plain.backups.make("test", tmp_path / "new")
    plain.backups.verify("test", made)
    assert (manifest.photos, manifest.missing) == (0, ()), "a backup made after the purge holds no photo"
    config = plain.config
    plain.close()
    restored(config, tmp_path / "new", safe, clock, replace=True)
    with Office.open(config, clock) as office:
        assert shot_counts(office.database, START.date(), START.date()) == before
        assert [one.name for one in office.accounts.all()] == ["anna"]
        assert not office.purge.due().any
        assert not office.audit.verify(office.database)[2]
        with office.database.read() as session:
            assert session.execute(select(func.count()).select_from(IdentityRow)).scalar_one() == 0
            shots = session.execute(select(ShotRow.shot_id, ShotRow.sha256)).all()
        assert {shot for shot, _ in shots} == {shot_id(1), shot_id(2)}, "rows stay, to be counted"
        there = {path.name for path in (config.folder / "photos").rglob("*")}
        assert not there & {photo_name(shot, sha256) for shot, sha256 in shots}
