"""Answers that consist of messages of `wire`."""

import hashlib
from typing import Annotated, Any

from fastapi import Query, Request, Response

from wire.model import WireModel

_LAST_PLACE = 2**53 - 1  # the largest whole number that every JSON reader represents exactly

After = Annotated[int, Query(ge=0, le=_LAST_PLACE, description="The place in the feed to read on from; 0: all.")]
"""The query parameter `after` of every feed: a booth gets what comes after this place."""

SAME: dict[int | str, dict[str, Any]] = {304: {"description": "The page is the one of If-None-Match."}}
"""For OpenAPI: the answer of a feed whose page has not changed."""


def message(model: WireModel, status: int = 200) -> Response:
    """A message in its canonical form."""
    return Response(model.encode(), status, {"Cache-Control": "no-store"}, media_type="application/json")


def page(request: Request, model: WireModel) -> Response:
    """A page of a feed with its `ETag`; 304 if the client has exactly this page."""
    body = model.encode()
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": "no-store"}
    known = [one.strip().removeprefix("W/") for one in request.headers.get("if-none-match", "").split(",")]
    if tag in known:
        return Response(None, 304, headers)
    return Response(body, 200, headers, media_type="application/json")
