"""Two applications under one address: `/v1` for booths, everything else for staff."""

from starlette.types import ASGIApp, Receive, Scope, Send


class Site:
    """Passes each request to its application; the application for booths handles startup and shutdown."""

    def __init__(self, booths: ASGIApp, staff: ASGIApp) -> None:
        self._booths = booths
        self._staff = staff

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on."""
        path = scope.get("path", "")
        to_booths = scope["type"] != "http" or path == "/v1" or path.startswith("/v1/")
        await (self._booths if to_booths else self._staff)(scope, receive, send)
