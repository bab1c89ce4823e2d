"""`/v2/releases`: the bytes of the release that a booth was given, piece by piece."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Response

from center.api.access import BoothOf
from center.api.problems import Refused, responses
from center.booths.service import Booth
from center.platform.faults import NotThere
from center.releases.service import Releases
from wire.problem import ProblemType
from wire.release import MOST_ARCHIVE_BYTES, MOST_HEADER_BYTES, VERSION_FORM

_LAST_PLACE = MOST_ARCHIVE_BYTES + MOST_HEADER_BYTES


def router(releases: Releases, booth_of: BoothOf) -> APIRouter:
    """The route."""
    routes = APIRouter(tags=["releases"])
    InBooth = Annotated[Booth, Depends(booth_of)]  # noqa: N806 - a type

    @routes.get(
        "/v2/releases/{version}",
        summary="A piece of the release that the instructions name",
        response_class=Response,
        responses={
            200: {
                "content": {"application/octet-stream": {}},
                "description": "From `begin` on, 256 KiB at most.",
            },
            **responses(400, 401, 404, 429, 503),
        },
    )
    def get_release(
        booth: InBooth,
        version: Annotated[str, Path(pattern=VERSION_FORM)],
        begin: Annotated[int, Query(ge=0, le=_LAST_PLACE, description="The first byte wanted.")] = 0,
    ) -> Response:
        """Only for the release that this booth was given; any other is 404."""
        try:
            piece = releases.piece(booth.booth_id, version, begin)
        except NotThere as fault:
            raise Refused(404, ProblemType.BAD_REQUEST, str(fault)) from fault
        return Response(piece, media_type="application/octet-stream", headers={"Cache-Control": "no-store"})

    return routes
