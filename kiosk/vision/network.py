"""One neural network that LiteRT runs in a single thread."""

import contextlib
import os
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import cv2
import numpy as np
from ai_edge_litert.interpreter import Interpreter
from numpy.typing import NDArray

from kiosk.core.events import Device
from kiosk.ports.faults import PermanentFault
from kiosk.vision.models import FETCH_REMEDY, Model, load

Floats = NDArray[np.float32]


_LOADING = threading.Lock()
"""A lock, because standard error belongs to the whole process: two threads that redirect it at the same time would
leave it redirected."""


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Suppress the line that the library writes for each network that it loads. The library writes it directly to the
    process's standard error, not through Python.

    The library has no setting for this. If other threads write to standard error in the meantime, their text is passed
    on afterwards. If loading fails, the library's text is passed on, too.
    """
    with _LOADING, tempfile.TemporaryFile() as said:
        sys.stderr.flush()
        kept = os.dup(2)
        os.dup2(said.fileno(), 2)
        failed = True
        try:
            yield
            failed = False
        finally:
            os.dup2(kept, 2)
            os.close(kept)
            said.seek(0)
            os.write(2, b"".join(line for line in said if failed or not _is_library_s(line)))


def _is_library_s(line: bytes) -> bool:
    return line.startswith(b"INFO: ") and b"TensorFlow Lite" in line


class Network:
    """A loaded model. Two threads must not use it at once, because input and outputs are the interpreter's own
    memory."""

    def __init__(self, content: bytes, name: str) -> None:
        """Load a model from its bytes; a fault shows `name`. Raises `PermanentFault` if it can't be run."""
        # OpenCV gets one core, as the networks do. On pictures this small, OpenCV's pool of threads costs more time
        # than it saves, and the pool waits for milliseconds when other work of the booth keeps a core busy.
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
        """Load `model` from `folder`. Raises `PermanentFault` if it is missing, damaged or can't be run."""
        return cls(load(folder, model), model.value)

    def forget(self) -> None:
        """Overwrite everything that the last picture left in the interpreter's memory, by running the network on a
        black picture."""
        self.run(np.zeros(self._input["shape"][1:], np.float32))

    def run(self, image: Floats) -> list[Floats]:
        """Run the network on `image` (height, width, channels), float32 in the model's own range. The outputs are
        copies without the batch dimension, in the model's order."""
        self._interpreter.tensor(self._input["index"])()[0] = image
        self._interpreter.invoke()
        return [np.array(self._interpreter.tensor(output["index"])()[0]) for output in self._outputs]


class NetworkRunner:
    """A class that runs one network. `model`: the network's model."""

    model: ClassVar[Model]

    def __init__(self, models: Path) -> None:
        """Load the network from the folder `models`. Raises `PermanentFault`."""
        self._network = Network.of(models, self.model)

    def forget(self) -> None:
        """Remove the last picture from the network's memory."""
        self._network.forget()
