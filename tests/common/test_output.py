"""What a program prints never ends it, whatever the terminal's encoding and whatever a file is called."""

import json
import os
import subprocess
import sys

import pytest


def printed(*command: str, encoding: str = "ascii", file: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, *command, *([file] if file else [])],
        env={**os.environ, "PYTHONIOENCODING": encoding},
        capture_output=True,
        check=False,
    )


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_a_character_that_the_encoding_lacks_is_shown_as_an_escape(encoding: str) -> None:
    code = r"from common.command_line import write_any_character; write_any_character(); print('\u540d \udcff')"
    done = printed("-c", code, encoding=encoding)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.strip() == ("\u540d".encode() if encoding == "utf-8" else b"\\u540d") + b" \\udcff"


def test_a_file_name_of_other_bytes_stands_in_json_that_can_be_read() -> None:
    done = printed("-m", "kiosk", "check", "--profile", "jiangsu-2019", "--json", file=b"none-\xff.jpg")
    assert done.returncode == 2
    assert b"Traceback" not in done.stderr
    assert not json.loads(done.stdout)["ready"]
