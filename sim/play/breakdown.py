"""The faults of the simulated world, under the names that scenarios use, and when they begin and end."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from kiosk.core.session.state import State
from sim.office.fault_proxy import OfficeFault
from sim.play.record import Record
from sim.play.scenario import Fault
from sim.play.world import World
from sim.twins.card_tty import CardFault
from sim.twins.picamera2 import CameraFault
from sim.twins.pins import LampFault

CLOCK_JUMP_S = 3 * 3600.0


def break_down(world: World, what: str) -> None:
    """Apply the fault named `what`; it lasts until `repair`."""
    BREAKDOWNS[what][0](world)


def repair(world: World, what: str) -> None:
    """End the fault named `what`."""
    BREAKDOWNS[what][1](world)


@dataclass(slots=True)
class Breakage:
    """A fault of a scenario, and how far it is. `at_s`: when it begins; None until its state was seen."""

    fault: Fault
    at_s: float | None = None
    broken: bool = False
    repaired: bool = False


def break_and_repair(world: World, breakages: Iterable[Breakage], record: Record, now_s: float) -> None:
    """Begin and end the faults that are due at `now_s`. `record`: which states were seen so far."""
    for breakage in breakages:
        if breakage.at_s is None and (breakage.fault.at in record.states or breakage.fault.at is State.CLOSED):
            breakage.at_s = now_s + breakage.fault.after_s
        if breakage.at_s is None:
            continue
        if not breakage.broken and not breakage.repaired and now_s >= breakage.at_s:
            break_down(world, breakage.fault.what)
            breakage.broken = True
        for_s = breakage.fault.for_s
        if breakage.broken and for_s is not None and now_s >= breakage.at_s + for_s:
            repair(world, breakage.fault.what)
            breakage.broken, breakage.repaired = False, True


def _camera(fault: CameraFault) -> Callable[[World], None]:
    def do(world: World) -> None:
        world.rig.fault = fault

    return do


def _reader(fault: CardFault) -> Callable[[World], None]:
    return lambda world: world.reader.break_with(fault)


def _lamp(side: str, fault: LampFault) -> Callable[[World], None]:
    return lambda world: world.pins.break_lamp(side, fault)


def _office(fault: OfficeFault) -> Callable[[World], None]:
    return lambda world: world.network.break_with(fault)


def _disk(state: str, holds: bool) -> Callable[[World], None]:
    return lambda world: setattr(world.disk, state, holds)


def _machine(**condition: Any) -> Callable[[World], None]:
    return lambda world: world.kernel.becomes(**condition)


def _clock_jumps(seconds: float) -> Callable[[World], None]:
    return lambda world: world.clock.jump_wall(seconds)


def _plugged(plugged: bool) -> Callable[[World], None]:
    def do(world: World) -> None:
        world.speaker.plugged_in = plugged

    return do


def _heal_office(world: World) -> None:
    world.network.heal()


BREAKDOWNS: dict[str, tuple[Callable[[World], None], Callable[[World], None]]] = {
    "reader_unplugged": (lambda world: world.reader.unplug(), lambda world: world.reader.plug_in()),
    "reader_silent": (_reader(CardFault.SILENCE), _reader(CardFault.NONE)),
    "reader_garbled": (_reader(CardFault.BAD_CHECKSUM), _reader(CardFault.NONE)),
    "reader_noisy": (_reader(CardFault.GARBAGE), _reader(CardFault.NONE)),
    "reader_slow": (_reader(CardFault.SLOW), _reader(CardFault.NONE)),
    "scanner_unplugged": (lambda world: world.scanner.unplug(), lambda world: world.scanner.plug_in()),
    "speaker_unplugged": (_plugged(False), _plugged(True)),
    "camera_stalls": (_camera(CameraFault.STALL), _camera(CameraFault.NONE)),
    "camera_never_returns": (_camera(CameraFault.NEVER_RETURNS), _camera(CameraFault.NONE)),
    "camera_unplugged": (_camera(CameraFault.UNPLUGGED), _camera(CameraFault.NONE)),
    "camera_dark": (_camera(CameraFault.DARK), _camera(CameraFault.NONE)),
    "camera_unlockable": (_camera(CameraFault.UNLOCKABLE), _camera(CameraFault.NONE)),
    "camera_hangs_in_close": (_camera(CameraFault.HANGS_IN_CLOSE), _camera(CameraFault.NONE)),
    "lamp_left_dead": (_lamp("left", LampFault.DEAD), _lamp("left", LampFault.NONE)),
    "lamp_right_dead": (_lamp("right", LampFault.DEAD), _lamp("right", LampFault.NONE)),
    "lamp_left_weak": (_lamp("left", LampFault.WEAK), _lamp("left", LampFault.NONE)),
    "lamp_right_stuck": (_lamp("right", LampFault.STUCK), _lamp("right", LampFault.NONE)),
    "machine_hot": (_machine(degrees=83.0), _machine()),
    "supply_low": (_machine(supply_low=True), _machine()),
    "disk_full": (_disk("full", True), _disk("full", False)),
    "disk_no_files": (_disk("no_files", True), _disk("no_files", False)),
    "disk_read_only": (_disk("read_only", True), _disk("read_only", False)),
    "office_down": (_office(OfficeFault.DOWN), _heal_office),
    "office_slow": (_office(OfficeFault.SLOW), _heal_office),
    "office_error": (_office(OfficeFault.ERROR), _heal_office),
    "office_cut": (_office(OfficeFault.CUT_BODY), _heal_office),
    "office_cut_answer": (_office(OfficeFault.CUT_ANSWER), _heal_office),
    "office_answers_twice": (_office(OfficeFault.DUPLICATE), _heal_office),
    "office_wrong_digest": (_office(OfficeFault.WRONG_DIGEST), _heal_office),
    "office_busy": (_office(OfficeFault.BUSY), _heal_office),
    "office_portal": (_office(OfficeFault.PORTAL), _heal_office),
    "office_revoked": (_office(OfficeFault.REVOKED), _heal_office),
    "clock_jumps": (_clock_jumps(CLOCK_JUMP_S), _clock_jumps(-CLOCK_JUMP_S)),
    "clock_back": (_clock_jumps(-CLOCK_JUMP_S), _clock_jumps(CLOCK_JUMP_S)),
}
