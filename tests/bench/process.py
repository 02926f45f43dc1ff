"""What a process of its own takes."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from typing import NamedTuple

KILOBYTES = 1024  # of which Linux tells a peak, in a megabyte


class Cost(NamedTuple):
    """What a whole process took, with those that it started."""

    seconds: float
    processor_seconds: float
    megabytes: float  # of the largest of them, at its peak


def measure(command: list[str], env: Mapping[str, str] = os.environ) -> tuple[Cost, str]:
    """Run a process; return what it took and what it printed; exit if it fails."""
    with tempfile.TemporaryFile("w+") as output:
        started = time.perf_counter()
        process = subprocess.Popen(command, env=env, stdout=output, stderr=output)
        _, status, used = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
        output.seek(0)
        printed = output.read()
    if status:
        sys.exit(f"{' '.join(command)} failed:\n{printed[-3000:]}")
    return Cost(seconds, used.ru_utime + used.ru_stime, used.ru_maxrss / KILOBYTES), printed
