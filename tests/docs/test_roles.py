"""What each machine installs is enough for all it runs, and no more: environments with exactly the locked packages.

The environment is a real one with its own interpreter; its packages are linked from the one the tests run in, so that
nothing is downloaded. It takes some seconds a role, most of it for importing everything.
"""

import subprocess
import venv
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = {"booth": ("kiosk",), "office": ("center",)}
NOT_INSTALLED = {
    "booth": {"fastapi", "starlette", "flask", "uvicorn", "sqlalchemy", "pytest"},
    "office": {"cv2", "pygame", "gpiozero", "ai_edge_litert", "serial", "pytest"},
}
APT_ONLY = "picamera2"  # apt's on a Raspberry Pi

IMPORT_ALL = """
import importlib, pkgutil, sys
failed = []
for room in sys.argv[1:]:
    for module in pkgutil.walk_packages(importlib.import_module(room).__path__, room + "."):
        if "migrations" in module.name or module.name.endswith("__main__"):
            continue
        try:
            importlib.import_module(module.name)
        except ModuleNotFoundError as fault:
            failed.append(f"{module.name}: {fault.name}")
print("\\n".join(failed))
"""


def locked(role: str) -> list[str]:
    lines = (ROOT / "lock" / f"{role}.txt").read_text("ascii").splitlines()
    return [line.partition("==")[0] for line in lines if "==" in line]


def environment(folder: Path, role: str) -> Path:
    """An environment with the packages of `role`; its interpreter."""
    venv.create(folder, symlinks=True, with_pip=False)
    (site,) = folder.glob("lib/python*/site-packages")
    for name in (*locked(role), "makeup-booth"):
        try:
            package = distribution(name)
        except PackageNotFoundError:
            continue  # for another system or Python than this one
        for file in package.files or ():
            top = file.parts[0]
            source, target = Path(str(package.locate_file(top))), site / top
            ours = name == "makeup-booth" and not top.endswith(".dist-info")  # by the path below
            if top not in ("..", "__pycache__") and not ours and source.exists() and not target.exists():
                target.symlink_to(source)
    (site / "project.pth").write_text(f"{ROOT}\n")
    return folder / "bin" / "python"


def run(python: Path, *arguments: str) -> str:
    done = subprocess.run(
        [python, *arguments], capture_output=True, text=True, cwd=python.parent, check=False, timeout=240
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("role", ROOMS)
def test_a_role_runs_with_its_own_packages_alone(role: str, tmp_path: Path) -> None:
    python = environment(tmp_path / "venv", role)
    ask = "import importlib.util, sys; print(*[name for name in sys.argv[1:] if importlib.util.find_spec(name)])"
    assert run(python, "-c", ask, *sorted(NOT_INSTALLED[role])).split() == []
    missing = run(python, "-c", IMPORT_ALL, *ROOMS[role]).split("\n")
    assert [line for line in missing if line and not line.endswith(APT_ONLY)] == []
    for verb in ((), ("doctor",)) if role == "booth" else ((), ("init",)):
        assert "usage" in run(python, "-m", ROOMS[role][0], *verb, "--help")


def test_the_tests_themselves_have_every_role() -> None:
    for role in ROOMS:
        assert set(locked(role)) <= set(locked("all"))
