"""Measures from outside how much processor time and memory a program of ours has used when it ends."""

import json
import subprocess
import sys
from collections.abc import Sequence

# A forked process begins with the greatest memory of its parent, and this process has run all the benches before. So a
# small process starts the worker and reports its processor seconds and greatest memory.
_MEASURE = """
import json, os, subprocess, sys
worker = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
_, status, usage = os.wait4(worker.pid, 0)
worker.returncode = os.waitstatus_to_exitcode(status)
assert worker.returncode == 0, worker.returncode
print(json.dumps([usage.ru_utime + usage.ru_stime, usage.ru_maxrss]))
"""


def measured(command: Sequence[str]) -> tuple[float, float]:
    """The processor seconds of a command and of the processes it waited for (other programs may share the core), and
    the greatest memory of any of them in MB. Raises `CalledProcessError` if the command does not end with 0."""
    done = subprocess.run([sys.executable, "-c", _MEASURE, *command], check=True, capture_output=True)
    seconds, peak_kb = json.loads(done.stdout)
    return seconds, peak_kb / 1024
