"""The static files, by name from a fixed list. The path in a web address is never used to read the disk."""

from functools import cache
from hashlib import sha256
from importlib.resources import files

from starlette.responses import Response

from center.platform.faults import NotThere

_KINDS = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
IMMUTABLE = "public, max-age=31536000, immutable"


def asset(name: str) -> Response:
    """The file of this name. Raises `NotThere`. Its address contains its digest, so it may be cached without limit."""
    content = contents().get(name)
    if content is None:
        raise NotThere("there is no file {name!r}", name=name[:40])
    kind = _KINDS[name[name.rindex(".") :]]
    return Response(content, media_type=kind, headers={"Cache-Control": IMMUTABLE})


@cache
def contents() -> dict[str, bytes]:
    """The content of every static file, by the file's name."""
    folder = files("center.web").joinpath("static")
    return {
        entry.name: entry.read_bytes()
        for entry in folder.iterdir()
        if any(entry.name.endswith(ending) for ending in _KINDS)
    }


@cache
def address(name: str) -> str:
    """The address of a file; it changes with the content."""
    return f"/static/{name}?v={sha256(contents()[name]).hexdigest()[:12]}"
