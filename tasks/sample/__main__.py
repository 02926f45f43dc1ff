"""Write the sample to a file: ``python -m tasks.sample data/sample_titles.csv``."""

import argparse
import logging
from collections.abc import Sequence
from pathlib import Path

from tasks.sample import N_TITLES, SEED, generate_sample
from tasks.volume.atomic import to_csv, write_bytes

_LOG = logging.getLogger(__name__)


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the sample to the file named on the command line."""
    parser = argparse.ArgumentParser(prog="python -m tasks.sample", description=main.__doc__)
    parser.add_argument("path", type=Path, help="the CSV file to write")
    parser.add_argument("--titles", type=int, default=N_TITLES, help="number of titles")
    parser.add_argument("--seed", type=int, default=SEED, help="another seed, another catalog")
    options = parser.parse_args(arguments)
    content = to_csv(generate_sample(options.titles, options.seed))
    write_bytes(options.path, content)
    _LOG.info("%s: %d titles, %d bytes", options.path, options.titles, len(content))


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    main()
