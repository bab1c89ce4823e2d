"""One instruction at a time, in a fixed order, without flicker."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Guidance:
    """The instruction now shown (a text id, `guide.…`) and since when; "" before the first."""

    text: str = ""
    since_ns: int = 0
