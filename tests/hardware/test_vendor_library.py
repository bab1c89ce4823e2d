"""A vendor's library that can't be imported says its real cause, and what to do about that one."""

import sys
from pathlib import Path

import pytest

from kiosk.core.events import Device
from kiosk.hardware.vendor_library import import_vendor
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
def test_each_cause_is_told_with_its_own_remedy(
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


def test_a_library_that_is_not_there_is_told_with_its_package() -> None:
    with pytest.raises(PermanentFault, match=r"ModuleNotFoundError.*apt install python3-vendor.*system-site-packages"):
        import_vendor("vendors_nowhere", Device.CAMERA, "fault.camera_library", "python3-vendor")
