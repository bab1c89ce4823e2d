"""Figures of the office, for people and for a monitor."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from starlette.responses import PlainTextResponse, Response

from center.accounts.model.roles import Right
from center.accounts.monitor import MonitorToken
from center.booths.service import Booths
from center.platform.faults import NotAllowed
from center.platform.openmetrics import gauge
from center.review.claim_query import COUNTED
from center.review.figures import BOOTH_COUNTED, Figures
from center.review.pages.filters import days_of
from center.review.queue import Queue
from center.review.second_review import SecondReviews
from center.web.gate import Page
from center.web.page_request import PageRequest

_SPANS = (1, 7, 30)
_REVIEWED_DAYS = 30


@dataclass(frozen=True, slots=True)
class MoreMetrics:
    """Metrics of tasks above this one, for the monitor; `center.wiring` fills this in."""

    lines: Callable[[], Iterable[str]]


def numbers(request: PageRequest) -> Response:
    """Waiting shots, staff's work, reasons."""
    days = days_of(request, _SPANS)
    now = request.now
    waiting = request.service(Queue).waiting()
    work = request.service(Figures).work(days)
    return request.page(
        "numbers.html",
        days=days,
        spans=_SPANS,
        waiting=waiting,
        oldest_s=None if waiting.oldest is None else (now - waiting.oldest).total_seconds(),
        work=work,
        approved=sum(one.approved for one in work),
        rejected=sum(one.rejected for one in work),
        reasons=request.service(Figures).reasons(days),
    )


def metrics(request: PageRequest) -> Response:
    """OpenMetrics for a monitor that sends the office's token. Nothing in it is about people."""
    kind, _, token = request.http.headers.get("authorization", "").partition(" ")
    if kind.lower() != "bearer" or not request.service(MonitorToken).fits(token.strip()):
        raise NotAllowed(
            "a monitor sends the header `Authorization: Bearer` with the token that an administrator made on /accounts"
        )
    text = "\n".join([*_lines(request), *request.service(MoreMetrics).lines(), "# EOF"]) + "\n"
    return PlainTextResponse(text, media_type="application/openmetrics-text; version=1.0.0; charset=utf-8")


def _lines(request: PageRequest) -> Iterator[str]:
    now = request.now
    waiting, totals = request.service(Queue).waiting(), request.service(Figures).totals()
    yield from gauge(
        "center_shots_waiting", f"Shots that wait for staff, counted up to {COUNTED}.", {"": waiting.waiting}
    )
    yield from gauge("center_shots_flagged", "Of these, those to be looked at first.", {"": waiting.flagged})
    yield from gauge("center_shots_claimed", "Of these, those a reviewer holds now.", {"": waiting.claimed})
    oldest = 0.0 if waiting.oldest is None else (now - waiting.oldest).total_seconds()
    yield from gauge("center_oldest_waiting_seconds", "Age of the shot that waits longest.", {"": oldest})
    yield "# TYPE center_decisions counter"
    yield "# HELP center_decisions Decisions of staff, also those taken back later: these numbers never fall."
    for said, count in (("approved", totals.approved), ("rejected", totals.rejected)):
        yield f'center_decisions_total{{decision="{said}"}} {count}'
    yield "# TYPE center_decisions_taken_back counter"
    yield "# HELP center_decisions_taken_back Of these, those undone by their reviewer or reopened by a supervisor."
    yield f"center_decisions_taken_back_total {totals.taken_back}"
    second = request.service(SecondReviews).figures(_REVIEWED_DAYS)
    about = f"Second reviews of the last {_REVIEWED_DAYS} days."
    yield from gauge("center_second_reviews_decided", about, {"": second.differ.of})
    yield from gauge("center_second_reviews_differing", "Of these, those that differ.", {"": second.differ.count})
    booths = [state for state in request.service(Booths).all() if state.revoked_at is None]
    by_booth = request.service(Figures).waiting_by_booth()
    yield from gauge(
        "center_booth_shots_waiting",
        f"Shots of a booth that wait for staff, counted up to {BOOTH_COUNTED}.",
        {state.booth_id: by_booth.get(state.booth_id, 0) for state in booths},
    )
    heard = [(state, state.heartbeat, state.seen_at) for state in booths]
    beats = [(state.booth_id, beat, seen) for state, beat, seen in heard if beat is not None and seen is not None]
    yield from gauge(
        "center_booth_heartbeat_age_seconds",
        "Time since a booth's last sign of life.",
        {name: (now - seen).total_seconds() for name, _, seen in beats},
    )
    yield from gauge(
        "center_booth_unsent_envelopes",
        "Envelopes a booth keeps and the office has not verified.",
        {name: beat.waiting_envelopes for name, beat, _ in beats},
    )
    yield from gauge(
        "center_booth_oldest_unsent_seconds",
        "Age of the oldest of them.",
        {name: beat.oldest_waiting_s or 0 for name, beat, _ in beats},
    )
    yield from gauge(
        "center_booth_free_bytes", "Room on a booth's disk.", {name: beat.free_bytes for name, beat, _ in beats}
    )
    yield from gauge(
        "center_booth_memory_available_bytes",
        "Memory that programs on a booth can still get.",
        {name: beat.memory_available_bytes for name, beat, _ in beats if beat.memory_available_bytes is not None},
    )
    yield from gauge(
        "center_booth_temperature_celsius",
        "Of a booth's processor.",
        {name: beat.temperature_c for name, beat, _ in beats if beat.temperature_c is not None},
    )
    yield from gauge(
        "center_booth_faults",
        "Devices a booth says do not work.",
        {name: len({one.device for one in beat.failures}) for name, beat, _ in beats},
    )


PAGES = (
    Page("GET", "/metrics", metrics, public=True),  # the monitor sends a token instead
    Page("GET", "/numbers", numbers, Right.NUMBERS),
)
