"""Reads a TOML configuration file into a frozen model, or reports every mistake in the file with its line and remedy.

A file is checked in two rounds. The first finds all values that are out of range. The second finds contradictory pairs
among the other values. So one wrong value hides no other mistake.
"""

import difflib
import json
import tomllib
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError, ValidationInfo
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from common.fields import SECRET, range_words, settings

MAX_BYTES = 1_000_000
_MAX_SHOWN = 80
# In a longer file, findings name no line: finding the lines takes one parse of the file for each line.
_MAX_LINES = 1000

_NOT_TOML = (ValueError, RecursionError)
"""The errors that the TOML parser raises: its own, and Python's errors for a number of 5000 digits or for arrays in
arrays, 1000 levels deep."""

Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Finding:
    """One mistake in a configuration file. `line` counts from 1; None if no line can be named."""

    line: int | None
    key: str
    problem: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.problem}. {self.remedy}"


@dataclass(frozen=True, slots=True)
class Clash:
    """Settings that are valid one by one but contradict each other."""

    keys: tuple[str, ...]
    problem: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.problem}. {self.remedy}"


class ConfigFault(ValueError):
    """A configuration cannot be used. The message names the file and each finding: line, key, value, remedy."""

    def __init__(self, source: str, findings: Sequence[Finding], *, missing: bool = False) -> None:
        super().__init__("\n".join(f"{source}{'' if it.line is None else f':{it.line}'}: {it}" for it in findings))
        self.source = source
        self.findings = tuple(findings)
        self.missing = missing  # the file does not exist: wrong use of a command, not a wrong configuration

    @property
    def exit_code(self) -> int:
        """The exit status of a command that cannot use its file: 2 if the file is missing, else 1."""
        return 2 if self.missing else 1

    def as_json(self) -> list[dict[str, object]]:
        """The findings as JSON values."""
        return [asdict(finding) for finding in self.findings]


@dataclass(slots=True)
class ClashesFound:
    """Collects clashes if it is passed to a model as the validation context. Without this context, a clash raises an
    error."""

    clashes: list[Clash] = field(default_factory=list)


def hold_apart(clashes: Iterable[Clash], info: ValidationInfo) -> None:
    """Add `clashes` to the `ClashesFound` in the context. A model calls this in its last validator. If there is no such
    context and there are clashes, raise `ValueError`."""
    if isinstance(info.context, ClashesFound):
        info.context.clashes += clashes
    elif found := list(clashes):
        raise ValueError("; ".join(map(str, found)))


def read_config(model: type[Model], path: Path, also: Callable[[Model], Iterable[Clash]] = lambda _: ()) -> Model:
    """The configuration in `path`. Raises `ConfigFault`. Unknown keys are refused; missing keys have their defaults.

    `also` returns the clashes that depend on the machine on which the program runs. The model itself cannot find these.
    """
    return config_in(model, _bytes(path), str(path), also)


def config_in(
    model: type[Model], data: bytes, source: str, also: Callable[[Model], Iterable[Clash]] = lambda _: ()
) -> Model:
    """The configuration in `data`, the bytes of the file that `source` names. Otherwise the same as `read_config`."""
    text = _text(data, source)
    try:
        table = tomllib.loads(text)
    except _NOT_TOML as error:
        raise ConfigFault(source, [_not_toml(f"{error}", text)]) from error
    return _checked(model, table, source, text, also)


def parse_config(model: type[Model], table: dict[str, Any], source: str) -> Model:
    """The configuration in a table that did not come from a file. Errors name the table by `source`. Raises
    `ConfigFault`."""
    return _checked(model, table, source, "", lambda _: ())


def _not_toml(message: str, text: str) -> Finding:
    """The parser's message about a text. If an input method or another format often causes such a mistake, the remedy
    says so."""
    line = _place(message)
    remedy = "Mend that place, or the line before it"
    lines = text.split("\n")
    odd = next(filter(_is_odd, lines[line - 1]), None) if line is not None and line <= len(lines) else None
    if odd is not None:
        shown = f"{odd} " if odd.isprintable() else ""
        message += f"; the line holds {shown}(U+{ord(odd):04X}), which only looks like a sign of TOML"
        remedy = "Type that line anew without an input method"
    elif message.startswith("Cannot overwrite a value"):
        remedy = "The key stands there twice: keep one of them"
    elif message.startswith("Invalid value"):
        remedy = "Write texts in quotes, numbers without, true and false in small letters"
    elif message.startswith("Expected '='"):
        remedy = "Write each setting as key = value"
    return Finding(line, "", f"is not TOML ({message})", remedy)


def _is_odd(sign: str) -> bool:
    """Whether a sign only looks like a sign of TOML, or is not visible: full-width forms, typographic quotes, special
    spaces."""
    return (
        sign in "“”‘’【】"
        or "\uff01" <= sign <= "\uff5e"
        or (unicodedata.category(sign) in ("Cf", "Zs") and sign != " ")
    )


def _place(message: str) -> int | None:
    _, _, rest = message.partition("(at line ")
    number, _, _ = rest.partition(",")
    return int(number) if number.isdecimal() else None


def _bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except FileNotFoundError as error:
        said = "cannot be read (there is no such file)"
        raise _unreadable(str(path), said, "Name an existing file", error) from error
    except OSError as error:
        said = f"cannot be read ({error.strerror})"
        raise _unreadable(str(path), said, "Name a file that this user may read", error) from error


def _text(data: bytes, path: str) -> str:
    """The text with plain line ends, without a byte order mark."""
    if len(data) > MAX_BYTES:
        raise _unreadable(path, f"has more than {MAX_BYTES} bytes", "Name the configuration file")
    try:
        text = data.decode("utf-8").lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        if data.startswith((b"\xff\xfe", b"\xfe\xff")):
            raise _unreadable(path, "is UTF-16 text", "Save it as UTF-8", error) from error
        line = data.count(b"\n", 0, error.start) + 1
        raise _unreadable(path, f"is not UTF-8 text (line {line})", "Save it as UTF-8", error) from error
    if "\0" in text:
        raise _unreadable(path, "holds NUL: it is UTF-16 text, or no text", "Save it as UTF-8")
    return text


def _unreadable(path: str, said: str, remedy: str, error: Exception | None = None) -> ConfigFault:
    missing = isinstance(error, FileNotFoundError)
    return ConfigFault(path, [Finding(None, "", said, remedy)], missing=missing)


def _checked(
    model: type[Model], table: dict[str, Any], source: str, text: str, also: Callable[[Model], Iterable[Clash]]
) -> Model:
    lines = _Lines(text)
    config, clashes, errors = _judged(model, table, also)
    findings: dict[str, Finding] = {}
    if config is None:
        known = settings(model)
        for item in errors:
            finding = _finding(item, table, known, lines)
            findings.setdefault(finding.key, finding)
        rest = table
        for key in findings:
            rest = _without(rest, key.split("."))
        _, clashes, _ = _judged(model, rest, also)
        # The second round uses defaults in place of wrong values. A clash with such a default is dropped, because the
        # file does not contain that value.
        clashes = [clash for clash in clashes if not findings.keys() & set(clash.keys)]
    elif not clashes:
        return config
    for clash in clashes:
        # A clash names the line of the later one of its two settings. A setting that has its default has no line.
        line = max((found for key in clash.keys if (found := lines.of(key)) is not None), default=None)
        findings.setdefault(" ".join(clash.keys), Finding(line, clash.keys[0], clash.problem, clash.remedy))
    raise ConfigFault(source, sorted(findings.values(), key=lambda found: found.line or 0))


def _judged(
    model: type[Model], table: dict[str, Any], also: Callable[[Model], Iterable[Clash]]
) -> tuple[Model | None, list[Clash], list[ErrorDetails]]:
    """If every value is in its range: the model and the clashes. Otherwise: None, and the errors of the wrong
    values."""
    found = ClashesFound()
    try:
        config = model.model_validate(table, context=found)
    except ValidationError as error:
        return None, [], error.errors()
    return config, [*found.clashes, *also(config)], []


def _without(table: dict[str, Any], path: Sequence[str]) -> dict[str, Any]:
    first, *rest = path
    if first not in table:
        return table
    copy = dict(table)
    if rest and isinstance(copy[first], dict):
        copy[first] = _without(copy[first], rest)
    else:
        del copy[first]
    return copy


def _finding(item: ErrorDetails, table: dict[str, Any], known: dict[str, FieldInfo], lines: "_Lines") -> Finding:
    names = [str(part) for part in item["loc"] if isinstance(part, str)]
    key = ".".join(names)
    line = lines.of(key)
    if item["type"] == "extra_forbidden":
        return Finding(line, key, f"{_short(key) or '(nothing)'} is no key of the configuration", _remedy(key, known))
    if key not in known:
        if item["type"] in ("model_type", "dict_type"):
            return Finding(line, key, f"{key} must be a section", f"Write [{key}] and its keys below it")
        return Finding(line, key, f"{key}: {_reason(item)}", "Mend these settings")
    shown = _shown(_value(table, names))
    words = range_words(known[key])
    if item["type"] == "value_error":
        return Finding(line, key, f"{key} = {shown}: {_reason(item)}", f"Give {words}")
    return Finding(
        line, key, f"{key} = {shown}: must be {words}", "Change it, or take the line out: then the default counts"
    )


def _remedy(key: str, known: dict[str, FieldInfo]) -> str:
    """The remedy for an unknown key. It names what the writer perhaps meant: a key or section with nearly the same
    name, or a key of the same name in a section. If there is none, the remedy is to take the key out."""
    if key in known:  # the file has the whole key in quotes, so TOML reads the key with its dots as one name
        section, _, name = key.rpartition(".")
        return f"Write [{section}], and {name} below it, without quotes"
    sections = {name.rpartition(".")[0] for name in known} - {""}
    near = [f"[{name}]" for name in difflib.get_close_matches(key.casefold(), sections, n=1, cutoff=0.7)]
    name = key.rpartition(".")[2]
    near += [one for one in known if one.rpartition(".")[2] == name.casefold()]
    near += difflib.get_close_matches(key, known, n=1, cutoff=0.7)
    return f"Did you mean {near[0]}?" if near else "Take it out; `config` without a file prints every key"


def _short(text: str) -> str:
    return text if len(text) <= _MAX_SHOWN else text[: _MAX_SHOWN - 3] + "..."


def _reason(item: ErrorDetails) -> str:
    return item["msg"].removeprefix("Value error, ").rstrip(".")


def _value(table: dict[str, Any], names: Sequence[str]) -> object:
    value: Any = table
    for name in names:
        value = value[name]
    return value


def _shown(value: object) -> str:
    """The value as the file has it, shortened. A secret that somebody wrote into the wrong setting is not shown."""
    text = "".join(f"\\u{ord(sign):04x}" if unicodedata.category(sign) == "Cf" else sign for sign in _toml(value))
    if SECRET.search(text):
        return "(not shown: it holds a secret)"
    return _short(text)


def _toml(value: object) -> str:
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_toml, value))}]"
    if isinstance(value, float):
        return repr(value)  # writes nan and inf as TOML does
    return json.dumps(value, ensure_ascii=False, default=str)


class _Lines:
    """The lines of keys in the file.

    The TOML parser reports no positions. So this class parses the first line, then the first two lines, and so on. A
    key is on the last line of the shortest part that contains the key.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._found: dict[str, int] | None = None

    def of(self, key: str) -> int | None:
        """The line (from 1) of `key`, which may be the name of a section; None if the file does not contain `key`."""
        if self._found is None:
            self._found = self._read()
        return self._found.get(key)

    def _read(self) -> dict[str, int]:
        lines = self._text.split("\n")
        found: dict[str, int] = {}
        if len(lines) > _MAX_LINES:
            return found
        begun = 0
        for number in range(1, len(lines) + 1):
            try:
                table = tomllib.loads("\n".join(lines[:number]))
            except _NOT_TOML:
                continue  # this part of the file ends within a value of several lines
            for key in _keys(table):
                found.setdefault(key, _first_said(lines, begun, number))
            begun = number
        return found


def _first_said(lines: Sequence[str], begun: int, end: int) -> int:
    """The number (from 1) of the first line after line `begun`, up to line `end`, that is neither empty nor a
    comment."""
    said = (at + 1 for at in range(begun, end) if lines[at].strip() and not lines[at].lstrip().startswith("#"))
    return next(said, end)


def _keys(table: dict[str, Any], prefix: str = "") -> Iterator[str]:
    for name, value in table.items():
        yield f"{prefix}{name}"
        if isinstance(value, dict):
            yield from _keys(value, f"{prefix}{name}.")


def dump_config(config: BaseModel) -> str:
    """`config` as TOML, with the meaning and range of each setting as comments. A setting without a value is also
    written as a comment."""
    table, known = config.model_dump(mode="json"), settings(type(config))
    lines: list[str] = []
    for key, value in table.items():
        if not isinstance(value, dict):
            lines += _entry(key, value, known[key])
    for name, section in table.items():
        if isinstance(section, dict):
            meaning = (type(getattr(config, name)).__doc__ or "").strip().split("\n", 1)[0]
            lines += ["", f"# {meaning}", f"[{name}]"]
            for key, value in section.items():
                lines += _entry(key, value, known[f"{name}.{key}"])
    return "\n".join(lines) + "\n"


def _entry(key: str, value: object, info: FieldInfo) -> list[str]:
    # JSON's strings, numbers, booleans and arrays are valid TOML, too. Only JSON's null cannot be written in TOML.
    entry = f"# {key} is not set" if value is None else f"{key} = {json.dumps(value, ensure_ascii=False)}"
    return [f"# {'; '.join(part for part in (info.description, range_words(info)) if part)}", entry]
