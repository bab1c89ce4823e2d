"""Runs command lines `PROGRAM VERB ...`. Each verb is a module of the same name, loaded only if this verb is run."""

import argparse
import io
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from importlib.metadata import version


def run_verb(
    program: str,
    description: str,
    package: str,
    verbs: Mapping[str, str],
    argv: Sequence[str] | None,
    accepts: Callable[[str], bool] = lambda _: True,
    within: Callable[[str, Callable[[], int]], int] = lambda _verb, work: work(),
) -> int:
    """Run the verb that `argv` (None: the process's arguments) names; returns its exit code. Wrong use exits with 2.

    `verbs`: verb -> one line of help. The module `package.verb` has `configure(parser)`, `run(options)`, which returns
    the exit code or, for 0, None, and `EXAMPLES`: the command lines that `--help` shows for the verb and for each verb
    below it. `accepts` says whether an argument may be used. `within` is given the verb and calls its work.
    """
    write_any_character()
    arguments = list(sys.argv[1:] if argv is None else argv)
    parser = argparse.ArgumentParser(prog=program, description=description)
    parser.add_argument("--version", action="version", version=f"%(prog)s {version('makeup-booth')}")
    known = parser.add_subparsers(dest="verb", required=True, metavar="COMMAND")
    chosen = next((word for word in arguments if not word.startswith("-")), None)
    for verb, help_line in verbs.items():
        sub = known.add_parser(verb, help=help_line, description=help_line[0].upper() + help_line[1:] + ".")
        if verb == chosen:
            module = import_module(f"{package}.{module_of(verb)}")
            module.configure(sub)
            show_examples(sub, module.EXAMPLES)
    if not all(map(accepts, arguments)):
        parser.error("an argument holds bytes that are no text in UTF-8: type it anew")
    options = parser.parse_args(arguments)
    run = import_module(f"{package}.{module_of(options.verb)}").run
    return within(options.verb, lambda: run(options) or 0)


def write_any_character() -> None:
    """Make standard output and standard error write an escape (`\\u540d`) for a character that they cannot encode.
    Otherwise Python would end the program when it writes a character that the terminal's encoding lacks, or one that
    stands for an undecodable byte of a file name."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def module_of(verb: str) -> str:
    """The name of a verb's module: for `verify-season` it is `verify_season`."""
    return verb.replace("-", "_")


def show_examples(parser: argparse.ArgumentParser, examples: Sequence[str]) -> None:
    """Append to `--help` of `parser`, and of each of its subparsers, the `examples` that belong to it."""
    mine = [line for line in examples if f"{line} ".startswith(f"{parser.prog} ")]
    parser.epilog = "\n".join(["examples:", *(f"  {line}" for line in mine)]) if mine else None
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    for action in parser._actions:  # noqa: SLF001 - argparse lists the parsers below a parser nowhere else
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001
            for below in action.choices.values():
                show_examples(below, mine)
