"""After deletions every page, every action of the season and every kind of job still works for those who are left."""

import io
import shutil
import zipfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from center.accounts.model.roles import Role
from center.attendance.model import AttendanceState
from center.corrections.model import CaseKind, CaseState
from center.delivery.model import Change
from center.export.verifying import verify_folder
from center.jobs.model import JobState
from center.own_school.model import Scope
from center.platform.configuration import BackupConfig, CenterConfig, ReviewConfig
from center.platform.documents.archive import NOTE
from center.platform.faults import Conflict
from center.platform.office_keys import make_keys
from center.platform.seal_keys import add_seal_key
from center.retention.model import RequestKind
from center.shots.model.shot import State
from center.wiring.jobs import job_kinds
from center.wiring.office import Office
from tests.center.delivery.test_deliveries import SCHOOL, YEAR, work
from tests.center.factories import START, HandClock, shot_id
from tests.center.office_server import OfficeServer, held, number_of, serving, state_of
from tests.center.retention.office_after_deletions import (
    BEFORE,
    EARLIER,
    FAR,
    FORGOTTEN,
    FORGOTTEN_WAITING,
    PROVISIONAL_FORGOTTEN,
    PURGED,
    REPORTED,
    RETURNED,
    STANDS,
    TWICE,
    Stocked,
    delete,
    id_number,
    put_rosters,
    stock,
)
from tests.center.web.stocked_office import seen
from wire.seal import new_identity, recipient_of

SHOTS = (EARLIER, PURGED, STANDS, FORGOTTEN, FORGOTTEN_WAITING)


@dataclass
class Afterwards:
    """The office of `office_after_deletions`, with its pages."""

    server: OfficeServer
    stocked: Stocked
    before: object  # what was counted before the deletions

    @property
    def office(self) -> Office:
        return self.server.office


@pytest.fixture
def afterwards(tmp_path: Path, sqlite_template: Path) -> Iterator[Afterwards]:
    clock, folder = HandClock(), tmp_path / "office"
    folder.mkdir()
    make_keys(folder / "office.key")
    shutil.copy(sqlite_template, folder / "office.sqlite")
    backup = BackupConfig(folder=tmp_path / "backups", seal_to=(recipient_of(new_identity()),))
    review = ReviewConfig(lease_s=90, undo_s=10, second_look_share=0)
    config = CenterConfig(folder=folder, review=review, backup=backup)
    add_seal_key(config.seal_keys, START)
    with Office.open(config, clock) as office:
        for booth in ("booth-1", "booth-2"):
            office.booths.enrol("test", booth)
        stocked = stock(office, clock)
        before = counted(office)
        delete(office, clock)
        with serving(office) as address:
            office.accounts._hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
            yield Afterwards(OfficeServer(office, clock, address), stocked, before)


def test_every_page_opens(afterwards: Afterwards) -> None:
    server, wrong = afterwards.server, []
    of_school = (Role.SCHOOL, Role.COLLEGE)
    clients = {role: server.client(f"x.{role.value}", role, SCHOOL if role in of_school else None) for role in Role}
    known = {
        "class": afterwards.stocked.class_key, "booth": "booth-1", "half_day": "2026-11-18-am", "check": "roll",
        "version": "1", "job_id": afterwards.stocked.job_id, "code": "RECE-000001", "language": "en",
        "name": "makeup.jpg", "ticket": "0" * 32, "call_id": "c" * 32,
    }  # fmt: skip
    looked = set()
    for shot in SHOTS:
        for one in seen({**known, "shot_id": shot_id(shot), "code": f"RECE-{shot:06d}"}):
            if one.path in looked:
                continue
            looked.add(one.path)
            client = clients[one.role or Role.STAFF]
            for path in (one.path, one.path.replace(f"{YEAR} ", f"{BEFORE} ")):
                answer = client.get(path)
                if answer.status_code >= 500:
                    wrong.append(f"{path} as {one.role}: {answer.status_code}")
    assert not wrong, "\n".join(wrong)


def test_every_action_of_the_season_and_every_kind_of_job_ends_well(afterwards: Afterwards, tmp_path: Path) -> None:
    office, wrong = afterwards.office, []
    for name, action in _actions(office, afterwards.stocked, tmp_path).items():
        try:
            action()
        except Exception as fault:
            wrong.append(f"{name}: {fault!r}")
    work(office)
    jobs = office.jobs.newest(100)
    wrong += [f"{job.kind} {job.subject}: {job.fault}" for job in jobs if job.state is not JobState.DONE]
    assert {job.kind for job in jobs} == set(job_kinds(office)) - {"mail"}, "every kind; no mail server is here"
    assert not wrong, "\n".join(wrong)


def counted(office: Office) -> dict[str, object]:
    """What is counted of decided photos: who was photographed, what schools hold, what they owe."""
    found: dict[str, object] = {}
    for school, year in ((SCHOOL, BEFORE), (SCHOOL, YEAR), (FAR, YEAR)):
        decided = (AttendanceState.APPROVED, AttendanceState.RETAKE)
        for name, attendance in (
            ("by name", office.attendances.of("sue", school, year)),
            ("by hash", office.attendances.counts(school, year)),
        ):
            found[f"{school} {year} {name}"] = [attendance.counts[one] for one in decided]
        bill = office.billing.check(school, year)
        found[f"bill {school} {year}"] = (bill.approved, bill.retake, bill.delivered, bill.counted, bill.billed)
        found[f"letter {school} {year}"] = sorted((one.row_id, one.fen) for one in bill.items)
        found[f"plan {school} {year}"] = office.deliveries.of_school(school, year).plan.items
    return found


def test_decided_photos_count_as_before_they_were_deleted(afterwards: Afterwards) -> None:
    assert counted(afterwards.office) == afterwards.before


def test_a_pack_says_how_many_photos_the_office_has_deleted(afterwards: Afterwards) -> None:
    office = afterwards.office
    newest = office.deliveries.all(SCHOOL)[0]
    with pytest.raises(Conflict, match="build it again"):
        office.deliveries.file("sue", newest.delivery_id)
    office.deliveries.build_again("sue", newest.delivery_id)
    work(office)
    delivery, _ = office.deliveries.built(newest.delivery_id)
    assert (newest.counts, delivery.counts) == ({Change.NEW: 3}, {Change.NEW: 2}), "no withdrawal"
    _, parts = office.deliveries.file("sue", newest.delivery_id)
    with zipfile.ZipFile(io.BytesIO(b"".join(parts))) as archive:
        assert "另有 1 张照片" in archive.read(NOTE).decode("utf-8-sig")
    with pytest.raises(Conflict, match="has deleted all photos"):
        office.deliveries.build_again("sue", office.deliveries.all(SCHOOL)[-1].delivery_id)


def test_a_photo_that_was_deleted_while_it_waited_is_no_reviewer_s_next_one(afterwards: Afterwards) -> None:
    server, seen_shots = afterwards.server, []
    anna = server.client("anna")
    page = anna.post("/review")
    while 'name="here"' in page.text:
        seen_shots.append(number_of(page.text))
        page = anna.post(f"/review/{shot_id(seen_shots[-1])}/skip", held(page.text))
    assert page.status_code == 200
    assert sorted(seen_shots) == [TWICE, RETURNED, REPORTED]
    state = state_of(server, FORGOTTEN_WAITING)
    assert state is State.REFUSED


def test_people_of_two_years_are_found_by_the_year_of_their_photo(afterwards: Afterwards) -> None:
    office = afterwards.office
    done = office.passes.last_days("sue")
    assert done.issued == tuple(shot_id(number) for number in (TWICE, RETURNED, REPORTED))
    open_now = {one.shot_id: one.row_id for one in office.passes.open()}
    assert set(open_now) == set(done.issued), "an approved photo of an earlier graduation is none of this one"
    found = office.passes.people("sue", office.passes.open())
    assert {one.row.year for one in found.values()} == {YEAR}
    reported = [one for one in office.corrections.cases("sue", SCHOOL, YEAR) if one.kind is CaseKind.DATA]
    assert [one.row_id for one in reported] == [open_now[shot_id(REPORTED)]], "said at the booth"


def _actions(office: Office, stocked: Stocked, folder: Path) -> dict[str, Callable[[], object]]:
    actions: dict[str, Callable[[], object]] = {
        "passes of the last days": lambda: office.passes.last_days("sue"),
        "passes that are open": office.passes.open,
        "sheets": lambda: office.print_jobs.ask("sue", SCHOOL, YEAR, "six-inch"),
        "the dashboard's counts": lambda: office.corrections.cases("test", SCHOOL, YEAR),
        "forms": office.correction_overview.all,
        "half days": lambda: office.reconciliations.of_day(date(2026, 11, 18)),
        "a row is taken back": lambda: office.provisional.take_back("sue", stocked.provisional[PROVISIONAL_FORGOTTEN]),
        "a case is closed": lambda: office.corrections.close("sue", 1, CaseState.DONE, "按身份证更正"),
        "somebody sees their data": lambda: _see(office),
        "rosters once more": lambda: put_rosters(office),
        "what is due": lambda: office.purge_jobs.ask("sue"),
        "a backup": lambda: office.backup_jobs.ask("sue"),
        "the chain": lambda: office.chain_jobs.ask("sue"),
    }
    for school, year in ((SCHOOL, BEFORE), (SCHOOL, YEAR), (FAR, YEAR)):
        for name in ("counts", "of", "memo"):
            count = getattr(office.attendances, name)
            who = () if name == "counts" else ("sue",)
            actions[f"attendance.{name} {school} {year}"] = partial(count, *who, school, year)
        actions[f"deliveries {school} {year}"] = partial(office.deliveries.of_school, school, year)
        actions[f"classes {school} {year}"] = partial(office.own_school.classes, Scope(school), year)
        actions[f"bill {school} {year}"] = partial(office.billing.check, school, year)
        actions[f"delivery {school} {year}"] = partial(_make, office, school, year)
    for delivery in office.deliveries.all():
        actions[f"pack {delivery.delivery_id}"] = partial(_build, office, delivery.delivery_id)
    for year in (BEFORE, YEAR):
        actions[f"letters {year}"] = partial(office.letter_jobs.ask, "sue", year)
        actions[f"export {year}"] = partial(_export, office, year, folder / year)
    return actions


def _make(office: Office, school: str, year: str) -> None:
    with suppress(Conflict):  # nothing to deliver
        office.deliveries.make("sue", school, year)


def _build(office: Office, delivery_id: int) -> None:
    with suppress(Conflict):  # all its photos are deleted
        office.deliveries.build_again("sue", delivery_id)


def _see(office: Office) -> None:
    asked = office.data_cases.open("sue", RequestKind.SEE, id_number(STANDS))
    office.data_cases.export("sue", asked)


def _export(office: Office, year: str, folder: Path) -> None:
    office.export.write("sue", year, folder)
    assert list(verify_folder(folder, office.export.public_key)) == []
