"""A message to people that is translated as a whole: a constant template and its values."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

_MOST_OF_A_VALUE = 160
"""The number of characters of a value that are kept, because columns of tables are bounded."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """`template`: English, a constant in the code; `{name}` stands for the value of that name.

    Text without values is never formatted, so it may contain braces.
    """

    template: str
    values: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.template.format_map(self.values) if self.values else self.template

    def __bool__(self) -> bool:
        return bool(self.template)

    def kept(self) -> str:
        """The sentence in the form that a table stores."""
        if not self.values:
            return self.template
        values = {name: str(value)[:_MOST_OF_A_VALUE] for name, value in self.values.items()}
        return json.dumps([self.template, values], ensure_ascii=False)

    @classmethod
    def of_kept(cls, text: str) -> "Sentence":
        """Read what `kept` wrote; any other text becomes a template without values."""
        try:
            template, values = json.loads(text)
            return cls(str(template), dict(values))
        except (ValueError, TypeError):
            return cls(text)
