"""The page of the office's own health: each part with its figure, and the remedy if a part is not well. And the metrics
of the whole office, for a monitor.
"""

from starlette.responses import PlainTextResponse, Response

from center.accounts.model.roles import Right
from center.accounts.monitor import MonitorToken
from center.backup.backup_job import BackupJobs
from center.booths.service import Booths
from center.health.metrics import booth_lines, review_lines
from center.health.model import Level, metric_lines, worst
from center.health.service import OfficeHealth
from center.platform.faults import NotAllowed
from center.review.figures import Figures
from center.review.queue import Queue
from center.review.second_review import SecondReviews
from center.web.gate import Page
from center.web.page_request import PageRequest


def health(request: PageRequest) -> Response:
    """Every part."""
    findings = request.service(OfficeHealth).look()
    backups = request.service(BackupJobs)
    job = backups.newest() if backups.folder is not None and request.may(Right.BACK_UP) else None
    return request.page(
        "health.html", findings=findings, worst=worst(findings), Level=Level, folder=backups.folder, job=job
    )


def back_up(request: PageRequest) -> Response:
    """Request a background job that makes and tests a backup."""
    request.service(BackupJobs).ask(request.who)
    return request.go("/health")


def metrics(request: PageRequest) -> Response:
    """OpenMetrics for a monitor that sends the office's token. Nothing in it is about people."""
    kind, _, token = request.http.headers.get("authorization", "").partition(" ")
    if kind.lower() != "bearer" or not request.service(MonitorToken).fits(token.strip()):
        raise NotAllowed(
            "a monitor sends the header `Authorization: Bearer` with the token that an administrator made on /accounts"
        )
    figures, now = request.service(Figures), request.now
    lines = (
        *review_lines(request.service(Queue), figures, request.service(SecondReviews), now),
        *booth_lines(request.service(Booths).all(), figures.waiting_by_booth(), now),
        *metric_lines(request.service(OfficeHealth).look()),
        "# EOF",
    )
    text = "\n".join(lines) + "\n"
    return PlainTextResponse(text, media_type="application/openmetrics-text; version=1.0.0; charset=utf-8")


PAGES = (
    Page("GET", "/health", health, Right.NUMBERS),
    Page("POST", "/health/backup", back_up, Right.BACK_UP, once=True),
    Page("GET", "/metrics", metrics, public=True),  # the monitor sends a token instead
)
