"""Text that every database can store: without NUL and without half a surrogate pair.

PostgreSQL refuses both, SQLite one of them, and each only when it writes; by then the cause is unknown. So text from
outside is checked where it comes in: forms and addresses (`center.web.gate`), messages (`wire.model`), arguments of
commands (`center.__main__`), cells of foreign tables.
"""

from collections.abc import Iterable

from center.platform.faults import WrongRequest


def is_plain(text: str) -> bool:
    """Whether every database can store `text`."""
    return not any(char == "\0" or "\ud800" <= char <= "\udfff" for char in text)


def require_plain(texts: Iterable[str]) -> None:
    """Raise `WrongRequest` if one of `texts` can't be stored. The message does not quote the text."""
    if not all(map(is_plain, texts)):
        raise WrongRequest("the text holds a character that can't be kept (NUL or half of one): type it anew")
