"""The configuration shown on docs/office.md is the default, and whole."""

import re
import tomllib
from pathlib import Path

from pydantic import BaseModel

from center.platform.configuration import CenterConfig

PAGE = (Path(__file__).parents[3] / "docs" / "office.md").read_text(encoding="utf-8")
SECTION = PAGE.partition("\n## Configuration\n")[2]
EXAMPLE = re.findall(r"^```toml\n(.*?)^```", SECTION, re.MULTILINE | re.DOTALL)[0]


def test_the_example_is_the_default_configuration() -> None:
    table = tomllib.loads(EXAMPLE)
    assert CenterConfig.model_validate(table) == CenterConfig()


def test_every_setting_is_in_the_example() -> None:
    sections = {name: part for name, part in CenterConfig() if isinstance(part, BaseModel)}
    shown = {re.sub(r"^# ", "", line).split(" =")[0] for line in EXAMPLE.splitlines() if " = " in line}
    wanted = {name for name in CenterConfig.model_fields if name not in sections}
    for part in sections.values():
        wanted |= set(type(part).model_fields)
    assert shown == wanted
    assert set(re.findall(r"^\[(\w+)\]", EXAMPLE, re.MULTILINE)) == set(sections)


def test_the_commented_settings_can_be_used_too() -> None:
    table = tomllib.loads(re.sub(r"^# ", "", EXAMPLE, flags=re.MULTILINE))
    config = CenterConfig.model_validate(table)
    assert config.photos.bucket == "photos"
    assert config.database_url.startswith("postgresql://")
