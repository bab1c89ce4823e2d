"""Translates sentences that are in English in code into the language of the page, a whole sentence at a time.

Each task has its own translations next to its other texts, in `text/refusals.<language>.toml`. An entry is the English
sentence, as the code raises it, and its translation, which uses no other value names (ADR 141).
"""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from center.platform.sentence import Sentence
from common.catalog import SHORT_NAMES

WRITTEN_IN = "en"


def translated(sentence: Sentence, language: str) -> str:
    """The sentence in `language`; without a translation, the English sentence."""
    text = translations(language).get(sentence.template)
    return str(sentence) if text is None else text.format_map(sentence.values)


def is_translated(sentence: Sentence, language: str) -> bool:
    """Whether there is a translation of the sentence into `language`."""
    return language == WRITTEN_IN or sentence.template in translations(language)


@cache
def translations(language: str) -> Mapping[str, str]:
    """Every sentence that is translated, with its translation."""
    found: dict[str, str] = {}
    for file in sorted(Path(__file__).parents[1].glob(f"*/text/refusals.{SHORT_NAMES[language]}.toml")):
        own = tomllib.loads(file.read_text("utf-8"))
        twice = own.keys() & found.keys()
        assert not twice, f"{sorted(twice)} stand in the words of two tasks"
        found |= own
    return found
