"""`/v2/health`, `/v2/enrolments`, `/v2/heartbeats`: enrolment, heartbeats and the office's time for booths."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from starlette.concurrency import run_in_threadpool

from center.api.access import BoothAccess, BoothOf
from center.api.answers import message
from center.api.bodies import json_body, read_message
from center.api.problems import Refused, responses
from center.booths.service import Booth, Booths
from center.platform.clock import Clock
from wire.enrolment import Enrolled, Enrolment
from wire.heartbeat import Heartbeat, HeartbeatAnswer
from wire.problem import ProblemType

_MOST_BYTES = 64 << 10


def router(booths: Booths, clock: Clock, booth_access: BoothAccess, booth_of: BoothOf) -> APIRouter:
    """The routes."""
    routes = APIRouter(tags=["booths"])
    InBooth = Annotated[Booth, Depends(booth_of)]  # noqa: N806 - a type

    @routes.get(
        "/v2/health",
        summary="Is the office there?",
        response_model=None,
        responses={200: {"model": HeartbeatAnswer, "description": "Yes, and its time."}},
    )
    async def get_health() -> Response:
        """This needs no credential and does not access the disk."""
        return message(HeartbeatAnswer(office_time=clock()))

    @routes.post(
        "/v2/enrolments",
        summary="Exchange a one-time code for a credential",
        status_code=201,
        response_model=None,
        openapi_extra=json_body("Enrolment"),
        responses={
            201: {"model": Enrolled, "description": "The credential; the one before it ended."},
            **responses(400, 401, 411, 413, 429, 503),
        },
    )
    async def post_enrolment(request: Request) -> Response:
        """A code works once, for the booth for which it was made. If the answer is lost, staff make another code."""
        asked = await read_message(request, Enrolment, _MOST_BYTES)
        with booth_access.secret(request, "enrolment"):
            credential = await run_in_threadpool(booths.exchange, asked.booth_id, asked.code)
            if credential is None:
                detail = (
                    "the code is wrong, used, too old or another booth's: make a new one with `center booths enrol`"
                )
                raise Refused(401, ProblemType.UNAUTHORISED, detail)
        return message(Enrolled(booth_id=asked.booth_id, credential=credential), 201)

    @routes.post(
        "/v2/heartbeats",
        summary="A sign of life",
        response_model=None,
        openapi_extra=json_body("Heartbeat"),
        responses={
            200: {"model": HeartbeatAnswer, "description": "Heard; the office's time."},
            **responses(400, 401, 403, 411, 413, 429, 503),
        },
    )
    async def post_heartbeat(request: Request, booth: InBooth) -> Response:
        """Booths send one about once a minute; only the newest is stored."""
        heartbeat = await read_message(request, Heartbeat, _MOST_BYTES)
        if heartbeat.booth_id != booth.booth_id:
            detail = "the heartbeat names another booth than the credential: give this booth its own name"
            raise Refused(403, ProblemType.FORBIDDEN, detail)
        at = await run_in_threadpool(booths.store_heartbeat, booth.booth_id, heartbeat)
        return message(HeartbeatAnswer(office_time=at))

    return routes
