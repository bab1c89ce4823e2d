"""Access control of every page.

It checks in this order: the origin of a request that changes something, the session in the database, the form's token,
the right of the role. Only then the page runs; it runs in a thread, because the database blocks.
"""

import asyncio
import hmac
import logging
import math
import re
import traceback
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal, TypeVar
from urllib.parse import parse_qsl, quote, urlsplit

from anyio import CapacityLimiter, to_thread
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from center.accounts.model.roles import Right, require
from center.accounts.sent_forms import SentForms
from center.platform import faults
from center.platform.faults import NotAllowed, OfficeFault, SentBefore, TooOften, Unavailable, WrongRequest
from center.platform.limits import Rate, network_of
from center.platform.plain_text import require_plain
from center.web.catalog import catalog, preferred
from center.web.page_request import PageRequest
from center.web.refusals import WRITTEN_IN, is_translated
from center.web.services import Services
from center.web.table_workbook import table_workbook, with_workbooks
from common.catalog import SHORT_NAMES

log = logging.getLogger(__name__)

SESSION_COOKIE = "__Host-session"
LANGUAGE_COOKIE = "__Host-language"
BROWSER_COOKIE = "__Host-browser"

TIMED = "timed-request"
"""The header of requests that a page makes by itself (`console.js`); such a request does not keep the login alive."""

_OPEN = Response()
_ORIGIN = re.compile(r"https?://[^/]*")

WHOLE_PAGE = {"HX-Retarget": "#page", "HX-Reselect": "#page", "HX-Reswap": "outerHTML show:window:top"}
"""The headers of an answer, such as a refusal, that replaces the whole page although the browser asked for only a part
of it."""

_MOST_BYTES, _MOST_FIELDS = 64 * 1024, 400
_MOST_BYTES_OF_MANY, _MOST_FIELDS_OF_MANY = 2 << 20, 10_000
"""The most bytes and the most fields of a form that has a field for each item of a growing list (`Page.many`)."""
_FORM_S, _FILE_S = 10, 300
"""Within how many seconds a form without a file, and a form with a file, must have arrived. The second limit is for the
slowest connection of a school."""
_MOST_WAITING = 100  # the most requests that wait for a thread, in each share of the threads
_MOST_FILES_WAITING = 8  # the most uploaded files that wait in memory to be read
_PATIENCE_S = 2.0
"""How long a request beyond the limits waits before it is refused. A client that is refused at once asks again at once,
and a hundred such clients load the server more than a thousand that wait.
"""
_STATUS: tuple[tuple[type[OfficeFault], int], ...] = (
    (faults.Conflict, 409),
    (faults.NotAllowed, 403),
    (faults.NotThere, 404),
    (faults.WrongRequest, 400),
    (faults.TooOften, 429),
    (faults.Unavailable, 503),
)
_REFUSALS = (faults.Conflict, faults.NotAllowed, faults.NotThere, faults.WrongRequest, faults.TooOften)
"""If a page raises one of these faults, it has done nothing of what the form asks for."""

_ANOTHER_SITE = (
    "this came from another site and was not done: open the page here and try again. If it was this page: the request "
    "names the host {host!r}, so a proxy before the office does not pass on what it must: the headers Host, "
    "X-Forwarded-For and X-Forwarded-Proto as in packaging/proxy, and its address in server.proxies"
)

SHOT = "{shot_id:shot}"
"""A shot's id in an address."""

Form = Mapping[str, tuple[str, ...]]
Handler = Callable[[PageRequest], Response]
Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Page:
    """An entry of the table of pages. `right` None: open to every account; `public`: open without login."""

    method: str
    path: str
    handler: Handler
    right: Right | None = None
    public: bool = False
    by_address: Literal["visits", "polls"] | None = None  # which limit of `Services` holds for one address
    file_bytes: int = 0  # the form contains a file of at most this many bytes
    many: bool = False  # the form has a field for each item of a list that grows with the data
    once: bool = False  # a form of this page that arrives a second time (double click, reload) does nothing more
    hashes: bool = False  # the page hashes a stranger's password, which takes long on purpose
    first_password: bool = False  # the page is open even to accounts that must change their password


class _TooLarge(WrongRequest):
    """The request is larger than any of our forms."""


def endpoint(page: Page, services: Services) -> Callable[[Request], Awaitable[Response]]:
    """The ASGI endpoint of a page."""

    threads = services.threads_of(public=page.public, hashes=page.hashes)

    async def run(work: Callable[[], Answer], share: CapacityLimiter = threads, most: int = _MOST_WAITING) -> Answer:
        """Run `work` in a thread of `share`; refuse if too many requests wait for a thread of `share`, both now and a
        little later."""
        if not _has_room(share, most):
            await asyncio.sleep(_PATIENCE_S)
            if not _has_room(share, most):
                raise Unavailable("the office has too much to do at this moment: try again in a few seconds")
        return await to_thread.run_sync(work, limiter=share)

    async def answer(request: Request) -> Response:
        form: Form = {}
        try:
            if page.by_address is not None:
                take_one({"visits": services.visits, "polls": services.polls}[page.by_address], request)
            if page.file_bytes or page.many:
                # Access is checked before the form is read: only an account that may use the page gets this much time
                # and memory.
                shut = await run(partial(_check_access, page, services, request))
                if shut is not None:
                    return shut
            if page.file_bytes:
                form, file = await _form_and_file(request, page.file_bytes)
                work = partial(_answer, page, services, request, form, file)
                return await run(work, services.file_threads, _MOST_FILES_WAITING)
            if page.method == "POST":
                form = await _form(request, many=page.many)
            return await run(partial(_answer, page, services, request, form))
        except (WrongRequest, TooOften, Unavailable) as fault:
            return refused(PageRequest(services, request, language_of(request), {}, None), fault)

    return answer


def _has_room(threads: CapacityLimiter, most: int) -> bool:
    return threads.statistics().tasks_waiting < most


def _check_access(page: Page, services: Services, request: Request) -> Response | None:
    """The answer to a request that may not use the page; None: continue and read its form."""
    answer = _answer(replace(page, handler=lambda _: _OPEN), services, request, None)
    return None if answer is _OPEN else answer


def _answer(page: Page, services: Services, http: Request, form: Form | None, file: bytes = b"") -> Response:
    """Check access and run the page. `form` is None while neither the form nor its token has been read."""
    request = PageRequest(services, http, language_of(http), form or {}, None)
    try:
        require_plain(map("".join, http.query_params.multi_items()))
        if page.method == "POST":
            check_origin(http)
        token = http.cookies.get(SESSION_COOKIE, "")
        login = services.accounts.session(token, extend=TIMED not in http.headers) if token else None
        request = PageRequest(services, http, request.language, form or {}, login, file)
        if not page.public:
            if login is None:
                return _to_login(request)
            if page.method == "POST" and form is not None:
                _check_token(request)
            if login.account.must_change and not page.first_password:
                return request.go("/account")
            if page.right is not None:
                require(login.account.role, page.right)
        answer = _answer_once(page, request) if page.once else page.handler(request)
        if request.wants_workbook:
            return table_workbook(request, answer)
        return with_workbooks(request, answer) if page.method == "POST" else answer
    except OfficeFault as fault:
        if isinstance(fault, NotAllowed):
            who = "a stranger" if request.login is None else f"account {request.who}"
            log.warning("%s %s refused to %s: %s", page.method, page.path, who, fault)
        return refused(request, fault)
    except Exception as fault:
        # A programming error: its place is logged; its message (which may quote a person)
        # is neither logged nor shown.
        where = "".join(traceback.format_tb(fault.__traceback__))
        log.error("%s %s failed (%s)\n%s", page.method, page.path, type(fault).__name__, where)
        return _problem(request, 500, WHOLE_PAGE)


def _answer_once(page: Page, request: PageRequest) -> Response:
    """Run the page, unless this very form was sent before; a form that was refused may be sent again.

    After any other fault the form may not be sent again: the page may have done what the form asks for, and may have
    failed only while it made the answer.
    """
    number = request.word("once", "")
    if request.login is None or not number:
        return page.handler(request)
    forms, token = request.service(SentForms), request.login.token
    led_to = forms.begin(token, number)
    if led_to is not None:
        return request.go(led_to)
    try:
        answer = page.handler(request)
    except _REFUSALS:
        forms.forget(token, number)
        raise
    if 400 <= answer.status_code < 500:
        forms.forget(token, number)
    elif address := answer.headers.get("HX-Redirect") or answer.headers.get("Location"):
        forms.done(token, number, address)
    return answer


def refused(request: PageRequest, fault: OfficeFault) -> Response:
    """The page for a refusal of the office."""
    status = next((status for kind, status in _STATUS if isinstance(fault, kind)), 500)
    if isinstance(fault, _TooLarge):
        status = 413
    kind = {
        400: "wrong",
        403: "forbidden",
        404: "missing",
        409: "conflict",
        413: "wrong",
        429: "often",
        503: "unavailable",
    }
    if isinstance(fault, SentBefore):
        kind[409] = "sent"
    detail = "" if isinstance(fault, SentBefore) else request.translated(fault.sentence)
    spoken = request.language if is_translated(fault.sentence, request.language) else WRITTEN_IN
    if isinstance(fault, NotAllowed) and request.language != "en":
        detail, spoken = catalog(request.language).text(f"refusal.{fault.why}", **fault.values), request.language
    headers = dict(WHOLE_PAGE)
    if isinstance(fault, TooOften):
        detail, headers["Retry-After"] = "", str(fault.wait_s)
    # `again`: a link to the page with the form. A GET request for the address to which a form is sent leads there.
    again = request.http.url.path if status == 409 and request.http.method == "POST" else ""
    return _problem(request, status, headers, kind=kind.get(status, "fault"), detail=detail, spoken=spoken, again=again)


def _problem(
    request: PageRequest,
    status: int,
    headers: Mapping[str, str],
    *,
    kind: str = "fault",
    detail: str = "",
    spoken: str = WRITTEN_IN,
    again: str = "",
) -> Response:
    """The page for any problem. An argument that the caller leaves out has a value that the template can show."""
    return request.page("problem.html", status, headers, kind=kind, detail=detail, spoken=spoken, again=again)


def take_one(rate: Rate, request: Request) -> None:
    """Count the request for the limit of the address that it comes from. Raises `TooOften`."""
    wait_s = rate.take(network_of(request.client.host) if request.client is not None else "")
    if wait_s > 0:
        raise TooOften(math.ceil(wait_s))


def language_of(request: Request) -> str:
    """The language that the asker chose, else that of the browser."""
    chosen = request.cookies.get(LANGUAGE_COOKIE, "")
    return chosen if chosen in SHORT_NAMES else preferred(request.headers.get("accept-language", ""))


def check_origin(request: Request) -> None:
    """Refuse requests that another site made the browser send. Raises `NotAllowed`.

    Browsers name the form's site in `Origin`, newer ones also in `Sec-Fetch-Site`; a client that sends neither is not a
    browser, and is refused, too.
    """
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    if site not in (None, "same-origin"):
        raise NotAllowed("this came from another site and was not done: open the page here and try again", "site")
    if origin is None:
        if site is None:
            raise NotAllowed("the browser did not say where this came from, so it was not done", "no_origin")
        return
    host = request.headers.get("host", "")
    if urlsplit(origin).netloc.lower() != host.lower():
        # There is another possible cause: a proxy has changed `Host`. So the message also tells the proxy's
        # administrator what to do.
        raise NotAllowed(_ANOTHER_SITE, "host", host=host[:100])


def _check_token(request: PageRequest) -> None:
    assert request.login is not None, "asked before"
    if not hmac.compare_digest(request.word("csrf", "").encode(), request.login.csrf_token.encode()):
        raise NotAllowed("the page was made for another login and nothing was done: load it again", "login")


def _to_login(request: PageRequest) -> Response:
    http = request.http
    by_script = "hx-request" in http.headers
    wanted = "/"
    if TIMED in http.headers:
        # After the login, the browser goes back to the whole page, not to the part of it that was requested.
        wanted = _ORIGIN.sub("", http.headers.get("hx-current-url", ""))
    elif http.method == "GET" and not by_script:
        wanted = f"{http.url.path}?{http.url.query}" if http.url.query else http.url.path
    address = "/login" if wanted in ("", "/") else f"/login?next={quote(wanted, safe='')}"
    return HTMLResponse("", 401, {"HX-Redirect": address}) if by_script else request.go(address)


async def _form(request: Request, *, many: bool) -> Form:
    """The fields of a form without a file. Such a form is URL-encoded, so no multipart reader is needed."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in ("application/x-www-form-urlencoded", ""):
        raise WrongRequest("only plain forms are read here")
    if many:
        return _fields(await _body(request, _MOST_BYTES_OF_MANY, _FORM_S), _MOST_FIELDS_OF_MANY)
    return _fields(await _body(request, _MOST_BYTES, _FORM_S))


async def _form_and_file(request: Request, most: int) -> tuple[Form, bytes]:
    """The form's fields and the file. The body is one line with the fields, then the file's bytes, so no multipart
    reader is needed.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/octet-stream":
        raise WrongRequest("the file did not come as one: load the page again")
    fields, _, file = (await _body(request, most + _MOST_BYTES, _FILE_S)).partition(b"\n")
    if len(fields) > _MOST_BYTES:
        raise _TooLarge("the form has more than {most} bytes", most=_MOST_BYTES)
    if len(file) > most:
        raise _TooLarge("the file has more than {most} bytes", most=most)
    return _fields(bytes(fields)), bytes(file)


async def _body(request: Request, most: int, within_s: float) -> bytearray:
    body = bytearray()
    try:
        async with asyncio.timeout(within_s):
            async for chunk in request.stream():
                body += chunk
                if len(body) > most:
                    raise _TooLarge("the form has more than {most} bytes", most=most)
    except TimeoutError:
        raise WrongRequest("the form did not come within {seconds:g} s: send it again", seconds=within_s) from None
    return body


def _fields(body: bytes | bytearray, most: int = _MOST_FIELDS) -> Form:
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=most, errors="strict")
    except ValueError:
        raise WrongRequest("the form can't be read") from None
    fields: dict[str, list[str]] = {}
    require_plain(map("".join, pairs))
    for name, value in pairs:
        fields.setdefault(name, []).append(value)
    return {name: tuple(values) for name, values in fields.items()}
