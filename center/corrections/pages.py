"""The pages of corrections: schools with their terms, a form previewed or imported, cases."""

from collections import Counter

from starlette.responses import Response

from center.accounts.model.roles import Right
from center.corrections.model import CaseKind, CaseState, Satisfaction
from center.corrections.progress import CorrectionOverview
from center.corrections.service import Corrections, FormOutcome
from center.corrections.workbooks import cases_workbook, form
from center.platform.faults import Conflict, WrongRequest
from center.platform.foreign_tables.reader import read_bytes
from center.platform.foreign_tables.values import TableFault
from center.roster.pages import MOST_BYTES
from center.roster.service import Roster
from center.web.gate import SHOT, Page
from center.web.page_request import PageRequest, asked_school, download, id_of


def corrections(request: PageRequest) -> Response:
    """The schools, or one school's cases."""
    return _page(request, *asked_school(request))


def import_form(request: PageRequest) -> Response:
    """Preview a form, or import the whole of it; if a row is refused, import nothing and show the reasons."""
    school, year = asked_school(request)
    do = request.word("do")
    if do not in ("look", "import") or not school:
        raise WrongRequest("a form is looked at or imported, for a school: load the page again")
    with request.service(Roster).importing:
        try:
            sheets = read_bytes(request.file, request.word("password", "") or None)
            outcome = request.service(Corrections).import_form(request.who, sheets, school, year, dry_run=do == "look")
        except TableFault as fault:
            return _page(request, school, year, status=400, fault=fault)
        except WrongRequest as fault:
            return _page(request, school, year, status=400, problem=request.translated(fault.sentence))
    return _page(request, school, year, outcome=outcome, looked=do == "look")


def close(request: PageRequest) -> Response:
    """Close a case and store what was done."""
    word = request.word("state")
    if word not in (CaseState.DONE, CaseState.REFUSED):
        raise WrongRequest("a case is done or refused: load the page again")
    request.service(Corrections).close(request.who, request.number("case"), CaseState(word), request.word("done"))
    return _page(request, *asked_school(request))


def open_case(request: PageRequest) -> Response:
    """Open a case from a photo."""
    try:
        kind = CaseKind(request.word("kind"))
    except ValueError:
        raise WrongRequest("a case has one of the kinds of the form: load the page again") from None
    try:
        words = request.word("right_id", ""), request.word("remark", "")
        request.service(Corrections).open_of_shot(request.who, id_of(request), kind, *words)
    except WrongRequest:
        return request.form_fault("case-fault", request.text("corrections.needs_number"))
    except Conflict:
        return request.form_fault("case-fault", request.text("corrections.has_case"))
    return find(request)


def find(request: PageRequest) -> Response:
    """The form for a case of the photo in the address: who it is, what is wrong."""
    found = request.service(Corrections).of_shot(request.who, id_of(request))
    return request.page("correction_of_shot.html", shot_id=id_of(request), found=found, kinds=list(CaseKind))


def blank(request: PageRequest) -> Response:
    """The empty form of a school."""
    school, year = asked_school(request)
    return download(form(school, year), f"勘误反馈表-{year}.xlsx")


def table(request: PageRequest) -> Response:
    """A school's cases as a workbook."""
    school, year = asked_school(request)
    cases = request.service(Corrections).cases(request.who, school, year)
    return download(cases_workbook(cases), f"corrections-{year}.xlsx")


def _page(
    request: PageRequest,
    school: str,
    year: str,
    *,
    status: int = 200,
    outcome: FormOutcome | None = None,
    looked: bool = False,
    fault: TableFault | None = None,
    problem: str = "",
) -> Response:
    service = request.service(Corrections)
    forms = service.forms(school, year) if school else []
    schools = request.service(CorrectionOverview).all()
    chart_year = year or max((one.year for one in schools), default="")
    of_year = [one for one in schools if one.year == chart_year]
    return request.page(
        "corrections.html",
        status,
        school=school,
        year=year,
        schools=schools,
        chart_year=chart_year,
        satisfaction={
            "images": sum((one.images for one in of_year), Counter()),
            "organisation": sum((one.organisation for one in of_year), Counter()),
        },
        today=request.today,
        answers=list(Satisfaction),
        forms=forms,
        delivered=service.delivered(forms, school, year),
        cases=service.cases(request.who, school, year) if school else [],
        open_state=CaseState.OPEN,
        outcome=outcome,
        looked=looked,
        fault=fault,
        problem=problem,
        most_mb=MOST_BYTES >> 20,
        most_bytes=MOST_BYTES,
    )


PAGES = (
    Page("GET", "/corrections", corrections, Right.CORRECTIONS),
    Page("GET", "/corrections/form", blank, Right.CORRECTIONS),
    Page("GET", "/corrections/table", table, Right.CORRECTIONS),
    Page("POST", "/corrections", import_form, Right.CORRECTIONS, file_bytes=MOST_BYTES),
    Page("GET", f"/corrections/new/{SHOT}", find, Right.REVIEW),
    Page("POST", f"/corrections/new/{SHOT}", open_case, Right.REVIEW, once=True),
    Page("POST", "/corrections/close", close, Right.CORRECTIONS),
)
