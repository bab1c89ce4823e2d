"""`kiosk desk`: photograph at the staff desk, on a page in this machine's browser."""

import argparse
import contextlib
import logging
import sys
import threading
import webbrowser
from collections.abc import Callable, Iterator
from pathlib import Path

from kiosk.core.events import Event
from kiosk.desk.pictures import PictureFolder
from kiosk.desk.server import DeskServer
from kiosk.desk.station import DeskStation
from kiosk.desk.studio import Studio
from kiosk.desk.uplink_process import UplinkProcess
from kiosk.desk.view import DeskView
from kiosk.desk.webcam import OpenVideo, Webcam, open_video
from kiosk.ports.clock import Clock
from kiosk.ports.config import BoothConfig
from kiosk.ports.faults import DeviceFault
from kiosk.runtime.load import ConfigFault, load_config
from kiosk.runtime.office_season import OfficeSeason
from kiosk.runtime.stop import stop_signal
from kiosk.runtime.supervise import Supervisor, Threads
from kiosk.runtime.system_clock import SystemClock
from kiosk.uplink.roster.roster_cache import RosterCache
from kiosk.uplink.saving.shot_saver import ShotSaverWorker
from kiosk.uplink.shared.paths import BoothPaths
from kiosk.uplink.storage.outbox import Outbox
from kiosk.vision.analysis import PictureAnalyzer
from kiosk.vision.models import models_folder
from rules.profile import ProfileError, load_profile
from rules.season import load_season

EXAMPLES = ("kiosk desk --config /etc/kiosk/desk.toml",)


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("--config", type=Path, required=True, help="the desk's configuration, as a booth's")
    parser.add_argument("--no-browser", action="store_true", help="print the page's address and open no browser")
    parser.add_argument("--no-uplink", action="store_true", help="another process sends (kiosk uplink)")


def run(options: argparse.Namespace) -> int:
    """Run the desk until a stop signal. Returns 0 after the signal, 1 if the desk cannot start, 2 without its
    configuration file."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s", stream=sys.stderr)
    try:
        config = load_config(options.config)
        command = [sys.executable, "-m", "kiosk", "uplink", "--with-parent", "--config", str(options.config)]
        child = None if options.no_uplink else UplinkProcess(command)
        sends = None if child is None else child.runs
        with (
            stop_signal() as stop,
            desk_server(config, SystemClock(), sends=sends) as server,
            child or contextlib.nullcontext(),
        ):
            sys.stdout.write(f"{server.address}\n")
            sys.stdout.flush()
            if not options.no_browser:
                webbrowser.open(server.address)
            stop.wait()
    except ConfigFault as fault:
        sys.stderr.write(f"kiosk desk: {fault}\n")
        return fault.exit_code
    except (ProfileError, DeviceFault) as fault:
        sys.stderr.write(f"kiosk desk: {fault}\n")
        return 1
    except OSError as error:
        port = f"desk.port {config.desk.port} can't be used ({error.strerror})"
        sys.stderr.write(f"kiosk desk: {port}: stop the other program there, or name another port\n")
        return 1
    return 0


@contextlib.contextmanager
def desk_server(
    config: BoothConfig,
    clock: Clock,
    open_source: OpenVideo = open_video,
    port: int | None = None,
    sends: Callable[[], bool] | None = None,
) -> Iterator[DeskServer]:
    """Build and run the whole desk, with its page. `port`: replaces the configured port. `sends`: whether the uplink
    runs; None: this program does not start the uplink. Raises `ProfileError`, `DeviceFault`, `OSError` (the port is
    taken)."""
    profile, paths, desk = load_profile(config.profile), BoothPaths(config.storage.folder), config.desk
    season = OfficeSeason(paths.instructions, load_season(profile.season))
    webcam = None if desk.webcam is None else Webcam(desk.webcam, desk.webcam_size, open_source)

    def emit(event: Event) -> None:
        station.emit(event)

    saver = ShotSaverWorker(config.storage, emit, clock)
    roster = RosterCache(config.storage)
    station = DeskStation(
        config.office.booth_id,
        profile,
        roster,
        Studio(PictureAnalyzer(models_folder()), profile),
        saver,
        season.table,
        clock,
        PictureFolder(desk.picture_folder),
        webcam,
        keep_pictures=desk.keep_pictures,
    )
    page = f"{config.office.public_url}/r/" if config.office.public_url else ""
    view = DeskView(config.display.language, profile, config.storage.keep_days)
    server = DeskServer(
        desk.port if port is None else port,
        station,
        view,
        webcam,
        _counts(paths.outbox),
        folder=desk.picture_folder is not None,
        receipt_page=page,
        sends=sends,
    )
    worker = Threads([Supervisor(saver, station.emit, clock)], ["ShotSaverWorker"])
    serving = threading.Thread(target=server.serve_forever, name="desk page", daemon=True)
    worker.start()
    serving.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        station.next()
        worker.stop()
        roster.close()


def _counts(path: Path) -> Callable[[], tuple[int, int]]:
    """A function that reads from the outbox at `path` how many shots wait to be sent, and how many need staff. It
    returns zeros while the outbox can't be read."""

    def counted() -> tuple[int, int]:
        if not path.exists():
            return 0, 0
        try:
            with Outbox(path) as outbox:
                return outbox.waiting()[0], len(outbox.parked())
        except DeviceFault:
            return 0, 0

    return counted
