"""Accounts for the colleges of a school: the school's own account makes them, and no other school sees them."""

from starlette.responses import Response

from center.accounts.account import Account
from center.accounts.model.roles import College, Right, Role
from center.accounts.pages import first_password, shown_once
from center.accounts.service import Accounts
from center.own_school.model import scope_of
from center.own_school.service import OwnSchool
from center.platform.faults import Conflict, NotThere, WrongRequest
from center.web.gate import Page
from center.web.page_request import PageRequest

_MOST_ACCOUNTS = 100
_MOST_COLLEGE = 80
_BACK = "/colleges"


def add(request: PageRequest) -> Response:
    """Make a college's account; password and authenticator code are shown once."""
    typed, college = request.word("name").strip(), " ".join(request.word("college", "").split())
    majors = tuple(dict.fromkeys(request.form.get("majors", ())))
    if not college or len(college) > _MOST_COLLEGE or not majors or not set(majors) <= set(_majors(request)):
        return colleges(request, 400, problem=request.text("own.college_needs"))
    if len(_own(request)) >= _MOST_ACCOUNTS:
        return colleges(request, 409, problem=request.text("own.college_too_many", most=_MOST_ACCOUNTS))
    password = first_password()
    # The name begins with the school's own, so that the refusal of a taken name reveals nothing about other schools.
    name = f"{request.account.name}.{typed}"
    try:
        address = request.service(Accounts).add(
            request.who,
            name,
            Role.COLLEGE,
            password,
            scope_of(request.account).school,
            college=College(college, majors),
            must_change=True,
        )
    except Conflict:
        return colleges(request, 409, problem=request.text("accounts.taken", name=name))
    except WrongRequest:
        return colleges(request, 400, problem=request.text("accounts.bad_name"))
    return shown_once(request, "new_title", name, password=password, address=address, back=_BACK)


def change(request: PageRequest) -> Response:
    """Close a college's account, open it again, or reset its password or authenticator app. Raises `NotThere`."""
    accounts, name = request.service(Accounts), _one(request).name
    match request.word("do"):
        case "disable":
            accounts.disable(request.who, name)
        case "reopen":
            accounts.reopen(request.who, name)
        case "password":
            password = first_password()
            accounts.reset_password(request.who, name, password)
            return shown_once(request, "password_title", name, password=password, back=_BACK)
        case "app":
            address = accounts.reset_second_factor(request.who, name)
            return shown_once(request, "app_title", name, address=address, back=_BACK)
        case _:
            raise WrongRequest("there is no such thing to do: load the page again")
    return request.go(_BACK)


def _own(request: PageRequest) -> list[Account]:
    school = scope_of(request.account).school
    return [one for one in request.service(Accounts).all() if one.role is Role.COLLEGE and one.school == school]


def _one(request: PageRequest) -> Account:
    """The college's account that the form names; it must belong to this school."""
    found = next((one for one in _own(request) if one.name == request.word("name")), None)
    if found is None:
        raise NotThere("there is no such account of a college")
    return found


def _majors(request: PageRequest) -> list[str]:
    scope, service = scope_of(request.account), request.service(OwnSchool)
    return sorted({major for year in service.years(scope)[:2] for major in service.majors(scope, year)})


def colleges(request: PageRequest, status: int = 200, *, problem: str = "") -> Response:
    """The school's colleges that have an account, and the form for a new one."""
    typed = {"name": request.word("name", ""), "college": request.word("college", "")}
    return request.page(
        "colleges.html", status, accounts=_own(request), majors=_majors(request), typed=typed, problem=problem, done=""
    )


PAGES = (
    Page("GET", "/colleges", colleges, Right.COLLEGES),
    Page("POST", "/colleges", add, Right.COLLEGES, many=True, once=True),
    Page("POST", "/colleges/change", change, Right.COLLEGES, once=True),
)
