"""`/v2/help`: a booth's call for help and staff's answer; the view of its session and what staff want of it."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from starlette.concurrency import run_in_threadpool

from center.api.access import BoothOf
from center.api.answers import message
from center.api.bodies import json_body, read_message
from center.api.problems import Refused, responses
from center.booths.service import Booth
from center.calls.live import FRESH, LiveHelp
from center.calls.service import HelpCalls
from center.platform.faults import Conflict
from wire.help_call import HelpAnswer, HelpCall, HelpState
from wire.live_help import HelpDirection, HelpView
from wire.problem import ProblemType

_MOST_BYTES = 4 << 10
_MOST_VIEW_BYTES = 80 << 10


def router(help_calls: HelpCalls, live_help: LiveHelp, booth_of: BoothOf) -> APIRouter:
    """The routes."""
    routes = APIRouter(tags=["booths"])
    InBooth = Annotated[Booth, Depends(booth_of)]  # noqa: N806 - a type

    @routes.post(
        "/v2/help",
        summary="A call for help",
        response_model=None,
        openapi_extra=json_body("HelpCall"),
        responses={
            200: {"model": HelpAnswer, "description": "How far the call is, and the line that staff answered."},
            **responses(400, 401, 403, 411, 413, 429, 503),
        },
    )
    async def post_help(request: Request, booth: InBooth) -> Response:
        """A booth sends its call again every few seconds until the call has ended."""
        asked = await read_message(request, HelpCall, _MOST_BYTES)
        if asked.booth_id != booth.booth_id:
            raise Refused(403, ProblemType.FORBIDDEN, "the call names another booth than the credential")
        try:
            answer = await run_in_threadpool(help_calls.record_call, booth.booth_id, asked)
        except Conflict as fault:
            raise Refused(403, ProblemType.FORBIDDEN, str(fault)) from fault
        if answer.state is HelpState.ENDED:
            live_help.drop(asked.call_id)
        return message(answer)

    @routes.post(
        "/v2/help/view",
        summary="The session of an open call",
        response_model=None,
        openapi_extra=json_body("HelpView"),
        responses={
            200: {"model": HelpDirection, "description": "What staff want of the session."},
            **responses(400, 401, 403, 411, 413, 429, 503),
        },
    )
    async def post_view(request: Request, booth: InBooth) -> Response:
        """A booth shows the session of its open call once a second, with a still while the graduate agrees. Only the
        newest view is kept, in memory.
        """
        view = await read_message(request, HelpView, _MOST_VIEW_BYTES)
        if view.booth_id != booth.booth_id:
            raise Refused(403, ProblemType.FORBIDDEN, "the view names another booth than the credential")
        try:
            is_open = await run_in_threadpool(help_calls.is_open, booth.booth_id, view.call_id)
        except Conflict as fault:
            raise Refused(403, ProblemType.FORBIDDEN, str(fault)) from fault
        if not is_open:
            live_help.drop(view.call_id)
            return message(HelpDirection(call_id=view.call_id, open=False))
        if view.still is not None:  # forget the still in time, even if no page asks for it
            asyncio.get_running_loop().call_later(FRESH.total_seconds() + 1, live_help.forget_old)
        return message(live_help.show(view))

    return routes
