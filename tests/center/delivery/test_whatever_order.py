"""Whatever order of roster changes, shots, decisions, deliveries, corrections, letters and kills: the three-way check
holds, and each approved photo is in exactly one current place of exactly one school, or named with its reason.

Each deed is done by a process of its own that may be killed at any statement, commit or stored file; then people do
what they would: the booth sends again, the clerk looks and does it again. What schools take is opened as they open it.
"""

import hashlib
import io
import shutil
import tempfile
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

import pytest
import pyzipper
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from bench.office_stock import photo
from center.commands.jobs import make_runner
from center.corrections.model import CaseKind, CaseState
from center.delivery.model import MANIFEST
from center.identity.tables import AnswerRow
from center.jobs.model import LEASE, JobState
from center.platform.configuration import CenterConfig
from center.platform.documents.archive import INNER
from center.platform.faults import Conflict, NotThere, OfficeFault
from center.platform.foreign_tables.reader import read_bytes
from center.roster.sealed_rows import SealedRows
from center.roster.tables import RosterEntry
from center.shots.model.staff_decision import Approve, Reject
from center.shots.tables import ShotRow
from center.wiring.office import Office
from rules.idnumber import check_digit
from tests.center.billing.test_billing import payable
from tests.center.conftest import make_config, manifest
from tests.center.delivery.killed import Deed, done_before_the_kill
from tests.center.factories import HandClock, shot_id
from tests.faults.sites import LONG
from tests.roster_rows import roster_row
from wire import envelope
from wire.manifest import Person
from wire.roster_change import RosterRow

STRANGER = -1
SCHOOLS, YEAR, PEOPLE, FEE = ("甲大学", "乙大学"), "2026", 6, 1_200
T = TypeVar("T")
Planned = Callable[["World", Office, int], Deed | None]


def id_number(person: int, corrected: bool = False) -> str:
    body = f"3201022004{person + 1:02}01{800 if corrected else 100 + person:03}"
    return body + check_digit(body)


def row(person: int, class_name: str = "1班", corrected: bool = False) -> RosterRow:
    return roster_row(year=YEAR, school=SCHOOLS[person % 2], student_no=f"2026{person:04}", name=f"人{person}号",
                      id_number=id_number(person, corrected), class_name=class_name, sex="女")  # fmt: skip


@dataclass
class World:
    """Who sat before the camera, and what lies on the schools' desks."""

    config: CenterConfig
    clock: HandClock
    sat: dict[str, int] = field(default_factory=dict)  # shot -> person
    corrected: set[int] = field(default_factory=set)
    taken: set[int] = field(default_factory=set)  # deliveries
    desks: dict[str, dict[str, str]] = field(default_factory=lambda: {school: {} for school in SCHOOLS})
    kills: int = 0

    def do(self, office: Office, deed: Deed, kill_at: int | None) -> None:
        if kill_at is not None and not done_before_the_kill(self.config, self.clock, deed, kill_at):
            self.kills += 1
            self.clock.now += LEASE + timedelta(seconds=1)  # what the killed one had is given to the next one
        with suppress(OfficeFault):
            deed(office)
        self.clock.move(seconds=11)  # no decision can be undone any more

    def photo_of(self, shot: str) -> bytes:
        return photo(int(shot, 16))


def enter(_: World, __: Office, number: int) -> Deed:
    """The school sends a row, perhaps with another class, perhaps with a number that was corrected meanwhile."""
    one = row(number % PEOPLE, f"{number % 3}班", corrected=number % 7 == 0)
    return lambda office: office.roster.import_rows("sue", [one])


def leave(_: World, office: Office, number: int) -> Deed | None:
    """Somebody is taken off the roster."""
    with office.database.read() as session:
        found = office.roster.find(session, [row(number % PEOPLE).student_no], 5)
    return (lambda office: office.roster.remove("sue", [found[0].row_id])) if found else None


def shoot(world: World, _: Office, number: int) -> Deed:
    """A booth sends a photo; it sends the same bytes until it has a receipt."""
    shot, person = len(world.sat) + 1, number % PEOPLE
    world.sat[shot_id(shot)] = person
    who = row(person, corrected=person in world.corrected)
    sent = manifest(shot, person=Person.of_row(who))
    data = envelope.build(sent, world.photo_of(shot_id(shot)))
    digest = hashlib.sha256(data).digest()
    return lambda office: office.intake.receive("booth-1", shot_id(shot), digest, data)


def stranger(world: World, _: Office, __: int) -> Deed:
    """A booth sends a photo of somebody whom it knows by no number."""
    shot = len(world.sat) + 1
    world.sat[shot_id(shot)] = STRANGER
    nobody = Person.model_validate(dict.fromkeys(Person.model_fields, None) | {"name": " "})
    data = envelope.build(manifest(shot, person=nobody, flags=("provisional_row",)), world.photo_of(shot_id(shot)))
    digest = hashlib.sha256(data).digest()
    return lambda office: office.intake.receive("booth-1", shot_id(shot), digest, data)


def attach(_: World, office: Office, number: int) -> Deed | None:
    """Staff say who the stranger is, rightly or not; after a reopening they may say otherwise."""
    with office.database.read() as session:
        waiting = select(ShotRow.shot_id, ShotRow.flags).where(ShotRow.stage == "queued").order_by(ShotRow.shot_id)
        strangers = [shot.shot_id for shot in session.execute(waiting) if "provisional_row" in (shot.flags or ())]
        found = office.roster.find(session, [row(number % PEOPLE).student_no], 5)
    if not strangers or not found:
        return None
    wanted = strangers[number % len(strangers)]

    def do(office: Office) -> None:
        shot = office.queue.claim("anna", wanted)
        shot = office.identity_answers.attach("anna", wanted, shot.version, found[0].row_id)
        office.queue.decide("anna", wanted, shot.version, Approve())

    return do


def _decide(office: Office, number: int, decision: Approve | Reject) -> Deed | None:
    shots = _shots(office, stage="queued")
    if not shots:
        return None
    wanted = shots[number % len(shots)]

    def do(office: Office) -> None:
        shot = office.queue.claim("anna", wanted)
        office.queue.decide("anna", wanted, shot.version, decision)

    return do


def approve(_: World, office: Office, number: int) -> Deed | None:
    return _decide(office, number, Approve())


def reject(_: World, office: Office, number: int) -> Deed | None:
    return _decide(office, number, Reject(("glasses",)))


def reopen(_: World, office: Office, number: int) -> Deed | None:
    """A supervisor takes a decision back."""
    shots = _shots(office, stage="decided")
    if not shots:
        return None
    wanted = shots[number % len(shots)]

    def do(office: Office) -> None:
        with office.database.read() as session:
            version = session.execute(select(ShotRow.version).where(ShotRow.shot_id == wanted)).scalar_one()
        office.queue.reopen("sue", wanted, version)

    return do


def deliver(_: World, __: Office, number: int) -> Deed:
    """A pack is made, now and then of one class only, and built by whoever does jobs."""

    def do(office: Office) -> None:
        school = SCHOOLS[number % 2]
        with suppress(Conflict):
            waiting = list(office.deliveries.of_school(school, YEAR).plan.by_class)
            office.deliveries.make("sue", school, YEAR, waiting[:1] if waiting and number % 3 == 0 else None)
        work(office)

    return do


def correct(world: World, office: Office, number: int) -> Deed | None:
    """The school says that a number is wrong, and the office puts it right."""
    person = number % PEOPLE
    with office.database.read() as session:
        found = office.roster.find(session, [id_number(person)], 5)
    if not found:
        return None
    world.corrected.add(person)

    def do(office: Office) -> None:
        one = found[0]
        open_cases = office.corrections.open_kinds(one.row.school, YEAR)
        case = next((case.case_id for case in open_cases if case.row_id == one.row_id), None)
        if case is None:
            right = id_number(person, corrected=True)
            case = office.corrections.open_case("sue", one.row_id, CaseKind.WRONG_ID, right)
        office.corrections.close("sue", case, CaseState.DONE, "已更正")

    return do


def bill(_: World, __: Office, number: int) -> Deed:
    return lambda office: office.billing.issue("sue", SCHOOLS[number % 2], YEAR)


def cancel(_: World, office: Office, number: int) -> Deed | None:
    letters = office.letters.all(SCHOOLS[number % 2], YEAR)
    return (lambda office: office.letters.cancel("sue", letters[0].letter_id, "金额有误")) if letters else None


DEEDS: tuple[Planned, ...] = (
    *(enter, leave, shoot, approve, reject, reopen, deliver, correct, bill, cancel),
    *(stranger, attach),
)
OFTEN = (*DEEDS, attach, reopen, enter, shoot, shoot, approve, approve, approve, deliver)


def _shots(office: Office, stage: str) -> list[str]:
    with office.database.read() as session:
        return sorted(session.scalars(select(ShotRow.shot_id).where(ShotRow.stage == stage)))


def work(office: Office) -> None:
    runner = make_runner(office)
    while runner.run_one():
        pass


def settle(world: World, office: Office) -> None:
    """The schools get all they may have, and take it."""
    for school in SCHOOLS:
        with suppress(Conflict, NotThere):
            office.deliveries.make("sue", school, YEAR)
    work(office)
    for made in sorted(office.deliveries.all(), key=lambda one: one.delivery_id):
        if made.delivery_id not in world.taken:
            take(world, office, made.delivery_id, made.school)
            world.taken.add(made.delivery_id)


def take(world: World, office: Office, delivery_id: int, school: str) -> None:
    """A school takes a pack, and does what its manifest says."""
    try:
        _, parts = office.deliveries.file("sue", delivery_id)
    except Conflict:  # what may be in it has changed since
        office.deliveries.build_again("sue", delivery_id)
        work(office)
        _, parts = office.deliveries.file("sue", delivery_id)
    with pyzipper.AESZipFile(io.BytesIO(b"".join(parts))) as outer:
        inner = outer.read(INNER, pwd=office.deliveries.password("sue", delivery_id).encode())
    desk = world.desks[school]
    with zipfile.ZipFile(io.BytesIO(inner)) as files:
        (sheet,) = read_bytes(files.read(MANIFEST))
        titles, *lines = ([str(cell or "") for cell in line.cells] for line in sheet.rows)
        for line in (dict(zip(titles, one, strict=False)) for one in lines):
            if line["变更"] == "作废":
                desk.pop(line["学号"], None)
            else:
                desk[line["学号"]] = hashlib.sha256(files.read(line["文件"])).hexdigest()


def said_by_staff(session: Session, office: Office, shot: str) -> int:
    """Whose row staff attached last."""
    answers = select(RosterEntry.lookup).join(AnswerRow, AnswerRow.row_id == RosterEntry.row_id)
    newest = session.scalars(answers.where(AnswerRow.shot_id == shot).order_by(AnswerRow.settlement_id.desc())).first()
    return next(one for one in range(PEOPLE) if SealedRows(office.office_keys).lookup(row(one)) == newest)


def check(world: World, office: Office) -> None:
    """What has to hold of every season."""
    places: Counter[str] = Counter()
    with office.database.read() as session:
        for school in SCHOOLS:
            held = {shot for shot, _ in office.delivery_items.delivered(session, school, YEAR).values()}
            plan = office.deliveries.planned(session, school, YEAR)
            assert not plan.items, "the schools have all they may have"
            places.update(held | {shot for _, shot in plan.left_out})
            digests = {hashlib.sha256(world.photo_of(shot)).hexdigest(): shot for shot in held}
            desk = world.desks[school]
            assert set(desk.values()) == digests.keys(), "what lies on the desk is what the office says it delivered"
            assert len(desk) == len(digests)
            for student, digest in desk.items():
                sat = world.sat[digests[digest]]
                sat = said_by_staff(session, office, digests[digest]) if sat == STRANGER else sat
                assert row(sat).student_no == student, "somebody else's face"
        approved = ShotRow.stage == "decided", ShotRow.decision == "approved", ShotRow.replaced_by.is_(None)
        for shot in session.scalars(select(ShotRow.shot_id).where(*approved)):
            assert places[shot] == 1, f"{shot} is in {places[shot]} places"
    for school in SCHOOLS:
        try:
            found = office.billing.check(school, YEAR)
        except NotThere:
            continue  # nobody is on its roster
        assert found.agree == (True, True, True), (school, found)
        letters = office.letters.all(school, YEAR)
        assert sum(one.fen for one in letters if one.open_fen) == found.billed * FEE
    for school in SCHOOLS:
        numbers = [one.number for one in office.deliveries.all(school)]
        assert sorted(numbers) == list(range(1, len(numbers) + 1)), "nothing is delivered twice, no number is left out"
    assert not [one for one in office.jobs.newest(200) if one.state is not JobState.DONE]
    assert not office.audit.verify(office.database)[2]


@contextmanager
def fresh_office(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[World, Office]]:
    folder = Path(tempfile.mkdtemp(dir=tmp_path))
    config, clock = make_config(request, folder, "sqlite"), HandClock()
    try:
        with Office.open(config, clock) as office:
            office.booths.enrol("test", "booth-1")
            payable(office)
            office.roster.import_rows("sue", [row(person) for person in range(PEOPLE)])
            yield World(config, clock), office
    finally:
        shutil.rmtree(folder)


_STEP = st.tuples(st.sampled_from(OFTEN), st.integers(0, 40), st.none() | st.integers(1, 60))


@settings(
    phases=(
        Phase.explicit,
        Phase.reuse,
        Phase.generate,
    ),  # a kill is no simpler for being shorter: shrinking costs minutes
    max_examples=150 if LONG else 2,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(st.lists(_STEP, min_size=12, max_size=40 if LONG else 16))
def test_whatever_order_and_kills_every_photo_has_its_one_place_and_the_counts_agree(
    request: pytest.FixtureRequest, tmp_path: Path, steps: Sequence[tuple[Planned, int, int | None]]
) -> None:
    with fresh_office(request, tmp_path) as (world, office):
        for planned, number, kill_at in steps:
            deed = planned(world, office, number)
            if deed is not None:
                world.do(office, deed, kill_at)
        settle(world, office)
        check(world, office)


def test_a_stranger_who_gets_another_name_after_each_delivery_has_one_place(
    request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    with fresh_office(request, tmp_path) as (world, office):
        for planned, number in (
            (stranger, 0), (shoot, 4), (approve, 1), (attach, 0), (deliver, 0), (bill, 0), (reopen, 0), (attach, 2),
            (deliver, 0), (bill, 0), (reopen, 0), (attach, 0), (deliver, 2), (bill, 0),
        ):  # fmt: skip
            deed = planned(world, office, number)
            assert deed is not None, planned
            world.do(office, deed, None)
        settle(world, office)
        check(world, office)
        assert len(office.deliveries.all(SCHOOLS[0])) == 3


def test_a_photo_that_lost_its_row_gives_its_file_name_to_the_next_one(
    request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    with fresh_office(request, tmp_path) as (world, office):
        for planned, number in (
            (stranger, 0), (attach, 2), (deliver, 0), (enter, 14), (stranger, 0), (attach, 2), (deliver, 2),
        ):  # fmt: skip
            deed = planned(world, office, number)
            assert deed is not None, planned
            world.do(office, deed, None)
        settle(world, office)
        check(world, office)
        assert len(office.deliveries.all(SCHOOLS[0])) == 2


@pytest.mark.parametrize("at", range(1, 200) if LONG else (5, 40))
def test_a_season_killed_at_any_step_of_each_deed_ends_as_one_that_was_not(
    request: pytest.FixtureRequest, tmp_path: Path, at: int
) -> None:
    story: Sequence[tuple[Planned, int]] = (
        (shoot, 0), (shoot, 1), (shoot, 2), (approve, 0), (approve, 0), (reject, 0), (deliver, 0), (bill, 0),
        (enter, 8), (correct, 0), (shoot, 2), (approve, 0), (reopen, 1), (deliver, 0), (bill, 0), (deliver, 1),
    )  # fmt: skip
    with fresh_office(request, tmp_path) as (world, office):
        for planned, number in story:
            deed = planned(world, office, number)
            assert deed is not None
            world.do(office, deed, at)
        settle(world, office)
        check(world, office)
        assert world.kills > 0 or at > 60
        assert {school: len(desk) for school, desk in world.desks.items()} == {SCHOOLS[0]: 2, SCHOOLS[1]: 0}
