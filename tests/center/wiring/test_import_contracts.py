"""The lists of `.importlinter` name every task of the office."""

from configparser import ConfigParser
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
_CONTRACT = "importlinter:contract:"
_NO_TASK = {"__main__", "commands", "wiring", "api", "web", "platform"}


def _contracts() -> ConfigParser:
    parser = ConfigParser()
    parser.read(ROOT / ".importlinter")
    return parser


def _tasks() -> set[str]:
    """Every folder of a task, as the contract of the layers names them (it names all: it is exhaustive)."""
    layers = _contracts()[f"{_CONTRACT}center-layers"]["layers"]
    return set(layers.replace("|", " ").replace("(", " ").replace(")", " ").split()) - _NO_TASK


@pytest.mark.parametrize(("shared", "allowed"), [("web", {"accounts", "audit"}), ("api", {"booths"})])
def test_what_all_pages_or_all_routes_share_may_import_no_task_but_the_named_ones(
    shared: str, allowed: set[str]
) -> None:
    forbidden = _contracts()[f"{_CONTRACT}center-{shared}"]["forbidden_modules"].split()
    named = {name.removeprefix("center.") for name in forbidden}
    assert named == _tasks() - allowed | {"wiring"}
