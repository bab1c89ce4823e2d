"""The security headers of every answer. They forbid scripts, styles and pictures from other sites."""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_SCRIPTS, _PICTURES = "script-src 'self'", "img-src 'self'"
_DIRECTIVES = (
    "default-src 'none'",
    _SCRIPTS,
    "style-src 'self'",
    _PICTURES,
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
)
CONTENT_SECURITY_POLICY = "; ".join(_DIRECTIVES)
_MORE = {_SCRIPTS: " 'wasm-unsafe-eval'", _PICTURES: " blob:"}
WASM_POLICY = "; ".join(one + _MORE.get(one, "") for one in _DIRECTIVES)
"""The policy for the one page whose scripts run WebAssembly, on a picture that the reader chose (`center.travel`)."""

HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    # Not `no-referrer`: browsers would then send `Origin: null` even with our own forms.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    "X-Robots-Tag": "noindex",
}

_TWO_YEARS_S = 63_072_000


class SecureHeaders:
    """Adds to every answer `HEADERS`, and HSTS over https. It adds `no-store` and the policy unless the answer sets its
    own."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and add the headers to its answer."""

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    if headers.get(name) != WASM_POLICY:
                        headers[name] = value
                headers.setdefault("Cache-Control", "no-store")
                if scope.get("scheme") == "https":
                    headers["Strict-Transport-Security"] = f"max-age={_TWO_YEARS_S}; includeSubDomains"
            await send(message)

        await self._app(scope, receive, with_headers)
