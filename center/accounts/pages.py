"""Pages of accounts and sessions: administrators manage all of them, everybody manages their own."""

import io
import secrets

import segno
from starlette.responses import Response

from center.accounts.model.roles import Right, Role
from center.accounts.monitor import MonitorToken
from center.accounts.service import Accounts
from center.accounts.sessions import Sessions, session_name
from center.platform.faults import Conflict, NotAllowed, NotThere, WrongRequest
from center.web.gate import Page
from center.web.page_request import PageRequest

_SIGNS = "23456789abcdefghjkmnpqrstuvwxyz"
_GROUPS, _GROUP = 4, 5
_MADE_HERE = tuple(role for role in Role if role is not Role.COLLEGE)
"""A college's account is made by its school, which knows the majors."""


def accounts(call: PageRequest) -> Response:
    """Every account and every open session."""
    return _accounts(call)


def _accounts(call: PageRequest, status: int = 200, problem: str = "", token: str = "") -> Response:
    return call.page(
        "accounts.html",
        status,
        problem=problem,
        typed={name: call.word(name, "") for name in ("name", "role", "school")},
        accounts=call.service(Accounts).all(),
        roles=_MADE_HERE,
        sessions=call.service(Sessions).open(),
        token=token,
        token_made=call.service(MonitorToken).made_at(),
    )


def add(call: PageRequest) -> Response:
    """Make an account with a random password; password and authenticator code are shown once."""
    name, role, school = call.word("name").strip(), call.word("role"), call.word("school", "").strip()
    if role not in _MADE_HERE:
        raise WrongRequest("there is no such role")
    password = drawn_password()
    try:
        address = call.service(Accounts).add(call.who, name, Role(role), password, school or None, must_change=True)
    except Conflict:
        return _accounts(call, 409, call.text("accounts.taken", name=name))
    except NotAllowed:
        return _accounts(call, 400, call.text("accounts.school_needed"))
    except WrongRequest:
        return _accounts(call, 400, call.text("accounts.bad_name"))
    return shown_once(call, "new_title", name, password=password, address=address)


def reset_password(call: PageRequest) -> Response:
    """Set a new first password for somebody who lost theirs, shown once."""
    name, password = _another(call), drawn_password()
    call.service(Accounts).reset_password(call.who, name, password)
    return shown_once(call, "password_title", name, password=password)


def reset_app(call: PageRequest) -> Response:
    """Set a new secret for somebody's authenticator app, shown once."""
    name = _another(call)
    address = call.service(Accounts).reset_second_factor(call.who, name)
    return shown_once(call, "app_title", name, address=address)


def reopen(call: PageRequest) -> Response:
    """Open a closed account again."""
    call.service(Accounts).reopen(call.who, call.word("name"))
    return call.go("/accounts")


def make_monitor_token(call: PageRequest) -> Response:
    """Make a new token for the monitor, shown once; the previous one becomes invalid."""
    return _accounts(call, token=call.service(MonitorToken).make(call.who))


def disable(call: PageRequest) -> Response:
    """Close an account and end its sessions."""
    call.service(Accounts).disable(call.who, _another(call))
    return call.go("/accounts")


def end_session(call: PageRequest) -> Response:
    """End somebody's session at once."""
    call.service(Sessions).end(call.who, call.word("session_id"))
    return call.go("/accounts")


def own(call: PageRequest) -> Response:
    """The asker's own account."""
    return _own(call)


def end_own_session(call: PageRequest) -> Response:
    """End one of the asker's own sessions, usually on another machine. Raises `NotThere`."""
    session_id = call.word("session_id")
    if session_id not in {session.session_id for session in call.service(Sessions).open(call.who)}:
        raise NotThere("there is no such session of yours, or it ended before")
    call.service(Sessions).end(call.who, session_id)
    return call.go("/account")


def own_password(call: PageRequest) -> Response:
    """Change the asker's password; other sessions of the account end."""
    assert call.login is not None, "the gate asks"
    try:
        call.service(Sessions).change_password(call.who, call.login.token, call.word("old"), call.word("new"))
    except WrongRequest as fault:
        return _own(call, status=400, problem=str(fault))
    return _own(call, changed=True)


def _own(call: PageRequest, *, status: int = 200, problem: str = "", changed: bool = False) -> Response:
    sessions = call.service(Sessions).open(call.who)
    assert call.login is not None, "the gate asks"
    present = session_name(call.login.token).hex()
    return call.page("account.html", status, sessions=sessions, present=present, problem=problem, changed=changed)


def _another(call: PageRequest) -> str:
    """The account that the form names, which must not be the asker's. Raises `WrongRequest`."""
    name = call.word("name")
    if name == call.account.name:
        raise WrongRequest("this is not done to the own account: another administrator does it")
    return name


def drawn_password() -> str:
    """A random first password, 99 bits."""
    return "-".join("".join(secrets.choice(_SIGNS) for _ in range(_GROUP)) for _ in range(_GROUPS))


def shown_once(
    call: PageRequest, title: str, name: str, *, password: str = "", address: str = "", back: str = "/accounts"
) -> Response:
    """The page that shows a first password, a code for the authenticator's app, or both, once."""
    code = _code(address) if address else ""
    return call.page(
        "account_new.html", title=title, name=name, password=password, address=address, code=code, back=back
    )


def _code(address: str) -> str:
    """The QR code as SVG with presentation attributes only: the pages allow no inline styles."""
    out = io.BytesIO()
    segno.make(address, error="m").save(out, kind="svg", scale=5, border=4, xmldecl=False, svgns=True, svgclass="qr")
    return out.getvalue().decode()


PAGES = (
    Page("GET", "/account", own, first_password=True),
    Page("POST", "/account/password", own_password, first_password=True),
    Page("POST", "/account/end-session", end_own_session),
    Page("GET", "/accounts", accounts, Right.MANAGE_USERS),
    Page("POST", "/accounts/add", add, Right.MANAGE_USERS),
    Page("POST", "/accounts/disable", disable, Right.MANAGE_USERS),
    Page("POST", "/accounts/reopen", reopen, Right.MANAGE_USERS),
    Page("POST", "/accounts/reset-password", reset_password, Right.MANAGE_USERS),
    Page("POST", "/accounts/reset-app", reset_app, Right.MANAGE_USERS),
    Page("POST", "/accounts/monitor", make_monitor_token, Right.MANAGE_USERS),
    Page("POST", "/accounts/end-session", end_session, Right.MANAGE_USERS),
)
