"""The figures of review and of the booths for a monitor, as lines of OpenMetrics. Nothing in them is about people."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from center.booths.model import BoothState
from center.platform.openmetrics import gauge
from center.review.claim_query import COUNTED
from center.review.figures import BOOTH_COUNTED, Figures
from center.review.queue import Queue
from center.review.second_review import SecondReviews

_REVIEWED_DAYS = 30


def review_lines(queue: Queue, figures: Figures, second_reviews: SecondReviews, now: datetime) -> Iterator[str]:
    """Waiting shots, decisions, second reviews."""
    waiting, totals = queue.waiting(), figures.totals()
    yield from gauge(
        "center_shots_waiting", f"Shots that wait for staff, counted up to {COUNTED}.", {"": waiting.waiting}
    )
    yield from gauge("center_shots_flagged", "Of these, those to be looked at first.", {"": waiting.flagged})
    yield from gauge("center_shots_claimed", "Of these, those a reviewer holds now.", {"": waiting.claimed})
    oldest = 0.0 if waiting.oldest is None else (now - waiting.oldest).total_seconds()
    yield from gauge("center_oldest_waiting_seconds", "Age of the shot that waits longest.", {"": oldest})
    yield "# TYPE center_decisions counter"
    yield "# HELP center_decisions Decisions of staff, also those taken back later: these numbers never fall."
    for decision, count in (("approved", totals.approved), ("rejected", totals.rejected)):
        yield f'center_decisions_total{{decision="{decision}"}} {count}'
    yield "# TYPE center_decisions_taken_back counter"
    yield "# HELP center_decisions_taken_back Of these, those undone by their reviewer or reopened by a supervisor."
    yield f"center_decisions_taken_back_total {totals.taken_back}"
    second = second_reviews.figures(_REVIEWED_DAYS)
    about = f"Second reviews of the last {_REVIEWED_DAYS} days."
    yield from gauge("center_second_reviews_decided", about, {"": second.differ.of})
    yield from gauge("center_second_reviews_differing", "Of these, those that differ.", {"": second.differ.count})


def booth_lines(booths: Sequence[BoothState], waiting: Mapping[str, int], now: datetime) -> Iterator[str]:
    """What the booths reported last, without revoked booths. `waiting`: how many shots of each booth wait for staff."""
    working = [state for state in booths if state.revoked_at is None]
    yield from gauge(
        "center_booth_shots_waiting",
        f"Shots of a booth that wait for staff, counted up to {BOOTH_COUNTED}.",
        {state.booth_id: waiting.get(state.booth_id, 0) for state in working},
    )
    heard = [(state, state.heartbeat, state.seen_at) for state in working]
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
