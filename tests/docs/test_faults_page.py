"""`docs/faults.md`: every fault there is, with what ends it as the code has it."""

import ast
import importlib.util
from collections import defaultdict
from pathlib import Path
from types import ModuleType

import pytest

from kiosk.text.catalog import load

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "faults.md"


def writing() -> ModuleType:
    spec = importlib.util.spec_from_file_location("write_faults", ROOT / "docs" / "write_faults.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def raised() -> dict[str, set[str]]:
    """Fault -> the classes of `kiosk.ports.faults` it is raised as, where the code names both in one call."""
    found: dict[str, set[str]] = defaultdict(set)
    for path in (ROOT / "kiosk").rglob("*.py"):
        tree = ast.parse(path.read_text("utf-8"))
        constants = {
            target.id: node.value.value
            for node in tree.body
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)):
            if call.func.id not in ("TemporaryFault", "PermanentFault") or len(call.args) < 2:  # type: ignore[attr-defined]
                continue
            text = call.args[1]
            fault = text.value if isinstance(text, ast.Constant) else constants.get(getattr(text, "id", ""))
            if isinstance(fault, str):
                found[fault.removeprefix("fault.")].add(call.func.id)  # type: ignore[attr-defined]
    return found


def test_page_is_as_the_texts_are() -> None:
    page = PAGE.read_text("utf-8")
    assert writing().written(page) == page, "stale: run `python docs/write_faults.py`"


@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_every_fault_is_on_the_page_with_its_words(language: str) -> None:
    module = writing()
    catalog = load(language)
    faults = {key.removeprefix("fault.") for key in catalog.messages if key.startswith("fault.")}
    assert set(module.HEALS) == faults
    page = PAGE.read_text("utf-8")
    assert [name for name in faults if catalog.text(f"fault.{name}") not in page] == []
    assert [name for name in faults if catalog.text(f"remedy.{name}") not in page] == []


def test_what_ends_a_fault_is_what_the_supervisor_does_with_it() -> None:
    module = writing()
    raised_as = raised()
    assert len(raised_as) > 20
    only_temporary = {fault for fault, classes in raised_as.items() if classes == {"TemporaryFault"}}
    only_permanent = {fault for fault, classes in raised_as.items() if classes == {"PermanentFault"}}
    assert [fault for fault in only_temporary if module.HEALS[fault] == module.FIXED] == []
    assert [fault for fault in only_permanent if module.HEALS[fault] == module.REOPENED] == []
