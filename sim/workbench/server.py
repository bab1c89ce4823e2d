"""The workbench's page on 127.0.0.1. It serves the page, the state and the panel's picture, and takes orders.

The page is for this machine alone and shows made-up people. Another site in the same browser can't send an order: an
order's content type needs a permission that the page never gives. Nor can the other site reach the page by
a host name of its own that points to this address: the page answers only to the names 127.0.0.1 and localhost.
"""

import asyncio
import json
import socket
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from importlib.resources import files

import uvicorn
from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from sim.workbench.bench import Refused, Workbench, choices
from sim.workbench.orders import ORDER

_FILES = {
    "": "text/html",
    "workbench.css": "text/css",
    "workbench.js": "text/javascript",
    "workbench.svg": "image/svg+xml",
}
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "X-Content-Type-Options": "nosniff",
}
_MOST_ORDER_BYTES = 10_000
_LONGEST_S = 60.0  # on a busy machine one turn may take this long


def application(bench: Workbench) -> Starlette:
    """The page of `bench`."""

    async def page(request: Request) -> Response:
        name = request.path_params.get("name", "")
        if name not in _FILES:
            return PlainTextResponse("there is no such page", 404)
        data = files("sim.workbench").joinpath("page", name or "workbench.html").read_bytes()
        return Response(data, headers=_HEADERS, media_type=_FILES[name])

    async def state(_: Request) -> Response:
        return Response(bench.shown.state, headers=_HEADERS, media_type="application/json")

    async def panel(_: Request) -> Response:
        return Response(bench.shown.picture, headers=_HEADERS, media_type="image/jpeg")

    async def order(request: Request) -> Response:
        if request.headers.get("content-type", "") != "application/json":
            return JSONResponse({"why": "an order is JSON"}, 415, _HEADERS)
        body = await request.body()
        if len(body) > _MOST_ORDER_BYTES:
            return JSONResponse({"why": "the order is too long"}, 413, _HEADERS)
        try:
            wanted = ORDER.validate_json(body)
        except ValidationError as fault:
            first = fault.errors(include_url=False)[0]
            where = ".".join(str(part) for part in first["loc"])
            return JSONResponse({"why": f"{where}: {first['msg']}"}, 400, _HEADERS)
        try:
            await asyncio.wait_for(asyncio.wrap_future(bench.order(wanted)), _LONGEST_S)
        except Refused as fault:
            return JSONResponse({"why": str(fault)}, 409, _HEADERS)
        return JSONResponse({}, headers=_HEADERS)

    async def scenario(_: Request) -> Response:
        text = await asyncio.wait_for(asyncio.wrap_future(bench.scenario()), _LONGEST_S)
        named = _HEADERS | {"Content-Disposition": 'attachment; filename="from-the-workbench.toml"'}
        return Response(text, headers=named, media_type="application/toml")

    async def offered(_: Request) -> Response:
        return Response(json.dumps(choices()), headers=_HEADERS, media_type="application/json")

    handlers: list[tuple[str, Callable[[Request], Awaitable[Response]], str]] = [
        ("/", page, "GET"),
        ("/choices", offered, "GET"),
        ("/state", state, "GET"),
        ("/panel.jpg", panel, "GET"),
        ("/scenario.toml", scenario, "GET"),
        ("/order", order, "POST"),
        ("/{name}", page, "GET"),
    ]
    return Starlette(
        routes=[Route(path, handler, methods=[method]) for path, handler, method in handlers],
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost"])],
    )


@contextmanager
def served(bench: Workbench, port: int = 0) -> Iterator[str]:
    """Serve the page from a thread and yield its address. `port` 0: any free port. Raises `OSError`."""
    with socket.create_server(("127.0.0.1", port)) as listening:
        config = uvicorn.Config(application(bench), log_level="warning", access_log=False, lifespan="off")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, name="workbench", daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}/"
        finally:
            server.should_exit = True
            thread.join(_LONGEST_S)
