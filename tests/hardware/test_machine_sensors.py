"""What the machine tells of itself, by the kernel's files; a file that is absent or senseless tells nothing."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.hardware.machine_sensors import HOT, MEMORY, POWER, Condition, read_condition
from sim.twins.kernel_files import KernelFiles


def test_a_raspberry_pi_tells_memory_heat_and_power(tmp_path: Path) -> None:
    KernelFiles(tmp_path)
    assert read_condition(tmp_path) == Condition(2_000_000_000, 54.5, under_voltage=False, throttled=False)
    assert read_condition(tmp_path).causes == ()


@pytest.mark.parametrize(
    ("becomes", "causes"),
    [
        ({"degrees": 79.9}, ()),
        ({"degrees": 80.0}, (HOT,)),
        ({"slowed": True}, (HOT,)),
        ({"supply_low": True}, (POWER,)),
        ({"supply_low": True, "slowed": True}, (POWER,)),
        ({"supply_low": True, "degrees": 85.0}, (POWER, HOT)),
        ({"free_mb": 200}, (MEMORY,)),
        ({"free_mb": 201}, ()),
    ],
)
def test_what_staff_should_look_at(tmp_path: Path, becomes: dict[str, float], causes: tuple[str, ...]) -> None:
    KernelFiles(tmp_path).becomes(**becomes)  # type: ignore[arg-type]
    assert read_condition(tmp_path).causes == causes


def test_a_machine_without_these_files_tells_nothing(tmp_path: Path) -> None:
    assert read_condition(tmp_path / "no such folder") == Condition()
    assert Condition().causes == ()


def test_this_machine_tells_its_memory() -> None:
    found = read_condition(Path("/"))
    assert found.memory_available_bytes is not None
    assert 10_000_000 < found.memory_available_bytes < 1 << 45
    assert found.temperature_c is None or -60 <= found.temperature_c <= 200


@given(st.dictionaries(st.integers(0, 5), st.binary(max_size=60), min_size=1))
def test_whatever_is_in_the_files_the_others_are_read(
    tmp_path_factory: pytest.TempPathFactory, contents: dict[int, bytes]
) -> None:
    twin = KernelFiles(tmp_path_factory.mktemp("machine"))
    files = sorted(path for path in twin.folder.rglob("*") if path.is_file())
    for number, content in contents.items():
        files[number].write_bytes(content)
    found = read_condition(twin.folder)
    spoilt = {str(files[number]) for number in contents}
    if not any("meminfo" in path for path in spoilt):
        assert found.memory_available_bytes == 2_000_000_000
    if not any("thermal" in path for path in spoilt):
        assert found.temperature_c == 54.5
    if not any("hwmon" in path for path in spoilt):
        assert found.under_voltage is False
    if not any("throttled" in path for path in spoilt):
        assert found.throttled is False
