"""Makes a booth from the configuration and vendor objects. Only this module constructs adapters.

Everything that differs between a Raspberry Pi and the simulator is in `Vendors`, which the caller must pass. This
module never replaces a missing part by a simulated one.
"""

import logging
import os
from collections.abc import Callable
from importlib.metadata import version
from typing import Protocol

from common.latest_slot import LatestSlot
from kiosk.core.events import Event
from kiosk.core.session.state import Session
from kiosk.hardware.camera_picamera2 import CameraWorker
from kiosk.hardware.card_serial import CardWorker
from kiosk.hardware.earphone_switch import EarphoneSwitch
from kiosk.hardware.lamps_pwm import LampsDevice
from kiosk.hardware.scanners import configured_scanners
from kiosk.hardware.staff_key import StaffKey
from kiosk.hardware.voice_player import VoicePlayer
from kiosk.ports.config import BoothConfig
from kiosk.ports.eye import Eye
from kiosk.ports.frames import Frame
from kiosk.ports.worker import Worker
from kiosk.runtime.booth import Booth
from kiosk.runtime.calibration import Calibrated, CalibrationFault, applied, load
from kiosk.runtime.device_health import DeviceHealth
from kiosk.runtime.effects import Adapters, EffectRunner, IdentityReader
from kiosk.runtime.event_queue import EventQueue
from kiosk.runtime.file_writer import FileWriter
from kiosk.runtime.identity_resolver import IdentityResolver
from kiosk.runtime.journal_file import JournalFile
from kiosk.runtime.lights import Lights
from kiosk.runtime.live_help import LiveHelp
from kiosk.runtime.loop import Loop, LoopDependencies
from kiosk.runtime.machine_watch import MachineWatch
from kiosk.runtime.notify import Notifier, runtime_folder
from kiosk.runtime.number_board import NumberBoard
from kiosk.runtime.office_season import OfficeSeason
from kiosk.runtime.policy_and_facts import configured_policy, facts_of
from kiosk.runtime.release_watch import ReleaseWatch
from kiosk.runtime.service.machine_orders import MachineOrders
from kiosk.runtime.service.pin import PinChecker
from kiosk.runtime.service.recent_log import RecentLog
from kiosk.runtime.service.service_menu import MenuDependencies, ServiceMenu
from kiosk.runtime.service.setup_answers import SetupAnswers
from kiosk.runtime.service.staff_settings import SettingsFile
from kiosk.runtime.service.station import Station, is_enrolled
from kiosk.runtime.speaking import Speaking, silent
from kiosk.runtime.staff_call import StaffCall
from kiosk.runtime.submission import Submissions
from kiosk.runtime.supervise import Supervisor
from kiosk.runtime.vault import SessionVault
from kiosk.runtime.vendors import Vendors
from kiosk.text.catalog import load_all
from kiosk.text.speech import voices
from kiosk.ui.shell import Shell
from kiosk.update.programs import RunningRelease
from kiosk.uplink.roster.roster_cache import RosterCache
from kiosk.uplink.saving.shot_saver import ShotSaverWorker
from kiosk.uplink.shared.paths import BoothPaths
from kiosk.vision.backdrop.empty_backdrop import EmptyBackdrop
from kiosk.vision.backdrop.light_mix import Plates
from kiosk.vision.checks.pose import STRAIGHT, PoseZero
from kiosk.vision.models import models_folder
from kiosk.vision.worker import EyeWorker
from rules.profile import Profile, load_profile
from rules.season import load_season

log = logging.getLogger(__name__)


class EyeAtWork(Eye, Worker, Protocol):
    """An eye that is also a worker."""


MakeEye = Callable[..., EyeAtWork]
"""Makes the eye from the arguments of `EyeWorker`."""


def build(
    config: BoothConfig,
    vendors: Vendors,
    profile: Profile | None = None,
    *,
    headless: bool = False,
    make_eye: MakeEye = EyeWorker,
    make_shell: Callable[..., Shell] = Shell,
) -> Booth:
    """Make a booth. The panel is opened now; the supervisors open the devices later.

    `headless`: draw into memory. `make_eye`, `make_shell`: functions that make the eye and the panel; the simulator
    passes its own. Raises `ProfileError` for an unknown profile, and `PermanentFault` if there is no panel.
    """
    profile = profile or load_profile(config.profile)
    clock, queue, vault = vendors.clock, EventQueue(), SessionVault()
    calibrated = _calibration(config)
    found = calibrated.calibration if calibrated is not None else None
    config = applied(config, found)
    paths = BoothPaths(config.storage.folder)
    season = OfficeSeason(paths.instructions, load_season(profile.season))
    told_ns = 2 * config.office.heartbeat_every_ms * 1_000_000
    writer = FileWriter()
    health = DeviceHealth(paths, vendors.disk, clock, told_ns, writer.later)
    machine = MachineWatch(paths, clock, vendors.machine, None if found is None else found.moment, writer.later)
    emit = queue.put
    live: LatestSlot[Frame] = LatestSlot()
    eye = make_eye(models_folder(), profile, live, emit, vault, clock, config.camera.main_size, *_station(calibrated))
    camera = CameraWorker(config.camera, vendors.camera, emit, eye.judge_burst, clock, live)
    lamps = LampsDevice(config.lamps, vendors.pins)
    lights = Lights(config.lamps, lamps, live, emit, clock)
    saver = ShotSaverWorker(config.storage, emit, clock, disk=vendors.disk)
    card = CardWorker(config.card, vault, emit, clock)
    scanners = configured_scanners(config.scanner, vault, emit, clock)
    voice = VoicePlayer(config.voice, vendors.mixer, clock)
    workers: list[Worker] = [camera, lamps, lights, card, *scanners, saver, eye, writer]
    workers += [voice] if config.voice.enabled else []
    if config.lamps.key_pin is not None:
        workers.append(StaffKey(config.lamps.key_pin, vendors.pins, emit, clock))
    pin = None if config.service.pin_hash is None else PinChecker(config.service.pin_hash)
    workers += [pin] if pin is not None else []
    if config.earphone.input_path is not None:
        workers.append(EarphoneSwitch(config.earphone.input_path, emit, clock))
    roster = RosterCache(config.storage, disk=vendors.disk)
    resolver = IdentityResolver(vault, roster)
    policy = configured_policy(config, profile, found)
    identity_readers: tuple[IdentityReader, ...] = (card, *scanners, *((eye,) if config.scanner.before_camera else ()))
    shell = make_shell(config.display, emit, clock, headless=headless)
    staff_call = StaffCall(config.office.booth_id, paths, vendors.disk, vault, emit, clock, writer.later)
    catalogs = load_all(config.display.languages, config.display.texts)
    live_help = LiveHelp(config.office.booth_id, paths.folder, staff_call.open_call, catalogs, live, emit, clock)
    workers.append(live_help)
    adapters = Adapters(camera, lights, eye, identity_readers, saver, live, shell.forget, staff_call)
    runner = EffectRunner(
        adapters,
        resolver,
        Submissions(config.office.booth_id, profile, resolver, clock, {"kiosk": version("makeup-booth")}),
        season,
        emit,
        clock,
    )
    journal = JournalFile(paths.journal, f"{clock.wall().moment:%Y%m%dT%H%M%S}", policy, later=writer.later)
    writer.at_end = journal.close
    notifier = Notifier.of_environment(os.environ)
    release = ReleaseWatch(paths.update, vendors.disk, RunningRelease(), writer.later)
    supervised = {worker.__class__.__name__: Supervisor(worker, emit, clock) for worker in workers}

    def alive() -> None:
        notifier.alive()
        staff_call.look()
        health.look()
        machine.look()
        numbers.look()
        release.look(loop.session.state)
        for supervisor in supervised.values():
            supervisor.look()

    def record(event: Event, session: Session) -> None:
        journal.write(event, session)
        live_help.follow(session)

    def known() -> bool:
        return all(supervisor.is_known for supervisor in supervised.values())

    spoken = voices(config.display.languages, config.display.texts, config.voice.folder)
    speaking = Speaking(config.voice, voice, clock, spoken)
    recent_log = RecentLog()
    station = Station(config, calibrated, recent_log, vendors.disk, clock, version("makeup-booth"))
    settings = SettingsFile(paths.staff_settings, vendors.disk, writer.later)
    orders = MachineOrders(runtime_folder(os.environ))
    staff = ServiceMenu(
        MenuDependencies(
            adapters,
            pin,
            settings,
            orders,
            station,
            speaking,
            emit,
            clock,
            policy.lamps.working,
            config.voice,
            lambda: saver.unsaved,
            SetupAnswers(runtime_folder(os.environ)),
            vault,
            needs_setup=not is_enrolled(config),
        )
    )
    staff.did = health.staff_did
    deps = LoopDependencies(
        queue,
        runner,
        shell,
        resolver,
        eye,
        live,
        clock,
        record,
        alive,
        known,
        notifier.ready,
        health.note,
        speaking.follow if config.voice.enabled else silent,
        speaking.speaks,
        staff,
        lambda: saver.unsaved,
    )
    loop = Loop(policy, facts_of(profile, season.table(), config), deps)
    numbers = NumberBoard(paths, clock, told_ns, loop.follow_queue)
    season.changed = lambda table: loop.follow(facts_of(profile, table, config))

    def end() -> None:
        eye.forget()
        vault.forget()
        release.close()
        roster.close()
        logging.getLogger().removeHandler(recent_log)

    logging.getLogger().addHandler(recent_log)
    return Booth(loop, supervised, shell, vault, release, staff, lambda: saver.unsaved, end)


def _calibration(config: BoothConfig) -> Calibrated | None:
    """The calibration; None if there is none, or if it can't be read. `kiosk doctor` reports one that can't be read."""
    try:
        return load(config.storage.folder)
    except CalibrationFault as fault:
        log.error("%s", fault)
        return None


def _station(calibrated: Calibrated | None) -> tuple[PoseZero, EmptyBackdrop | None]:
    """The facts about this booth that the vision worker needs."""
    if calibrated is None:
        return STRAIGHT, None
    zero, exposures = calibrated.calibration.zero, calibrated.calibration.plates
    return (
        STRAIGHT if zero is None else PoseZero(zero.yaw, zero.station_pitch),
        None if exposures is None else EmptyBackdrop(Plates.of(calibrated.plates, exposures.model_dump())),
    )
