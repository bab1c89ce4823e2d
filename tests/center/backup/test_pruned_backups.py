"""Old backups go by a rule: never the newest tested one, and no photo that a backup still names."""

from pathlib import Path

import pytest

from center.backup import folder
from center.backup.folder import whole_backups
from center.backup.model import BackupFault
from center.wiring.office import Office
from tests.center.conftest import file_shot
from tests.center.factories import HandClock


def made_and_tested(office: Office, place: Path, clock: HandClock, *, tested: bool) -> Path:
    """A backup of a day, and the next day begins."""
    made, _ = office.backups.make("test", place)
    if tested:
        office.backups.verify("test", made)
    clock.move(seconds=86_400)
    return made


def test_old_backups_go_but_never_the_newest_tested_one_nor_what_came_after_it(
    plain: Office, tmp_path: Path, clock: HandClock
) -> None:
    place = tmp_path / "backups"
    oldest = made_and_tested(plain, place, clock, tested=True)
    newest_tested = made_and_tested(plain, place, clock, tested=True)
    untested = made_and_tested(plain, place, clock, tested=False)
    clock.move(seconds=100 * 86_400)

    pruned = plain.backups.prune("test", place, 30)

    assert pruned.backups == (oldest.name,)
    assert whole_backups(place) == [untested, newest_tested]
    assert plain.backups.verify("test", newest_tested).backup_id
    assert plain.backups.prune("test", place, 30).backups == ()


def test_while_no_backup_was_tested_or_none_is_old_enough_nothing_goes(
    plain: Office, tmp_path: Path, clock: HandClock
) -> None:
    place = tmp_path / "backups"
    made_and_tested(plain, place, clock, tested=False)
    clock.move(seconds=100 * 86_400)
    with pytest.raises(BackupFault, match="was tested: `center backup verify"):
        plain.backups.prune("test", place, 30)
    made_and_tested(plain, place, clock, tested=True)
    made_and_tested(plain, place, clock, tested=True)
    assert len(plain.backups.prune("test", place, 30).backups) == 1, "the one of a hundred days ago"
    assert len(whole_backups(place)) == 2


def test_a_photo_goes_when_no_backup_that_stays_names_it(plain: Office, tmp_path: Path, clock: HandClock) -> None:
    place = tmp_path / "backups"
    file_shot(plain, 1)
    file_shot(plain, 2)
    made_and_tested(plain, place, clock, tested=True)
    gone = next(plain.photos.old(-86_400.0))
    plain.photos.drop(gone, -86_400.0)
    stays = made_and_tested(plain, place, clock, tested=False)
    names = set((stays / folder.NAMES).read_text().split())
    made_and_tested(plain, place, clock, tested=True)
    clock.move(seconds=100 * 86_400)

    pruned = plain.backups.prune("test", place, 30)

    assert (len(pruned.backups), pruned.photos) == (2, 1)
    assert {file.name for file in (place / folder.PHOTOS).glob("??/*")} == names
