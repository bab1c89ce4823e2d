"""The words on the screens by message id, in every language the booth speaks."""

from collections.abc import Mapping
from types import MappingProxyType

from common.catalog import Catalog, MissingText, read_messages
from rules.check_words import BOOTH, check_messages

LANGUAGES = ("zh_CN", "en")
"""Every language there is a catalog for; the first is the default."""


def load(language: str) -> Catalog:
    """Read the catalog of `language` (one of `LANGUAGES`); raises `MissingText` for another."""
    if language not in LANGUAGES:
        raise MissingText(f"no texts for the language {language!r}: choose one of {', '.join(LANGUAGES)}")
    own, checks = read_messages("kiosk.text", f"{language}.toml"), check_messages(language, BOOTH)
    return Catalog(language, {**own, **checks}, "kiosk/text")


def load_all() -> Mapping[str, Catalog]:
    """Read every catalog, by language."""
    return MappingProxyType({language: load(language) for language in LANGUAGES})
