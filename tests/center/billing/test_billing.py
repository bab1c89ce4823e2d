"""Settlement from photographed graduates to a paid letter, on both databases."""

import errno
import io
import subprocess
import zipfile
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text, update

from center.audit.tables import AuditRow
from center.billing.letter_jobs import LETTERS
from center.billing.letters import Letter
from center.billing.model import BillDifference, LetterState
from center.billing.paper import letter_pdf, reminder_pdf
from center.billing.payee import Payee, read_payee
from center.billing.tables import LetterRow, PayeeRow
from center.delivery.model import LeftOut
from center.jobs.model import JobState
from center.jobs.runner import JobRunner
from center.jobs.work import JobKind, JobResult, JobRun
from center.platform.faults import Conflict, NotAllowed, NotThere, WrongRequest
from center.platform.office_keys import OfficeKeysFault
from center.shots.model.staff_decision import Reject
from center.wiring.office import Office
from tests.center.conftest import file_shot
from tests.center.delivery.test_deliveries import SCHOOL, YEAR, approve, decide, enter, person_of, work
from tests.center.factories import HandClock, shot_id, somebody

PAYEE = Payee("示范就业指导服务中心", "示范银行南京分行", "3201010000012345678", "财务科 025-00000000")


def payable(office: Office) -> None:
    made = office.payees.propose("ann", PAYEE)
    office.payees.confirm("ben", made.payee_id, PAYEE.digest)


def issue(office: Office, cut_off: date | None = None) -> Letter:
    return office.billing.issue("sue", SCHOOL, YEAR, cut_off)


def text_of(pdf: bytes, folder: Path) -> str:
    (folder / "letter.pdf").write_bytes(pdf)
    done = subprocess.run(["pdftotext", "-layout", folder / "letter.pdf", "-"], check=True, capture_output=True)
    return done.stdout.decode()


def test_no_letter_without_an_account_that_two_people_confirmed(office: Office, clock: HandClock) -> None:
    enter(office, 1)
    approve(office, clock, 1)
    with pytest.raises(Conflict, match="another one confirms"):
        issue(office)
    made = office.payees.propose("ann", PAYEE)
    with pytest.raises(NotAllowed, match="another person"):
        office.payees.confirm("ann", made.payee_id, PAYEE.digest)
    with pytest.raises(Conflict, match="changed since"):
        office.payees.confirm("ben", made.payee_id, "0" * 64)
    with pytest.raises(Conflict, match="another one confirms"):
        issue(office)
    office.payees.confirm("ben", made.payee_id, PAYEE.digest)
    assert issue(office).fen == 1_200
    with pytest.raises(Conflict, match="in force already"):
        office.payees.propose("ann", PAYEE)


def test_a_bank_s_number_is_twelve_digits_and_one_of_the_words_that_two_compare() -> None:
    given = read_payee(PAYEE.name, PAYEE.bank, PAYEE.number, PAYEE.contact, "1043 0100 3004")
    assert given.bank_number == "104301003004"
    assert given.digest != PAYEE.digest
    for wrong in ("10430100300", "1043010030045", "10430100300x"):
        with pytest.raises(WrongRequest, match="12 digits"):
            read_payee(PAYEE.name, PAYEE.bank, PAYEE.number, PAYEE.contact, wrong)


def test_a_newer_proposal_takes_the_place_of_the_one_that_waits(office: Office) -> None:
    payable(office)
    first = office.payees.propose("ann", read_payee("别人", "银行", "6222000000000000", "x"))
    other = read_payee("中心", "银行", "1234567890", "x")
    second = office.payees.propose("ben", other)
    with pytest.raises(Conflict, match="does not wait"):
        office.payees.confirm("ben", first.payee_id, first.payee.digest)
    current = office.payees.current()
    assert current is not None
    assert current.payee == PAYEE, "a proposal changes nothing"
    office.payees.dismiss("ann", second.payee_id)
    assert office.payees.waiting() is None
    with pytest.raises(NotThere):
        office.payees.dismiss("ann", second.payee_id)


def test_an_account_changed_in_the_database_is_never_printed(plain_office: Office, clock: HandClock) -> None:
    office = plain_office
    enter(office, 1)
    approve(office, clock, 1)
    payable(office)
    thief = office.payees.propose("ann", read_payee("别人", "银行", "6222000000000000", "x"))
    with office.database.write() as session:
        forged = {"confirmed_by": "ben", "confirmed_at": clock.now}
        session.execute(update(PayeeRow).where(PayeeRow.payee_id == thief.payee_id).values(**forged))
    with pytest.raises(OfficeKeysFault):
        issue(office)


def test_everybody_photographed_is_billed_once_and_retakes_cost_nothing(office: Office, clock: HandClock) -> None:
    payable(office)
    enter(office, 1, 2, 3, 4)
    approve(office, clock, 1)
    file_shot(office, 2, person=person_of(2))
    decide(office, clock, 2, Reject(("glasses",)))
    file_shot(office, 12, person=person_of(2))
    file_shot(office, 3, person=person_of(3))
    made = issue(office)
    assert (made.number, made.charged, made.fen) == (1, 3, 3 * 1_200)
    with pytest.raises(Conflict, match="nothing to bill"):
        issue(office)
    decide(office, clock, 12)
    decide(office, clock, 3)
    with pytest.raises(Conflict, match="nothing to bill"):
        issue(office)
    approve(office, clock, 4)
    second = issue(office)
    assert (second.number, second.charged, second.fen) == (2, 1, 1_200)
    found = office.billing.check(SCHOOL, YEAR)
    assert (found.photographed, found.approved, found.billed) == (4, 4, 4)
    assert all(found.agree)


def test_the_page_names_every_difference_by_its_photo(office: Office, clock: HandClock) -> None:
    payable(office)
    enter(office, 1, 2)
    approve(office, clock, 1)
    approve(office, clock, 5)
    office.deliveries.make("sue", SCHOOL, YEAR)
    approve(office, clock, 2)
    found = office.billing.check(SCHOOL, YEAR)
    said = {(one.kind, one.shot_id, one.why) for one in found.differences}
    assert (BillDifference.NO_ROW, shot_id(5), None) in said
    assert (BillDifference.NOT_DELIVERED, shot_id(5), LeftOut.NO_ROW) in said
    assert (BillDifference.NOT_DELIVERED, shot_id(2), None) in said
    assert (found.photographed, found.delivered, found.counted) == (3, 1, 2)
    assert all(found.agree)
    assert issue(office).charged == 2, "nobody pays for somebody the roster does not have"
    enter(office, 1, 2, 5)
    assert issue(office).charged == 1


def test_who_is_on_the_roster_no_more_is_credited_by_the_next_letter(office: Office, clock: HandClock) -> None:
    payable(office)
    enter(office, 1, 2)
    approve(office, clock, 1)
    approve(office, clock, 2)
    issue(office)
    with office.database.read() as session:
        rows = {
            match.row.student_no: match.row_id
            for number in (1, 2)
            for match in office.roster.find(session, [somebody(number).student_no or ""], 5)
        }
    office.roster.remove("sue", [rows[somebody(2).student_no or ""]])
    made = issue(office)
    assert (made.charged, made.credited, made.fen) == (0, 1, -1_200)
    assert all(office.billing.check(SCHOOL, YEAR).agree)


def test_a_cut_off_bills_who_came_up_to_that_day_and_a_later_letter_the_others(
    office: Office, clock: HandClock
) -> None:
    payable(office)
    enter(office, 1)
    approve(office, clock, 1)
    day = clock.now.date()
    clock.move(seconds=3 * 86_400)
    with pytest.raises(Conflict, match="nothing to bill"):
        issue(office, date(2026, 8, 1))
    assert issue(office, day).cut_off == day


def test_a_schools_own_fee_holds_from_the_next_letter_on(office: Office, clock: HandClock) -> None:
    payable(office)
    enter(office, 1, 2)
    approve(office, clock, 1)
    issue(office)
    office.billing.set_fee("sue", SCHOOL, YEAR, 1_550)
    approve(office, clock, 2)
    assert issue(office).fen == 1_550
    office.billing.set_fee("sue", SCHOOL, YEAR, None)
    assert office.billing.fee(SCHOOL, YEAR) is None
    with pytest.raises(WrongRequest, match="1000 yuan"):
        office.billing.set_fee("sue", SCHOOL, YEAR, 100_001)


def test_payments_add_up_and_a_wrong_one_is_taken_back(office: Office, clock: HandClock) -> None:
    payable(office)
    enter(office, 1, 2)
    approve(office, clock, 1)
    approve(office, clock, 2)
    made = issue(office)
    today = clock.now.date()

    def now() -> Letter:
        return office.letters.letter(made.letter_id)[0]

    assert now().state is LetterState.OPEN
    office.letters.pay("sue", made.letter_id, 1_000, today)
    assert (now().state, now().open_fen) == (LetterState.PART, 1_400)
    wrong = office.letters.pay("sue", made.letter_id, 14_000, today)
    assert (now().state, now().open_fen) == (LetterState.CREDIT, -12_600)
    office.letters.take_back("sue", wrong)
    with pytest.raises(Conflict, match="before"):
        office.letters.take_back("sue", wrong)
    office.letters.pay("sue", made.letter_id, 1_400, today)
    assert now().state is LetterState.PAID
    with pytest.raises(Conflict, match="nothing to remind"):
        office.letters.remind("sue", made.letter_id)
    for fen, day in ((0, today), (100, date(2030, 1, 1))):
        with pytest.raises(WrongRequest):
            office.letters.pay("sue", made.letter_id, fen, day)
    with pytest.raises(NotThere):
        office.letters.pay("sue", 99, 100, today)


def test_a_letter_is_late_after_its_day_and_is_reminded_of(office: Office, clock: HandClock, tmp_path: Path) -> None:
    payable(office)
    enter(office, 1)
    approve(office, clock, 1)
    made = issue(office)
    assert made.due == date(2026, 11, 20)
    assert office.letters.late(made.due) == 0
    clock.move(seconds=120 * 86_400)
    letter, said = office.letters.letter(made.letter_id)
    assert letter.state is LetterState.LATE
    assert office.letters.late(clock.now.date()) == 1
    assert office.letters.remind("sue", made.letter_id) == 1
    words = text_of(reminder_pdf(letter, said, 1, clock.now.date()), tmp_path)
    assert "催款函" in words
    assert "12.00" in words


def test_a_letter_made_near_the_last_day_gives_ten_working_days(office: Office, clock: HandClock) -> None:
    payable(office)
    enter(office, 1)
    approve(office, clock, 1)
    clock.move(seconds=(date(2026, 11, 19) - clock.now.date()).days * 86_400)
    assert issue(office).due == date(2026, 12, 3)


@pytest.mark.parametrize("month", range(1, 13))
def test_a_letter_made_in_the_year_after_never_waits_for_a_season_that_has_not_begun(
    plain_office: Office, clock: HandClock, month: int
) -> None:
    office = plain_office
    payable(office)
    enter(office, 1)
    approve(office, clock, 1)
    today = date(2027, month, 1)
    clock.move(seconds=(today - clock.now.date()).days * 86_400)
    due = issue(office).due
    if office.seasons.table().in_window(today):
        last = max(date(2027, 11, 20), today + timedelta(days=20))  # 2027's working days are not announced: 20 days
        assert due == last, "the season's last day, for graduates of earlier years, too"
    else:
        assert timedelta(days=10) <= due - today <= timedelta(days=30)


def test_a_cancelled_letter_is_covered_by_the_next_one(office: Office, clock: HandClock) -> None:
    payable(office)
    enter(office, 1, 2)
    approve(office, clock, 1)
    first = issue(office)
    approve(office, clock, 2)
    second = issue(office)
    with pytest.raises(Conflict, match="cancel that one first"):
        office.letters.cancel("sue", first.letter_id, "x")
    paid = office.letters.pay("sue", second.letter_id, 100, clock.now.date())
    with pytest.raises(Conflict, match="paid"):
        office.letters.cancel("sue", second.letter_id, "x")
    office.letters.take_back("sue", paid)
    with pytest.raises(WrongRequest, match="say why"):
        office.letters.cancel("sue", second.letter_id, " ")
    for letter in (second, first):
        office.letters.cancel("sue", letter.letter_id, "收费标准有误")
    with pytest.raises(Conflict, match="before"):
        office.letters.cancel("sue", first.letter_id, "x")
    third = issue(office)
    assert (third.number, third.charged) == (3, 2)
    assert [one.state for one in office.letters.all(SCHOOL)][1:] == [LetterState.CANCELLED] * 2
    with pytest.raises(Conflict, match="cancelled"):
        office.letters.pay("sue", first.letter_id, 100, clock.now.date())


def test_two_who_bill_at_once_bill_everybody_once(office: Office, clock: HandClock) -> None:
    payable(office)
    enter(office, *range(1, 6))
    for number in range(1, 6):
        approve(office, clock, number)

    def one() -> int:
        try:
            return issue(office).charged
        except Conflict:
            return 0

    with ThreadPoolExecutor(4) as threads:
        done = [threads.submit(one) for _ in range(4)]
    assert sorted(future.result() for future in done) == [0, 0, 0, 5]


def test_the_paper_says_what_the_letter_is_over(plain_office: Office, clock: HandClock, tmp_path: Path) -> None:
    office = plain_office
    payable(office)
    enter(office, 1, 2)
    enter(office, 3, class_name="2班")
    for number in (1, 2, 3):
        approve(office, clock, number)
    made = issue(office)
    letter, said = office.letters.letter(made.letter_id)
    pdf = letter_pdf(letter, said)
    assert pdf == letter_pdf(letter, said), "the same letter, the same bytes"
    words = "".join(text_of(pdf, tmp_path).split())
    said_by = ("费用结算函", "苏价费函〔2014〕69号", "实际拍摄毕业生3人", "叁拾陆元整", "请勿汇入任何个人账户")
    classes = ("数学1班2024.00", "数学2班1012.00")
    for part in (SCHOOL, "36.00", "2026年11月20日", PAYEE.name, PAYEE.number, *said_by, *classes):
        assert part in words, part
    for number in (1, 2, 3):
        assert (somebody(number).id_number or "") not in words
    # The words are sealed: another total, or another school's letter, can't be put under them.
    with office.database.write() as session:
        session.execute(update(LetterRow).values(fen=99))
    with pytest.raises(Conflict, match="changed in the database"):
        office.letters.letter(made.letter_id)


def test_the_list_of_a_letter_has_names_and_no_id_number_and_is_audited(office: Office, clock: HandClock) -> None:
    payable(office)
    enter(office, 1)
    approve(office, clock, 1)
    made = issue(office)
    (person,) = office.letters.people("sue", made.letter_id)
    assert person.row is not None
    assert (person.row.name, person.fen) == (somebody(1).name, 1_200)
    with office.database.read() as session:
        assert "letter.people" in session.scalars(select(AuditRow.action)).all()


def test_all_schools_letters_are_made_by_a_job_none_twice(office: Office, clock: HandClock) -> None:
    payable(office)
    enter(office, 1, 2)
    enter(office, 3, school="别的大学")
    for number in (1, 2):
        approve(office, clock, number)
    file_shot(office, 3, person=somebody(3, school="别的大学", year=YEAR))
    file_shot(office, 4, person=somebody(4, school="没有名单的大学", year=YEAR))
    job = office.letter_jobs.ask("sue", YEAR)
    work(office)
    assert {(one.school, one.charged) for one in office.letters.of_job(job)} == {(SCHOOL, 2), ("别的大学", 1)}
    newest = office.letter_jobs.newest(YEAR)
    assert newest is not None
    assert newest.result == {"letters": 2, "without_roster": 1}
    name, parts = office.letter_jobs.file("sue", YEAR)
    assert name.startswith("letters-2026")
    assert b"".join(parts).startswith(b"PK")
    # Taken up again after a kill: the letters are there, no more are made.
    with office.database.write() as session:
        session.execute(text("update jobs set state = 'waiting', file_id = null"))
    work(office)
    assert len(office.letters.of_job(job)) == 2


class _Ending:
    """A run that ends at its step number `steps`: by a fault of the disk, or because staff cancelled the job."""

    def __init__(self, office: Office, run: JobRun, steps: int, *, cancelled: bool) -> None:
        self.job, self.folder, self.bind, self.note = run.job, run.folder, run.bind, run.note
        self._office, self._progress, self._left, self._cancelled = office, run.progress, steps, cancelled

    def progress(self, done: int, total: int) -> None:
        self._left -= 1
        if not self._left and not self._cancelled:
            raise OSError(errno.ENOSPC, "No space left")
        if not self._left:
            self._office.jobs.cancel("sue", self.job.job_id)
            done = total  # the last step is never left out
        self._progress(done, total)


@pytest.mark.parametrize("cancelled", [False, True])
@pytest.mark.parametrize("steps", [1, 2, 3, 4, 5])
def test_letters_asked_for_again_are_those_of_an_undisturbed_job(
    plain_office: Office, clock: HandClock, steps: int, cancelled: bool
) -> None:
    office = plain_office
    payable(office)
    schools = (SCHOOL, "别的大学", "第三大学")
    for number, school in enumerate(schools, start=1):
        enter(office, number, school=school)
        file_shot(office, number, person=somebody(number, school=school, year=YEAR))

    def work_disturbed(run: JobRun) -> JobResult:
        return office.letter_jobs.work(_Ending(office, run, steps, cancelled=cancelled))

    kinds = {LETTERS: JobKind(LETTERS, work_disturbed)}
    disturbed = JobRunner(
        office.database, office.photos, office.office_keys, kinds, office.jobs, clock, lambda: 0.0, office.config.folder
    )
    for _ in range(2):
        job = office.letter_jobs.ask("sue", YEAR)
        assert disturbed.run_one()
        assert office.jobs.get(job).state in (JobState.FAILED, JobState.CANCELLED)
    office.letter_jobs.ask("sue", YEAR)
    work(office)
    names = zipfile.ZipFile(io.BytesIO(b"".join(office.letter_jobs.file("sue", YEAR)[1]))).namelist()
    assert len(names) == 2 * len(schools) + 1
    assert all(any(name.startswith(school) for name in names) for school in schools)
    assert {(one.number, one.charged) for one in office.letters.all()} == {(1, 1)}, "nobody is billed twice"
    approve(office, clock, 4)
    enter(office, *range(1, 5))
    office.letter_jobs.ask("sue", YEAR)
    work(office)
    newest = office.letter_jobs.newest(YEAR)
    assert newest is not None
    assert newest.result["letters"] == 1, "what an archive has is in no other"


def test_letters_up_to_another_day_than_those_being_made_are_refused(office: Office) -> None:
    job = office.letter_jobs.ask("sue", YEAR, date(2026, 11, 20))
    assert office.letter_jobs.ask("bob", YEAR, date(2026, 11, 20)) == job
    for other in (None, date(2026, 11, 27)):
        with pytest.raises(Conflict, match=f"job {job}, asked for before, has not ended"):
            office.letter_jobs.ask("sue", YEAR, other)


def test_without_an_account_the_job_fails_with_the_reason(office: Office, clock: HandClock) -> None:
    enter(office, 1)
    approve(office, clock, 1)
    office.letter_jobs.ask("sue", YEAR)
    work(office)
    newest = office.letter_jobs.newest(YEAR)
    assert newest is not None
    assert "another one confirms" in str(newest.fault)


def test_a_school_without_a_roster_is_said(office: Office) -> None:
    with pytest.raises(NotThere, match="no roster"):
        office.billing.check(SCHOOL, YEAR)


def test_a_re_shoot_by_a_fault_of_the_booth_costs_nothing(office: Office, clock: HandClock) -> None:
    payable(office)
    enter(office, 1, 2, 3)
    for number, reasons in ((1, ("sharp",)), (2, ("glasses",)), (3, ("sharp", "glasses"))):
        file_shot(office, number, person=person_of(number))
        if number == 1:
            assert issue(office).charged == 1, "photographed, and waits for staff"
        decide(office, clock, number, Reject(reasons))
    found = office.billing.check(SCHOOL, YEAR)
    assert all(found.agree)
    named = {(one.kind, one.shot_id) for one in found.differences}
    assert {(BillDifference.OUR_FAULT, shot_id(1)), (BillDifference.TO_CREDIT, shot_id(1))} <= named
    assert {(BillDifference.NO_PHOTO, shot_id(2)), (BillDifference.NO_PHOTO, shot_id(3))} <= named
    second = issue(office)
    assert (second.charged, second.credited, second.fen) == (2, 1, 1_200), "the graduate's glasses are billed"
    file_shot(office, 21, person=person_of(1))
    decide(office, clock, 21)
    assert issue(office).charged == 1, "the re-shoot is the one photo that person 1 pays for"
    found = office.billing.check(SCHOOL, YEAR)
    assert (found.billed, found.of(BillDifference.OUR_FAULT), all(found.agree)) == (3, 0, True)
