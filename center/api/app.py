"""The web application for booths: everything that its routes share."""

from collections.abc import Callable, Iterable
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.openapi.utils import get_openapi

from center.api import problems
from center.api.access import BoothAccess, BoothOf, booth_of
from center.api.bodies import Drain
from center.booths.service import Booths
from center.platform.configuration import LimitsConfig
from center.platform.limits import Monotonic, Rate
from wire.enrolment import Enrolment
from wire.heartbeat import Heartbeat
from wire.help_call import HelpCall
from wire.live_help import HelpView
from wire.model import PROTOCOL_VERSION, WireModel
from wire.problem import Problem
from wire.receipt import ShotsAsked

Routers = Callable[[BoothAccess, BoothOf], Iterable[APIRouter]]
"""A function that makes the routes of all tasks. Its arguments: the booths' access, and the dependency that names the
asking booth.
"""

_SCHEMAS: tuple[type[WireModel], ...] = (Enrolment, Heartbeat, HelpCall, HelpView, Problem, ShotsAsked)
"""Messages that no route's return type names: bodies that we decode ourselves, and refusals."""


def application(limits: LimitsConfig, booths: Booths, routers: Routers, monotonic: Monotonic) -> FastAPI:
    """Serve `docs/wire.md` with these routes."""
    app = FastAPI(
        title="The office, for booths",
        version=str(PROTOCOL_VERSION),
        description="What booth and office say to each other; docs/wire.md explains it.",
        openapi_url="/v2/openapi.json",
        docs_url=None,  # the framework's documentation pages load scripts from other servers
        redoc_url=None,
        redirect_slashes=False,  # booths never follow redirects
    )
    booth_access = BoothAccess(
        booths,
        Rate(limits.booth_per_s, limits.booth_burst, monotonic),
        Rate(limits.stranger_per_min / 60, limits.stranger_burst, monotonic),
    )
    for router in routers(booth_access, booth_of(booth_access)):
        app.include_router(router)
    problems.install(app)
    # The middleware added last is the outermost.
    app.add_middleware(Drain, most=limits.envelope_bytes)
    app.add_middleware(problems.UnexpectedFaults)
    app.openapi = lambda: _openapi(app)  # type: ignore[method-assign]  # the framework's own way to change it
    return app


def _openapi(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI description, with our refusals in place of the framework's."""
    if app.openapi_schema is None:
        description = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
        schemas = description["components"]["schemas"]
        for name in ("HTTPValidationError", "ValidationError"):
            schemas.pop(name, None)
        for model in _SCHEMAS:
            schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
            schemas.update(schema.pop("$defs", {}))
            schemas[model.__name__] = schema
        for path in description["paths"].values():
            for operation in path.values():
                if "HTTPValidationError" in str(operation["responses"].get("422", "")):
                    del operation["responses"]["422"]
        app.openapi_schema = description
    return app.openapi_schema
