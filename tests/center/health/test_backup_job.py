"""A backup at a press of an administrator: made and tested in the background, in the configured folder."""

from pathlib import Path

import pytest

from center.accounts.model.roles import Role
from center.health.backup_job import BackupJobs
from center.jobs.model import JobState
from center.platform.configuration import BackupConfig
from center.platform.faults import WrongRequest
from center.platform.seal_keys import add_seal_key
from center.wiring.office import Office
from tests.center.conftest import file_shot, make_config
from tests.center.delivery.test_deliveries import work
from tests.center.factories import START, HandClock
from tests.center.office_server import OfficeServer
from wire.seal import new_identity, recipient_of


@pytest.mark.parametrize("there", [True, False])
def test_a_backup_is_made_and_tested_or_the_job_says_that_none_was(
    request: pytest.FixtureRequest, tmp_path: Path, clock: HandClock, there: bool
) -> None:
    place = tmp_path / "backups"
    (tmp_path / "office").mkdir()
    backup = BackupConfig(folder=place, seal_to=(recipient_of(new_identity()),) if there else ())
    config = make_config(request, tmp_path / "office", "sqlite", backup=backup)
    add_seal_key(config.seal_keys, START)
    with Office.open(config, clock) as office:
        office.booths.enrol("test", "booth-1")
        file_shot(office, 1)
        asked = office.backup_jobs.ask("root")
        assert office.backup_jobs.ask("root") == asked, "one at a time"
        work(office)
        job, state = office.backup_jobs.newest(), office.backups.state()
        assert job is not None
        if there:
            assert (job.state, job.result["photos"]) == (JobState.DONE, 1)
            assert (place / str(job.result["backup"]) / "manifest.json").is_file()
            assert state.newest_tested == clock.now
        else:
            assert (job.state, state.newest_tested) == (JobState.FAILED, None)
            assert "the log of the background jobs says why" in str(job.fault)


def test_an_office_without_a_folder_offers_none(office_server: OfficeServer) -> None:
    root = office_server.client("root", Role.ADMINISTRATOR)
    assert "/health/backup" not in root.get("/health").text
    assert root.post("/health/backup").status_code == 400
    assert office_server.client("sue", Role.SUPERVISOR).post("/health/backup").status_code == 403
    jobs = office_server.office.backup_jobs
    assert isinstance(jobs, BackupJobs)
    with pytest.raises(WrongRequest, match="no folder"):
        jobs.ask("root")
