"""Constructs the web application for booths from every task's routes."""

import time
from collections.abc import Iterator

from fastapi import APIRouter, FastAPI

from center.accounts.monitor import MonitorToken
from center.api.access import BoothAccess, BoothOf
from center.api.app import application
from center.booths import api as booths
from center.calls import api as calls
from center.health import api as health
from center.instructions import api as instructions
from center.intake import api as intake
from center.platform.limits import Monotonic
from center.releases import api as releases
from center.roster import api as roster
from center.shots import api as shots
from center.waiting import api as waiting
from center.wiring.office import Office


def create_app(office: Office, monotonic: Monotonic = time.monotonic) -> FastAPI:
    """Serve `docs/wire.md` from `office`. The caller closes the office."""
    limits = office.config.limits

    def routers(booth_access: BoothAccess, booth: BoothOf) -> Iterator[APIRouter]:
        yield intake.router(office.intake, booth, limits)
        yield shots.router(office.decision_feed, booth, limits.page_items)
        yield roster.router(office.roster_feed, office.campus.photographed, booth, limits.page_items)
        yield instructions.router(office.seasons, office.passes, office.releases, booth)
        yield booths.router(office.booths, office.clock, booth_access, booth)
        yield calls.router(office.help_calls, office.live_help, booth)
        yield waiting.router(office.waiting_numbers, booth)
        yield releases.router(office.releases, booth)
        token = MonitorToken(office.database, office.audit, office.clock)
        yield health.router(office.health, token, office.clock, booth_access)

    return application(limits, office.booths, routers, monotonic)
