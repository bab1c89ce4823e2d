"""The web server's connections, with a time limit for incomplete requests.

The server itself waits for ever for a request's first bytes and for its headers. Somebody who opens a thousand
connections and sends half a line on each would occupy them all. Here a connection must have sent whole headers within
`HEADERS_S`; bodies have time-outs of their own where they are read.
"""

from asyncio import TimerHandle, Transport

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEADERS_S = 10.0


class HeaderTimeoutProtocol(HttpToolsProtocol):
    """The server's own protocol, with a deadline for headers."""

    _deadline: TimerHandle | None = None

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]
        """Start the clock for the first request."""
        super().connection_made(transport)
        self._start_clock()

    def on_message_begin(self) -> None:
        """Start the clock again for a further request on the same connection."""
        super().on_message_begin()
        self._start_clock()

    def on_headers_complete(self) -> None:
        """The headers are complete: stop the clock."""
        self._stop_clock()
        super().on_headers_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is closed: stop the clock."""
        self._stop_clock()
        super().connection_lost(exc)

    def _start_clock(self) -> None:
        if self._deadline is None:
            self._deadline = self.loop.call_later(HEADERS_S, self._give_up)

    def _stop_clock(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _give_up(self) -> None:
        self._deadline = None
        self.transport.abort()
