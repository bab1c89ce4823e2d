"""The panel's picture against the golden screens."""

from pathlib import Path

import numpy as np
from PIL import Image

ROOT = Path(__file__).parents[2]
PANEL = (720, 1280)


def share_that_differs(picture: Path, screen: str) -> float:
    """The share of points of `picture` that differ visibly from the golden `screen` (its name without language)."""
    golden = Image.open(ROOT / f"tests/golden/screens/{screen}.zh_CN.png").convert("RGB")
    seen = Image.open(picture).convert("RGB")
    assert seen.size == PANEL
    small = np.asarray(seen.resize(golden.size, Image.Resampling.BOX), np.int16)
    return float((np.abs(small - np.asarray(golden, np.int16)).max(axis=2) > 64).mean())
