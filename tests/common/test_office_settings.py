"""Every setting of the office has a range; what is wrong in its file is told with line and remedy."""

from pathlib import Path

import pytest

from center.commands.settings import ConfigFault, load_config
from center.platform.configuration import CenterConfig
from common.fields import range_words, settings

KEYS = settings(CenterConfig)


@pytest.mark.parametrize("key", KEYS)
def test_every_setting_has_a_range(key: str) -> None:
    assert range_words(KEYS[key]), f"{key} needs a range: both bounds, or a type of common/fields.py"


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("value", ["nan", "inf", "-1", "[[]]", '"\\u0000"', "1979-05-27", "1e400"])
def test_a_value_that_is_none_is_named_with_its_line(tmp_path: Path, key: str, value: str) -> None:
    section, _, name = key.rpartition(".")
    path = tmp_path / "center.toml"
    path.write_text((f"[{section}]\n" if section else "") + f"{name} = {value}\n", encoding="utf-8")
    with pytest.raises(ConfigFault) as caught:
        load_config(path)
    assert str(caught.value).startswith(f"{path}:{2 if section else 1}: {key} = ")


def test_a_byte_order_mark_is_read_and_all_findings_are_reported(tmp_path: Path) -> None:
    path = tmp_path / "center.toml"
    path.write_bytes(
        b"\xef\xbb\xbf[server]\r\nport = 70000\r\nproxies = ['nowhere']\r\n[limits]\r\nin_flight_bytes = 1048576\r\n"
    )
    with pytest.raises(ConfigFault) as caught:
        load_config(path)
    told = str(caught.value).splitlines()
    assert [line.split(":")[1] for line in told] == ["2", "3", "5"]


def test_no_such_file_is_wrong_use(tmp_path: Path) -> None:
    with pytest.raises(ConfigFault) as caught:
        load_config(tmp_path / "none.toml")
    assert caught.value.missing
