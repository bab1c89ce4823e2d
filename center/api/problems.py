"""Refusals in the form of `wire.problem`, including refusals by the framework itself."""

import logging
import re
import traceback
from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.routing import Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from center.platform.faults import Unavailable
from center.platform.office_keys import OfficeKeysFault
from wire.faults import WireError
from wire.model import PROTOCOL_VERSION
from wire.problem import MEDIA_TYPE, Problem, ProblemType

log = logging.getLogger(__name__)

_VERSION = re.compile(r"/v([0-9]{1,9})(?:/|$)")
_LONGEST_DETAIL = 1000
_RETRY_AFTER_S = 10

_TITLES = {
    ProblemType.BAD_REQUEST: "The request can't be read",
    ProblemType.UNAUTHORISED: "The credential is not good",
    ProblemType.OTHER_VERSION: "Another version of the messages",
    ProblemType.FORBIDDEN: "It belongs to another booth",
    ProblemType.UNKNOWN_SHOT: "The office does not have this shot",
    ProblemType.OTHER_DIGEST: "Another envelope has this shot id",
    ProblemType.LENGTH_REQUIRED: "The length of the body is missing",
    ProblemType.TOO_LARGE: "The body is too large",
    ProblemType.DIGEST_MISMATCH: "The bytes are not those of the digest",
    ProblemType.BAD_ENVELOPE: "The envelope can't become a shot",
    ProblemType.TRY_LATER: "Not now",
}


class Refused(Exception):
    """Ends a request with a problem answer. `retry_after_s` only for `TRY_LATER`."""

    def __init__(self, status: int, kind: ProblemType, detail: str, *, retry_after_s: int | None = None) -> None:
        super().__init__(detail)
        self.status = status
        self.kind = kind
        self.detail = detail
        self.retry_after_s = retry_after_s


def problem_response(status: int, kind: ProblemType, detail: str, headers: Mapping[str, str] | None = None) -> Response:
    """The answer for a problem."""
    problem = Problem(type=kind, title=_TITLES[kind], status=status, detail=detail[:_LONGEST_DETAIL])
    return Response(
        problem.encode(), status, {"Cache-Control": "no-store"} | dict(headers or {}), media_type=MEDIA_TYPE
    )


def later(detail: str, status: int = 503, retry_after_s: int = _RETRY_AFTER_S) -> Refused:
    """A refusal because of a temporary condition."""
    return Refused(status, ProblemType.TRY_LATER, detail, retry_after_s=retry_after_s)


def install(app: FastAPI) -> None:
    """Install the handlers that give every refusal the form of a problem."""
    app.add_exception_handler(Refused, _refused)
    app.add_exception_handler(WireError, _unreadable)
    app.add_exception_handler(Unavailable, _unavailable)
    app.add_exception_handler(OfficeKeysFault, _office_keys)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)


def responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The refusals of a route, for OpenAPI."""
    words = {
        400: "The request can't be read, or the bytes were damaged on the way",
        401: "Credential or code missing, wrong, used or revoked",
        403: "It belongs to another booth",
        404: "The office does not have it",
        409: "The shot id is known with other bytes",
        411: "Content-Length is missing",
        413: "The body is too large",
        422: "The envelope is kept, but is no legal shot",
        429: "Too many requests; see Retry-After",
        503: "The office can't store anything now; see Retry-After",
    }
    schema = {"$ref": "#/components/schemas/Problem"}
    return {status: {"description": words[status], "content": {MEDIA_TYPE: {"schema": schema}}} for status in statuses}


async def _refused(_request: Request, fault: Exception) -> Response:
    assert isinstance(fault, Refused)
    headers = {}
    if fault.retry_after_s is not None:
        headers["Retry-After"] = str(fault.retry_after_s)
    if fault.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return problem_response(fault.status, fault.kind, fault.detail, headers)


async def _unreadable(_request: Request, fault: Exception) -> Response:
    return problem_response(400, ProblemType.BAD_REQUEST, str(fault))


async def _unavailable(_request: Request, fault: Exception) -> Response:
    return problem_response(503, ProblemType.TRY_LATER, str(fault), {"Retry-After": str(_RETRY_AFTER_S)})


async def _office_keys(_request: Request, fault: Exception) -> Response:
    log.error("%s", fault)
    return problem_response(
        503, ProblemType.TRY_LATER, "the office can't read its own records now", {"Retry-After": str(_RETRY_AFTER_S)}
    )


async def _invalid(_request: Request, fault: Exception) -> Response:
    assert isinstance(fault, RequestValidationError)
    # Name the place and the kind of the mistake, but never the value, because it may contain anything.
    wrong = "; ".join(f"{' '.join(map(str, item['loc']))}: {item['type']}" for item in fault.errors()[:5])
    return problem_response(400, ProblemType.BAD_REQUEST, f"{wrong}: see docs/wire.md for what is allowed")


async def _http(request: Request, fault: Exception) -> Response:
    assert isinstance(fault, HTTPException)
    asked = _VERSION.match(request.url.path)
    if asked is not None and asked[1] != str(PROTOCOL_VERSION):
        detail = (
            f"this office speaks version {PROTOCOL_VERSION} of the messages, the booth asked in version {asked[1]}: "
            "update the older one of both; nothing that the booth keeps is lost"
        )
        return problem_response(410, ProblemType.OTHER_VERSION, detail)
    detail = "there is nothing at this address for this method: see docs/wire.md for the addresses"
    headers = dict(fault.headers or {})
    if fault.status_code == 405:
        headers["Allow"] = ", ".join(_methods(request))  # the framework itself names the methods of only one route
    return problem_response(fault.status_code, ProblemType.BAD_REQUEST, detail, headers)


def _methods(request: Request) -> list[str]:
    """The methods allowed at the request's address."""
    return [
        method
        for method in ("GET", "POST", "PUT")
        if any(route.matches({**request.scope, "method": method})[0] is Match.FULL for route in request.app.routes)
    ]


class UnexpectedFaults:
    """The outermost handler: a programming error becomes a 500 problem and a log entry without its message, which
    might quote personal data."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        started = False

        async def watching(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, watching)
        except Exception as fault:
            # At the program's outer edge: one bad request must neither end the program nor reveal internals.
            where = "".join(traceback.format_tb(fault.__traceback__))
            log.error("a fault of the office itself (%s)\n%s", type(fault).__name__, where)
            if started or scope["type"] != "http":
                raise RuntimeError("an answer broke off; the log says where") from None
            answer = problem_response(500, ProblemType.TRY_LATER, "a fault of the office itself; it is in its log")
            await answer(scope, receive, send)
