"""The page of releases: shows the office's releases and the release of each booth; gives a release to booths or
withdraws it.
"""

from dataclasses import dataclass

from starlette.responses import Response

from center.accounts.model.roles import Right
from center.booths.model import BoothState
from center.booths.service import Booths
from center.platform.faults import NotThere, WrongRequest
from center.releases.service import Release, Releases
from center.web.gate import Page
from center.web.page_request import PageRequest

_FAULT_PLACE = "release-fault"
_UPDATE = "update"
"""The device name under which a booth reports that it refused a release, or went back to the former version."""


@dataclass(frozen=True, slots=True)
class BoothLine:
    """A booth: the release it runs and the one it should run. `causes`: why the booth does not run the release that it
    should run.
    """

    state: BoothState
    runs: str | None
    ordered: str | None
    causes: tuple[str, ...]


def releases(request: PageRequest) -> Response:
    """Every release and every booth."""
    service = request.service(Releases)
    found = service.all()
    return request.page(
        "releases.html",
        releases=found,
        over={one.version for one in found if service.over(one)},
        usable=[one for one in found if one.withdrawn_at is None and not service.over(one)],
        lines=[_line(state, found) for state in request.service(Booths).all() if state.revoked_at is None],
        keys=service.keys(),
        names={one.added_by: request.services.accounts.name_of(one.added_by) for one in found},
    )


def give(request: PageRequest) -> Response:
    """Give a release to some booths, or to all."""
    booths = None if request.word("all", "") else request.form.get("booth", ())
    if booths is not None and not booths:
        return request.form_fault(_FAULT_PLACE, request.text("releases.no_booth"))
    try:
        request.service(Releases).give(request.who, request.word("version"), booths)
    except (NotThere, WrongRequest):
        return request.form_fault(_FAULT_PLACE, request.text("releases.moved_on"))
    return request.go("/releases")


def withdraw(request: PageRequest) -> Response:
    """Withdraw a release: from now on no booth is offered it."""
    request.service(Releases).withdraw(request.who, request.word("version"))
    return request.go("/releases")


def _line(state: BoothState, found: list[Release]) -> BoothLine:
    beat = state.heartbeat
    given = next((one for one in found if state.booth_id in one.booths), None)
    return BoothLine(
        state,
        None if beat is None else beat.version,
        None if given is None or given.withdrawn_at is not None else given.version,
        () if beat is None else tuple(one.cause for one in beat.failures if one.device == _UPDATE),
    )


PAGES = (
    Page("GET", "/releases", releases, Right.MANAGE_BOOTHS),
    Page("POST", "/releases/give", give, Right.MANAGE_BOOTHS, many=True),
    Page("POST", "/releases/withdraw", withdraw, Right.MANAGE_BOOTHS),
)
