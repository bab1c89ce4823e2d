"""One file of the photo store that can't be used concerns its shot alone, whatever is wrong with the file and whoever
needs it: the shot is named, with the remedy, and everybody else's work goes on."""

import errno
from collections.abc import Callable
from pathlib import Path

import pytest

from center.__main__ import main
from center.accounts.model.roles import Role
from center.jobs.model import JobState
from center.platform.faults import OfficeFault
from center.platform.photos import PhotoFolder, PhotoGone
from center.platform.seal_keys import add_seal_key
from center.retention.model import RequestKind
from center.shots.model.shot import State
from center.shots.model.staff_decision import Approve, Recrop
from center.wiring.office import Office
from common.disk import Disk
from tests.center.delivery.test_deliveries import SCHOOL, YEAR, approve, enter, person_of, work
from tests.center.factories import START, shot_id, somebody
from tests.center.office_server import OfficeServer, file_shot, state_of

KEPT, DAMAGED = 1, 2


class NoSector(Disk):
    """A disk that can't read one file."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def read(self, path: Path) -> bytes:
        if path == self._file:
            raise OSError(errno.EIO, "Input/output error")
        return super().read(path)


def flip(_: Office, file: Path) -> None:
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)


def unreadable(office: Office, file: Path) -> None:
    assert isinstance(office.photos, PhotoFolder)
    office.photos._disk = NoSector(file)


WRONG: dict[str, Callable[[Office, Path], object]] = {
    "missing": lambda _, file: file.unlink(),
    "cut": lambda _, file: file.write_bytes(file.read_bytes()[:-100]),
    "empty": lambda _, file: file.write_bytes(b""),
    "one bit": flip,
    "no sector": unreadable,
}
every_wrong = pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
sealed_or_not = pytest.mark.parametrize("sealed", [True, False], ids=["sealed", "not sealed"])


def damage(office: Office, wrong: Callable[[Office, Path], object]) -> None:
    (file,) = (office.config.folder / "photos").rglob(f"{shot_id(DAMAGED)}-*")
    wrong(office, file)


@every_wrong
def test_the_queue_goes_on_and_the_booth_is_asked_again(
    office_server: OfficeServer, wrong: Callable[[Office, Path], object]
) -> None:
    office = office_server.office
    for number in (DAMAGED, 3):
        file_shot(office, number)
    damage(office, wrong)
    page = office_server.client("anna").post("/review")
    assert page.status_code == 200
    assert shot_id(3) in page.text
    assert state_of(office_server, DAMAGED) is State.REFUSED
    assert shot_id(DAMAGED)[:12] in office_server.client("sue", Role.SUPERVISOR).get("/booths").text
    assert office.intake.status("booth-1", shot_id(DAMAGED)) is None
    office.photos._disk = Disk()  # type: ignore[attr-defined]  # a new file lies in other sectors
    file_shot(office, DAMAGED)
    assert state_of(office_server, DAMAGED) is State.QUEUED


@every_wrong
def test_what_needs_the_file_names_the_shot(
    office_server: OfficeServer, wrong: Callable[[Office, Path], object], tmp_path: Path
) -> None:
    office, clock = office_server.office, office_server.clock
    enter(office, KEPT, DAMAGED)
    for number in (KEPT, DAMAGED):
        approve(office, clock, number)
    made, _ = office.deliveries.make("sue", SCHOOL, YEAR)
    office.print_locks.unlock("sue", SCHOOL, YEAR, "电话确认")
    office.print_jobs.ask("sue", SCHOOL, YEAR, "six-inch")
    damage(office, wrong)
    work(office)
    jobs = office.jobs.newest(9)
    assert {job.state for job in jobs} == {JobState.FAILED}
    assert all(shot_id(DAMAGED) in str(job.fault) for job in jobs)
    for use in (
        office.recropping.finished,
        office.recropping.original,
        lambda shot: office.recropping.make(shot, Recrop(0.5, 0.0, 0.0)),
    ):
        with pytest.raises(PhotoGone, match=shot_id(DAMAGED)):
            use(shot_id(DAMAGED))
    asked = office.data_cases.open("sue", RequestKind.SEE, str(somebody(DAMAGED).id_number))
    assert office.data_cases.export("sue", asked), "what is left is handed over"
    assert made.delivery_id == 1


@sealed_or_not
def test_one_bit_of_a_recropped_photo_is_seen(office_server: OfficeServer, sealed: bool) -> None:
    office = office_server.office
    if sealed:
        add_seal_key(office.config.seal_keys, START)
    file_shot(office, DAMAGED, person=person_of(DAMAGED))
    held = office.queue.claim("anna", shot_id(DAMAGED))
    before = set((office.config.folder / "photos").rglob(f"{shot_id(DAMAGED)}-*"))
    recrop = Recrop(0.714286, -72.143, -96.143)
    made = office.recropping.make(shot_id(DAMAGED), recrop)
    (file,) = set((office.config.folder / "photos").rglob(f"{shot_id(DAMAGED)}-*")) - before
    flip(office, file)
    office.queue.decide("anna", held.shot_id, held.version, Approve(recrop=recrop), recropped=made)
    with pytest.raises(OfficeFault, match=f"{shot_id(DAMAGED)} is damaged"):
        office.recropping.finished(shot_id(DAMAGED))


@pytest.mark.parametrize("wrong", ["missing", "cut", "empty", "one bit"])
def test_the_test_of_a_key_from_the_safe_names_the_shot_and_goes_on(
    office_server: OfficeServer, wrong: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    office = office_server.office
    add_seal_key(tmp_path / "safe.keys", START)
    for number in (KEPT, DAMAGED):
        file_shot(office, number)
    damage(office, WRONG[wrong])
    config = tmp_path / "center.toml"
    config.write_text(f'folder = "{office.config.folder}"\n')
    assert main(["keys", "restore-test", str(tmp_path / "safe.keys"), "--config", str(config)]) == 1
    said = capsys.readouterr().out
    assert "1 of 2 shots opened" in said
    assert shot_id(DAMAGED) in said


def test_a_disk_that_reads_nothing_does_not_empty_the_queue(
    office_server: OfficeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(1, 10):
        file_shot(office_server.office, number)

    def fails(_: Disk, path: Path) -> bytes:
        raise OSError(errno.EIO, "Input/output error", str(path))

    monkeypatch.setattr(Disk, "read", fails)
    assert office_server.client("anna").post("/review").status_code == 503
    states = [state_of(office_server, number) for number in range(1, 10)]
    assert states.count(State.REFUSED) == 5
