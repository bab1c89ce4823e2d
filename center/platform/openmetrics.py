"""Figures in the text form that monitors read (OpenMetrics)."""

from collections.abc import Iterator, Mapping


def gauge(name: str, about: str, values: Mapping[str, float], label: str = "booth") -> Iterator[str]:
    """A gauge with one value for each `label`, or one value under the empty name. The names must not need escaping."""
    yield f"# TYPE {name} gauge"
    yield f"# HELP {name} {about}"
    for of, value in values.items():
        labels = f'{{{label}="{of}"}}' if of else ""
        yield f"{name}{labels} {value:g}" if isinstance(value, float) else f"{name}{labels} {value}"
