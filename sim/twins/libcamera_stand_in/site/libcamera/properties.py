"""The properties of a camera."""

from enum import IntEnum

from ._libcamera import ControlId, ControlType

Model = ControlId("Model", ControlType.String)
Location = ControlId("Location", ControlType.Integer32)
Rotation = ControlId("Rotation", ControlType.Integer32)


class draft:  # noqa: N801 - libcamera's name
    """Properties that are not yet final in libcamera."""

    ColorFilterArrangement = ControlId("ColorFilterArrangement", ControlType.Integer32)

    class ColorFilterArrangementEnum(IntEnum):
        RGGB = 0
        MONO = 4
