"""The board of booths: last heartbeat, waiting shots, free space; enrol and revoke."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from starlette.responses import Response

from center.accounts.model.roles import Right
from center.booths.model import BoothState, Health
from center.booths.service import Booths
from center.platform.configuration import BackupConfig, EnrolmentConfig
from center.platform.faults import Conflict, WrongRequest
from center.platform.seal_keys import Envelopes
from center.web.gate import Page
from center.web.page_request import PageRequest
from center.web.qr import qr_svg
from wire.enrolment import Invitation


@dataclass(frozen=True, slots=True)
class BoardFigures:
    """Figures on the board that come from tasks above this one; `center.wiring` provides them."""

    waiting_by_booth: Callable[[], Mapping[str, int]]  # shots that wait for staff, counted up to `counted`
    counted: int
    # the newest refused shots, at most so many, each with its reasons
    set_aside: Callable[[int], Sequence[tuple[object, tuple[str, ...]]]]
    concerns: Callable[[], Sequence[str]]  # the ids of the texts that name the parts of the office that need attention
    season_version: Callable[[], int]  # the version of the season's table in force


@dataclass(frozen=True, slots=True)
class BoothLine:
    """A booth on the board. `ago_s`: the seconds since its last heartbeat."""

    state: BoothState
    health: Health
    ago_s: float | None
    waiting: int


def enrol(request: PageRequest) -> Response:
    """Make a one-time code and show it once."""
    schools = [school.strip() for school in request.word("schools", "").replace("，", ",").split(",") if school.strip()]
    booth_id = request.word("booth_id").strip()
    try:
        code = request.service(Booths).enrol(request.who, booth_id, schools)
    except WrongRequest:
        return request.form_fault("enrol-fault", request.text("booths.bad_name"))
    except Conflict:
        return request.form_fault("enrol-fault", request.text("booths.other_schools", booth=booth_id))
    return board(request, code=code, code_of=booth_id)


def revoke(request: PageRequest) -> Response:
    """Revoke a booth's credential at once."""
    request.service(Booths).revoke(request.who, request.word("booth_id"))
    return request.go("/booths")


def board(request: PageRequest, code: str = "", code_of: str = "") -> Response:
    """Every booth. `code`: the one-time code for the booth `code_of`, shown once."""
    now, figures = request.now, request.service(BoardFigures)
    waiting = figures.waiting_by_booth()
    lines = [
        BoothLine(
            state,
            state.health(now),
            None if state.seen_at is None else (now - state.seen_at).total_seconds(),
            waiting.get(state.booth_id, 0),
        )
        for state in request.service(Booths).all()
    ]
    return request.page(
        "booths.html",
        lines=lines,
        counted=figures.counted,
        code=code,
        code_of=code_of,
        invitation=_invitation(request, code_of, code) if code else "",
        code_hours=request.service(EnrolmentConfig).code_hours,
        aside=figures.set_aside(20),
        keys=request.service(Envelopes).recipients,
        concerns=[request.text(one) for one in figures.concerns()],
        season_version=figures.season_version(),
    )


def _invitation(request: PageRequest, booth_id: str, code: str) -> str:
    """The QR code that a booth scans to be set up; "" if the browser does not say at which address it found the
    office. The address is that of the page, because the gate compared it with the request's host."""
    office = request.http.headers.get("origin", "")
    if not office:
        return ""
    keys = (*request.service(Envelopes).recipients[:1], *request.service(BackupConfig).seal_to)
    message = Invitation(office=office, booth_id=booth_id, code=code, seal_to=tuple(dict.fromkeys(keys))[:8])
    return qr_svg(message.encode().decode(), error="l")


PAGES = (
    Page("GET", "/booths", board, Right.NUMBERS),
    Page("POST", "/booths/enrol", enrol, Right.MANAGE_BOOTHS, once=True),
    Page("POST", "/booths/revoke", revoke, Right.MANAGE_BOOTHS),
)
