"""Loading a network is silent, and hides nothing that others write meanwhile."""

import os
from pathlib import Path

import pytest
from ai_edge_litert.interpreter import Interpreter

from kiosk.vision import network
from kiosk.vision.models import Model
from kiosk.vision.network import Network

OTHERS = b"another thread's line\n"


def test_what_others_write_while_a_network_is_loaded_is_not_lost(
    models: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def load(**options: object) -> object:
        os.write(2, OTHERS)
        return Interpreter(**options)

    monkeypatch.setattr("kiosk.vision.network.Interpreter", load)
    Network.of(models, Model.IRIS)
    assert capfd.readouterr().err == OTHERS.decode()


def test_all_is_shown_when_loading_fails(capfd: pytest.CaptureFixture[str]) -> None:
    def fail() -> None:
        with network._quiet():
            os.write(2, b"INFO: TensorFlow Lite says why\n" + OTHERS)
            raise ValueError("no network")

    with pytest.raises(ValueError, match="no network"):
        fail()
    assert capfd.readouterr().err.encode() == b"INFO: TensorFlow Lite says why\n" + OTHERS
    os.write(2, OTHERS)
    assert capfd.readouterr().err.encode() == OTHERS
