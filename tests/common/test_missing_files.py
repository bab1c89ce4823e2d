"""A file that is not there is wrong use, exit status 2, of every command that reads one; the file is named."""

import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

import center.__main__
import kiosk.__main__
import sim.__main__
from tests.common.test_command_help import VERBS, every_parser, parser_of

PROGRAMS = {"kiosk": kiosk.__main__.main, "center": center.__main__.main, "sim": sim.__main__.main}
RELEASE = (
    "--version 0.3.0 --architecture arm64 --minimum-version 0.2.0 --not-after 2027-03-31 --installed-bytes 420000000"
    " --key-set none"
)
COMMANDS = (
    "kiosk check none --profile jiangsu-2019",
    "kiosk finish none --profile jiangsu-2019 --out out.jpg",
    "kiosk config none",
    *(f"kiosk {verb} --config none" for verb in ("run", "uplink", "enrol", "calibrate", "doctor", "desk")),
    "kiosk export-identity --config none --folder none --out out",
    "kiosk take-over none --config none",
    *(f"center {verb} --config none" for verb in ("init", "serve")),
    "center rosters import none --config center.toml",
    "center campus import none --config center.toml",
    "center corrections import school 2026 none --config center.toml",
    "center reconciliation count hall-1 2026-09-01-am --list none --config center.toml",
    "center keys restore-test none --config center.toml",
    *(f"center backup {verb} none --config center.toml" for verb in ("verify", "list", "prune")),
    "center backup verify . --key none --config center.toml",
    "center restore none --config center.toml",
    "center restore . --key none --config center.toml",
    "center season year 2027 notice none --config center.toml",
    "center season year 2027 holidays none --config center.toml",
    "center rosters import center.toml --password-file none --config center.toml",
    "center campus import center.toml --password-file none --config center.toml",
    "center corrections import school 2026 center.toml --password-file none --config center.toml",
    "center releases add none --config center.toml",
    "center releases trust none --config center.toml",
    "center verify-season none --key none",
    "center signing show none",
    "center signing sign none --key none",
    "center signing sign center.toml --key none",
    "center signing sign none --key none --passphrase-file none",
    "center signing key-set new.json none --version 1",
    "center signing new-key holder new.pem --passphrase-file none",
    f"center signing make new.release --archive none {RELEASE}",
    "sim replay none",
    "sim run card-happy --people none",
    "sim login none",
    "sim booth --config none --twins twins",
)


WRITTEN = {"--out", "--refused", "--memo", "--reminder", "--bundle", "--acceptance", "out"}
"""Arguments that name a file to make."""
NEW_PLACES = {
    *("center signing new-key file", "center signing key-set file", "center signing make file", "center export folder"),
    *(f"center {verb} take folder" for verb in ("deliveries", "prints", "billing")),
}
WITHOUT = {
    f"kiosk update {verb} {name}"
    for verb in ("status", "step", "starting", "ended")
    for name in ("--programs", "--keys")
}
"""A booth that takes no updates has neither, which is no fault."""
BY_SYSTEMD = {"kiosk setup --answers"}
"""Systemd starts the command when the file is there."""


def file_arguments() -> Iterator[str]:
    for program, verb in VERBS:
        for parser in every_parser(parser_of(program, verb)[0]):
            for action in parser._actions:
                if action.type is Path and action.dest != "config":
                    yield f"{parser.prog} {next(iter(action.option_strings), action.dest)}"


@pytest.mark.parametrize("argument", sorted({*file_arguments()} - NEW_PLACES - WITHOUT - BY_SYSTEMD))
def test_every_argument_that_names_a_file_to_read_is_in_this_table(argument: str) -> None:
    *command, name = argument.split()
    wanted = {*command, "none"} | ({name} if name.startswith("-") else set())
    assert name in WRITTEN or any(wanted <= {*line.split()} for line in COMMANDS), argument


@pytest.mark.parametrize("line", COMMANDS)
def test_a_missing_file_is_wrong_use_and_named(
    line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("center.toml").write_text(f'folder = "{tmp_path / "office"}"\n')
    program, *words = shlex.split(line)
    if "center.toml" in words:
        assert PROGRAMS["center"](["init", "--config", "center.toml"]) == 0
    capfd.readouterr()

    assert PROGRAMS[program](words) == 2

    assert "none" in capfd.readouterr().err
