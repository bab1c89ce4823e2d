"""Light in the camera's twin: automatic exposure and white balance, noise, and the layouts of pixels."""

from functools import lru_cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
Factors = tuple[float, float, float]  # for red, green and blue

FRAME_NS = 69_686_000  # the time of a frame of Camera Module 3 at full size: 14.35 frames a second
REFERENCE_US = 8_000  # with this exposure time (at gain 1) the scene looks as it was drawn
REFERENCE_COLOUR_GAINS = (2.1, 1.8)
LONGEST_US = 66_000
HIGHEST_GAIN = 16.0
HIGHLIGHT = 243  # automatic exposure brings the brightest 2 % of the picture to this 8-bit value
CONVERGENCE = 0.45  # with each frame, automatic exposure goes this share of the remaining way
GAMMA = 2.2
TILE = 512
SHIFTS = 128


class AutoExposure:
    """Exposure and white balance. Until they are fixed, they move towards the scene's values a little with each
    frame."""

    def __init__(self) -> None:
        self._amount = 0.25  # how much light is let in; 1 is the reference
        self._aim = 1.0
        self._colour = (1.6, 2.3)
        self._ae = self._awb = True
        self._fixed_us: int | None = None
        self._fixed_gain: float | None = None
        # the scene that was metered last, if its array is read-only, and its `brighter`
        self._metered: tuple[Picture, float] | None = None

    def control(self, controls: dict[str, Any]) -> None:
        self._ae = controls.get("AeEnable", self._ae)
        self._awb = controls.get("AwbEnable", self._awb)
        if controls.get("AeEnable") is True:
            self._fixed_us = self._fixed_gain = None
        self._fixed_us = controls.get("ExposureTime", self._fixed_us)
        self._fixed_gain = controls.get("AnalogueGain", self._fixed_gain)
        self._colour = controls.get("ColourGains", self._colour)

    def look_at(self, scene: Picture, brighter: float = 1.0) -> None:
        """Meter the light needed to bring the highlights to `HIGHLIGHT`. `brighter`: how much brighter the scene is
        than drawn."""
        if self._metered is not None and self._metered[0] is scene and self._metered[1] == brighter:
            return
        self._metered = None if scene.flags.writeable else (scene, brighter)
        height, width = scene.shape[:2]
        centre = scene[height // 8 : height : 12, width // 5 : width * 4 // 5 : 12]
        bright = max(4.0, float(np.quantile(centre.max(axis=2), 0.98)))
        most = LONGEST_US * HIGHEST_GAIN / REFERENCE_US
        self._aim = min(most, max(0.02, (HIGHLIGHT / bright) ** GAMMA / brighter))

    def next_frame(self) -> None:
        if self._ae:
            self._amount *= (self._aim / self._amount) ** CONVERGENCE
        if self._awb:
            red, blue = (
                now + (rest - now) * CONVERGENCE for now, rest in zip(self._colour, REFERENCE_COLOUR_GAINS, strict=True)
            )
            self._colour = (red, blue)

    def metadata(self, sensor_ns: int) -> dict[str, Any]:
        want_us = self._amount * REFERENCE_US
        # The exposure time grows up to 10 ms first (mains light flickers at 100 Hz), then the gain, then the time
        # again.
        time_us = int(min(want_us, 10_000)) if want_us <= 10_000 * HIGHEST_GAIN else int(want_us / HIGHEST_GAIN)
        time_us = self._fixed_us or max(26, min(LONGEST_US, time_us))
        gain = self._fixed_gain or max(1.0, min(HIGHEST_GAIN, want_us / time_us))
        return {
            "SensorTimestamp": sensor_ns,
            "ExposureTime": time_us - time_us % 13,  # the sensor counts its exposure time in lines
            "AnalogueGain": round(gain * 128) / 128,
            "DigitalGain": 1.0,
            "ColourGains": self._colour,
            "LensPosition": 0.83,
            "FrameDuration": FRAME_NS // 1000,
        }


def expose(scene: Picture, metadata: dict[str, Any], share: float, cast: tuple[float, float] = (1.0, 1.0)) -> Picture:
    """Expose `scene`, which is drawn at the reference exposure, as `metadata` says. `share`: how bright the light is,
    relative to the drawn light. `cast`: red and blue of the light relative to green. A writable scene is changed and
    returned, because a second picture of full size takes 36 MB.
    """
    return _exposed(scene, _factors(metadata, share, cast))


class Exposures:
    """Exposes the live pictures of one camera. If the last picture comes again, with the same exposure, its result is
    copied: this is so in nine frames of ten, and takes a third of the time."""

    def __init__(self) -> None:
        self._last: tuple[Picture, Factors, Picture] | None = None

    def exposed(self, scene: Picture, metadata: dict[str, Any], share: float, cast: tuple[float, float]) -> Picture:
        """The same as `expose`."""
        factors = _factors(metadata, share, cast)
        if scene.flags.writeable:
            return _exposed(scene, factors)
        last = self._last
        if last is None or last[0] is not scene or last[1] != factors:
            last = self._last = (scene, factors, _exposed(scene, factors))
        return last[2].copy()

    def forget(self) -> None:
        """Drop the picture that is kept for the next frame."""
        self._last = None


def _factors(metadata: dict[str, Any], share: float, cast: tuple[float, float]) -> Factors:
    """By what red, green and blue are multiplied in linear light."""
    amount = share * metadata["ExposureTime"] * metadata["AnalogueGain"] / REFERENCE_US
    red, blue = (gain / rest for gain, rest in zip(metadata["ColourGains"], REFERENCE_COLOUR_GAINS, strict=True))
    return amount * red * cast[0], amount, amount * blue * cast[1]


def _exposed(scene: Picture, factors: Factors) -> Picture:
    own = scene if scene.flags.writeable else None
    if all(abs(factor - 1) < 0.01 for factor in factors):
        return scene.copy() if own is None else own
    return np.asarray(cv2.LUT(scene, _exposure_table(factors), dst=own), dtype=np.uint8)


@lru_cache(maxsize=64)
def _exposure_table(factors: Factors) -> Picture:
    steps = np.arange(256, dtype=np.float64) / 255
    tables = [np.clip(255 * (steps**GAMMA * factor) ** (1 / GAMMA), 0, 255) for factor in factors]
    return np.round(np.stack(tables, axis=-1)).astype(np.uint8).reshape(1, 256, 3)


class Noise:
    """Noise of the sensor. One tile of noise is made. In each frame the tile is shifted by another number of pixels, so
    that the noise differs from frame to frame."""

    def __init__(self, sigma: float) -> None:
        grain = np.random.default_rng(1).normal(0, sigma, (TILE + SHIFTS, TILE + SHIFTS, 3)) if sigma > 0 else None
        self._brighter = None if grain is None else np.round(np.clip(grain, 0, 40)).astype(np.uint8)
        self._darker = None if grain is None else np.round(np.clip(-grain, 0, 40)).astype(np.uint8)

    def lay_on(self, out: Picture, frame: int) -> None:
        """Add the noise of frame number `frame` to `out`."""
        if self._brighter is None or self._darker is None:
            return
        down, right = frame * 37 % SHIFTS, frame * 59 % SHIFTS
        for top in range(0, out.shape[0], TILE):
            for left in range(0, out.shape[1], TILE):
                part = out[top : top + TILE, left : left + TILE]
                there = slice(down, down + part.shape[0]), slice(right, right + part.shape[1])
                cv2.add(part, self._brighter[there], dst=part)
                cv2.subtract(part, self._darker[there], dst=part)


def yuv420(picture: Picture) -> Picture:
    """The picture as full-range YUV 4:2:0. As in the camera's own memory, a row takes a multiple of 128 bytes."""
    height, width = picture.shape[:2]
    stride = (width + 127) // 128 * 128
    padded = cv2.copyMakeBorder(picture, 0, 0, 0, stride - width, cv2.BORDER_REPLICATE)
    studio = cv2.cvtColor(padded, cv2.COLOR_RGB2YUV_I420)
    steps = np.arange(256)
    luma = np.clip(np.round((steps - 16) * 255 / 219), 0, 255).astype(np.uint8)
    chroma = np.clip(np.round(128 + (steps - 128) * 255 / 224), 0, 255).astype(np.uint8)
    planes = [cv2.LUT(studio[:height], luma), cv2.LUT(studio[height:], chroma)]
    return np.concatenate(planes).astype(np.uint8, copy=False)
