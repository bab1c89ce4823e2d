"""The pages for login, logout and language, and the static files."""

import math
from urllib.parse import urlsplit

from starlette.responses import Response

from center.accounts.model.login import LONGEST_PASSWORD, SESSION_AT_MOST, SESSION_IDLE
from center.accounts.model.roles import Right
from center.web.gate import BROWSER_COOKIE, LANGUAGE_COOKIE, SESSION_COOKIE, Page
from center.web.page_request import PageRequest
from center.web.static_files import asset
from center.web.table_workbook import workbook_of_answer
from common.catalog import SHORT_NAMES

_A_YEAR_S = 31_536_000
_BROWSER_KEPT_S = 180 * 86_400


def home(request: PageRequest) -> Response:
    """Redirect to the asker's first page."""
    for right, path in (
        (Right.DASHBOARD, "/dashboard"),
        (Right.REVIEW, "/queue"),
        (Right.MANAGE_BOOTHS, "/booths"),
        (Right.PROGRESS, "/progress"),
        (Right.EXPORT_AUDIT, "/audit-export"),
    ):
        if request.may(right):
            return request.go(path)
    return request.go("/account")


def login_page(request: PageRequest) -> Response:
    """The login form; it says so if the browser still has the cookie of a session that has ended."""
    if request.login is not None:
        return request.go("/")
    return _form(request, 200, ended=SESSION_COOKIE in request.http.cookies)


def login(request: PageRequest) -> Response:
    """Log in with name, password and code; the refusal is always the same text, whatever was wrong."""
    name, password = request.word("name", "").strip(), request.word("password", "")
    browser = request.http.cookies.get(BROWSER_COOKIE, "")
    if len(password) > LONGEST_PASSWORD:
        return _form(request, 401, wrong=True)
    accounts, place = request.services.accounts, request.address
    wait_s = 0.0 if accounts.knows_browser(name, browser) else request.services.logins.take(place)
    if wait_s > 0:
        return _form(request, 429, wait_s=math.ceil(wait_s))
    let_in = accounts.login(name, password, _digits(request.word("code", "")), place=place, browser=browser)
    if let_in is None:
        return _form(request, 401, wrong=True)
    answer = request.go(local(request.word("next", "/")))
    for cookie, value, kept_s in (
        (SESSION_COOKIE, let_in.token, int(SESSION_AT_MOST.total_seconds())),
        (BROWSER_COOKIE, let_in.browser, _BROWSER_KEPT_S),
    ):
        answer.set_cookie(cookie, value, max_age=kept_s, path="/", secure=True, httponly=True, samesite="lax")
    return answer


def logout(request: PageRequest) -> Response:
    """End the session in the browser and in the database."""
    assert request.login is not None, "the gate asks"
    request.services.accounts.logout(request.login.token)
    answer = request.go("/login")
    answer.delete_cookie(SESSION_COOKIE, path="/", secure=True, httponly=True, samesite="lax")
    answer.headers["Clear-Site-Data"] = '"cache", "storage"'
    return answer


def language(request: PageRequest) -> Response:
    """Store the language and return to the page that had the link."""
    wanted = request.http.path_params["language"]
    came = urlsplit(request.http.headers.get("referer", ""))
    ours = came.netloc == request.http.headers.get("host", "")
    answer = request.go(local(f"{came.path}?{came.query}" if came.query else came.path) if ours else "/")
    if wanted in SHORT_NAMES:
        answer.set_cookie(
            LANGUAGE_COOKIE, wanted, max_age=_A_YEAR_S, path="/", secure=True, httponly=True, samesite="lax"
        )
    return answer


def static_file(request: PageRequest) -> Response:
    """A static file of ours."""
    return asset(request.http.path_params["name"])


def local(address: str) -> str:
    """`address` if it is a path of ours, else the start page, so that no link redirects to another site."""
    parts = urlsplit(address)
    fine = not parts.scheme and not parts.netloc and address.startswith("/") and not address.startswith(("//", "/\\"))
    return address if fine and not any(sign in address for sign in "\\\r\n\t") else "/"


def _form(request: PageRequest, status: int, *, wrong: bool = False, wait_s: int = 0, ended: bool = False) -> Response:
    return request.page(
        "login.html",
        status,
        {"Retry-After": str(wait_s)} if wait_s else None,
        wrong=wrong,
        ended=int(SESSION_IDLE.total_seconds() / 60) if ended else 0,
        wait_s=wait_s,
        name=request.word("name", "")[:40],
        next=local(request.word("next", request.http.query_params.get("next", "/"))),
        plain=request.http.url.scheme != "https" and request.http.url.hostname not in ("127.0.0.1", "localhost", "::1"),
    )


def _digits(code: str) -> str:
    return "".join(sign for sign in code if sign.isascii() and sign.isdecimal())[:8]


PAGES = (
    Page("GET", "/static/{name}", static_file, public=True),
    Page("GET", "/language/{language}", language, public=True),
    Page("GET", "/login", login_page, public=True),
    Page("POST", "/login", login, public=True, hashes=True),
    Page("GET", "/", home),
    Page("POST", "/logout", logout, first_password=True),
    Page("POST", "/workbook", workbook_of_answer, many=True),
)
