"""Reads request bodies: never more than allowed, never for longer than allowed, and always to the end.

If a booth were refused while it is still sending, it would see a reset connection instead of the reason, and would
treat the office as unreachable. So the rest of a body is read and discarded before an answer is sent. Only bodies that
are far too large are cut off.
"""

import asyncio
import re
from typing import Any, TypeVar

from fastapi import Request
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from center.api.problems import Refused, later
from wire.model import WireModel
from wire.problem import ProblemType

M = TypeVar("M", bound=WireModel)

_LENGTH = re.compile(r"[0-9]{1,15}", re.ASCII)
_IDLE_S = 5
_MESSAGE_S = 20
_PROGRESS_BYTES = 1_024


def json_body(name: str) -> dict[str, Any]:
    """The OpenAPI description of a body that a route decodes itself: the message `name`."""
    schema = {"$ref": f"#/components/schemas/{name}"}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


def declared_length(request: Request, most: int) -> int:
    """The body's length as its header states it, 1 to `most`. Raises `Refused`."""
    text = request.headers.get("content-length")
    if text is None:
        raise Refused(411, ProblemType.LENGTH_REQUIRED, "send Content-Length; bodies in chunks are not taken")
    if "transfer-encoding" in request.headers:
        raise Refused(400, ProblemType.BAD_REQUEST, "send Content-Length without Transfer-Encoding")
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise Refused(400, ProblemType.BAD_REQUEST, "send the bytes as they are, without Content-Encoding")
    if not _LENGTH.fullmatch(text):
        raise Refused(400, ProblemType.BAD_REQUEST, "Content-Length is not a number")
    length = int(text)
    if length == 0:
        raise Refused(400, ProblemType.BAD_REQUEST, "the body is empty")
    if length > most:
        raise Refused(413, ProblemType.TOO_LARGE, f"the body has {length} bytes, at most {most} are taken")
    return length


async def read_body(request: Request, length: int, timeout_s: float, idle_s: float | None = None) -> bytes:
    """The body, exactly `length` bytes. It must come within `timeout_s`, and `_PROGRESS_BYTES` of it within each
    `idle_s` (None: only `timeout_s` counts): a slow connection that makes progress is not cut, but a connection that
    stands still is.

    Raises `Refused`.
    """
    body, counted = bytearray(), 0
    clock = asyncio.get_running_loop().time
    end_s = clock() + timeout_s
    idle_s = timeout_s if idle_s is None else idle_s
    try:
        async with asyncio.timeout_at(min(end_s, clock() + idle_s)) as limit:
            async for piece in request.stream():
                body += piece
                if len(body) > length:
                    break
                if len(body) - counted >= _PROGRESS_BYTES:
                    counted = len(body)
                    limit.reschedule(min(end_s, clock() + idle_s))
    except TimeoutError:
        waited_s = timeout_s if clock() >= end_s else idle_s
        raise later(f"the body did not come within {waited_s:g} s: send it again") from None
    except ClientDisconnect:
        raise Refused(400, ProblemType.BAD_REQUEST, "the connection ended within the body") from None
    if len(body) != length:
        raise Refused(
            400, ProblemType.BAD_REQUEST, f"the body has {len(body)} bytes or more where Content-Length says {length}"
        )
    return bytes(body)


async def read_message(request: Request, kind: type[M], most: int) -> M:
    """The message of class `kind` in a body of at most `most` bytes. Raises `Refused`, `MessageError`."""
    length = declared_length(request, most)
    return kind.decode(await read_body(request, length, _MESSAGE_S))


class Drain:
    """Reads the rest of a request's body before the answer is sent, at most `most` bytes."""

    def __init__(self, app: ASGIApp, most: int) -> None:
        self._app = app
        self._most = most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        ended, small = False, _promised(scope) <= self._most

        async def reading() -> Message:
            nonlocal ended
            message = await receive()
            ended = ended or message["type"] != "http.request" or not message.get("more_body", False)
            return message

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start" and not (ended or (small and await self._drained(reading))):
                message = {**message, "headers": [*message.get("headers", ()), (b"connection", b"close")]}
            await send(message)

        await self._app(scope, reading, sending)

    async def _drained(self, reading: Receive) -> bool:
        left = self._most
        while left >= 0:
            try:
                async with asyncio.timeout(_IDLE_S):
                    message = await reading()
            except TimeoutError:
                return False
            if message["type"] != "http.request" or not message.get("more_body", False):
                return True
            left -= len(message.get("body", b""))
        return False


def _promised(scope: Scope) -> int:
    """The declared length of a request's body; 0 without a valid one."""
    lengths = [value for name, value in scope["headers"] if name == b"content-length"]
    return int(lengths[0]) if len(lengths) == 1 and lengths[0].isdigit() else 0
