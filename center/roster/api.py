"""`/v2/roster`: sends booths the roster for their copies."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from center.api.access import BoothOf
from center.api.answers import SAME, After, page
from center.api.problems import responses
from center.booths.service import Booth
from center.roster.feed import Photographed, RosterFeed
from wire.roster_change import RosterPage


def router(feed: RosterFeed, photographed: Photographed, booth_of: BoothOf, page_items: int) -> APIRouter:
    """The routes."""
    routes = APIRouter(tags=["feeds"])
    InBooth = Annotated[Booth, Depends(booth_of)]  # noqa: N806 - a type

    @routes.get(
        "/v2/roster",
        summary="Changes of the roster this booth may read",
        response_model=None,
        responses={
            200: {"model": RosterPage, "description": "Changes after the place, oldest first."},
            **SAME,
            **responses(400, 401, 429, 503),
        },
    )
    def get_roster(request: Request, booth: InBooth, after: After = 0) -> Response:
        """Rows of the booth's schools; if the booth was enrolled without schools, rows of all schools."""
        return page(request, feed.page(booth.schools, after, page_items, photographed))

    return routes
