"""Types of configuration fields, and descriptions of their ranges.

Every field of a configuration has a range: two bounds, a `Literal`, a `bool`, or a type of this module. A field whose
range `range_words` cannot describe fails the tests.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from annotated_types import Ge, Gt, Le, Lt
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict
from pydantic.fields import FieldInfo

MAX_PATH_BYTES = 4095
"""PATH_MAX of Linux, without the closing NUL."""


class ConfigModel(BaseModel):
    """A configuration or one of its sections. It is frozen and strict: unknown keys, NaN and infinity are refused."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", allow_inf_nan=False)


@dataclass(frozen=True, slots=True)
class Takes:
    """The allowed values of a field in words, for a field that bounds do not describe."""

    words: str


def _tuple(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


def _path(value: object) -> object:
    return Path(value) if isinstance(value, str) else value


def _absolute(value: Path | str) -> Any:
    text = str(value)
    if not PurePosixPath(text).is_absolute():
        raise ValueError("must begin with /: a relative path would depend on where the program was started")
    if not text.strip("/."):
        raise ValueError("is the root of all folders: name a file or folder below it")
    if any(ord(sign) < 0x20 or ord(sign) == 0x7F for sign in text):
        raise ValueError("holds a control character")
    if len(text.encode("utf-8", "surrogatepass")) > MAX_PATH_BYTES:
        raise ValueError(f"is longer than {MAX_PATH_BYTES} bytes")
    return value


FilePath = Annotated[Path, BeforeValidator(_path), AfterValidator(_absolute), Takes("an absolute path")]
"""The absolute path of a file or folder."""

DevicePath = Annotated[str, AfterValidator(_absolute), Takes("the absolute path of a device")]
"""The absolute path of a device."""


AsTuple = BeforeValidator(_tuple)
"""Makes a field of type tuple accept a list, because TOML's arrays are read as lists."""


def range_words(info: FieldInfo) -> str | None:
    """The field's range in words ("2 to 8", "true or false"); None if it has no range."""
    annotation, optional = _without_none(info.annotation)
    words = _words(annotation, info.metadata)
    return f"{words}, or left out" if words is not None and optional else words


def _words(annotation: Any, metadata: Iterable[object]) -> str | None:
    if get_origin(annotation) is Annotated:
        annotation, *inner = get_args(annotation)
        metadata = [*inner, *metadata]
    marks = [mark for mark in metadata if isinstance(mark, Takes)]
    if marks:
        return marks[-1].words
    if get_origin(annotation) is Literal:
        return "one of " + ", ".join(str(value) for value in get_args(annotation))
    if annotation is bool:
        return "true or false"
    return _bounds(_marks(metadata))


def _marks(metadata: Iterable[object]) -> list[object]:
    marks: list[object] = []
    for mark in metadata:
        marks += mark.metadata if isinstance(mark, FieldInfo) else [mark]
    return marks


def _bounds(marks: Iterable[object]) -> str | None:
    low = high = None
    for mark in marks:
        match mark:
            case Ge(ge=least):
                low = _number(least)
            case Gt(gt=least):
                low = f"more than {_number(least)}"
            case Le(le=most):
                high = _number(most)
            case Lt(lt=most):
                high = f"less than {_number(most)}"
    return None if low is None or high is None else f"from {low} to {high}"


def _number(bound: object) -> str:
    return f"{bound:g}" if isinstance(bound, float) else f"{bound}"


def _without_none(annotation: Any) -> tuple[Any, bool]:
    if get_origin(annotation) in (Union, UnionType):
        rest = [part for part in get_args(annotation) if part is not NoneType]
        if len(rest) == 1:
            return rest[0], True
    return annotation, False


def is_section(info: FieldInfo) -> bool:
    """Whether the field is a section of its own."""
    return isinstance(info.annotation, type) and issubclass(info.annotation, BaseModel)


def settings(model: type[BaseModel], prefix: str = "") -> dict[str, FieldInfo]:
    """Every setting of a configuration by its full key ("camera.burst_frames"), in the order of the fields."""
    found: dict[str, FieldInfo] = {}
    for name, info in model.model_fields.items():
        if is_section(info):
            assert isinstance(info.annotation, type)
            found |= settings(info.annotation, f"{prefix}{name}.")
        else:
            found[f"{prefix}{name}"] = info
    return found


SECRET = re.compile(r"AGE-SECRET-KEY-|BEGIN [A-Z ]*PRIVATE KEY|://[^/@\s]*@", re.IGNORECASE)
"""Finds the secrets that no error message may show: secret keys, and a user name with a password in an address."""
