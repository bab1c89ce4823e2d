"""The words that people at the booth and at the office read about each check, from one table (`check_words.toml`)."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from rules.checks import CheckId

BOOTH = {
    "guide": "guide.{check}",
    "doubt": "doubt.{check}",
    "warn": "warn.{check}",
    "again": "again.{check}",
    "low": "check.{check}.low",
    "high": "check.{check}.high",
}
"""Name of an entry in the table -> id of the booth's message."""

OFFICE = {"name": "check.{check}", "reason": "reason.{check}"}
"""Name of an entry in the table -> id of the message on staff's pages."""

_UNIT = "unit"


def check_unit(check: CheckId, language: str) -> str | None:
    """What a check measures, in `language`; None if only the profiles have words for it."""
    return _table().get(check, {}).get(language, {}).get(_UNIT)


def check_messages(language: str, entries: Mapping[str, str]) -> Mapping[str, str]:
    """The messages of one language by message id, for `entries` (`BOOTH` or `OFFICE`). Returns no messages for a
    language that is not in the table."""
    return MappingProxyType(
        {
            entries[entry].format(check=check): words
            for check, languages in _table().items()
            for entry, words in languages.get(language, {}).items()
            if entry in entries
        }
    )


@cache
def _table() -> Mapping[str, Mapping[str, Mapping[str, str]]]:
    """The table as check -> language -> entry -> words. Raises `ValueError` if a check or an entry in it does not
    exist."""
    table: dict[str, dict[str, dict[str, str]]] = tomllib.loads(
        files("rules").joinpath("check_words.toml").read_text("utf-8")
    )
    for check, languages in table.items():
        unknown = {entry for words in languages.values() for entry in words} - {*BOOTH, *OFFICE, _UNIT}
        if unknown or check not in set(CheckId):
            raise ValueError(f"rules/check_words.toml: {check} with {sorted(unknown)} is no check or has no such entry")
    return table
