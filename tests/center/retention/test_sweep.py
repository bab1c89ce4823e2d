"""Photos that no row names: found after a stop between photo and row, deleted after a safe age, never one that is
needed."""

import hashlib
import json
import os
import time
from datetime import timedelta
from pathlib import Path

import pytest

from center.__main__ import main
from center.intake import service as intake
from center.platform.configuration import CenterConfig, PhotoConfig
from center.platform.faults import Unavailable
from center.platform.photos import PhotoFolder, PhotoStore, photo_name
from center.platform.tables import table_of
from center.retention.sweep import Sweep
from center.shots.tables import ShotRow
from center.wiring.office import Office
from center.wiring.storage import open_photos
from common.disk import Disk
from tests.center.conftest import file_shot, make_config, sent
from tests.center.factories import shot_id

DAY = timedelta(days=1)


def sweep_of(office: Office) -> Sweep:
    return Sweep(office.database, office.photos, office.audit, office.clock, office.backups.check_filed)


def stored_long_ago(office: Office, name: str) -> Path:
    path = office.config.folder / "photos" / name[:2] / name
    long_ago = time.time() - 2 * DAY.total_seconds()
    os.utime(path, (long_ago, long_ago))
    return path


def left_behind(office: Office, number: int, monkeypatch: pytest.MonkeyPatch) -> tuple[str, bytes]:
    """What a stop between a photo and its row leaves: the name, and the bytes the booth still has."""
    data = sent(number)
    sha256 = hashlib.sha256(data).digest()
    with monkeypatch.context() as stop:
        stop.setattr(intake, "file_arrivals", lambda *_: (_ for _ in ()).throw(Unavailable("the power is cut")))
        with pytest.raises(Unavailable):
            office.intake.receive("booth-1", shot_id(number), sha256, data)
    return photo_name(shot_id(number), sha256), data


def test_a_photo_whose_row_was_never_written_is_swept_after_a_day(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = file_shot(office, 1)
    name, _ = left_behind(office, 2, monkeypatch)
    with office.database.read() as session:
        (digest,) = session.scalars(ShotRow.__table__.select().with_only_columns(table_of(ShotRow).c.sha256))
    stored_long_ago(office, photo_name(kept, digest))
    sweep = sweep_of(office)
    assert list(sweep.unnamed(DAY)) == []  # too young: its row may be on the way
    assert sweep.sweep("root", DAY) == 0
    path = stored_long_ago(office, name)
    assert list(sweep.unnamed(DAY)) == [name]
    assert sweep.sweep("root", DAY) == 1
    assert not path.exists()
    assert office.photos.get(photo_name(kept, digest))
    assert sweep.sweep("root", DAY) == 0
    with office.database.read() as session:
        (entry,) = office.audit.entries(session, "")
    assert (entry.actor, entry.action) == ("root", "photos.swept")
    assert entry.detail == {"photos": 1, "shots": [shot_id(2)]}
    assert office.audit.verify(office.database)[2] == []


def test_a_booth_that_comes_back_with_an_old_photo_keeps_it(
    plain_office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    name, data = left_behind(plain_office, 1, monkeypatch)
    stored_long_ago(plain_office, name)
    plain_office.intake.receive("booth-1", shot_id(1), hashlib.sha256(data).digest(), data)
    stored_long_ago(plain_office, name)
    assert sweep_of(plain_office).sweep("root", DAY) == 0
    assert plain_office.photos.get(name) == data


def test_a_photo_that_is_stored_during_the_sweep_stays(tmp_path: Path) -> None:
    data = b"the same bytes again"
    sha256 = hashlib.sha256(data).digest()
    name = photo_name(shot_id(1), sha256)

    class Late(Disk):
        """A booth sends again right before the sweep takes the file away."""

        coming = False

        def rename(self, old: Path, new: Path) -> None:
            if self.coming and new.parent.name == "leaving":
                self.coming = False
                folder.put(name, data, sha256)
            super().rename(old, new)

    disk = Late()
    folder = PhotoFolder(tmp_path, disk)
    folder.make()
    folder.put(name, data, sha256)
    os.utime(tmp_path / name[:2] / name, (0, 0))
    disk.coming = True
    assert folder.drop(name, 60) is False
    assert folder.get(name) == data


def test_a_sweep_that_was_stopped_half_way_gives_back_what_it_took(tmp_path: Path) -> None:
    data = b"taken away and not yet looked at"
    sha256 = hashlib.sha256(data).digest()
    name = photo_name(shot_id(1), sha256)
    photos = PhotoFolder(tmp_path)
    photos.make()
    photos.put(name, data, sha256)
    (tmp_path / name[:2] / name).rename(tmp_path / "leaving" / f"{name}.0a1b2c3d")
    photos.make()
    assert photos.get(name) == data


@pytest.fixture(params=["folder", pytest.param("bucket", marks=pytest.mark.xdist_group("s3"))])
def photos(request: pytest.FixtureRequest, tmp_path: Path) -> PhotoStore:
    config = PhotoConfig() if request.param == "folder" else request.getfixturevalue("bucket")
    return open_photos(CenterConfig(folder=tmp_path, photos=config))


def test_both_stores_name_and_drop_by_age(photos: PhotoStore) -> None:
    data = b"bytes of nobody"
    sha256 = hashlib.sha256(data).digest()
    name = photo_name(shot_id(7), sha256)
    assert photos.drop(name, -5) is False
    photos.put(name, data, sha256)
    assert list(photos.old(3_600)) == []
    assert list(photos.old(-5)) == [name]
    assert photos.drop(name, 3_600) is False
    assert photos.get(name) == data
    assert photos.drop(name, -5) is True
    assert list(photos.old(-5)) == []


def test_the_command_lists_then_sweeps(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with Office.open(make_config(request, tmp_path, "sqlite")) as office:
        office.booths.enrol("test", "booth-1")
        name, _ = left_behind(office, 1, monkeypatch)
        stored_long_ago(office, name)
    (tmp_path / "office.toml").write_text(f'folder = "{tmp_path}"\n')
    where = ["--config", str(tmp_path / "office.toml")]
    assert main(["photos", "unnamed", *where]) == 0
    assert capsys.readouterr().out == f"{name}\n"
    assert main(["photos", "sweep", "--json", *where]) == 0
    assert json.loads(capsys.readouterr().out) == {"swept": 1}
    assert main(["photos", "unnamed", *where]) == 0
    assert "every photo is named" in capsys.readouterr().out
    with pytest.raises(SystemExit) as caught:
        main(["photos", "sweep", "--older-hours", "0", *where])
    assert caught.value.code == 2
