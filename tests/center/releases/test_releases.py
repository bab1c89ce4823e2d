"""Releases on both databases: only signed files come in; which booth is told which, until when."""

from datetime import date
from pathlib import Path

import pytest

from center.platform.faults import Conflict, NotThere, Unavailable, WrongRequest
from center.releases.service import MOST_PIECE_BYTES
from center.wiring.office import Office
from tests.center.factories import HandClock
from tests.center.releases.signing import ANNA, BERT, CARL, DORA, key_set, release_file
from wire.digest import content_digest


@pytest.fixture(autouse=True)
def _ready(office: Office) -> None:
    for name in ("booth-1", "booth-2", "booth-3"):
        office.booths.enrol("anna", name, [])
    office.releases.trust("anna", key_set().encode())


def test_a_signed_file_comes_in_once(office: Office, tmp_path: Path) -> None:
    path = release_file(tmp_path / "a")
    assert office.releases.add("anna", path) == office.releases.add("anna", path)
    (release,) = office.releases.all()
    assert (release.version, release.size_bytes) == ("0.3.0", path.stat().st_size)
    with pytest.raises(Conflict, match="another file of release"):
        office.releases.add("anna", release_file(tmp_path / "b", archive=b"another"))


@pytest.mark.parametrize("harm", ["gone", "cut short"])
def test_a_release_file_that_no_backup_has_is_brought_back_by_adding_it_again(
    office: Office, tmp_path: Path, harm: str
) -> None:
    path = release_file(tmp_path / "a")
    office.releases.add("anna", path)
    office.releases.give("anna", "0.3.0", ["booth-1"])
    added = office.releases.get("0.3.0")
    stored = office.config.releases / "0.3.0.release"
    if harm == "gone":
        stored.unlink()
    else:
        stored.write_bytes(stored.read_bytes()[:-1])
    assert office.releases.add("anna", path) == added
    assert stored.read_bytes() == path.read_bytes()
    assert office.releases.piece("booth-1", "0.3.0", 0) == path.read_bytes()[:MOST_PIECE_BYTES]


@pytest.mark.parametrize(
    ("by", "sets", "why"),
    [
        ((ANNA,), None, "2 must sign"),
        ((ANNA, DORA), None, "2 must sign"),
        ((), None, "2 must sign"),
        ((CARL, DORA), (key_set(2, CARL, DORA, by=(CARL, DORA)),), "2 must sign"),
    ],
)
def test_a_file_that_too_few_signed_is_refused(
    office: Office, tmp_path: Path, by: tuple[object, ...], sets: object, why: str
) -> None:
    with pytest.raises(WrongRequest, match=why):
        office.releases.add("anna", release_file(tmp_path / "a", by=by, sets=sets))  # type: ignore[arg-type]
    assert office.releases.all() == []


@pytest.mark.parametrize("damage", ["cut", "longer", "other", "empty", "noise"])
def test_a_damaged_file_is_refused(office: Office, tmp_path: Path, damage: str) -> None:
    path = release_file(tmp_path / "a")
    data = path.read_bytes()
    damaged = {
        "cut": data[:-1],
        "longer": data + b"x",
        "other": data[:-1] + b"X",
        "empty": b"",
        "noise": b"\x00" * 500_000,
    }
    path.write_bytes(damaged[damage])
    with pytest.raises(WrongRequest):
        office.releases.add("anna", path)
    assert office.releases.all() == []


def test_without_keys_nothing_comes_in_and_keys_follow_each_other(office: Office, tmp_path: Path) -> None:
    second = key_set(2, BERT, CARL, DORA, by=(BERT, CARL))
    with pytest.raises(WrongRequest, match="in force already"):
        office.releases.trust("anna", key_set().encode())
    with pytest.raises(WrongRequest, match="2 must sign"):
        office.releases.trust("anna", key_set(2, CARL, DORA, by=(CARL, DORA)).encode())
    assert office.releases.trust("anna", second.encode()).version == 2
    with pytest.raises(WrongRequest, match="2 must sign"):
        office.releases.add("anna", release_file(tmp_path / "a", by=(ANNA, BERT)))
    assert office.releases.add("anna", release_file(tmp_path / "b", by=(BERT, DORA))).version == "0.3.0"
    (office.config.releases / "release-keys.json").unlink()
    with pytest.raises(WrongRequest, match="trusts no release keys yet"):
        office.releases.add("anna", release_file(tmp_path / "c"))


def test_one_booth_some_or_all_are_reported(office: Office, tmp_path: Path) -> None:
    path = release_file(tmp_path / "a")
    office.releases.add("anna", path)
    assert office.releases.of_booth("booth-1") is None
    assert office.releases.give("anna", "0.3.0", ["booth-1"]) == 1
    told = office.releases.of_booth("booth-1")
    assert told is not None
    assert (told.version, told.digest) == ("0.3.0", content_digest(path.read_bytes()))
    assert office.releases.of_booth("booth-2") is None
    office.booths.revoke("anna", "booth-3")
    assert office.releases.give("anna", "0.3.0", None) == 2
    assert office.releases.get("0.3.0").booths == ("booth-1", "booth-2")
    with pytest.raises(NotThere, match="no booth"):
        office.releases.give("anna", "0.3.0", ["booth-1", "booth-9"])
    with pytest.raises(NotThere, match="no release"):
        office.releases.give("anna", "0.4.0", ["booth-1"])


def test_what_is_withdrawn_or_over_is_told_to_nobody(office: Office, clock: HandClock, tmp_path: Path) -> None:
    today = clock.now.date()
    office.releases.add("anna", release_file(tmp_path / "a", not_after=today))
    office.releases.add("anna", release_file(tmp_path / "b", "0.10.0", not_after=date(2027, 3, 31)))
    assert [one.version for one in office.releases.all()] == ["0.10.0", "0.3.0"]
    office.releases.give("anna", "0.3.0", None)
    assert office.releases.of_booth("booth-1") is not None
    clock.move(seconds=2 * 86_400)
    assert office.releases.of_booth("booth-1") is None
    with pytest.raises(WrongRequest, match="sign a newer one"):
        office.releases.give("anna", "0.3.0", None)
    office.releases.give("anna", "0.10.0", None)
    office.releases.withdraw("anna", "0.10.0")
    assert office.releases.of_booth("booth-1") is None
    with pytest.raises(NotThere):
        office.releases.withdraw("anna", "0.10.0")


def test_a_booth_reads_its_own_release_piece_by_piece(office: Office, tmp_path: Path) -> None:
    path = release_file(tmp_path / "a", archive=bytes(range(256)) * 10_000)
    office.releases.add("anna", path)
    office.releases.give("anna", "0.3.0", ["booth-1"])
    got = b""
    while len(got) < path.stat().st_size:
        piece = office.releases.piece("booth-1", "0.3.0", len(got))
        assert 0 < len(piece) <= MOST_PIECE_BYTES
        got += piece
    assert got == path.read_bytes()
    for booth, version, begin in (("booth-2", "0.3.0", 0), ("booth-1", "0.4.0", 0), ("booth-1", "0.3.0", len(got))):
        with pytest.raises(NotThere):
            office.releases.piece(booth, version, begin)
    (office.config.releases / "0.3.0.release").unlink()
    with pytest.raises(Unavailable):
        office.releases.piece("booth-1", "0.3.0", 0)
