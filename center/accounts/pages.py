"""Pages of accounts and sessions: administrators manage all of them, everybody manages their own."""

from starlette.responses import Response

from center.accounts.closing import closing_counts
from center.accounts.model.login import MOST_SESSIONS
from center.accounts.model.roles import Right, Role
from center.accounts.monitor import MonitorToken
from center.accounts.review import AccountReviews
from center.accounts.review_pages import PAGES as REVIEW_PAGES
from center.accounts.service import Accounts
from center.accounts.sessions import Sessions
from center.platform.faults import Conflict, NotAllowed, NotThere, WrongRequest
from center.platform.tokens import drawn_password, hash_of
from center.web.gate import Page
from center.web.page_request import PageRequest
from center.web.qr import qr_svg

_GROUP = 5
_MADE_HERE = tuple(role for role in Role if role is not Role.COLLEGE)
"""The roles of accounts made here. A school makes its colleges' accounts itself, because it knows the majors."""


def accounts(request: PageRequest, status: int = 200, problem: str = "", token: str = "") -> Response:
    """Every account and every open session."""
    all_accounts = request.service(Accounts).all()
    return request.page(
        "accounts.html",
        status,
        problem=problem,
        typed={name: request.word(name, "") for name in ("name", "role", "school")},
        accounts=all_accounts,
        colleges=closing_counts(all_accounts),
        open_schools={one.school for one in all_accounts if one.role is Role.SCHOOL and not one.disabled},
        roles=_MADE_HERE,
        due=request.service(AccountReviews).due(),
        sessions=request.service(Sessions).open(),
        token=token,
        token_made=request.service(MonitorToken).made_at(),
    )


def add(request: PageRequest) -> Response:
    """Make an account with a random password; password and authenticator code are shown once."""
    name, role, school = request.word("name").strip(), request.word("role"), request.word("school", "").strip()
    if role not in _MADE_HERE:
        raise WrongRequest("there is no such role")
    password = first_password()
    try:
        address = request.service(Accounts).add(
            request.who, name, Role(role), password, school or None, must_change=True
        )
    except Conflict:
        return accounts(request, 409, request.text("accounts.taken", name=name))
    except NotAllowed:
        return accounts(request, 400, request.text("accounts.school_needed"))
    except WrongRequest:
        return accounts(request, 400, request.text("accounts.bad_name"))
    return shown_once(request, "new_title", name, password=password, address=address)


def reset_password(request: PageRequest) -> Response:
    """Set a new first password for somebody who lost theirs, shown once."""
    name, password = _another(request), first_password()
    request.service(Accounts).reset_password(request.who, name, password)
    return shown_once(request, "password_title", name, password=password)


def reset_app(request: PageRequest) -> Response:
    """Set a new secret for somebody's authenticator app, shown once."""
    name = _another(request)
    address = request.service(Accounts).reset_second_factor(request.who, name)
    return shown_once(request, "app_title", name, address=address)


def reopen(request: PageRequest) -> Response:
    """Open a closed account again."""
    request.service(Accounts).reopen(request.who, request.word("name"))
    return request.go("/accounts")


def make_monitor_token(request: PageRequest) -> Response:
    """Make a new token for the monitor, shown once; the previous one becomes invalid."""
    return accounts(request, token=request.service(MonitorToken).make(request.who))


def disable(request: PageRequest) -> Response:
    """Close an account and end its sessions. If it is a school's last open account, the accounts of the school's
    colleges are closed, too."""
    request.service(Accounts).disable(request.who, _another(request))
    return request.go("/accounts")


def end_session(request: PageRequest) -> Response:
    """End somebody's session at once."""
    request.service(Sessions).end(request.who, request.word("session_id"))
    return request.go("/accounts")


def end_own_session(request: PageRequest) -> Response:
    """End one of the asker's own sessions, usually on another machine. Raises `NotThere`."""
    session_id = request.word("session_id")
    if session_id not in {session.session_id for session in request.service(Sessions).open(request.who)}:
        raise NotThere("there is no such session of yours, or it ended before")
    request.service(Sessions).end(request.who, session_id)
    return request.go("/account")


def own_password(request: PageRequest) -> Response:
    """Change the asker's password; other sessions of the account end."""
    assert request.login is not None, "the gate asks"
    try:
        request.service(Sessions).change_password(
            request.who, request.login.token, request.word("old"), request.word("new")
        )
    except WrongRequest as fault:
        return own(request, status=400, problem=request.translated(fault.sentence))
    return own(request, changed=True)


def own(request: PageRequest, *, status: int = 200, problem: str = "", changed: bool = False) -> Response:
    """The asker's own account."""
    sessions = request.service(Sessions).open(request.who)
    assert request.login is not None, "the gate asks"
    present = hash_of(request.login.token).hex()
    return request.page(
        "account.html", status, sessions=sessions, present=present, problem=problem, changed=changed, most=MOST_SESSIONS
    )


def _another(request: PageRequest) -> str:
    """The account that the form names, which must not be the asker's. Raises `WrongRequest`."""
    name = request.word("name")
    if name == request.account.name:
        raise WrongRequest("this is not done to the own account: another administrator does it")
    return name


def first_password() -> str:
    """A random first password, 99 bits, in groups that are easy to type."""
    signs = drawn_password()
    return "-".join(signs[at : at + _GROUP] for at in range(0, len(signs), _GROUP))


def shown_once(
    request: PageRequest, title: str, name: str, *, password: str = "", address: str = "", back: str = "/accounts"
) -> Response:
    """The page that shows a first password, a code for the authenticator's app, or both, once."""
    code = qr_svg(address) if address else ""
    return request.page(
        "account_new.html", title=title, name=name, password=password, address=address, code=code, back=back
    )


PAGES = (
    Page("GET", "/account", own, first_password=True),
    Page("POST", "/account/password", own_password, first_password=True),
    Page("POST", "/account/end-session", end_own_session),
    Page("GET", "/accounts", accounts, Right.MANAGE_USERS),
    Page("POST", "/accounts/add", add, Right.MANAGE_USERS, once=True),
    Page("POST", "/accounts/disable", disable, Right.MANAGE_USERS),
    Page("POST", "/accounts/reopen", reopen, Right.MANAGE_USERS),
    Page("POST", "/accounts/reset-password", reset_password, Right.MANAGE_USERS, once=True),
    Page("POST", "/accounts/reset-app", reset_app, Right.MANAGE_USERS, once=True),
    Page("POST", "/accounts/monitor", make_monitor_token, Right.MANAGE_USERS, once=True),
    Page("POST", "/accounts/end-session", end_session, Right.MANAGE_USERS),
    *REVIEW_PAGES,
)
