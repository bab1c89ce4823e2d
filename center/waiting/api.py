"""`/v2/waiting`: the queue of numbers, for the start screens of booths."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from center.api.access import BoothOf
from center.api.answers import SAME, page
from center.api.problems import responses
from center.booths.service import Booth
from center.waiting.service import WaitingNumbers
from wire.number_queue import MOST_CALLED, NumberQueue


def router(numbers: WaitingNumbers, booth_of: BoothOf) -> APIRouter:
    """The route."""
    routes = APIRouter(tags=["feeds"])
    InBooth = Annotated[Booth, Depends(booth_of)]  # noqa: N806 - a type

    @routes.get(
        "/v2/waiting",
        summary="Which numbers are called",
        response_model=None,
        responses={
            200: {"model": NumberQueue, "description": "The numbers called last; how many wait; if more are given."},
            **SAME,
            **responses(401, 429, 503),
        },
    )
    def get_waiting(request: Request, booth: InBooth) -> Response:  # noqa: ARG001 - only an enrolled booth may ask
        """The queue now; with `If-None-Match` only if it changed."""
        now = numbers.state()
        queue = NumberQueue(called=now.called[-MOST_CALLED:], waiting=len(now.waiting), given=now.refusal is None)
        return page(request, queue)

    return routes
