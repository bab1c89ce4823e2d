"""Every place in the code where a file or a name is brought to the medium, read from the source.

The sweeps leave out each of them in turn. They are not listed by hand, so that none can be overlooked, and no other
code may sync or rename by itself.
"""

import ast
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from sim.twins.disk import Site

ROOT = Path(__file__).parents[2]
LONG = os.environ.get("FAULTS") == "long"
"""Whether everything is tried (`make faults`) or a part, spread evenly (`make test`)."""
BATCH_ONLY = ("write_batch", "_write_new")
"""The functions of `common/disk.py` that only the office calls, for several files at once."""
CALLS = frozenset({"fsync", "rename", "sync_folder", "sync_file_system", "open_folder"})
"""The calls of `Disk` that make something durable."""


def sites(*modules: str, but: Iterable[str] = ()) -> list[Site]:
    """The calls of a disk's methods in these modules (paths below the root), not those of the functions `but`."""
    return [
        (path.stem, call.lineno, name)
        for path in map(ROOT.joinpath, modules)
        for function in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(function, ast.FunctionDef) and function.name not in but
        for call, name in _calls(function)
        if name in CALLS and isinstance(call.func, ast.Attribute) and "disk" in ast.unparse(call.func.value)
    ]


def by_themselves(folders: Iterable[str]) -> set[str]:
    """The modules that sync or rename a file without a `Disk`, or have it done by `write_for_all`."""
    found = set()
    for path in (path for folder in folders for path in ROOT.joinpath(folder).rglob("*.py")):
        text = path.read_text("utf-8")
        if "write_for_all(" in text:
            found.add(str(path.relative_to(ROOT)))
        for call, name in _calls(ast.parse(text)):
            whose = ast.unparse(call.func.value) if isinstance(call.func, ast.Attribute) else ""
            syncs = name in ("fsync", "fdatasync", "syncfs")
            moves = name == "rename" or (name == "replace" and len(call.args) == 1)
            if ((syncs or moves) and "disk" not in whose) or (whose == "os" and name in ("replace", "link")):
                found.add(str(path.relative_to(ROOT)))
    return found


def _calls(tree: ast.AST) -> Iterator[tuple[ast.Call, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            yield node, node.func.attr
