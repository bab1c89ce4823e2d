"""The real office (`center`) for a simulated booth, served by a thread, with the clock of the simulated world.

Booths and staff use the office over HTTP. Tests can also do the work of staff by calling the office's services
directly. With the world's clock, leases, undo times and one-time codes run in the world's time. In everything else the
office works as with `center serve`.
"""

import secrets
import socket
import threading
import time
from collections.abc import Callable, Collection, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pyotp
import uvicorn
from sqlalchemy import func, select

from center.accounts.model.roles import Role
from center.backup.restoring import Target, restore
from center.commands.serve import server_config
from center.commands.site import Site
from center.passes.model import PassReason
from center.platform.foreign_tables.values import Row, Sheet
from center.platform.photos import photo_name
from center.season.model import SeasonChange
from center.shots.model.shot import Stage, State
from center.shots.model.staff_decision import StaffDecision
from center.shots.service import read_shot
from center.shots.tables import ShotRow
from center.wiring.booth_api import create_app
from center.wiring.console import make_console
from center.wiring.office import Office
from center.wiring.storage import open_database, open_photos
from common.disk import Disk
from rules.season import day_in_china
from sim.office.real import BOOTH, make_real_office
from wire.manifest import Manifest
from wire.roster_change import RosterRow, RowSet

_LONGEST_START_S = 30.0
_BY = "sim"
_CAMPUS_TITLES = ("毕业年度", "学校名称", "身份证号", "姓名")


@dataclass(frozen=True, slots=True)
class Login:
    """How a staff member logs in. `address`: the secret of the one-time codes as `otpauth://…`, for an authenticator
    app."""

    name: str
    password: str = field(repr=False)
    address: str = field(repr=False)

    def code(self, now: datetime) -> str:
        """The one-time code (six digits) at `now`."""
        totp = pyotp.parse_uri(self.address)
        assert isinstance(totp, pyotp.TOTP)
        return totp.at(now)


@dataclass(frozen=True, slots=True)
class Received:
    """One envelope that the office verified. `path`: the file with the bytes that were received."""

    path: Path
    manifest: Manifest
    photo: bytes


class ServedOffice:
    """An office made in `folder` (new) and served until `close`.

    `clock_s`: a clock in seconds, used for rate limits. `undo_s`: for how many seconds a decision can be undone.
    `limits`: values for settings of the section `[limits]`, in place of the defaults. `second_reviews`: the share of
    decisions that get a second review; None: the default. `now`: the office's clock; it may be replaced.
    """

    booth_id = BOOTH

    def __init__(
        self,
        folder: Path,
        clock: Callable[[], datetime],
        clock_s: Callable[[], float],
        undo_s: int = 10,
        limits: dict[str, float] | None = None,
        second_reviews: float | None = None,
    ) -> None:
        self._made = make_real_office(folder, limits)
        self.file, self.seal_to = self._made.file, self._made.seal_to
        self.credential = self._made.credential
        self.now = clock
        self._clock_s = clock_s
        config = self._made.config
        reviews = {} if second_reviews is None else {"second_look_share": second_reviews}
        review = config.review.model_copy(update={"undo_s": undo_s, **reviews})
        backup = config.backup.model_copy(update={"seal_to": self.seal_to[1:]})
        self.config = config.model_copy(update={"review": review, "backup": backup})
        self._open()

    def _open(self) -> None:
        with ExitStack() as opened:
            self.office = opened.enter_context(Office.open(self.config, self._time))
            opened.callback(self._stop_server)
            self._serve()
            self._opened = opened.pop_all()

    @property
    def url(self) -> str:
        """The office's address for booths and staff."""
        return self._made.url

    def code_for_booth(self, booth_id: str = BOOTH) -> str:
        """Make, as staff would, the code with which a booth enrols once."""
        return self.office.booths.enrol(_BY, booth_id)

    def give_roster(self, rows: Sequence[RosterRow], on_campus: Sequence[RosterRow] = ()) -> None:
        """Put rows into the office's roster, and the rows of people photographed on campus into the campus list."""
        self.office.roster.import_rows(_BY, rows)
        if on_campus:
            lines = [_CAMPUS_TITLES, *((one.year, one.school, one.id_number, one.name) for one in on_campus)]
            sheet = Sheet("", tuple(Row(number, line) for number, line in enumerate(lines, start=1)))
            taken = self.office.campus.import_list(_BY, [sheet], school="", year="", good_rows=False, dry_run=False)
            assert taken.written, taken.reading

    def open_for(self, id_numbers: Collection[str]) -> None:
        """Issue a pass for today to each person on the roster who has one of these ID numbers."""
        today = day_in_china(self._time())
        for change in self.office.roster_feed.page(None, 0, 1_000).changes:
            if isinstance(change, RowSet) and change.row.id_number in id_numbers:
                self.office.passes.issue(_BY, change.row_id, PassReason.APPOINTMENT, today, today)

    def hire(self, name: str, role: Role = Role.STAFF) -> Login:
        """Make an account for a staff member, for this run only, with a random password."""
        password = secrets.token_urlsafe(12)
        return Login(name, password, self.office.accounts.add(_BY, name, role, password))

    def received(self, shot_ids: Collection[str] | None = None) -> list[Received]:
        """The envelopes of these shots (None: of all) that were received and opened, in the order of arrival."""
        query = select(ShotRow.shot_id, ShotRow.sha256).where(ShotRow.verified_at.is_not(None))
        if shot_ids is not None:
            query = query.where(ShotRow.shot_id.in_(shot_ids))
        with self.office.database.read() as session:
            rows = session.execute(query.order_by(ShotRow.received_at, ShotRow.shot_id)).all()
        found = []
        for shot_id, sha256 in rows:
            envelope = self.office.envelopes.open(shot_id, sha256)
            (path,) = (self.config.folder / "photos").glob(f"*/{photo_name(shot_id, sha256)}")
            found.append(Received(path, envelope.manifest, envelope.photo))
        return found

    def shot_ids(self) -> list[str]:
        """Every shot that the office knows, in any state."""
        with self.office.database.read() as session:
            return sorted(session.scalars(select(ShotRow.shot_id)))

    def refused(self) -> int:
        """How many envelopes the office could not use."""
        query = select(func.count()).where(ShotRow.stage == Stage.REFUSED.value)
        with self.office.database.read() as session:
            return session.scalar(query) or 0

    def decide(self, shot_id: str, decision: StaffDecision) -> None:
        """Decide as staff on a shot that waits in the queue or was decided before."""
        with self.office.database.read() as session:
            shot = read_shot(session, shot_id)
        if shot.state(self._time()) is State.FINAL:
            self.office.queue.reopen(_BY, shot_id, shot.version)
        claimed = self.office.queue.claim(_BY, shot_id)
        self.office.queue.decide(_BY, shot_id, claimed.version, decision)

    def change_season(self, change: SeasonChange) -> int:
        """Put a changed table of the season in force; returns the new version."""
        seasons = self.office.seasons
        return seasons.change(_BY, seasons.current().number, change).number

    def back_up(self, place: Path) -> Path:
        """Make a backup below `place`; returns its folder."""
        return self.office.backups.make(_BY, place)[0]

    def restore(self, made: Path) -> None:
        """Restore the office from a backup, and serve it at the same address."""
        self._opened.close()
        target = Target(self.config, open_database(self.config), open_photos(self.config))
        with closing(target.database), closing(target.photos):
            restore(target, made, _BY, self._time(), secret=None, replace=True, disk=Disk())
        self._open()

    def close(self) -> None:
        """Stop serving and close; a second call is harmless."""
        self._opened.close()

    def _time(self) -> datetime:
        """The time in the form in which the office's own clock gives it: UTC, whole milliseconds."""
        moment = self.now().astimezone(UTC)
        return moment.replace(microsecond=moment.microsecond // 1000 * 1000)

    def _serve(self) -> None:
        site = Site(create_app(self.office, self._clock_s), make_console(self.office))
        self._server = uvicorn.Server(server_config(site, self.config.server))
        self._socket = socket.create_server(("127.0.0.1", self.config.server.port))
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
