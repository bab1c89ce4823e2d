"""The page of the office's own health: each part with its figure, and the remedy if a part is not well."""

from starlette.responses import Response

from center.accounts.model.roles import Right
from center.backup.backup_job import BackupJobs
from center.health.model import Level, worst
from center.health.service import OfficeHealth
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


PAGES = (
    Page("GET", "/health", health, Right.NUMBERS),
    Page("POST", "/health/backup", back_up, Right.BACK_UP, once=True),
)
