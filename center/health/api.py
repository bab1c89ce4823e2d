"""`/v2/health/deep`: the office's own health, for a monitor or a load balancer that has the monitor's token."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel

from center.accounts.monitor import MonitorToken
from center.api.access import BoothAccess
from center.api.problems import Refused, responses
from center.health.model import Item, Level, worst
from center.health.service import OfficeHealth
from wire.problem import ProblemType

_bearer = HTTPBearer(auto_error=False, scheme_name="monitor", description="The monitor's token, from /accounts.")
_LONGEST_TOKEN = 200


class PartReport(BaseModel):
    """One part. `value`: seconds, bytes or a count; docs/office.md says which unit each part has."""

    part: Item
    level: Level
    value: float | None


class HealthReport(BaseModel):
    """The office. `level`: the worst of its parts."""

    level: Level
    office_time: datetime
    parts: list[PartReport]


def router(
    health: OfficeHealth, token: MonitorToken, clock: Callable[[], datetime], booth_access: BoothAccess
) -> APIRouter:
    """The route."""
    routes = APIRouter(tags=["monitoring"])

    @routes.get(
        "/v2/health/deep",
        summary="How is the office?",
        response_model=None,
        responses={
            200: {"model": HealthReport, "description": "It works; parts that warn need somebody."},
            **responses(401, 429),
            503: {"model": HealthReport, "description": "A part fails. A problem where not even that could be asked."},
        },
    )
    def get_deep_health(
        request: Request, credential: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
    ) -> Response:
        """Checks database, photo store, keys, disk, waiting shots and backups; at most once in five seconds."""
        said = "" if credential is None else credential.credentials
        with booth_access.secret(request, "monitor"):
            if not said or len(said) > _LONGEST_TOKEN or not token.fits(said):
                detail = (
                    "send `Authorization: Bearer` with the monitor's token, which an administrator makes on /accounts"
                )
                raise Refused(401, ProblemType.UNAUTHORISED, detail)
        findings = health.look()
        report = HealthReport(
            level=worst(findings),
            office_time=clock(),
            parts=[PartReport(part=one.item, level=one.level, value=one.value) for one in findings],
        )
        status = 503 if report.level is Level.FAIL else 200
        headers = {"Cache-Control": "no-store"}
        return Response(report.model_dump_json(), status, headers, media_type="application/json")

    return routes
