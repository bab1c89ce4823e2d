"""One neural network on LiteRT, single thread."""

import contextlib
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
from ai_edge_litert.interpreter import Interpreter
from numpy.typing import NDArray

from kiosk.core.events import Device
from kiosk.ports.faults import PermanentFault
from kiosk.vision.models import FETCH_REMEDY, Model, load

Floats = NDArray[np.float32]


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Without the line the library writes to the process's standard error, past Python, for each network it loads.

    It has no setting for it. What it wrote is shown after all when loading fails.
    """
    with tempfile.TemporaryFile() as said:
        sys.stderr.flush()
        kept = os.dup(2)
        os.dup2(said.fileno(), 2)
        try:
            yield
        except BaseException:
            said.seek(0)
            os.write(kept, said.read())
            raise
        finally:
            os.dup2(kept, 2)
            os.close(kept)


class Network:
    """A loaded model. Not for two threads at once: input and outputs are the interpreter's own memory."""

    def __init__(self, content: bytes, name: str) -> None:
        """From the bytes of a model; `name` is for a fault. Raises `PermanentFault` when it can't be run."""
        # One core, as the networks: OpenCV's pool of threads costs more than it gives on pictures this small, and
        # waits for milliseconds when the booth's other work keeps a core busy.
        cv2.setNumThreads(1)
        try:
            with _quiet():
                self._interpreter = Interpreter(model_content=content, num_threads=1)
                self._interpreter.allocate_tensors()
        except (ValueError, RuntimeError) as error:
            detail = f"LiteRT can't run the face model {name} ({error})"
            raise PermanentFault(Device.EYE, "fault.models_damaged", detail, FETCH_REMEDY) from error
        (self._input,) = self._interpreter.get_input_details()
        self._outputs = self._interpreter.get_output_details()
        _, self.height, self.width, _ = (int(side) for side in self._input["shape"])

    @classmethod
    def of(cls, folder: Path, model: Model) -> "Network":
        """`model` from `folder`. Raises `PermanentFault` when it is missing, damaged or can't be run."""
        return cls(load(folder, model), model.value)

    def run(self, image: Floats) -> list[Floats]:
        """Run on `image` (height, width, channels), float32 in the model's own range; outputs are copies, flattened of
        the batch dimension, in the model's order."""
        self._interpreter.tensor(self._input["index"])()[0] = image
        self._interpreter.invoke()
        return [np.array(self._interpreter.tensor(output["index"])()[0]) for output in self._outputs]
