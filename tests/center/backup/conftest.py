"""What the tests of backups share: the key in the safe, an office that backs up to it, and a restoration."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from center.backup.folder import chosen_backup
from center.backup.model import Manifest
from center.backup.restoring import Target, restore
from center.platform.configuration import BackupConfig, CenterConfig
from center.platform.seal_keys import add_seal_key
from center.wiring.office import Office
from center.wiring.storage import open_database, open_photos
from common.disk import Disk
from tests.center.conftest import make_config
from tests.center.factories import START, HandClock
from wire.seal import new_identity, recipient_of


@dataclass
class Safe:
    """The key in the safe."""

    file: Path
    public: str


@pytest.fixture
def safe(tmp_path: Path) -> Safe:
    identity = new_identity()
    file = tmp_path / "escrow.key"
    file.write_text(identity + "\n")
    file.chmod(0o600)
    return Safe(file, recipient_of(identity))


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.xdist_group("postgresql"))])
def config(request: pytest.FixtureRequest, tmp_path: Path, safe: Safe) -> CenterConfig:
    folder = tmp_path / "office"
    folder.mkdir()
    config = make_config(request, folder, request.param, backup=BackupConfig(seal_to=(safe.public,)))
    add_seal_key(config.seal_keys, START)
    return config


@pytest.fixture
def office(config: CenterConfig, clock: HandClock) -> Iterator[Office]:
    with Office.open(config, clock) as office:
        office.booths.enrol("test", "booth-1")
        yield office


def restored(config: CenterConfig, place: Path, safe: Safe, clock: HandClock, **how: bool) -> Manifest:
    target = Target(config, open_database(config), open_photos(config))
    try:
        return restore(
            target,
            chosen_backup(place, None),
            "test",
            clock(),
            secret=safe.file,
            replace=how.get("replace", False),
            disk=Disk(),
        )
    finally:
        target.photos.close()
        target.database.close()


@pytest.fixture
def plain(request: pytest.FixtureRequest, tmp_path: Path, safe: Safe, clock: HandClock) -> Iterator[Office]:
    """An office on SQLite only, for what does not depend on the database."""
    folder = tmp_path / "office"
    folder.mkdir()
    config = make_config(request, folder, "sqlite", backup=BackupConfig(seal_to=(safe.public,)))
    add_seal_key(config.seal_keys, START)
    with Office.open(config, clock) as office:
        office.booths.enrol("test", "booth-1")
        yield office
