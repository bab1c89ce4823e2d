"""The office's pages as one ASGI application, to be mounted next to the application for booths."""

import re
from collections.abc import Sequence

from starlette.applications import Starlette
from starlette.convertors import Convertor, register_url_convertor
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route, compile_path

from center.platform.faults import NotThere, WrongRequest
from center.web.gate import Page, endpoint, language_of, refused
from center.web.headers import SecureHeaders
from center.web.page_request import PageRequest
from center.web.services import Services
from wire.model import HEX_ID


class _ShotId(Convertor[str]):
    """A shot's id in an address: 32 hex digits."""

    regex = HEX_ID

    def convert(self, value: str) -> str:
        """The id from its text in an address."""
        return value

    def to_string(self, value: str) -> str:
        """The id's text in an address."""
        return value


def application(services: Services, pages: Sequence[Page]) -> Starlette:
    """An application with these pages. Many processes may serve one office: between requests, only live help
    (`center.calls.live`) and the counts for limits are kept in one process's memory.
    """
    register_url_convertor("shot", _ShotId())

    def not_found(http: Request, fault: Exception) -> Response:
        request = PageRequest(services, http, language_of(http), {}, None)
        status = fault.status_code if isinstance(fault, HTTPException) else 404
        if status == 405 and http.method in ("GET", "HEAD"):
            # The address of a form's answer: the link to the other language led here, or somebody loaded it from the
            # history or typed it.
            return RedirectResponse(_nearest(http.url.path, readable), 303)
        if status == 405:
            return refused(request, WrongRequest("this address does not take that kind of request"))
        return refused(request, NotThere())

    readable = [compile_path(page.path)[0] for page in pages if page.method == "GET"]
    return Starlette(
        routes=[Route(page.path, endpoint(page, services), methods=[page.method]) for page in pages],
        middleware=[Middleware(SecureHeaders)],
        exception_handlers={404: not_found, 405: not_found},
    )


def _nearest(path: str, readable: Sequence[re.Pattern[str]]) -> str:
    """The nearest address above `path` that can be read: `/billing/pay` is answered on `/billing`."""
    while path := path.rpartition("/")[0]:
        if any(pattern.match(path) for pattern in readable):
            return path
    return "/"
