"""The office's own health: each part with its figure, and what to do where one is not well."""

from starlette.responses import Response

from center.accounts.model.roles import Right
from center.health.model import Level, worst
from center.health.service import OfficeHealth
from center.web.gate import Page
from center.web.page_request import PageRequest


def health(request: PageRequest) -> Response:
    """Every part."""
    findings = request.service(OfficeHealth).look()
    return request.page("health.html", findings=findings, worst=worst(findings), Level=Level)


PAGES = (Page("GET", "/health", health, Right.NUMBERS),)
