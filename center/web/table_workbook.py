"""Any table of a page as a workbook: the page is made again for the same account, and the table is read from it.

So a workbook never contains more than its page shows (masked numbers stay masked), and it needs the same right as the
page. If the page writes an audit entry because it shows names, that entry is written for the workbook, too; the
download is an entry of its own. A template names its table (`data-sheet="..."`) and puts `parts.workbook("...")` below
it.

The answer to a form can't be requested again: it contains the workbooks of its tables itself, with the same rows.
"""

import base64
import re
from dataclasses import dataclass
from html import escape
from html.parser import HTMLParser
from urllib.parse import quote

from starlette.responses import Response

from center.audit.service import Audit
from center.platform.database import Database
from center.platform.documents.workbook import XLSX, Column, workbook
from center.platform.faults import NotThere
from center.web.page_request import AS_WORKBOOK, IN_ANSWER, PageRequest

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
    name = request.http.query_params[AS_WORKBOOK]
    if page.status_code != 200 or page.media_type != "text/html":
        return page
    made = _made(bytes(page.body).decode(), name)
    if made is None:
        raise NotThere("this table is not on its page now: load the page again")
    _note(request, name, made.rows)
    headers = {"Content-Disposition": f"attachment; filename=\"table.xlsx\"; filename*=UTF-8''{quote(made.title)}.xlsx"}
    return Response(made.data, media_type=XLSX, headers=headers)


def with_workbooks(page: Response) -> Response:
    """The answer to a form, with the workbooks put into its links; a link whose table is not on the page gets none."""
    if page.media_type != "text/html" or _LINK.search(bytes(page.body)) is None:
        return page
    html = bytes(page.body).decode()

    def filled(link: re.Match[bytes]) -> bytes:
        made = _made(html, link[1].decode())
        if made is None:
            return b""
        at, name = f"data:{XLSX};base64,{base64.b64encode(made.data).decode()}", f"{escape(made.title)}.xlsx"
        return f'<p class="to-workbook"><a href="{at}" download="{name}">{link[2].decode()}</a></p>'.encode()

    page.body = _LINK.sub(filled, bytes(page.body))
    page.headers["Content-Length"] = str(len(page.body))
    return page


@dataclass(frozen=True, slots=True)
class _Made:
    """A table as a workbook. `rows`: without the row of titles."""

    title: str
    data: bytes
    rows: int


def _made(html: str, name: str) -> _Made | None:
    reader = _TableReader(name)
    reader.feed(html)
    if not reader.found:
        return None
    rows = _without_empty_columns(reader.rows)
    title = _NO_TITLE.sub(" ", reader.title).strip()[:_MOST_TITLE] or "1"
    titles, body = (rows[0], rows[1:]) if reader.has_titles and rows else ([title], rows)
    widths = [max(len(row[at]) for row in rows) for at in range(_widest(rows))]
    columns = [
        Column(titles[at] if at < len(titles) else "", max(8, 2 * min(width, 20))) for at, width in enumerate(widths)
    ]
    return _Made(title, workbook(title, columns, body), len(body))


def _note(request: PageRequest, name: str, rows: int) -> None:
    """Record in the audit who downloaded which table, but never what was in it."""
    with request.service(Database).write() as session:
        said: dict[str, str | int] = {"table": name[:80], "rows": rows}
        request.service(Audit).append(session, request.now, request.who, "table.taken", request.http.url.path, said)


def _widest(rows: list[list[str]]) -> int:
    return max(map(len, rows), default=0)


def _without_empty_columns(rows: list[list[str]]) -> list[list[str]]:
    """The rows without the columns that have only buttons."""
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
        self._silent: list[str] = []  # the open tags from the outermost one that is left out
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
