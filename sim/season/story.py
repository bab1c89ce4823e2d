"""Plays the season from the rosters to the purge, as clerks and booths do the work. The files for schools remain in a
folder."""

import hashlib
import io
import json
import random
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count, islice
from pathlib import Path

import xlsxwriter
from sqlalchemy import func, select

from center.billing.paper import letter_pdf
from center.billing.payee import read_payee
from center.billing.workbooks import people_workbook
from center.commands.jobs import make_runner
from center.corrections.model import CaseKind, CaseState
from center.passes.model import PassReason
from center.platform.foreign_tables.reader import read_bytes
from center.print_sheets.model import PrintedPerson
from center.roster.imports import import_roster
from center.roster.workbooks import refused_rows
from center.schools.model import Contact
from center.shots.tables import ShotRow
from center.wiring.office import Office
from rules.idnumber import check_digit
from rules.profile import load_profile
from rules.season import day_in_china
from sim.office.served import ServedOffice
from sim.season.clock import SeasonClock
from sim.season.days import SCRIPTS, HalfDays
from sim.season.schools import YEAR, MadeSchool, dirty_workbook, encrypted, made_schools
from sim.season.visitors import SeasonVisitor
from wire.roster_change import RosterRow

PROFILE = "jiangsu-2019"
_FIRST = datetime(2026, 9, 1, 1, 0, tzinfo=UTC)  # a Tuesday, nine in the morning in China
_AFTERNOON = timedelta(hours=5)
_WEEKEND = 5
_SHOTS = select(func.count()).select_from(ShotRow)
_BEFORE = timedelta(days=20)  # the rosters arrive this long before the booths open
_UNDO_S = 60
_ON_CAMPUS = 5  # this many people of the first school were photographed on campus
_A_BOOTH = 165  # the largest number of people at a booth on a half day
_PAYEE = ("示范省高校招生就业指导服务中心", "示范银行南京城北支行", "3201 0100 0001 2345 678", "财务科 025-00000000",
          "104301003004")  # fmt: skip


@dataclass
class OfficeFigures:
    """The office's own figures at the end, which are compared with the files."""

    photographed: dict[str, int] = field(default_factory=dict)
    approved: dict[str, int] = field(default_factory=dict)
    delivered: dict[str, int] = field(default_factory=dict)
    billed: dict[str, int] = field(default_factory=dict)
    fen: dict[str, int] = field(default_factory=dict)
    half_days: dict[str, int] = field(default_factory=dict)
    purged: dict[str, int] = field(default_factory=dict)
    by_vision: int = 0
    # for the SHA-256 of each photo, the student number of the person on it
    faces: dict[str, str] = field(default_factory=dict)
    faults: dict[str, int] = field(default_factory=dict)


class SeasonStory:
    """A season of `graduates` people from `schools` schools in `folder` (new). `vision`: how many of these people sit
    in front of the booth with real vision; the others use booths with scripted devices."""

    def __init__(
        self,
        folder: Path,
        *,
        schools: int = 5,
        each: int = 50,
        graduates: int = 200,
        vision: int = 10,
        half_days: int = 3,
    ) -> None:
        self.folder = folder
        self.schools = made_schools(schools, each)
        self.figures = OfficeFigures()
        self.clock = SeasonClock(_FIRST - _BEFORE)
        self._half_days = tuple(islice(_half_days(), half_days))
        self._graduates = graduates
        self._vision = vision
        self._booths = max(2, -(-graduates // (_A_BOOTH * half_days)))
        self._profile = load_profile(PROFILE)
        self._chance = random.Random(1)
        for name in ("rosters", "packs", "sheets", "forms", "letters"):
            (folder / name).mkdir(parents=True)

    def play(self, looked_at: Callable[[ServedOffice], None] = lambda _: None) -> OfficeFigures:
        """Play the whole season. Raises `AssertionError` as soon as a count does not agree.

        `looked_at`: called with the office when the half days are over, before a school has received anything.
        """
        clock = self.clock
        served = ServedOffice(
            self.folder / "office", clock, lambda: clock.now_ns() / 1e9, undo_s=_UNDO_S, second_reviews=0
        )
        with closing(served):
            office = served.office
            self._rosters(office)
            self._days(served)
            looked_at(served)
            self._deliver(office)
            office.export.write("sue", YEAR, self.folder / "export-before")
            self._corrections(office)
            self._deliver(office)
            self._prints(office)
            self._letters(office)
            self._tell(office)
            office.export.write("sue", YEAR, self.folder / "export")
            (self.folder / "export.key").write_text(office.export.public_key, "ascii")
            self._purge(office)
        (self.folder / "told.json").write_text(json.dumps(self.figures.__dict__, ensure_ascii=False, indent=1), "utf-8")
        return self.figures

    def _rosters(self, office: Office) -> None:
        """Import the file of each school. Refused rows go back to the school, which corrects them and sends the file
        again."""
        for at, school in enumerate(self.schools):
            office.schools.announce("sue", school.name, YEAR, len(school.rows), Contact("王老师", "025-1", ""))
            file = dirty_workbook(school, at)
            (self.folder / "rosters" / f"{school.name}.xlsx").write_bytes(file)
            sheets = read_bytes(file, school.password)
            outcome = import_roster(office.roster, "sue", sheets, good_rows=True, dry_run=False)
            assert outcome.written, outcome.reading.findings
            back = refused_rows(outcome.reading, lambda finding: finding.kind.value)
            (self.folder / "rosters" / f"{school.name}-退回.xlsx").write_bytes(back)
            # The school sends its corrected file again.
            mended = [list(row.model_dump().values()) for row in school.rows]
            again = read_bytes(encrypted([_TITLES, *mended], school.password), school.password)
            assert import_roster(office.roster, "sue", again, good_rows=False, dry_run=False).written
        first = self.schools[0]
        out = io.BytesIO()
        with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
            page = book.add_worksheet()
            page.write_row(0, 0, ("学号", "姓名", "身份证号"))
            for number, row in enumerate(first.rows[-_ON_CAMPUS:], start=1):
                page.write_row(number, 0, (row.student_no, row.name, row.id_number))
        campus = office.campus.import_list("sue", read_bytes(out.getvalue()), school=first.name, year=YEAR,
                                           good_rows=False, dry_run=False)  # fmt: skip
        assert campus.written

    def _days(self, office: ServedOffice) -> None:
        """Play the half days at the booths. The first person was photographed on campus, and therefore needs a pass."""
        per_school = -(-self._graduates // len(self.schools))
        campus = set(self.schools[0].rows[-_ON_CAMPUS:])
        come = [row for school in self.schools for row in school.rows[:per_school] if row not in campus]
        come = come[: self._graduates]
        come[0] = self.schools[0].rows[-1]
        self._pass_for(office.office, come[0])
        self._chance.shuffle(come)
        visitors = [SeasonVisitor(row).doing(**SCRIPTS.get(at % 20, {})) for at, row in enumerate(come)]
        share = -(-len(visitors) // len(self._half_days))
        days = HalfDays(office, self.clock, self.folder / "booths", self._profile, self._booths, self._vision)
        try:
            again: list[RosterRow] = []
            for half, begin in enumerate(self._half_days):
                sitting = [*visitors[half * share : (half + 1) * share], *map(SeasonVisitor, again)]
                again = days.half_day(begin, sitting, last=half == len(self._half_days) - 1)
        finally:
            days.close()
        self.figures.faults = {**days.faults, "to_retake": len(again)}
        self.figures.half_days, self.figures.by_vision = days.half_days, days.by_vision
        for one in days.received(list(days.shots)):
            self.figures.faces[hashlib.sha256(one.photo).hexdigest()] = days.shots[one.manifest.shot_id].sits

    def _pass_for(self, office: Office, row: RosterRow) -> None:
        """Give a pass for the days of the season to a person whose roster row says 已有照片."""
        (match,) = office.passes.find("sue", row.student_no)
        days = [day_in_china(moment) for moment in self._half_days]
        office.passes.issue("sue", match.row_id, PassReason.APPOINTMENT, days[0], days[-1])

    def _deliver(self, office: Office) -> None:
        path = self.folder / "packs" / "passwords.json"
        passwords = json.loads(path.read_text("utf-8")) if path.exists() else {}
        for school in self.schools:
            if not office.deliveries.of_school(school.name, YEAR).plan.items:
                continue
            made, password = office.deliveries.make("sue", school.name, YEAR)
            self._jobs(office)
            _, parts = office.deliveries.file("sue", made.delivery_id)
            name = f"{school.name}-{made.number}.zip"
            (self.folder / "packs" / name).write_bytes(b"".join(parts))
            passwords[name] = password
            office.deliveries.hand_over("sue", made.delivery_id, "王老师，当面")
        path.write_text(json.dumps(passwords, ensure_ascii=False), "utf-8")

    def _corrections(self, office: Office) -> None:
        """Schools send their correction forms back. Each school reports one number as wrong, and says of one
        picture that it shows another person, which is not true."""
        self.clock.to(self.clock.now + timedelta(days=7))
        for at, school in enumerate(self.schools):
            held = self._held(office, school)
            wrong, other = held[0].row, held[1].row
            right = self._corrected(wrong.id_number)
            lines = [
                ("学校名称", school.name), ("毕业年度", YEAR), ("收到图像人数", str(len(held))),
                ("图像满意度", "满意"), ("组织满意度", "比较满意" if at % 2 else "满意"), (),
                ("序号", "姓名", "原身份证号", "错误类型", "正确身份证号", "备注"),
                ("1", wrong.name, wrong.id_number, "身份证号错误", right, ""),
                ("2", other.name, f" {other.id_number}", "图像不符", "", "请核对"),
            ]  # fmt: skip
            form = encrypted(lines, school.password)
            (self.folder / "forms" / f"{school.name}.xlsx").write_bytes(form)
            sheets = read_bytes(form, school.password)
            assert office.corrections.import_form("sue", sheets, school.name, YEAR, dry_run=False).written
            for case in office.corrections.open_kinds(school.name, YEAR):
                done = case.kind is CaseKind.WRONG_ID
                state = CaseState.DONE if done else CaseState.REFUSED
                office.corrections.close("sue", case.case_id, state, "已更正" if done else "核对无误，图像为本人")

    def _held(self, office: Office, school: MadeSchool) -> list[PrintedPerson]:
        with office.database.read() as session:
            return sorted(office.delivery_items.held(session, school.name, YEAR), key=lambda one: one.row.student_no)

    @staticmethod
    def _corrected(number: str) -> str:
        body = number[:14] + f"{(int(number[14:17]) + 600) % 1000:03}"
        return body + check_digit(body)

    def _prints(self, office: Office) -> None:
        for school in self.schools:
            office.print_jobs.ask("sue", school.name, YEAR, "six-inch")
            self._jobs(office)
            _, parts = office.print_jobs.file("sue", school.name, YEAR)
            (self.folder / "sheets" / f"{school.name}.zip").write_bytes(b"".join(parts))

    def _letters(self, office: Office) -> None:
        """Bill the people of the first two half days in a first letter, and the others in a supplementary one; schools
        pay."""
        proposed = office.payees.propose("sue", read_payee(*_PAYEE))
        office.payees.confirm("ben", proposed.payee_id, proposed.payee.digest)
        for school in self.schools:
            office.billing.issue("sue", school.name, YEAR, _FIRST.date())
        self.clock.to(datetime(2026, 11, 20, 3, 0, tzinfo=UTC))
        office.letter_jobs.ask("sue", YEAR)
        self._jobs(office)
        for one in office.letters.all(year=YEAR):
            letter, text = office.letters.letter(one.letter_id)
            path = self.folder / "letters" / f"{letter.school}-{letter.number}"
            path.with_name(f"{path.name}.pdf").write_bytes(letter_pdf(letter, text))
            people = people_workbook(office.letters.people("sue", one.letter_id))
            path.with_name(f"{path.name}.xlsx").write_bytes(people)
            office.letters.pay("sue", one.letter_id, one.fen, self.clock.now.date())

    def _tell(self, office: Office) -> None:
        for school in self.schools:
            found = office.billing.check(school.name, YEAR)
            assert found.agree == (True, True, True), (school.name, found)
            assert not found.items, "everybody was billed"
            self.figures.photographed[school.name] = found.photographed
            self.figures.approved[school.name] = found.approved
            self.figures.delivered[school.name] = found.delivered
            self.figures.billed[school.name] = found.billed
            self.figures.fen[school.name] = sum(one.fen for one in office.letters.all(school.name, YEAR))

    def _purge(self, office: Office) -> None:
        """Two years later, delete what is due, and check that every count is still the same."""
        with office.database.read() as session:
            before = session.execute(_SHOTS).scalar_one()
        self.clock.to(self.clock.now + timedelta(days=800))
        purged = office.purge.purge("sue")
        self.figures.purged = {kept.value: count for kept, count in purged.counts.items() if count}
        assert purged.left == 0, purged
        with office.database.read() as session:
            assert session.execute(_SHOTS).scalar_one() == before, "rows of shots stay, without a person"
        assert sum(one.fen for one in office.letters.all(year=YEAR)) == sum(self.figures.fen.values())
        assert not office.audit.verify(office.database)[2], "the audit's chain is whole"

    def _jobs(self, office: Office) -> None:
        runner = make_runner(office)
        while runner.run_one():
            pass
        failed = [one for one in office.jobs.newest(50) if one.fault]
        assert not failed, failed


def _half_days() -> Iterator[datetime]:
    """The mornings and afternoons of working days."""
    for day in count():
        morning = _FIRST + timedelta(days=day)
        if morning.weekday() < _WEEKEND:
            yield morning
            yield morning + _AFTERNOON


_TITLES = ("毕业年度", "学校名称", "专业名称", "班级名称", "学号", "身份证号", "姓名", "性别", "考生号")
