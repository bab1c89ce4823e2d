"""What a program of ours takes of the processor and of memory, measured from outside when it has ended."""

import json
import subprocess
import sys
from collections.abc import Sequence

# A process begins with the greatest memory of the one it was forked from, which is this one with all the benches before
# it: a small process starts the worker and tells its processor seconds and greatest memory.
_MEASURE = """
import json, os, subprocess, sys
worker = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
_, status, usage = os.wait4(worker.pid, 0)
worker.returncode = os.waitstatus_to_exitcode(status)
assert worker.returncode == 0, worker.returncode
print(json.dumps([usage.ru_utime + usage.ru_stime, usage.ru_maxrss]))
"""


def measured(command: Sequence[str]) -> tuple[float, float]:
    """Processor seconds of a command and of the processes it waited for (others may share the core), and the greatest
    memory in MB of any of them. Raises `CalledProcessError` when it ends with another code than 0."""
    done = subprocess.run([sys.executable, "-c", _MEASURE, *command], check=True, capture_output=True)
    seconds, peak_kb = json.loads(done.stdout)
    return seconds, peak_kb / 1024
