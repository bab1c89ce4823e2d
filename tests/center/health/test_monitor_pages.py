"""Numbers for a monitoring program, and its token."""

import re

import requests

from center.accounts.model.roles import Role
from tests.center.office_server import OfficeServer, beat, differ, file_shot


def test_a_monitor_reads_numbers_and_nothing_about_people(office_server: OfficeServer) -> None:
    differ(office_server)
    file_shot(office_server.office, 1, flags=("code_only",))
    beat(office_server, "booth-1")
    office_server.clock.move(seconds=30)
    url = f"{office_server.address}/metrics"
    assert requests.get(url, timeout=20).status_code == 403
    assert requests.get(url, headers={"Authorization": "Bearer wrong"}, timeout=20).status_code == 403
    root = office_server.client("root", Role.ADMINISTRATOR)
    token = re.search(r"Bearer ([\w-]{40,})", root.post("/accounts/monitor").text)
    assert token
    assert token[1] not in root.get("/accounts").text  # shown once
    answer = requests.get(url, headers={"Authorization": f"Bearer {token[1]}"}, timeout=20)
    assert answer.headers["content-type"].startswith("application/openmetrics-text")
    lines = answer.text.splitlines()
    assert lines[-1] == "# EOF"
    samples = dict(line.rsplit(" ", 1) for line in lines if not line.startswith("#"))
    assert samples["center_shots_waiting"] == "1"
    assert samples["center_shots_flagged"] == "1"
    assert (samples["center_second_reviews_decided"], samples["center_second_reviews_differing"]) == ("1", "1")
    assert samples['center_decisions_total{decision="approved"}'] == "1"
    assert samples["center_decisions_taken_back_total"] == "0"
    assert samples["center_oldest_waiting_seconds"] == "60"
    assert samples['center_booth_heartbeat_age_seconds{booth="booth-1"}'] == "60"
    assert samples['center_booth_free_bytes{booth="booth-1"}'] == str(20 << 30)
    sample = r'[a-z_]+(\{(booth|decision)="[a-z0-9-]+"\}|\{part="[a-z_]+"\})?'
    assert all(re.fullmatch(sample, name) for name in samples)


def test_a_new_monitor_token_ends_the_one_before(office_server: OfficeServer) -> None:
    root = office_server.client("root", Role.ADMINISTRATOR)
    tokens = [re.findall(r"Bearer ([\w-]{40,})", root.post("/accounts/monitor").text)[0] for _ in range(2)]
    codes = [
        requests.get(
            f"{office_server.address}/metrics", headers={"Authorization": f"Bearer {token}"}, timeout=20
        ).status_code
        for token in tokens
    ]
    assert codes == [403, 200]
