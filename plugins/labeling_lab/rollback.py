"""Makes another kept release the champion: the command behind ``make rollback``.

It runs the rollback DAG, so that the run is seen in the UI and the asset event fires.
"""

import argparse
import logging
import sys
from collections.abc import Sequence

from labeling_lab.home import ROLLBACK_DAG_ID
from labeling_lab.params import check_rollback
from labeling_lab.run import run_dag
from labeling_lab.terminal import command, log_to_terminal

log = logging.getLogger(__name__)


@command
def main(arguments: Sequence[str] | None = None) -> int:
    """Roll back; return the exit code."""
    log_to_terminal()
    parser = argparse.ArgumentParser(prog="python -m labeling_lab.rollback", description=__doc__)
    parser.add_argument("--version", default="previous", help="such as v0003; default: previous")
    parser.add_argument("--reason", required=True, help="why; history keeps it")
    chosen = parser.parse_args(arguments)
    conf = {"version": chosen.version or "previous", "reason": chosen.reason}
    check_rollback(**conf)
    code = run_dag(ROLLBACK_DAG_ID, conf)
    if code:
        log.error("Nothing was changed.")
    return code


if __name__ == "__main__":
    sys.exit(main())
