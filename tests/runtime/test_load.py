"""Rules of configuration: unknown keys and wrong values are refused by name; what `kiosk config` prints can be read."""

from importlib.metadata import version
from pathlib import Path

import pytest

from kiosk.__main__ import main
from kiosk.ports.config import BoothConfig
from kiosk.runtime.load import ConfigFault, load_config


def _file(folder: Path, text: str) -> Path:
    path = folder / "booth.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_an_empty_file_is_the_defaults(tmp_path: Path) -> None:
    assert load_config(_file(tmp_path, "")) == BoothConfig()


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[camera]\nburst = 3\n", "camera.burst is no key of the configuration"),
        ("[lamps]\nlevel = 1.5\n", "lamps.level = 1.5"),
        ("[card]\nbaud = 1200\n", "card.baud = 1200"),
        ("profile = 2019\n", "profile = 2019"),
        ("[camera\n", "is not TOML"),
    ],
)
def test_what_is_wrong_is_named_with_its_value(tmp_path: Path, text: str, named: str) -> None:
    with pytest.raises(ConfigFault, match=r"booth\.toml") as caught:
        load_config(_file(tmp_path, text))
    assert named in str(caught.value)


def test_a_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    path = tmp_path / "booth.toml"
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigFault, match=r"booth\.toml: is UTF-16 text"):
        load_config(path)


def test_the_version_is_reported(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out == f"kiosk {version('makeup-booth')}\n"


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigFault, match=r"nowhere\.toml: cannot be read"):
        load_config(tmp_path / "nowhere.toml")


def test_the_printed_defaults_are_a_configuration_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["config"]) == 0
    assert load_config(_file(tmp_path, capsys.readouterr().out)) == BoothConfig()


def test_an_unknown_profile_is_refused_with_the_names_there_are(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["config", str(_file(tmp_path, 'profile = "mars-2030"\n'))]) == 1
    assert "jiangsu-2019" in capsys.readouterr().err
