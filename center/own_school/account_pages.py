"""Accounts for the colleges of a school, made by the school's own account and seen by nobody else's."""

from starlette.responses import Response

from center.accounts.model.roles import College, Right, Role
from center.accounts.pages import drawn_password, shown_once
from center.accounts.service import Account, Accounts
from center.own_school.model import scope_of
from center.own_school.service import OwnSchool
from center.platform.faults import Conflict, NotThere, WrongRequest
from center.web.gate import Page
from center.web.page_request import PageRequest

_MOST_ACCOUNTS = 100
_MOST_COLLEGE = 80
_BACK = "/colleges"


def colleges(call: PageRequest) -> Response:
    """The school's colleges with an account, and the form for another one."""
    return _page(call)


def add(call: PageRequest) -> Response:
    """Make a college's account; password and authenticator code are shown once."""
    typed, college = call.word("name").strip(), " ".join(call.word("college", "").split())
    majors = tuple(dict.fromkeys(call.form.get("majors", ())))
    if not college or len(college) > _MOST_COLLEGE or not majors or not set(majors) <= set(_majors(call)):
        return _page(call, 400, problem=call.text("own.college_needs"))
    if len(_own(call)) >= _MOST_ACCOUNTS:
        return _page(call, 409, problem=call.text("own.college_too_many", most=_MOST_ACCOUNTS))
    password = drawn_password()
    # Under the school's own name: whether a name is taken tells nothing about anybody else's accounts.
    name = f"{call.account.name}.{typed}"
    try:
        address = call.service(Accounts).add(
            call.who,
            name,
            Role.COLLEGE,
            password,
            scope_of(call.account).school,
            college=College(college, majors),
            must_change=True,
        )
    except Conflict:
        return _page(call, 409, problem=call.text("accounts.taken", name=name))
    except WrongRequest:
        return _page(call, 400, problem=call.text("accounts.bad_name"))
    return shown_once(call, "new_title", name, password=password, address=address, back=_BACK)


def change(call: PageRequest) -> Response:
    """Close a college's account, open it again, or reset its password or app. Raises `NotThere`."""
    accounts, name = call.service(Accounts), _one(call).name
    match call.word("do"):
        case "disable":
            accounts.disable(call.who, name)
        case "reopen":
            accounts.reopen(call.who, name)
        case "password":
            password = drawn_password()
            accounts.reset_password(call.who, name, password)
            return shown_once(call, "password_title", name, password=password, back=_BACK)
        case "app":
            address = accounts.reset_second_factor(call.who, name)
            return shown_once(call, "app_title", name, address=address, back=_BACK)
        case _:
            raise WrongRequest("there is no such thing to do: load the page again")
    return call.go(_BACK)


def _own(call: PageRequest) -> list[Account]:
    school = scope_of(call.account).school
    return [one for one in call.service(Accounts).all() if one.role is Role.COLLEGE and one.school == school]


def _one(call: PageRequest) -> Account:
    """The college's account that the form names; another school's is not there."""
    found = next((one for one in _own(call) if one.name == call.word("name")), None)
    if found is None:
        raise NotThere("there is no such account of a college")
    return found


def _majors(call: PageRequest) -> list[str]:
    scope, service = scope_of(call.account), call.service(OwnSchool)
    return sorted({major for year in service.years(scope)[:2] for major in service.majors(scope, year)})


def _page(call: PageRequest, status: int = 200, *, problem: str = "") -> Response:
    typed = {"name": call.word("name", ""), "college": call.word("college", "")}
    return call.page(
        "colleges.html", status, accounts=_own(call), majors=_majors(call), typed=typed, problem=problem, done=""
    )


PAGES = (
    Page("GET", "/colleges", colleges, Right.COLLEGES),
    Page("POST", "/colleges", add, Right.COLLEGES),
    Page("POST", "/colleges/change", change, Right.COLLEGES),
)
