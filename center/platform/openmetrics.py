"""Figures in the text form that monitors read (OpenMetrics)."""

from collections.abc import Iterator, Mapping


def gauge(name: str, about: str, values: Mapping[str, float], label: str = "booth") -> Iterator[str]:
    """A gauge; values by `label`, or one under the empty name. The names given must need no escaping."""
    yield f"# TYPE {name} gauge"
    yield f"# HELP {name} {about}"
    for of, value in values.items():
        labels = f'{{{label}="{of}"}}' if of else ""
        yield f"{name}{labels} {value:g}" if isinstance(value, float) else f"{name}{labels} {value}"
