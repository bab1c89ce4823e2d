"""The state of each school's corrections: the term of its form, what came back, which cases are open."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func, select

from center.corrections.model import TERM_DAYS, CaseState, Satisfaction
from center.corrections.tables import CorrectionCaseRow, CorrectionFormRow
from center.delivery.service import Deliveries
from center.platform.database import Database
from center.season.service import Seasons
from rules.season import day_in_china
from rules.workdays import UnconfirmedYear


@dataclass(frozen=True, slots=True)
class CorrectionProgress:
    """The state of a school's corrections. `due` is None if nothing was handed over, or if the year's working days are
    not confirmed.
    """

    school: str
    year: str
    handed_over_at: datetime | None
    due: date | None
    forms: int
    open_cases: int
    images: Counter[Satisfaction]  # how often the school's forms gave each answer about the images
    organisation: Counter[Satisfaction]  # how often they gave each answer about the organisation

    def late(self, today: date) -> bool:
        """Whether the term is over and the school has not returned its form. If the working days of the term are not
        confirmed, the term counts as over after twice as many days.
        """
        if self.handed_over_at is None or self.forms:
            return False
        surely = day_in_china(self.handed_over_at) + timedelta(days=2 * TERM_DAYS)
        return today > (self.due or surely)


class CorrectionOverview:
    """The progress of all schools' corrections. Threads may share it."""

    def __init__(self, database: Database, deliveries: Deliveries, seasons: Seasons) -> None:
        self._database = database
        self._deliveries = deliveries
        self._seasons = seasons

    def of(self, school: str, year: str) -> CorrectionProgress | None:
        """One school's progress; None if nothing was delivered to it. Raises `Unavailable`."""
        return next((one for one in self.all() if (one.school, one.year) == (school, year)), None)

    def all(self) -> list[CorrectionProgress]:
        """Every school to which something was delivered: its term, forms, open cases. Raises `Unavailable`."""
        handed: dict[tuple[str, str], datetime | None] = {}
        for one in self._deliveries.all(limit=10_000):
            known = handed.setdefault((one.school, one.year), one.handed_over_at)
            if one.handed_over_at is not None and (known is None or one.handed_over_at < known):
                handed[one.school, one.year] = one.handed_over_at
        with self._database.read() as session:
            forms = list(session.scalars(select(CorrectionFormRow)))
            counted = session.execute(
                select(CorrectionCaseRow.school, CorrectionCaseRow.year, func.count())
                .where(CorrectionCaseRow.state == CaseState.OPEN.value)
                .group_by(CorrectionCaseRow.school, CorrectionCaseRow.year)
            ).all()
        open_cases = {(school, year): count for school, year, count in counted}
        by_school: dict[tuple[str, str], list[CorrectionFormRow]] = {}
        for form in forms:
            by_school.setdefault((form.school, form.year), []).append(form)
        schools = []
        for (school, year), at in sorted(handed.items()):
            mine = by_school.get((school, year), [])
            answers = _answers(form.images for form in mine), _answers(form.organisation for form in mine)
            waiting = open_cases.get((school, year), 0)
            schools.append(CorrectionProgress(school, year, at, self._due(at), len(mine), waiting, *answers))
        return schools

    def _due(self, since: datetime | None) -> date | None:
        try:
            return None if since is None else self._seasons.due(since, TERM_DAYS)
        except UnconfirmedYear:
            return None


def _answers(words: Iterable[str | None]) -> Counter[Satisfaction]:
    return Counter(Satisfaction(word) for word in words if word is not None)
