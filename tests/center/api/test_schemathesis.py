"""Schemathesis reads the office's own description and tries what it can think of: no 5xx, nothing undescribed."""

import subprocess
import sys
from pathlib import Path

from tests.center.conftest import Served

CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "ignored_auth",
    "unsupported_method",
)


def test_nothing_it_tries_ends_in_a_fault_or_an_answer_that_is_not_described(served: Served, tmp_path: Path) -> None:
    command = [
        str(Path(sys.executable).with_name("schemathesis")),
        "run",
        f"{served.url}/v2/openapi.json",
        "--header",
        f"Authorization: Bearer {served.enrol()}",
        "--checks",
        ",".join(CHECKS),
        "--phases",
        "fuzzing",
        "--max-examples",
        "12",
        "--seed",
        "1",
        "--generation-database",
        "none",
        "--no-color",
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
