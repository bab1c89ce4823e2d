"""A vendor's library that can't be imported says its real cause, and what to do about that one."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from kiosk.core.events import Device
from kiosk.hardware.vendor_library import BUNDLED, import_vendor
from kiosk.ports.faults import PermanentFault


@pytest.mark.parametrize(
    ("source", "cause", "remedy"),
    [
        ("import libcamera_that_is_not_here", "No module named 'libcamera_that_is_not_here'", "not what it rests on"),
        ("raise ValueError('numpy.dtype size changed, may indicate')", "ValueError: numpy.dtype size", "trixie"),
        ("raise AttributeError('_ARRAY_API not found in numpy')", "AttributeError: _ARRAY_API", "trixie"),
        ("raise ImportError('libcamera.so.0.4: cannot open shared object file')", "libcamera.so.0.4", "full-upgrade"),
        ("raise FileNotFoundError(2, 'No such file', '.lgd-nfy0')", ".lgd-nfy0", "working directory"),
        ("raise PermissionError(13, 'Permission denied', '.lgd-nfy0')", "Permission denied", "WorkingDirectory="),
        (
            "try:\n    raise OSError(5, 'no chip')\nexcept OSError as e:\n    raise SystemError('x') from e",
            "no chip",
            "reinstall",
        ),
        ("1 / 0", "ZeroDivisionError", "reinstall"),
    ],
)
def test_each_cause_is_reported_with_its_own_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str, cause: str, remedy: str
) -> None:
    (tmp_path / "vendors_own.py").write_text(source)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "vendors_own", raising=False)
    with pytest.raises(PermanentFault) as caught:
        import_vendor("vendors_own", Device.CAMERA, "fault.camera_library", "python3-vendor")
    assert cause in caught.value.detail
    assert remedy in caught.value.remedy
    assert caught.value.text_id == "fault.camera_library"


def test_a_library_that_is_not_there_is_reported_with_its_package() -> None:
    with pytest.raises(PermanentFault, match=r"ModuleNotFoundError.*apt install python3-vendor.*system-site-packages"):
        import_vendor("vendors_nowhere", Device.CAMERA, "fault.camera_library", "python3-vendor")


def test_in_the_environment_of_the_debian_package_apt_alone_is_the_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pyvenv.cfg").write_text("home = /usr/bin\ninclude-system-site-packages = true\n")
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    with pytest.raises(PermanentFault) as caught:
        import_vendor("vendors_nowhere", Device.CAMERA, "fault.camera_library", "python3-vendor")
    assert caught.value.remedy == "It is not installed: sudo apt install python3-vendor"


LIBRARY_OF = {"pygame": "run", "serial": "run", "zxingcpp": "run", "cv2": "check", "gpiozero": "run"} | {
    "ai_edge_litert": "finish",
    "apsw": "uplink",
    "pyrage": "enrol",
}


@pytest.mark.parametrize("library", sorted(LIBRARY_OF))
@pytest.mark.parametrize(
    ("source", "cause"),
    [
        (None, "ModuleNotFoundError"),
        ("raise ImportError('libfoo.so.4: cannot open shared object file')", "libfoo.so.4: cannot open"),
        ("import a_part_that_is_gone", "No module named 'a_part_that_is_gone'"),
        ("1 / 0", "ZeroDivisionError"),
    ],
)
def test_a_command_whose_library_can_not_be_imported_says_why_and_ends_with_1(
    tmp_path: Path, library: str, source: str | None, cause: str
) -> None:
    blocked = f"import sys; sys.modules[{library!r}] = None" if source is None else ""
    if source is not None:
        (tmp_path / f"{library}.py").write_text(source)
    path = f"import sys; sys.path.insert(0, {str(tmp_path)!r})"
    run = f"{path}\n{blocked}\nfrom kiosk.__main__ import main\nsys.exit(main())"
    done = subprocess.run(
        [sys.executable, "-c", run, LIBRARY_OF[library], "--help"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stderr.startswith(f"kiosk: the library {library} can't be loaded (")
    assert cause in done.stderr
    assert "scripts/setup booth" in done.stderr
    assert "Traceback" not in done.stderr


def test_every_library_that_the_booth_imports_is_known() -> None:
    root = Path(__file__).parents[2] / "kiosk"
    imported = {
        ((node.module or "") if isinstance(node, ast.ImportFrom) else alias.name).split(".")[0]
        for file in root.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    ours = {"kiosk", "rules", "wire", "common"}
    assert imported - ours - sys.stdlib_module_names <= BUNDLED
