"""The sounds beside the words, made by code: a shutter, a rising pair of tones, a bell, four tones of a scale."""

import numpy as np
import soundfile
from numpy.typing import NDArray

from kiosk.text.speech import FOLDER, SOUNDS

RATE = 24_000
Samples = NDArray[np.float64]


def tone(hertz: float, seconds: float, decay_s: float) -> Samples:
    """A soft bell: the tone and its octave, faded in within 5 ms, dying away."""
    at = np.arange(round(RATE * seconds)) / RATE
    wave = np.sin(2 * np.pi * hertz * at) + 0.25 * np.sin(4 * np.pi * hertz * at)
    return np.asarray(0.3 * wave * np.minimum(1, at / 0.005) * np.exp(-at / decay_s))


def shutter() -> Samples:
    """Two short clicks of noise, as a mirror goes up and down."""
    noise = np.random.default_rng(1).normal(size=round(RATE * 0.16))
    at = np.arange(len(noise)) / RATE
    clicks = np.exp(-at / 0.008) + 0.7 * (at >= 0.075) * np.exp(-np.abs(at - 0.075) / 0.014)
    return np.asarray(0.22 * np.convolve(noise, np.ones(4) / 4, "same") * clicks)


def after(first: Samples, second: Samples, seconds: float) -> Samples:
    """`second` beginning this long after `first`."""
    begin = round(RATE * seconds)
    mixed = np.zeros(max(len(first), begin + len(second)))
    mixed[: len(first)] += first
    mixed[begin : begin + len(second)] += second
    return mixed


NEAR_HZ = (392.0, 493.9, 587.3, 784.0)
"""How near the pose is to right, from far to right: G, B, D, G, a chord that everybody hears as going up."""


def make() -> None:
    """Write the sounds beside the recordings."""
    made = {
        "sound.attention": after(tone(880, 0.5, 0.16), tone(880, 0.5, 0.16), 0.22),
        "sound.done": after(tone(659.3, 0.6, 0.2), tone(987.8, 0.8, 0.28), 0.16),
        "sound.shutter": shutter(),
        **{f"sound.near_{step}": tone(hertz, 0.22, 0.07) for step, hertz in enumerate(NEAR_HZ, 1)},
    }
    assert set(made) == set(SOUNDS)
    for name, samples in made.items():
        soundfile.write(FOLDER / f"{name}.ogg", samples, RATE, format="OGG", subtype="OPUS", compression_level=0.94)
