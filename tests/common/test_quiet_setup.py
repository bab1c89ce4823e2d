"""Setting up says what it does in a few lines; what installers print is shown only when they fail."""

import re
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).parents[2] / "scripts"
INSTALLS = re.compile(r"(pip|apt-get|env DEBIAN_FRONTEND=noninteractive apt-get)\s+(install|update)")


@pytest.mark.parametrize("name", ["setup", "setup-tests"])
def test_what_installers_print_is_kept_until_they_fail(name: str) -> None:
    lines = (SCRIPTS / name).read_text("utf-8").splitlines()
    installing = [line for line in lines if INSTALLS.search(line) and not line.lstrip().startswith(("#", "say"))]
    assert installing
    for line in installing:
        assert line.lstrip().startswith("quiet "), line
