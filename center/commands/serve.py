"""`center serve`: serve booths and staff until stopped."""

import argparse
import contextlib
import gc
import logging
import socket
from collections.abc import AsyncIterator, Callable

import uvicorn
from fastapi import FastAPI
from starlette.types import ASGIApp

from center.commands.jobs_process import JobsProcess
from center.commands.settings import add_config, load_config
from center.commands.site import Site
from center.commands.speaking import say_result
from center.platform.configuration import ServerConfig
from center.platform.header_timeout import HeaderTimeoutProtocol
from center.wiring.booth_api import create_app
from center.wiring.console import make_console
from center.wiring.office import Office
from center.wiring.storage import NotReady

log = logging.getLogger(__name__)

_STOP_S = 20


EXAMPLES = ("center serve --config /etc/center/center.toml",)


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    add_config(parser)
    parser.add_argument("--no-jobs", action="store_true", help="do no background jobs here: other servers do them")
    parser.add_argument("--json", action="store_true", help="the address as one JSON object on standard output")


def run(options: argparse.Namespace) -> None:
    """Run the command until a stop signal."""
    config = load_config(options.config)
    with (
        Office.open(config) as office,
        _listener(config.server) as listener,
        contextlib.nullcontext() if options.no_jobs else JobsProcess(options.config),
    ):
        moved = office.intake.catch_up()
        if moved:
            log.info("opened %d shots that were received before", moved)
        app = create_app(office)
        app.router.lifespan_context = _announcing(_address(config.server, listener), options)
        # The objects that exist now stay, so the garbage collector need not check them again and again while shots
        # arrive.
        gc.collect()
        gc.freeze()
        server = uvicorn.Server(server_config(Site(app, make_console(office)), config.server))
        with contextlib.suppress(KeyboardInterrupt):  # raised after the server has shut down normally
            server.run(sockets=[listener])


def server_config(app: ASGIApp, server: ServerConfig) -> uvicorn.Config:
    """The web server's settings: no server header, no access log (the office's own log records the faults)."""
    return uvicorn.Config(
        app,
        loop="uvloop",  # loop and protocol are named here: otherwise the server could silently use slower ones
        http=HeaderTimeoutProtocol,  # it parses with httptools
        log_config=None,
        access_log=False,
        server_header=False,
        ws="none",
        lifespan="on",
        proxy_headers=bool(server.proxies),
        forwarded_allow_ips=list(server.proxies),
        ssl_certfile=server.certificate_file,
        ssl_keyfile=None if server.certificate_key_file is None else str(server.certificate_key_file),
        timeout_graceful_shutdown=_STOP_S,
    )


def _announcing(
    address: str, options: argparse.Namespace
) -> Callable[[FastAPI], contextlib.AbstractAsyncContextManager[None]]:
    """Print the address once the server answers requests."""

    @contextlib.asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        say_result(options, {"address": address}, address)
        yield

    return lifespan


def _listener(server: ServerConfig) -> socket.socket:
    family = socket.AF_INET6 if ":" in server.host else socket.AF_INET
    # The protocol number is given explicitly. Otherwise asyncio would not see that this is TCP, and would leave Nagle's
    # algorithm on. Then every answer on a kept connection would wait 40 ms for the other end's acknowledgement.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((server.host, server.port))
        listener.listen(2048)
    except OSError as fault:
        listener.close()
        raise NotReady(
            f"can't listen on {server.host} port {server.port} ({fault.strerror}): "
            "stop what uses it, or set server.port"
        ) from fault
    return listener


def _address(server: ServerConfig, listener: socket.socket) -> str:
    scheme = "https" if server.certificate_file is not None else "http"
    host = f"[{server.host}]" if ":" in server.host else server.host
    return f"{scheme}://{host}:{listener.getsockname()[1]}"
