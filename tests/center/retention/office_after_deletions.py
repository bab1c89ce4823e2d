"""An office a day before its window ends: most people are on the rosters of two years, staff made provisional rows,
deletion requests were answered, and the retention table has deleted what was due.
"""

from dataclasses import dataclass
from datetime import datetime

from center.corrections.model import CaseKind
from center.own_school.model import Scope
from center.retention.model import RequestKind
from center.shots.model.shot import Shot
from center.shots.model.staff_decision import Approve, Reject
from center.wiring.office import Office
from rules.idnumber import check_digit
from rules.season import CHINA
from tests.center.billing.test_billing import payable
from tests.center.delivery.test_deliveries import SCHOOL, YEAR, decide, enter, work
from tests.center.factories import HandClock, shot_id, somebody
from tests.center.office_server import file_shot
from tests.roster_rows import roster_row
from wire.manifest import Person, Times

BEFORE = "2025"
"""The earlier year of the people who are on two rosters."""
FAR = "远方学院"
"""A second school: whatever stops one school must not stop the next."""
STANDS, FORGOTTEN, PURGED, FORGOTTEN_WAITING, EARLIER = 3, 4, 2, 8, 1
"""Shots: delivered and still valid; deleted on request; deleted by the table; deleted on request while it waited;
approved for the earlier year."""
RETURNED, REPORTED, TWICE = 10, 12, 9
"""Shots of the last days: one for this year of the person on `EARLIER`; one with "my data are wrong"; one of another
person.
"""
PROVISIONAL, PROVISIONAL_FORGOTTEN = 6, 7
"""Shots to which staff attached provisional rows; the second one's person was forgotten."""
_IN_TWO_YEARS = (1, 2, 3, 4, 5, 8, 9, 10, 12)


@dataclass(frozen=True)
class Stocked:
    """The parts of addresses with which tests ask for this office's pages. `provisional`: the rows that staff made, by
    shot.
    """

    class_key: str
    job_id: str
    provisional: dict[int, str]


def day(month: int, of: int, hour: int = 10) -> datetime:
    return datetime(2026, month, of, hour, tzinfo=CHINA)


def id_number(number: int) -> str:
    """A legal ID number of nobody."""
    begin = f"11010520010101{number:03d}"
    return begin + check_digit(begin)


def of_year(number: int, year: str = YEAR, school: str = SCHOOL) -> Person:
    """A graduate as the booth knows them from the roster of that year."""
    fields = {"student_no": student_no(number, year), "id_number": id_number(number)}
    return somebody(number, school=school, year=year, **fields)


def student_no(number: int, year: str) -> str:
    """The student number; somebody who studies again has another one."""
    return f"{year}{number:06d}"


def photographed(office: Office, clock: HandClock, number: int, person: Person, *flags: str) -> None:
    times = Times(consented=clock.now, shot=clock.now, accepted=clock.now, clock_synced=True)
    file_shot(office, number, person=person, times=times, flags=flags)


def with_row(office: Office, clock: HandClock, number: int) -> Shot:
    """A shot of somebody on no roster of this year, with the row that staff made."""
    nothing = dict.fromkeys(("student_no", "exam_no", "school", "major", "class_name", "year"))
    photographed(office, clock, number, somebody(number, id_number=id_number(number), **nothing), "provisional_row")
    shot = office.queue.claim("anna", shot_id(number))
    fields = {"year": YEAR, "school": SCHOOL, "student_no": student_no(number, YEAR), "name": somebody(number).name}
    fields |= {"id_number": id_number(number), "sex": "女"}
    return office.identity_answers.make_row("anna", shot.shot_id, shot.version, fields)


def forget(office: Office, number: int) -> None:
    """Answer a graduate's request to delete."""
    asked = office.data_cases.open("sue", RequestKind.DELETE, id_number(number))
    office.data_cases.delete("sue", asked)


def put_rosters(office: Office) -> None:
    """The rosters of both schools, as they send them."""
    for year, numbers in ((BEFORE, _IN_TWO_YEARS), (YEAR, _IN_TWO_YEARS)):
        for number in numbers:
            enter(office, number, year=year, student_no=student_no(number, year), id_number=id_number(number))
    for year in (BEFORE, YEAR):
        fields = {"student_no": student_no(21, year), "id_number": id_number(21)}
        office.roster.import_rows(
            "test", [roster_row(year=year, school=FAR, **fields, name=somebody(21).name, sex="女")]
        )


def stock(office: Office, clock: HandClock) -> Stocked:
    """Let the season happen, until its last days; only a photo that waited is deleted yet."""
    put_rosters(office)
    payable(office)
    clock.now = day(5, 4)
    photographed(office, clock, EARLIER, of_year(1, BEFORE))
    photographed(office, clock, PURGED, of_year(2))
    for number in (EARLIER, PURGED):
        decide(office, clock, number)
    for year in (BEFORE, YEAR):
        office.deliveries.make("sue", SCHOOL, year)
    clock.now = day(11, 16)
    for number in (STANDS, FORGOTTEN, 5):
        photographed(office, clock, number, of_year(number))
        decide(office, clock, number, Reject(("glasses",), "镜片反光") if number == 5 else None)
    photographed(office, clock, 21, of_year(21, school=FAR))
    decide(office, clock, 21)
    for number, decision in ((PROVISIONAL, Approve()), (PROVISIONAL_FORGOTTEN, Reject(("glasses",)))):
        shot = with_row(office, clock, number)
        office.queue.decide("anna", shot.shot_id, shot.version, decision)
        clock.move(seconds=11)
    made, _ = office.deliveries.make("sue", SCHOOL, YEAR)
    office.deliveries.make("sue", FAR, YEAR)
    office.deliveries.hand_over("sue", made.delivery_id, "王老师")
    office.print_locks.unlock("sue", SCHOOL, YEAR, "电话确认")
    office.billing.issue("sue", SCHOOL, YEAR, None)
    work(office)
    (one, *_) = office.own_school.classes(Scope(SCHOOL), YEAR)
    clock.now = day(11, 18)
    for number in (FORGOTTEN_WAITING, TWICE):
        photographed(office, clock, number, of_year(number))
    photographed(office, clock, RETURNED, of_year(1))
    photographed(office, clock, REPORTED, of_year(REPORTED), "data_wrong")
    office.corrections.open_of_shot("sue", shot_id(STANDS), CaseKind.WRONG_ID, id_number(90), "")
    forget(office, FORGOTTEN_WAITING)
    rows = {row.shots[0]: row.found.row_id for row in office.provisional.rows("sue", 10)}
    provisional = {number: rows[shot_id(number)] for number in (PROVISIONAL, PROVISIONAL_FORGOTTEN)}
    return Stocked(one.key, str(office.jobs.newest(1)[0].job_id), provisional)


def delete(office: Office, clock: HandClock) -> None:
    """Answer requests for deletion, and delete what is due; the clock stands at the evening of the last day but one."""
    for number in (FORGOTTEN, 5, PROVISIONAL_FORGOTTEN):
        forget(office, number)
    clock.now = day(11, 19, 18)
    office.purge.purge("sue")
    clock.move(minutes=1)
