"""Two applications under one address: `/v2` for booths, everything else for staff.

Requests of other versions (`/v1`, `/v3`) go to the application for booths, which refuses them in a form that booths
understand.
"""

import re

from starlette.types import ASGIApp, Receive, Scope, Send

_FOR_BOOTHS = re.compile(r"/v[0-9]+(/|$)")


class Site:
    """Passes each request to its application; the application for booths handles startup and shutdown."""

    def __init__(self, booths: ASGIApp, staff: ASGIApp) -> None:
        self._booths = booths
        self._staff = staff

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request to its application."""
        path = scope.get("path", "")
        to_booths = scope["type"] != "http" or _FOR_BOOTHS.match(path) is not None
        await (self._booths if to_booths else self._staff)(scope, receive, send)
