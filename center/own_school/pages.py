"""A school's own pages: progress, comparing photos with names, packs, corrections. Colleges see their majors.

No address or form names a school: the account determines it.
"""

import hmac

from starlette.responses import Response

from center.accounts.model.roles import Right
from center.attendance.model import AttendanceState
from center.corrections.model import CaseKind, CaseState, Satisfaction
from center.corrections.progress import CorrectionOverview
from center.delivery.model import Change
from center.delivery.service import Deliveries
from center.own_school.account_pages import PAGES as ACCOUNT_PAGES
from center.own_school.letter_pages import PAGES as LETTER_PAGES
from center.own_school.model import Checked, ClassChanged, NotOwn, scope_of, total
from center.own_school.roster_pages import PAGES as ROSTER_PAGES
from center.own_school.service import OwnSchool
from center.platform.faults import Conflict, NotThere, WrongRequest
from center.web.catalog import DEFAULT, catalog
from center.web.gate import SHOT, Page
from center.web.page_request import PageRequest, download, id_of

_MARKS = (CaseKind.WRONG_IMAGE, CaseKind.WRONG_ID, CaseKind.CAPTION, CaseKind.NO_IMAGE)


def progress(request: PageRequest) -> Response:
    """What the school should do next, and every class."""
    scope, service = scope_of(request.account), request.service(OwnSchool)
    year, years = _year(request)
    classes = service.classes(scope, year) if year else []
    whole = scope.majors is None
    packs = [one for one in service.packs(scope) if one.year == year] if whole else []
    progress = request.service(CorrectionOverview).of(scope.school, year)
    return request.page(
        "progress.html",
        scope=scope,
        year=year,
        years=years,
        classes=classes,
        counts=total(classes),
        states=list(AttendanceState),
        to_check=[one for one in classes if one.counts[AttendanceState.APPROVED] and one.checked is not Checked.DONE],
        to_take=[one for one in packs if one.handed_over_at is None],
        term=progress if whole else None,
        today=request.today,
    )


def checking(request: PageRequest) -> Response:
    """The classes, or one of them with each photo next to its name."""
    return _checking(request, request.http.query_params.get("class", ""))


def mark(request: PageRequest) -> Response:
    """Mark what is wrong with one graduate's photo or data, or withdraw a mark."""
    scope, service, of = scope_of(request.account), request.service(OwnSchool), request.word("class")
    if request.word("do", "mark") == "take_back":
        try:
            service.take_back(request.who, scope, request.number("case"))
        except NotOwn:
            return _checking(request, of, 409, problem=request.text("own.not_own"))
        return _checking(request, of)
    kind = request.word("kind")
    if kind not in set(CaseKind):
        raise WrongRequest("choose what is wrong")
    try:
        service.mark(
            request.who,
            scope,
            request.word("row"),
            CaseKind(kind),
            request.word("right_id", ""),
            request.word("remark", ""),
        )
    except WrongRequest:
        return _checking(request, of, 400, problem=request.text("own.wrong_number"))
    except Conflict:
        return _checking(request, of, 409, problem=request.text("own.marked_already"))
    return _checking(request, of, done=request.text("own.marked"))


def confirm_class(request: PageRequest) -> Response:
    """Note that a class was checked, and show the next one."""
    scope, (year, _) = scope_of(request.account), _year(request)
    try:
        request.service(OwnSchool).confirm_class(request.who, scope, year, request.word("class"), request.word("seen"))
    except ClassChanged:
        return _checking(request, request.word("class"), 409, problem=request.text("own.class_changed"))
    except Conflict:
        return _checking(request, request.word("class"), 409, problem=request.text("own.nothing_to_check"))
    return _checking(request, "", done=request.text("own.class_confirmed"))


def photo(request: PageRequest) -> Response:
    """A small copy of a photo, for the page that shows it next to the name."""
    shot_id = id_of(request)
    if not hmac.compare_digest(request.http.path_params["ticket"].encode(), request.ticket(shot_id).encode()):
        raise NotThere("there is no such photo")
    jpeg = request.service(OwnSchool).photo(scope_of(request.account), shot_id)
    return Response(jpeg, media_type="image/jpeg")


def take(request: PageRequest) -> Response:
    """A delivery's file."""
    made = request.service(OwnSchool).pack(scope_of(request.account), request.number("delivery"))
    try:
        name, data = request.service(Deliveries).file(request.who, made.delivery_id)
    except Conflict:
        return packs(request, 409, problem=request.text("own.not_built"))
    return download(data, name, "application/zip")


def build(request: PageRequest) -> Response:
    """Request that a delivery's file is built again."""
    made = request.service(OwnSchool).pack(scope_of(request.account), request.number("delivery"))
    request.service(Deliveries).build_again(request.who, made.delivery_id)
    return packs(request, done=request.text("own.building"))


def confirm_pack(request: PageRequest) -> Response:
    """Confirm that the school has received a delivery: its term for corrections begins."""
    made = request.service(OwnSchool).pack(scope_of(request.account), request.number("delivery"))
    try:
        request.service(Deliveries).hand_over(
            # This text is stored and printed on the Chinese slip, so it is not in the clerk's language.
            request.who,
            made.delivery_id,
            catalog(DEFAULT).text("own.confirmed_by", name=request.account.name),
        )
    except Conflict:
        return packs(request, 409, problem=request.text("own.confirmed_before"))
    return packs(request, done=request.text("own.pack_confirmed"))


def finish(request: PageRequest) -> Response:
    """The school's answer: it has marked everything that is wrong, and how satisfied it is."""
    scope, (year, _) = scope_of(request.account), _year(request)
    answers = [request.word(name) for name in ("images", "organisation")]
    if not set(answers) <= set(Satisfaction):
        raise WrongRequest("choose how satisfied the school is")
    images, organisation = map(Satisfaction, answers)
    service, count = request.service(OwnSchool), request.number("head_count")
    try:
        service.finish(request.who, scope, year, images, organisation, count, request.word("opinion", ""))
    except Conflict:
        return feedback(request, 409, problem=request.text("own.nothing_received"))
    return feedback(request, done=request.text("own.finished"))


def _year(request: PageRequest) -> tuple[str, list[str]]:
    """The year in the request, or the newest one; and all years."""
    years = request.service(OwnSchool).years(scope_of(request.account))
    asked = request.word("year", request.http.query_params.get("year", ""))
    return (asked if asked in years else years[0] if years else ""), years


def _checking(request: PageRequest, key: str, status: int = 200, *, problem: str = "", done: str = "") -> Response:
    scope, service = scope_of(request.account), request.service(OwnSchool)
    year, years = _year(request)
    classes = service.classes(scope, year) if year else []
    of = service.school_class(scope, year, key) if key else None
    after = [one for one in classes if one.checked is not Checked.DONE and one.counts[AttendanceState.APPROVED]]
    return request.page(
        "checking.html",
        status,
        scope=scope,
        year=year,
        years=years,
        classes=classes,
        of=of,
        lines=service.lines(request.who, scope, year, of) if of else [],
        next_class=next((one for one in after if of is None or one.key != of.key), None),
        name_of=request.services.accounts.name_of,
        kinds=_MARKS,
        approved=AttendanceState.APPROVED,
        problem=problem,
        done=done,
    )


def packs(request: PageRequest, status: int = 200, *, problem: str = "", done: str = "") -> Response:
    """The school's deliveries."""
    found = request.service(OwnSchool).packs(scope_of(request.account))
    return request.page(
        "packs.html",
        status,
        packs=found,
        builds=request.service(Deliveries).builds(found),
        changes=list(Change),
        problem=problem,
        done=done,
    )


def feedback(request: PageRequest, status: int = 200, *, problem: str = "", done: str = "") -> Response:
    """What the school marked, what the office did about it, and the school's answer to the office."""
    scope, service = scope_of(request.account), request.service(OwnSchool)
    year, years = _year(request)
    progress = request.service(CorrectionOverview).of(scope.school, year)
    received = [one for one in service.packs(scope) if one.year == year and one.handed_over_at]
    count = sum(one.counts.get(Change.NEW, 0) - one.counts.get(Change.WITHDRAWN, 0) for one in received)
    return request.page(
        "feedback.html",
        status,
        scope=scope,
        year=year,
        years=years,
        cases=service.cases(request.who, scope, year) if year else [],
        open_state=CaseState.OPEN,
        progress=progress,
        received=bool(received),
        head_count=count,
        answers=list(Satisfaction),
        today=request.today,
        problem=problem,
        done=done,
    )


PAGES = (
    Page("GET", "/progress", progress, Right.PROGRESS),
    Page("GET", "/checking", checking, Right.CHECKING),
    Page("POST", "/checking/mark", mark, Right.CHECKING, once=True),
    Page("POST", "/checking/confirm", confirm_class, Right.CHECKING),
    Page("GET", f"/checking/{SHOT}/{{ticket}}.jpg", photo, Right.CHECKING),
    Page("GET", "/packs", packs, Right.PACKS),
    Page("POST", "/packs/take", take, Right.PACKS),
    Page("POST", "/packs/build", build, Right.PACKS),
    Page("POST", "/packs/confirm", confirm_pack, Right.PACKS),
    Page("GET", "/feedback", feedback, Right.FEEDBACK),
    Page("POST", "/feedback", finish, Right.FEEDBACK, once=True),
    *LETTER_PAGES,
    *ROSTER_PAGES,
    *ACCOUNT_PAGES,
)
