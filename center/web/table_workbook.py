"""Any table of a page as a workbook: the page is made again for the same account, and the table is read from it.

So a workbook never contains more than its page shows (masked numbers stay masked), and it needs the same right as the
page. If the page writes an audit entry because it shows names, that entry is written for the workbook, too; the
download is an entry of its own. A template names its table (`data-sheet="..."`) and puts `parts.workbook("...")` below
it.

The answer to a form can't be requested again. So each of its tables has a button that sends the table back, sealed by
the office. When somebody presses the button, the workbook is made and its download is audited.
"""

import base64
import json
import re
import zlib
from dataclasses import asdict, dataclass
from html.parser import HTMLParser
from urllib.parse import quote

from starlette.responses import Response

from center.audit.service import Audit
from center.platform.database import Database
from center.platform.documents.workbook import XLSX, Column, workbook
from center.platform.faults import NotThere, WrongRequest
from center.platform.office_keys import OfficeKeysFault
from center.web.page_request import AS_WORKBOOK, IN_ANSWER, PageRequest

_SEALED = "table"
_MOST_TITLE = 31  # characters of a sheet's name
_NO_TITLE = re.compile(r"[\[\]:*?/\\']")  # Excel refuses these characters
_SILENT = frozenset({"button", "script", "style", "svg", "template", "textarea"})
_ENDLESS = frozenset({"br", "col", "hr", "img", "input", "link", "meta", "rect", "path", "circle", "line"})
_HEADINGS = frozenset({"h1", "h2", "h3"})
_LINK = re.compile(rf'<p class="to-workbook"><a href="{IN_ANSWER}([a-z_0-9]+)" download>([^<]*)</a></p>'.encode())
_BREAKS = frozenset({"br", "p", "div", "li", "label", "dt"})


def table_workbook(request: PageRequest, page: Response) -> Response:
    """The table `?workbook=NAME` of `page` as a workbook; a refusal or redirect is returned unchanged.

    Raises `NotThere` if the page has no such table at present.
    """
    if page.status_code != 200 or page.media_type != "text/html":
        return page
    table = _read(request, bytes(page.body).decode(), request.http.query_params[AS_WORKBOOK])
    if table is None:
        raise NotThere("this table is not on its page now: load the page again")
    return _downloaded(request, table)


def with_workbooks(request: PageRequest, page: Response) -> Response:
    """The answer to a form, in which a button replaces each link to a workbook; a link whose table is not on the page
    is removed."""
    if page.media_type != "text/html" or _LINK.search(bytes(page.body)) is None:
        return page
    html, keys = bytes(page.body).decode(), request.services.office_keys

    def filled(link: re.Match[bytes]) -> bytes:
        table = _read(request, html, link[1].decode())
        if table is None:
            return b""
        content = zlib.compress(json.dumps(asdict(table), ensure_ascii=False).encode())
        sealed = base64.b64encode(keys.seal(_SEALED, request.who, content)).decode()
        button = f'<button form="workbook" name="table" value="{sealed}">{link[2].decode()}</button>'
        return f'<p class="to-workbook">{button}</p>'.encode()

    page.body = _LINK.sub(filled, bytes(page.body))
    page.headers["Content-Length"] = str(len(page.body))
    return page


def workbook_of_answer(request: PageRequest) -> Response:
    """The workbook of the sealed table that a button of a form's answer sends back. Raises `WrongRequest` if the table
    was not sealed for this account."""
    try:
        sealed = base64.b64decode(request.word("table"), validate=True)
        content = request.services.office_keys.open(_SEALED, request.who, sealed)
    except (ValueError, OfficeKeysFault):
        raise WrongRequest("this table was not shown to this account: load the page again") from None
    return _downloaded(request, _Table(**json.loads(zlib.decompress(content))))


@dataclass(frozen=True, slots=True)
class _Table:
    """A table of the page at `path`. `rows`: without the row of titles."""

    path: str
    name: str
    title: str
    titles: list[str]
    rows: list[list[str]]


def _read(request: PageRequest, html: str, name: str) -> _Table | None:
    reader = _TableReader(name)
    reader.feed(html)
    if not reader.found:
        return None
    rows = _without_empty_columns(reader.rows)
    title = _NO_TITLE.sub(" ", reader.title).strip()[:_MOST_TITLE] or "1"
    titles, body = (rows[0], rows[1:]) if reader.has_titles and rows else ([title], rows)
    return _Table(request.http.url.path, name, title, titles, body)


def _downloaded(request: PageRequest, table: _Table) -> Response:
    """The table as a workbook. The audit records who downloaded which table, but never what was in it."""
    rows = [table.titles, *table.rows]
    columns = [
        Column(
            table.titles[at] if at < len(table.titles) else "",
            max(8, 2 * min(20, max(len(row[at]) for row in rows if len(row) > at))),
        )
        for at in range(_widest(rows))
    ]
    data = workbook(table.title, columns, table.rows)
    with request.service(Database).write() as session:
        said: dict[str, str | int] = {"table": table.name[:80], "rows": len(table.rows)}
        request.service(Audit).append(session, request.now, request.who, "table.taken", table.path, said)
    names = f"filename=\"table.xlsx\"; filename*=UTF-8''{quote(table.title)}.xlsx"
    return Response(data, media_type=XLSX, headers={"Content-Disposition": f"attachment; {names}"})


def _widest(rows: list[list[str]]) -> int:
    return max(map(len, rows), default=0)


def _without_empty_columns(rows: list[list[str]]) -> list[list[str]]:
    """The rows without the columns that have no text below their title, because they have only buttons."""
    kept = [at for at in range(_widest(rows)) if any(len(row) > at and row[at] for row in rows[1:] or rows)]
    return [[row[at] if at < len(row) else "" for at in kept] for row in rows]


class _TableReader(HTMLParser):
    """Reads the text of one table of our own pages, which are well formed: what a person sees, cell by cell. A list of
    choices gives the chosen one, and a field gives the text typed in it. Buttons and drawings are left out.
    """

    def __init__(self, name: str) -> None:
        super().__init__(convert_charrefs=True)
        self.found = False
        self.has_titles = False
        self.title = ""
        self.rows: list[list[str]] = []
        self._name = name
        self._label = ""  # the nearest text above the table: a heading, or the name of its region
        self._in_heading = False
        self._inside = False
        self._silent: list[str] = []  # the open tags of the part that is left out, the outermost first
        self._option = True  # whether the option being read is the chosen one
        self._cell: list[str] | None = None
        self._span = 1

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Enter the table, a row or a cell."""
        has = {key: value or "" for key, value in attrs}
        if has.get("role") == "region":
            self._label = has.get("aria-label", "")
        elif tag in _HEADINGS:
            self._label, self._in_heading = "", True
        if tag == "table" and has.get("data-sheet") == self._name:
            self.found = self._inside = True
            self.title = " ".join(self._label.split())
        if not self._inside:
            return
        left_out = tag in _SILENT or "visually-hidden" in has.get("class", "").split() or "hidden" in has
        if self._silent or left_out:
            if tag not in _ENDLESS:
                self._silent.append(tag)
        elif tag == "thead":
            self.has_titles = True
        elif tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self._cell, self._span = [], int(has.get("colspan") or 1)
        elif self._cell is not None:
            self._inside_cell(tag, has, self._cell)

    def _inside_cell(self, tag: str, has: dict[str, str], cell: list[str]) -> None:
        if tag == "option":
            self._option = "selected" in has
        elif tag == "input" and has.get("type", "text") in ("text", "number", "date"):
            cell.append(f" {has.get('value', '')} ")
        elif tag in _BREAKS:
            cell.append("\n")

    def handle_endtag(self, tag: str) -> None:
        """Leave a cell or the table."""
        if self._silent:
            if tag == self._silent[-1]:
                self._silent.pop()
        elif tag in _HEADINGS:
            self._in_heading = False
        elif tag == "table":
            self._inside = False
        elif tag == "option":
            self._option = True
        elif tag in ("td", "th") and self._cell is not None:
            lines = (" ".join(line.split()) for line in "".join(self._cell).split("\n"))
            self.rows[-1] += [" · ".join(filter(None, lines)), *[""] * (self._span - 1)]
            self._cell = None

    def handle_data(self, data: str) -> None:
        """Text of a cell, or of a heading."""
        if self._in_heading:
            self._label += data
        if self._cell is not None and not self._silent and self._option:
            self._cell.append(data.replace("\n", " "))
