"""The real office (`center`) beside a simulated booth: served by a thread, with the world's clock, and with staff.

Booths and staff use it over HTTP only. Its clock is the world's, so that leases, undo times and one-time codes run in
the world's time; apart from that it is what `center serve` serves.
"""

import secrets
import socket
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pyotp
import uvicorn
from sqlalchemy import select

from center.accounts.model.roles import Role
from center.commands.serve import server_config
from center.commands.site import Site
from center.platform.configuration import CenterConfig
from center.platform.photos import photo_name
from center.shots.tables import ShotRow
from center.wiring.booth_api import create_app
from center.wiring.console import make_console
from center.wiring.office import Office
from kiosk.core.identity import RosterPerson
from sim.office.real import BOOTH, make_real_office
from sim.office.received import Received
from sim.office.server import wire_row

_LONGEST_START_S = 30.0
_BY = "sim"


@dataclass(frozen=True, slots=True)
class Login:
    """The login of a member of staff. `address`: for an authenticator app, `otpauth://…`."""

    name: str
    password: str = field(repr=False)
    address: str = field(repr=False)

    def code(self, now: datetime) -> str:
        """The six digits at `now`."""
        totp = pyotp.parse_uri(self.address)
        assert isinstance(totp, pyotp.TOTP)
        return totp.at(now)


class StaffedOffice:
    """An office made in `folder` (new) and served from here until `stop`.

    `clock_s`: seconds, for limits on rates. `undo_s`: how long a decision can be undone.
    """

    booth_id = BOOTH

    def __init__(
        self, folder: Path, clock: Callable[[], datetime], clock_s: Callable[[], float], undo_s: int = 10
    ) -> None:
        self._made = make_real_office(folder)
        self.file, self.seal_to = self._made.file, self._made.seal_to
        self.credential = self._made.credential
        self.now: Callable[[], datetime] = lambda: _whole_ms(clock())
        with ExitStack() as opened:
            config = self._made.config
            review = config.review.model_copy(update={"undo_s": undo_s})
            self._office = opened.enter_context(Office.open(config.model_copy(update={"review": review}), self.now))
            opened.callback(self._stop_server)
            self._serve(config, clock_s)
            self._opened = opened.pop_all()

    @property
    def url(self) -> str:
        """Its address for booths and staff."""
        return self._made.url

    def code_for_booth(self) -> str:
        """A one-time code, as staff would make it for a booth."""
        return self._office.booths.enrol(_BY, BOOTH)

    def give_roster(self, people: Sequence[RosterPerson]) -> None:
        """Bring rows into the office's roster."""
        self._office.roster.put(_BY, [wire_row(person) for person in people])

    def hire(self, name: str, role: Role = Role.STAFF) -> Login:
        """Make an account for this run with a random password."""
        password = secrets.token_urlsafe(12)
        return Login(name, password, self._office.accounts.add(_BY, name, role, password))

    def received(self) -> list[Received]:
        """What was received and opened, in the order of coming."""
        with self._office.database.read() as session:
            rows = session.execute(
                select(ShotRow.shot_id, ShotRow.sha256)
                .where(ShotRow.verified_at.is_not(None))
                .order_by(ShotRow.received_at, ShotRow.shot_id)
            ).all()
        photos = self._made.config.folder / "photos"
        envelopes = [(photo_name(one.shot_id, one.sha256), self._office.envelopes.open(*one)) for one in rows]
        return [Received(photos / name, opened.manifest, opened.photo) for name, opened in envelopes]

    def stop(self) -> None:
        """Hang up and close; again is harmless."""
        self._opened.close()

    def _serve(self, config: CenterConfig, clock_s: Callable[[], float]) -> None:
        site = Site(create_app(self._office, clock_s), make_console(self._office))
        self._server = uvicorn.Server(server_config(site, config.server))
        self._socket = socket.create_server(("127.0.0.1", config.server.port))
        sockets = {"sockets": [self._socket]}
        self._thread = threading.Thread(target=self._server.run, kwargs=sockets, name="office", daemon=True)
        self._thread.start()
        end = time.monotonic() + _LONGEST_START_S
        while not self._server.started:
            if not self._thread.is_alive() or time.monotonic() > end:
                raise RuntimeError(f"the office did not start: `center serve --config {self.file}` says why")
            time.sleep(0.005)

    def _stop_server(self) -> None:
        self._server.should_exit = True
        self._thread.join(_LONGEST_START_S)
        self._socket.close()


def _whole_ms(moment: datetime) -> datetime:
    """As the office's own clock gives it: UTC, whole milliseconds."""
    moment = moment.astimezone(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)
