"""`/v1/verdicts` and `/v1/roster`: what booths hear from the office."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response

from center.api.answers import page
from center.api.problems import responses
from center.booths.service import Booth
from center.roster.service import Roster
from center.shots.feed import Verdicts
from wire.roster_change import RosterPage
from wire.verdict import VerdictPage

_LAST_PLACE = 2**53 - 1  # the largest whole number every JSON reader keeps

After = Annotated[int, Query(ge=0, le=_LAST_PLACE, description="The place in the feed to read on from; 0: all.")]
_SAME: dict[int | str, dict[str, Any]] = {304: {"description": "The page is the one of If-None-Match."}}


def router(verdicts: Verdicts, roster: Roster, booth_of: Callable[..., Booth], page_items: int) -> APIRouter:
    """The routes."""
    routes = APIRouter(tags=["feeds"])
    InBooth = Annotated[Booth, Depends(booth_of)]  # noqa: N806 - a type

    @routes.get(
        "/v1/verdicts",
        summary="What staff decided of this booth's shots",
        response_model=None,
        responses={
            200: {"model": VerdictPage, "description": "Verdicts after the place, oldest first."},
            **_SAME,
            **responses(400, 401, 429, 503),
        },
    )
    def get_verdicts(request: Request, booth: InBooth, after: After = 0) -> Response:
        """Final decisions only: what staff can still undo is not told."""
        return page(request, verdicts.page(booth.booth_id, after, page_items))

    @routes.get(
        "/v1/roster",
        summary="Changes of the roster this booth may read",
        response_model=None,
        responses={
            200: {"model": RosterPage, "description": "Changes after the place, oldest first."},
            **_SAME,
            **responses(400, 401, 429, 503),
        },
    )
    def get_roster(request: Request, booth: InBooth, after: After = 0) -> Response:
        """Rows of the booth's schools; of all schools when it was enrolled without any."""
        return page(request, roster.page(booth.schools, after, page_items))

    return routes
