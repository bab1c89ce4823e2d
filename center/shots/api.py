"""`/v2/decisions`: staff's decisions on a booth's shots."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from center.api.access import BoothOf
from center.api.answers import SAME, After, page
from center.api.problems import responses
from center.booths.service import Booth
from center.shots.feed import DecisionFeed
from wire.decision import DecisionPage


def router(decisions: DecisionFeed, booth_of: BoothOf, page_items: int) -> APIRouter:
    """The routes."""
    routes = APIRouter(tags=["feeds"])
    InBooth = Annotated[Booth, Depends(booth_of)]  # noqa: N806 - a type

    @routes.get(
        "/v2/decisions",
        summary="What staff decided of this booth's shots",
        response_model=None,
        responses={
            200: {"model": DecisionPage, "description": "Decisions after the place, oldest first."},
            **SAME,
            **responses(400, 401, 429, 503),
        },
    )
    def get_decisions(request: Request, booth: InBooth, after: After = 0) -> Response:
        """Final decisions only: a decision that can still be undone is not sent."""
        return page(request, decisions.page(booth.booth_id, after, page_items))

    return routes
