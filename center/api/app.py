"""The web application for booths, put together from an office."""

import time
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from center.api import feeds, problems
from center.api.access import Doorkeeper, booth_of
from center.api.bodies import Drain
from center.booths import api as booths
from center.intake import api as shots
from center.platform.limits import Monotonic, Rate
from center.wiring import Office
from wire.enrolment import Enrolment
from wire.heartbeat import Heartbeat
from wire.model import WireModel
from wire.problem import Problem

_SCHEMAS: tuple[type[WireModel], ...] = (Enrolment, Heartbeat, Problem)
"""Messages that no route's return type names: bodies we decode ourselves, and refusals."""


def create_app(office: Office, monotonic: Monotonic = time.monotonic) -> FastAPI:
    """`docs/wire.md`, served from `office`. The caller closes the office."""
    limits = office.config.limits
    app = FastAPI(
        title="The office, for booths",
        version="1",
        description="What booth and office say to each other; docs/wire.md explains it.",
        openapi_url="/v1/openapi.json",
        docs_url=None,  # the framework's pages load scripts from other people's servers
        redoc_url=None,
        redirect_slashes=False,  # booths never follow redirects
    )
    doorkeeper = Doorkeeper(
        office.booths,
        Rate(limits.booth_per_s, limits.booth_burst, monotonic),
        Rate(limits.stranger_per_min / 60, limits.stranger_burst, monotonic),
    )
    booth = booth_of(doorkeeper)
    app.include_router(shots.router(office.receiving, booth, limits))
    app.include_router(feeds.router(office.verdicts, office.roster, booth, limits.page_items))
    app.include_router(booths.router(office.booths, office.clock, doorkeeper, booth))
    problems.install(app)
    # The last one added is the outermost.
    app.add_middleware(Drain, most=limits.envelope_bytes)
    app.add_middleware(problems.LastResort)
    app.openapi = lambda: _openapi(app)  # type: ignore[method-assign]  # the framework's own way to change it
    return app


def _openapi(app: FastAPI) -> dict[str, Any]:
    """The description, with our refusals in place of the framework's."""
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
