"""Answers that are messages of the wire."""

import hashlib
from collections.abc import Mapping

from fastapi import Request, Response

from wire.model import WireModel


def message(model: WireModel, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A message in its one byte form."""
    return Response(
        model.encode(), status, {"Cache-Control": "no-store"} | dict(headers or {}), media_type="application/json"
    )


def page(request: Request, model: WireModel) -> Response:
    """A page of a feed with its `ETag`; 304 when the asker has just this page."""
    body = model.encode()
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": "no-store"}
    known = [one.strip().removeprefix("W/") for one in request.headers.get("if-none-match", "").split(",")]
    if tag in known:
        return Response(None, 304, headers)
    return Response(body, 200, headers, media_type="application/json")
