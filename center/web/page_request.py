"""A request for a page, with the account, the language and the form's fields; and what a page can answer."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response, StreamingResponse

from center.accounts.account import Account, Login
from center.accounts.model.roles import Right, may
from center.platform.documents.workbook import XLSX
from center.platform.faults import WrongRequest
from center.platform.limits import network_of
from center.platform.sentence import Sentence
from center.web.catalog import PageCatalog, catalog
from center.web.refusals import translated
from center.web.render import render
from center.web.services import Services
from common.catalog import SHORT_NAMES
from rules.check_words import check_unit
from rules.checks import CheckRule
from rules.season import day_in_china

_KEPT = {"school": 200, "booth": 63, "check": 40}
"""The fields of an address that are passed on from page to page, with the most characters kept of each."""

AS_WORKBOOK = "workbook"
"""The field in the query of an address by which the browser requests one table of the page as a workbook."""

IN_ANSWER = "workbook:"
"""In the page that answers a form, this text followed by a table's name stands in place of the workbook's address;
`center.web.table_workbook` replaces it by a button."""

Service = TypeVar("Service")


@dataclass(frozen=True, slots=True)
class PageRequest:
    """A request that passed the access check. `login` is None on public pages only."""

    services: Services
    http: Request
    language: str
    form: Mapping[str, tuple[str, ...]]
    login: Login | None
    file: bytes = b""

    @property
    def account(self) -> Account:
        """The account that sent the request."""
        assert self.login is not None, "the gate lets nobody else come here"
        return self.login.account

    @property
    def who(self) -> str:
        """The id of the account that sent the request."""
        return self.account.user_id

    @property
    def text(self) -> PageCatalog:
        """The texts in the asker's language."""
        return catalog(self.language)

    @property
    def address(self) -> str:
        """The client's address in the form in which the limits for one address count it (`network_of`). Behind a proxy
        it is the proxy's address, unless the configuration names the proxy.
        """
        return network_of(self.http.client.host) if self.http.client is not None else ""

    @property
    def now(self) -> datetime:
        """The office's time."""
        return self.services.clock()

    @property
    def today(self) -> date:
        """The present day in China."""
        return day_in_china(self.now)

    @property
    def kept(self) -> Mapping[str, str]:
        """The filters in the request's address (`school`, `booth`, `check`), which links to other pages repeat."""
        asked = self.http.query_params
        return {name: asked[name][:most] for name, most in _KEPT.items() if asked.get(name)}

    def service(self, kind: type[Service]) -> Service:
        """The service of this type (`center.wiring.console` says which there are)."""
        return self.services.get(kind)

    def may(self, right: Right) -> bool:
        """Whether the asker has the right."""
        return self.login is not None and may(self.login.account.role, right)

    def at(self, path: str, **more: str) -> str:
        """The address of the office's page `path`, with this request's filters and the fields `more`."""
        query = urlencode({name: value for name, value in {**self.kept, **more}.items() if value})
        return f"{path}?{query}" if query else path

    @property
    def wants_workbook(self) -> bool:
        """Whether somebody with an account requests a table of the page as a workbook."""
        return self.http.method == "GET" and self.login is not None and AS_WORKBOOK in self.http.query_params

    def as_workbook(self, table: str) -> str:
        """The address of this page, extended by the field that requests one of its tables as a workbook; in the answer
        to a form, the text that marks where the button will be put (`IN_ANSWER`). Empty without an account.
        """
        if self.login is None:
            return ""
        if self.http.method != "GET":
            return f"{IN_ANSWER}{table}"
        asked = [(name, value) for name, value in self.http.query_params.multi_items() if name != AS_WORKBOOK]
        return f"{self.http.url.path}?{urlencode([*asked, (AS_WORKBOOK, table)])}"

    def ticket(self, shot_id: str) -> str:
        """The ticket with which this session's pages can load the photo of a shot."""
        assert self.login is not None, "the gate lets nobody else come here"
        secret = self.login.csrf_token
        return self.services.office_keys.lookup("photo ticket", f"{secret}\0{shot_id}").hex()[:32]

    def photo(self, shot_id: str, which: str = "") -> str:
        """The address of a photo for this session's pages. `which`: "original" or "finished"; empty: as the booth
        sent it."""
        return f"/shots/{shot_id}/{self.ticket(shot_id)}.jpg" + (f"?{which}" if which else "")

    def translated(self, sentence: Sentence) -> str:
        """A refusal's sentence in the asker's language."""
        return translated(sentence, self.language)

    def unit(self, rule: CheckRule) -> str:
        """What a check measures, in the asker's language; without a translation, in the profile's own words."""
        return check_unit(rule.check, SHORT_NAMES[self.language]) or rule.unit

    def word(self, name: str, default: str | None = None) -> str:
        """The text of the form's field `name`. Raises `WrongRequest` if the field is missing and `default` is None."""
        values = self.form.get(name)
        if values:
            return values[0]
        if default is None:
            raise WrongRequest("the form came without {name}: load the page again", name=name)
        return default

    def number(self, name: str) -> int:
        """The form's field as a whole number. Raises `WrongRequest`."""
        word = self.word(name)
        if not word.isdecimal() or len(word) > 12:
            raise WrongRequest("the form's {name} is no number: load the page again", name=name)
        return int(word)

    def page(
        self, template: str, status: int = 200, headers: Mapping[str, str] | None = None, **values: Any
    ) -> Response:
        """A page from its template."""
        html = render(template, {"request": self, "t": self.text, "Right": Right, **values})
        return HTMLResponse(html, status, headers)

    def form_fault(self, place: str, said: str) -> Response:
        """A message about a wrong form, shown in the element `place`; the form keeps its contents."""
        headers = {"HX-Retarget": f"#{place}", "HX-Reselect": f"#{place}", "HX-Reswap": "outerHTML show:top"}
        return self.page("_fault.html", 400, headers, place=place, said=said)

    def go(self, path: str) -> Response:
        """Redirect to another page of the office. If htmx sent the request, a header names that page, because htmx
        would follow a plain redirect but keep the old address in the browser.
        """
        if "hx-request" in self.http.headers:
            return Response(headers={"HX-Redirect": path})
        return RedirectResponse(path, 303)


def download(data: bytes | Iterator[bytes], name: str, media_type: str = XLSX) -> Response:
    """A response that makes the browser store a file as `name`. `data` of a large file comes in pieces."""
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}"}
    if isinstance(data, bytes):
        return Response(data, media_type=media_type, headers=headers)
    return StreamingResponse(data, media_type=media_type, headers=headers)


def asked_school(request: PageRequest) -> tuple[str, str]:
    """School and year from the field `of` ("YEAR SCHOOL") of the form or the address; both are empty if the field is
    missing."""
    return _school_in(request.word("of", request.http.query_params.get("of", "")))


def chosen_school(request: PageRequest) -> tuple[str, str]:
    """School and year from the field `of` of a form that does something for a school. The address does not count: the
    page that it names may show another school than the form. Raises `WrongRequest` if the field is missing or no school
    is chosen.
    """
    school, year = _school_in(request.word("of"))
    if not school:
        raise WrongRequest("choose a school first")
    return school, year


def _school_in(of: str) -> tuple[str, str]:
    year, _, school = of.partition(" ")
    return school, year


def read_day(text: str) -> date | None:
    """A day in an address or a form; None if the text is empty. Raises `WrongRequest`."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise WrongRequest("a day is written like 2026-11-20: {word!r}", word=text[:20]) from None


def id_of(request: PageRequest) -> str:
    """The shot id in the address. The table of routes lets only texts with the pattern of a shot id through."""
    shot_id: str = request.http.path_params["shot_id"]
    return shot_id
