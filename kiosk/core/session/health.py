"""Which devices are needed for which purpose, and whether the booth can serve although some devices fail."""

from enum import StrEnum

from kiosk.core.events import Device
from kiosk.core.identity import IdentificationRule


class Need(StrEnum):
    """The capabilities that a state needs."""

    SHOW = "show"
    IDENTIFY = "identify"
    SHOOT = "shoot"
    KEEP = "keep"


NEEDED_FOR: dict[Device, Need] = {
    Device.DISPLAY: Need.SHOW,
    Device.CARD_READER: Need.IDENTIFY,
    Device.SCANNER: Need.IDENTIFY,
    Device.CAMERA: Need.SHOOT,
    Device.EYE: Need.SHOOT,
    Device.LAMP_LEFT: Need.SHOOT,
    Device.LAMP_RIGHT: Need.SHOOT,
    Device.STORAGE: Need.KEEP,
}
"""The need that a device serves. If a device that is not listed fails, the booth reports it and continues: the speaker,
for instance, because the screen shows what the voice says."""

# The camera reads codes too, so a dead scanner alone never stops the booth.
CAN_DO_WITHOUT: dict[IdentificationRule, frozenset[Device]] = {
    IdentificationRule.CARD: frozenset({Device.SCANNER}),
    IdentificationRule.EITHER: frozenset({Device.SCANNER, Device.CARD_READER}),
    IdentificationRule.BOTH: frozenset({Device.SCANNER}),
}


def stops(
    failed: tuple[tuple[Device, str], ...], needs: frozenset[Need], rule: IdentificationRule
) -> tuple[Device, str] | None:
    """The first failed device without which `needs` cannot be met, with its fault; None: the booth can continue."""
    spare = CAN_DO_WITHOUT[rule]
    return next((pair for pair in failed if NEEDED_FOR.get(pair[0]) in needs and pair[0] not in spare), None)
