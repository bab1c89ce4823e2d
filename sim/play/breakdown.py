"""The faults of the simulated world, by the names that scenarios use."""

from collections.abc import Callable

from sim.office.fault_proxy import OfficeFault
from sim.play.world import World
from sim.twins.picamera2 import CameraFault
from sim.twins.pins import LampFault

CLOCK_JUMP_S = 3 * 3600.0


def break_down(world: World, what: str) -> None:
    """Apply the fault `what` from now on."""
    BREAKDOWNS[what][0](world)


def repair(world: World, what: str) -> None:
    """Clear the fault `what`."""
    BREAKDOWNS[what][1](world)


def _camera(fault: CameraFault) -> Callable[[World], None]:
    def do(world: World) -> None:
        world.rig.fault = fault

    return do


def _lamp(side: str, fault: LampFault) -> Callable[[World], None]:
    return lambda world: world.pins.break_lamp(side, fault)


def _office(fault: OfficeFault) -> Callable[[World], None]:
    return lambda world: world.network.break_with(fault)


def _full(full: bool) -> Callable[[World], None]:
    def do(world: World) -> None:
        world.disk.full = full

    return do


def _plugged(plugged: bool) -> Callable[[World], None]:
    def do(world: World) -> None:
        world.speaker.plugged_in = plugged

    return do


def _heal_office(world: World) -> None:
    world.network.heal()


BREAKDOWNS: dict[str, tuple[Callable[[World], None], Callable[[World], None]]] = {
    "reader_unplugged": (lambda world: world.reader.unplug(), lambda world: world.reader.plug_in()),
    "scanner_unplugged": (lambda world: world.scanner.unplug(), lambda world: world.scanner.plug_in()),
    "speaker_unplugged": (_plugged(False), _plugged(True)),
    "camera_stalls": (_camera(CameraFault.STALL), _camera(CameraFault.NONE)),
    "camera_never_returns": (_camera(CameraFault.NEVER_RETURNS), _camera(CameraFault.NONE)),
    "lamp_left_dead": (_lamp("left", LampFault.DEAD), _lamp("left", LampFault.NONE)),
    "lamp_right_dead": (_lamp("right", LampFault.DEAD), _lamp("right", LampFault.NONE)),
    "lamp_left_weak": (_lamp("left", LampFault.WEAK), _lamp("left", LampFault.NONE)),
    "disk_full": (_full(True), _full(False)),
    "office_down": (_office(OfficeFault.DOWN), _heal_office),
    "office_slow": (_office(OfficeFault.SLOW), _heal_office),
    "office_error": (_office(OfficeFault.ERROR), _heal_office),
    "office_cut": (_office(OfficeFault.CUT_BODY), _heal_office),
    "clock_jumps": (
        lambda world: world.clock.jump_wall(CLOCK_JUMP_S),
        lambda world: world.clock.jump_wall(-CLOCK_JUMP_S),
    ),
}
