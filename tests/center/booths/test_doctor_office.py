"""`kiosk doctor office` against the real office: each cause for not sending is named with its remedy."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from pyrage import x25519

from kiosk.commands.doctor.office import examine_office
from kiosk.ports.clock import WallTime
from kiosk.ports.config import BoothConfig, OfficeConfig, StorageConfig
from tests.center.conftest import Served


@dataclass
class FixedClock:
    """A clock that stands still."""

    moment: datetime

    def now_ns(self) -> int:
        return 0

    def wall(self) -> WallTime:
        return WallTime(self.moment, True)


def booth(served: Served, folder: Path, **changes: object) -> BoothConfig:
    """A booth that is enrolled and has two keys, but for `changes` of its office."""
    credential = folder / "credential"
    credential.write_text(served.enrol(), "ascii")
    office = {"url": served.url, "booth_id": "booth-1", "credential_file": credential} | changes
    return BoothConfig(
        office=OfficeConfig.model_validate(office),
        storage=StorageConfig(seal_to=tuple(str(x25519.Identity.generate().to_public()) for _ in range(2))),
    )


def test_an_enrolled_booth_is_answered(served: Served, tmp_path: Path) -> None:
    finding = examine_office(booth(served, tmp_path), FixedClock(served.office.clock()))
    assert (finding.ok, finding.status) == (True, "ok")
    assert finding.details["clock_differs_s"] == 0


def test_with_fewer_than_two_keys_the_booth_will_stay_out_of_service(served: Served, tmp_path: Path) -> None:
    config = booth(served, tmp_path)
    for count in (0, 1):
        few = config.model_copy(update={"storage": StorageConfig(seal_to=config.storage.seal_to[:count])})
        finding = examine_office(few, FixedClock(served.office.clock()))
        assert finding.status == "no_keys"
        assert "center keys list" in finding.message


def test_a_booth_that_is_not_enrolled_is_told_both_commands(served: Served, tmp_path: Path) -> None:
    for file in (None, tmp_path / "nothing"):
        finding = examine_office(booth(served, tmp_path, credential_file=file), FixedClock(served.office.clock()))
        assert finding.status == "not_enrolled"
        assert "center booths enrol booth-1" in finding.message
        assert "kiosk enrol" in finding.message


def test_an_office_that_is_not_there_is_told_with_its_address(served: Served, tmp_path: Path) -> None:
    finding = examine_office(booth(served, tmp_path, url="http://127.0.0.1:9"), FixedClock(served.office.clock()))
    assert finding.status == "unreachable"
    assert finding.details["url"] == "http://127.0.0.1:9"


def test_a_revoked_booth_is_refused(served: Served, tmp_path: Path) -> None:
    config = booth(served, tmp_path)
    served.office.booths.revoke("test", "booth-1")
    finding = examine_office(config, FixedClock(served.office.clock()))
    assert finding.status == "refused"
    assert "401" in finding.message


@pytest.mark.parametrize(("seconds", "status"), [(59, "ok"), (-59, "ok"), (60, "other_time"), (-86_400, "other_time")])
def test_clocks_may_differ_by_less_than_a_minute(served: Served, tmp_path: Path, seconds: int, status: str) -> None:
    moment = served.office.clock() + timedelta(seconds=seconds)
    assert examine_office(booth(served, tmp_path), FixedClock(moment)).status == status
