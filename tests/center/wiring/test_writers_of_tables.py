"""Only a task of the office itself writes its tables. Tasks above it may read them."""

import ast
from importlib import import_module
from pathlib import Path

import pytest

from center.platform.tables import Base, table_of

ROOT = Path(__file__).parents[3]
_WRITING = {"insert", "update", "delete", "upsert"}

# The modules that write tables of other tasks, each with the classes of these tables. The list may only shrink: a new
# module asks the owner of the table to write, as the others should.
WRITERS = {
    "center/intake/filing.py": {"FindingRow", "IdentityRow", "ReportRow", "ShotRow"},
    "center/intake/service.py": {"ShotRow"},
    "center/retention/purge.py": {
        "AbsenceRow",
        "AnswerRow",
        "CorrectionCaseRow",
        "CorrectionFormRow",
        "DecisionRow",
        "DeliveryItemRow",
        "IdentityRow",
        "LetterItemRow",
        "ReportRow",
        "RosterVersionRow",
        "SecondReviewRow",
        "ShotRow",
    },
}


class _Module:
    """One module of the office. `rows`: the table classes that it imports, by name."""

    def __init__(self, text: str) -> None:
        self._tree = ast.parse(text)
        self.rows: dict[str, type[Base]] = {}
        for node in ast.walk(self._tree):
            if isinstance(node, ast.ImportFrom) and node.module and node.module.endswith(".tables"):
                found = {one.asname or one.name: getattr(import_module(node.module), one.name) for one in node.names}
                self.rows |= {name: row for name, row in found.items() if hasattr(row, "__table__")}

    def written(self) -> set[str]:
        """The classes of each statement that writes, of each new object, and of each column that is assigned."""
        other_names: dict[str, set[str]] = {}
        for statement in self._tree.body:
            self._learn_all(statement, other_names)
        functions = [node for node in ast.walk(self._tree) if isinstance(node, ast.FunctionDef)]
        return set().union(*(self._written(node, other_names) for node in (self._tree, *functions)))

    def _written(self, function: ast.AST, outside: dict[str, set[str]]) -> set[str]:
        other_names = dict(outside)
        for node in ast.walk(function) if isinstance(function, ast.FunctionDef) else ():
            self._learn_all(node, other_names)
        found: set[str] = set()
        for node in ast.walk(function):
            if isinstance(node, ast.Call):
                called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                if called in _WRITING:
                    of = [node.func.value] if isinstance(node.func, ast.Attribute) else []
                    found = found.union(*(self._classes(one, other_names) for one in (*of, *node.args)))
                elif called in self.rows:
                    found.add(called)
            elif isinstance(node, ast.Assign | ast.AugAssign):
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                columns = {one.attr for one in targets if isinstance(one, ast.Attribute) and not _own(one.value)}
                found |= {name for name, row in self.rows.items() if columns & set(table_of(row).columns.keys())}
        return found

    def _learn_all(self, node: ast.AST, other_names: dict[str, set[str]]) -> None:
        """Note further names of classes: of tables, and of loops over several classes."""
        if isinstance(node, ast.Assign):
            self._learn(node.targets[0], node.value, other_names)
        elif isinstance(node, ast.For | ast.comprehension) and isinstance(node.iter, ast.Tuple):
            for one in node.iter.elts:
                self._learn(node.target, one, other_names)

    def _learn(self, name: ast.expr, value: ast.expr, other_names: dict[str, set[str]]) -> None:
        if isinstance(name, ast.Tuple) and isinstance(value, ast.Tuple):
            for one, its_value in zip(name.elts, value.elts, strict=True):
                self._learn(one, its_value, other_names)
        elif isinstance(name, ast.Name):
            other_names[name.id] = other_names.get(name.id, set()) | self._classes(value, other_names)

    def _classes(self, node: ast.expr, other_names: dict[str, set[str]]) -> set[str]:
        """The table classes that an expression stands for; none if it stands for something else."""
        match node:
            case ast.Name(id=name):
                return {name} if name in self.rows else other_names.get(name, set())
            case ast.Call(func=ast.Name(id="table_of"), args=[row]) | ast.Attribute(value=row, attr="__table__"):
                return self._classes(row, other_names)
        return set()


def _own(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id == "self"


def _writes_of_others(path: Path) -> set[str]:
    """The table classes of other tasks that a module writes. The tables of the platform are everybody's."""
    module = _Module(path.read_text("utf-8"))
    own = f"center.{path.relative_to(ROOT / 'center').parts[0]}."
    return {name for name in module.written() if not module.rows[name].__module__.startswith((own, "center.platform."))}


def test_only_a_task_itself_writes_its_tables_apart_from_the_listed_modules() -> None:
    found = {path.relative_to(ROOT).as_posix(): _writes_of_others(path) for path in (ROOT / "center").rglob("*.py")}
    assert {path: classes for path, classes in found.items() if classes} == WRITERS


@pytest.mark.parametrize(
    "statement",
    [
        "session.execute(update(ShotRow).values(told=True))",
        "session.execute(upsert(session, ShotRow))",
        "_SHOTS = table_of(ShotRow)\nsession.execute(insert(_SHOTS))",
        "_A, _SHOTS = 1, table_of(ShotRow)\nsession.execute(_SHOTS.delete())",
        "def drop(session):\n    for table in (ShotRow, Other):\n        session.execute(delete(table))",
        "session.add(ShotRow(shot_id='1'))",
        "session.get_one(ShotRow, '1').told = True",
    ],
)
def test_a_write_of_another_task_is_seen_however_it_is_written(statement: str) -> None:
    module = _Module(f"from center.shots.tables import ShotRow\n{statement}\n")
    assert "ShotRow" in module.written()


def test_a_query_of_another_tasks_table_is_no_write() -> None:
    read = "row = session.execute(select(ShotRow)).one()\nseen = row.told\n"
    assert not _Module(f"from center.shots.tables import ShotRow\n{read}").written()
