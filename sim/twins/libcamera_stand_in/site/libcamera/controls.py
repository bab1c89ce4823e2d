"""The controls of an IMX708, and the enumerations that picamera2 uses. `by_name` finds a control by its name."""

from enum import IntEnum

from ._libcamera import ControlId, ControlType


class AfModeEnum(IntEnum):
    Manual = 0
    Auto = 1
    Continuous = 2


class AfTriggerEnum(IntEnum):
    Start = 0
    Cancel = 1


class AfStateEnum(IntEnum):
    Idle = 0
    Scanning = 1
    Focused = 2
    Failed = 3


class draft:  # noqa: N801 - libcamera's name
    """Controls that are not yet final in libcamera."""

    class NoiseReductionModeEnum(IntEnum):
        Off = 0
        Fast = 1
        HighQuality = 2
        Minimal = 3
        ZSL = 4


AeEnable = ControlId("AeEnable", ControlType.Bool)
AwbEnable = ControlId("AwbEnable", ControlType.Bool)
ExposureTime = ControlId("ExposureTime", ControlType.Integer32)
ExposureTimeMode = ControlId("ExposureTimeMode", ControlType.Integer32)
AnalogueGain = ControlId("AnalogueGain", ControlType.Float)
AnalogueGainMode = ControlId("AnalogueGainMode", ControlType.Integer32)
DigitalGain = ControlId("DigitalGain", ControlType.Float)
ColourGains = ControlId("ColourGains", ControlType.Float)
FrameDurationLimits = ControlId("FrameDurationLimits", ControlType.Integer64)
FrameDuration = ControlId("FrameDuration", ControlType.Integer64)
NoiseReductionMode = ControlId("NoiseReductionMode", ControlType.Integer32)
AfMode = ControlId("AfMode", ControlType.Integer32)
AfTrigger = ControlId("AfTrigger", ControlType.Integer32)
AfState = ControlId("AfState", ControlType.Integer32)
LensPosition = ControlId("LensPosition", ControlType.Float)
ScalerCrop = ControlId("ScalerCrop", ControlType.Rectangle)
ScalerCrops = ControlId("ScalerCrops", ControlType.Rectangle)
SensorTimestamp = ControlId("SensorTimestamp", ControlType.Integer64)


def by_name(name: str) -> ControlId:
    """The control with this name."""
    control = globals()[name]
    assert isinstance(control, ControlId)
    return control
