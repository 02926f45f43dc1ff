"""Releases from a terminal, without Airflow: the commands behind ``make rollback``."""

import argparse
import getpass
import logging
import sys
from collections.abc import Sequence
from datetime import UTC, datetime

from tasks.errors import LabError

log = logging.getLogger(__name__)


def roll_back(version: str, reason: str, by: str | None = None) -> int:
    """Make another release the champion; return the exit code."""
    from tasks.publish.rollback import roll_back as move
    from tasks.volume.runs import Volume

    run_id = f"by_hand__{datetime.now(UTC).isoformat(timespec='microseconds')}"
    who = by or getpass.getuser()
    try:
        done = move(
            Volume.from_environment().releases, version, reason=reason, by=who, run_id=run_id
        )
    except LabError as error:
        log.error("Nothing was changed: %s", error)  # noqa: TRY400 (the message is for a person)
        return 1
    log.info("The champion is %s now; before, it was %s.", done["version"], done["replaced"])
    return 0


def parse_arguments(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m labeling_lab.release_console", description=__doc__
    )
    commands = parser.add_subparsers(dest="command", required=True)
    back = commands.add_parser("rollback", help="make another kept release the champion")
    back.add_argument("--version", default="previous", help="such as v0003; default: previous")
    back.add_argument("--reason", required=True, help="why; history keeps it")
    back.add_argument("--by", help="who; default: you")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command of this module; return the exit code."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    chosen = parse_arguments(arguments)
    return roll_back(chosen.version or "previous", chosen.reason, chosen.by)


if __name__ == "__main__":
    sys.exit(main())
