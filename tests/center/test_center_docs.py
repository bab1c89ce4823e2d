"""docs/office.md says what there is: every setting with its default, every command, every role and flag."""

import re
import tomllib
from pathlib import Path

from pydantic import BaseModel

from center.__main__ import COMMANDS
from center.accounts.model.roles import Role
from center.platform.configuration import CenterConfig
from center.shots.model.rank import OfficeFlag

PAGE = (Path(__file__).parents[2] / "docs" / "office.md").read_text(encoding="utf-8")
(EXAMPLE,) = re.findall(r"^```toml\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


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


def test_every_command_role_and_flag_is_described() -> None:
    for verb in COMMANDS:
        assert f"center {verb}" in PAGE
    for role in Role:
        assert f"| {role.value} |" in PAGE
    for flag in (OfficeFlag.NOT_JUDGED, OfficeFlag.APPROVED_ALREADY):
        assert f"`{flag.value}`" in PAGE


def test_every_test_the_page_names_is_there() -> None:
    root = Path(__file__).parents[2]
    there = {
        name
        for room in ("console", "center", "ui", "runtime", "scenario")
        for path in root.glob(f"tests/{room}/**/test_*.py")
        for name in re.findall(r"^def test_(\w+)", path.read_text("utf-8"), re.MULTILINE)
    }
    table = PAGE[PAGE.index("## What is tested where") :].split("\n## ")[0]
    lines = [line for line in re.findall(r"^\| (.+?) \| (.+) \|$", table, re.MULTILINE) if line[1] != "test"]
    assert len(lines) > 60
    for what, tests in lines:
        named = re.findall(r"`(\w+)`", tests)
        assert named, what
        assert set(named) <= there, (what, set(named) - there)
