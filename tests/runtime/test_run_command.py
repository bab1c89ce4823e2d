"""`kiosk run` that can't start: words and exit code 1, never a traceback."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.__main__ import main


@pytest.fixture(autouse=True)
def _signals() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def test_a_booth_without_a_panel_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SDL_VIDEODRIVER", "offscreen")
    config = tmp_path / "booth.toml"
    config.write_text(f'[storage]\nfolder = "{tmp_path}"\n', encoding="utf-8")
    assert main(["run", "--config", str(config)]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert "display: no window could be opened" in err
    assert "systemd/booth.service" in err
