"""Every command of booth, office and simulator shows examples in its help, and each of them can be run as it stands."""

import argparse
import re
import shlex
from collections.abc import Iterator
from importlib import import_module

import pytest

import center.__main__
import kiosk.__main__
import sim.__main__
from common.command_line import module_of, show_examples

PROGRAMS = {"kiosk": kiosk.__main__.COMMANDS, "center": center.__main__.COMMANDS}
VERBS = [(program, verb) for program, verbs in PROGRAMS.items() for verb in verbs]


def parser_of(program: str, verb: str) -> tuple[argparse.ArgumentParser, tuple[str, ...]]:
    module = import_module(f"{program}.commands.{module_of(verb)}")
    parser = argparse.ArgumentParser(prog=f"{program} {verb}")
    module.configure(parser)
    show_examples(parser, module.EXAMPLES)
    return parser, module.EXAMPLES


def every_parser(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    yield parser
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for below in action.choices.values():
                yield from every_parser(below)


@pytest.mark.parametrize(("program", "verb"), VERBS)
def test_every_command_and_every_one_below_it_shows_examples(program: str, verb: str) -> None:
    for parser in every_parser(parser_of(program, verb)[0]):
        assert f"examples:\n  {parser.prog}" in parser.format_help(), parser.prog


@pytest.mark.parametrize(("program", "verb"), VERBS)
def test_every_example_is_a_command_that_can_be_run(program: str, verb: str) -> None:
    parser, examples = parser_of(program, verb)
    for line in examples:
        words = shlex.split(line.partition(" > ")[0])
        assert words[:2] == [program, verb]
        parser.parse_args(words[2:])  # ends the test where it is no use


SIM_VERBS = (
    *("run", "list", "calibrate", "replay", "demo", "booth"),
    *("season", "tampering", "swaps", "crowd", "soak", "unattended", "workbench", "login"),
)


def test_the_commands_of_the_simulator_are_these(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        sim.__main__.main(["--help"])
    listed = re.findall(r"(?m)^    ([a-z]+)(?: |$)", capsys.readouterr().out)
    assert set(listed) == set(SIM_VERBS)


@pytest.mark.parametrize("verb", SIM_VERBS)
def test_every_command_of_the_simulator_shows_examples(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        sim.__main__.main([verb, "--help"])
    assert ended.value.code == 0
    assert f"examples:\n  python -m sim {verb}" in capsys.readouterr().out


def test_the_list_of_scenarios_says_what_each_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert sim.__main__.main(["list"]) == 0
    for line in capsys.readouterr().out.splitlines():
        name, _, summary = line.partition(" ")
        assert name
        assert len(summary.split()) > 3
