"""Fixtures: a booth's connection to an office that listens."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from center.platform.configuration import LimitsConfig
from center.wiring.office import Office
from tests.center.api.booth_client import BoothClient
from tests.center.conftest import Served, make_config, serving
from tests.center.factories import HandClock


@pytest.fixture
def line(served: Served) -> Iterator[BoothClient]:
    line = BoothClient(served, served.enrol())
    yield line
    line.session.close()


@pytest.fixture
def narrow(request: pytest.FixtureRequest, tmp_path: Path, clock: HandClock) -> Iterator[tuple[Served, list[float]]]:
    """An office with small limits; the limits on rates use the test's clock."""
    limits = LimitsConfig(
        envelope_bytes=50_000, booth_per_s=1, booth_burst=3, stranger_per_min=60, stranger_burst=2, page_items=2
    )
    ticks = [0.0]
    config = make_config(request, tmp_path, "sqlite", limits=limits)
    with Office.open(config, clock) as office, serving(office, lambda: ticks[0]) as served:
        yield served, ticks
