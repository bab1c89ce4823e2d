"""A booth of the season. Session, roster, saving and sending are real; the devices are scripted.

`kiosk.runtime.wiring` builds a booth with vendor objects; this module builds one without them. The loop, its effects,
the identity resolver, the shot saver and the uplink are the booth's own, and the uplink sends to the office over HTTP.
"""

import random
from collections.abc import Callable
from pathlib import Path

from kiosk.commands.enrol import enrol
from kiosk.core.events import Action, Event, Touched
from kiosk.core.session.state import AT_REST, Session
from kiosk.ports.config import BoothConfig, DisplayConfig, OfficeConfig, StorageConfig
from kiosk.runtime.effects import Adapters, EffectRunner
from kiosk.runtime.event_queue import EventQueue
from kiosk.runtime.identity_resolver import IdentityResolver
from kiosk.runtime.loop import Loop, LoopDependencies
from kiosk.runtime.office_season import OfficeSeason
from kiosk.runtime.policy_and_facts import facts_of, policy_of
from kiosk.runtime.staff_call import StaffCall
from kiosk.runtime.submission import Submissions
from kiosk.runtime.vault import SessionVault
from kiosk.ui.viewmodel import View
from kiosk.uplink.loop import UplinkLoop
from kiosk.uplink.roster.roster_cache import RosterCache
from kiosk.uplink.saving.shot_saver import ShotSaverWorker
from kiosk.uplink.shared.paths import BoothPaths
from kiosk.uplink.storage.outbox import Outbox
from kiosk.uplink.storage.outbox_rows import ShotState
from rules.profile import Profile
from rules.season import load_season
from sim.office.served import ServedOffice
from sim.people import Pose
from sim.play.graduate import Visitor, WithoutPhone
from sim.season.scripted_devices import ScriptedDevices
from sim.season.visitors import SeasonVisitor, drawn_button
from sim.twins.clock import VirtualClock
from sim.twins.disk import UnsyncedDisk

_SEND_EVERY_NS = 3_000_000_000
MakePhoto = Callable[[SeasonVisitor], bytes]


class NoServiceMenu:
    """Replaces the service menu: staff have no panel here."""

    def takes(self, _event: Event) -> bool:
        return False

    def follow(self, _event: Event, _session: Session) -> None:
        return

    def view(self, _base: View) -> View | None:
        return None


class ScriptedBooth(WithoutPhone):
    """One booth with its files in `folder`, enrolled at the office. `url`: the office's address."""

    def __init__(
        self,
        folder: Path,
        booth_id: str,
        office: ServedOffice,
        url: str,
        profile: Profile,
        clock: VirtualClock,
        make_photo: MakePhoto,
    ) -> None:
        self.booth_id = booth_id
        self.disk = UnsyncedDisk()
        self.seated: SeasonVisitor | None = None  # the person who sits there
        self._profile, self._clock, self._make_photo = profile, clock, make_photo
        self._visitor: Visitor | None = None
        self._send_ns = 0
        folder.mkdir(parents=True)
        self.config = BoothConfig(
            office=OfficeConfig(
                url=url, public_url=office.url, booth_id=booth_id, credential_file=folder / "credential"
            ),
            storage=StorageConfig(folder=folder / "booth", seal_to=office.seal_to),
            display=DisplayConfig(fullscreen=False),
        )
        refused = enrol(self.config, office.office.booths.enrol("sim", booth_id))
        assert not refused, refused
        self._paths = BoothPaths(self.config.storage.folder)
        self._switch_on()

    def _switch_on(self) -> None:
        clock, queue, vault, paths = self._clock, EventQueue(), SessionVault(), self._paths
        paths.folder.mkdir(parents=True, exist_ok=True)
        self._emit = queue.put
        self.devices = ScriptedDevices(self._profile, queue.put, vault, clock, self._make_photo)
        self._saver = ShotSaverWorker(self.config.storage, queue.put, clock, disk=self.disk)
        self._saver.open()
        self.uplink = UplinkLoop(self.config, clock, random.Random(1), disk=self.disk)
        self._roster = RosterCache(self.config.storage, disk=self.disk)
        season = OfficeSeason(paths.instructions, load_season(self._profile.season))
        resolver = IdentityResolver(vault, self._roster)
        devices = self.devices
        adapters = Adapters(
            devices,
            devices,
            devices,
            (devices,),
            self._saver,
            devices.live,
            devices.forget,
            StaffCall(self.booth_id, paths, self.disk, vault, queue.put, clock),
        )
        submissions = Submissions(self.booth_id, self._profile, resolver, clock, {})
        runner = EffectRunner(adapters, resolver, submissions, season, queue.put, clock)
        deps = LoopDependencies(
            queue=queue,
            runner=runner,
            display=devices,
            resolver=resolver,
            eye=devices,
            live=devices.live,
            clock=clock,
            record=lambda _event, _session: None,
            alive=lambda: None,
            known=lambda: True,
            ready=lambda: None,
            health=lambda _failed: None,
            speak=lambda _view, _chosen, _cursor: None,
            speaks=lambda _language: True,
            staff=NoServiceMenu(),
            unsaved=lambda: self._saver.unsaved,
        )
        self.loop = Loop(policy_of(self._profile), facts_of(self._profile, season.table(), self.config), deps)

    @property
    def is_empty(self) -> bool:
        """Whether nobody sits in the seat."""
        return self.seated is None

    @property
    def is_inviting(self) -> bool:
        """Whether the seat is empty and the screen belongs to no session; people wait for this before they sit down."""
        return self.is_empty and self.loop.session.state in AT_REST

    @property
    def has_sent_all(self) -> bool:
        """Whether each saved shot is at the office and verified there, or is parked for staff."""
        with Outbox(self._paths.outbox) as outbox:
            counts, parked = outbox.counts(), outbox.parked()
        return counts[ShotState.KEPT] + counts[ShotState.RECEIVED] == len(parked)

    def shot_ids(self) -> set[str]:
        """The shots that the booth has accepted, according to its own files."""
        return {path.stem for path in self._paths.spool.glob("*.envelope")}

    def seat(self, visitor: SeasonVisitor) -> None:
        """Let somebody sit down."""
        self.seated = self.devices.seated = visitor
        self._visitor = Visitor(visitor.script, visitor.row.school, self, Pose())

    def get_up(self) -> None:
        """Let the person who sits there leave, even in the middle of a session."""
        self.seated = self.devices.seated = self._visitor = None

    def turn(self) -> None:
        """Do one turn of the session, of saving and of sending, and then let the visitor react to the screen."""
        self.devices.poll()
        self._saver.poll(0.0)
        if self._clock.now_ns() >= self._send_ns:
            self._send_ns = self._clock.now_ns() + _SEND_EVERY_NS
            while self.uplink.poll(0.0):
                pass
        self.loop.tick()
        view, visitor = self.loop.view, self._visitor
        if visitor is not None and view is not None:
            visitor.look(view, self._clock.now_ns() / 1e9)
            if visitor.gone:
                self.get_up()

    def switch_off_and_on(self) -> None:
        """Cut the power for a moment. The person leaves, everything in memory is lost, and files remain."""
        self.close()
        self.get_up()
        self._switch_on()

    def close(self) -> None:
        """Close the booth's files and its connection."""
        self.uplink.close()
        self._saver.close()
        self._roster.close()

    # The hands of the visitor.

    def touch(self, action: Action, arg: str) -> bool:
        """See `Hands`."""
        view = self.loop.view
        if view is None or not drawn_button(view, action, arg):
            return False
        self._emit(Touched(self._clock.now_ns(), action, arg))
        return True

    def present(self, thing: str) -> None:
        """See `Hands`."""
        assert self.seated is not None
        row = self.seated.row
        match thing:
            case "card":
                self.devices.lay(self.seated)
            case "student_card":
                self.devices.scan(row.student_no)
            case "exam_slip":
                self.devices.scan(row.exam_no)
            case _:
                self.devices.scan(self.seated.image_code)

    def take_card(self) -> None:
        """See `Hands`."""
        self.devices.take_card()
