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


class HungBooth:
    """A booth in which a vendor's call does not come back."""

    must_restart = True

    def __init__(self) -> None:
        self.loop = self
        self.closed = False

    def start(self) -> None:
        pass

    def tick(self) -> bool:
        return True

    def close(self) -> bool:
        self.closed = True
        return False


def test_a_booth_that_needs_a_new_process_ends_without_waiting_for_the_library(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Ended(BaseException):
        pass

    codes: list[int] = []

    def end(code: int) -> None:
        codes.append(code)
        raise Ended

    booth = HungBooth()
    monkeypatch.setattr("kiosk.commands.run.build", lambda *_: booth)
    monkeypatch.setattr("kiosk.commands.run.os._exit", end)
    config = tmp_path / "booth.toml"
    config.write_text(f'[storage]\nfolder = "{tmp_path}"\n', encoding="utf-8")
    with pytest.raises(Ended):
        main(["run", "--config", str(config)])
    assert codes == [75]
    assert booth.closed
