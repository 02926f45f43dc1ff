"""What the commands behind the Makefile share."""

import logging
import sys
from collections.abc import Callable, Iterable, Sequence
from functools import wraps

from rich.console import Console
from rich.table import Table
from rich.text import Text

from tasks.errors import LabError

STOPPED = 130  # what a shell returns after Ctrl-C

Main = Callable[[Sequence[str] | None], int]


def command(main: Main) -> Callable[..., int]:
    """Let a command that the lab refuses end with a line on stderr and exit code 1."""

    @wraps(main)
    def run(arguments: Sequence[str] | None = None) -> int:
        try:
            return main(arguments)
        except LabError as error:
            console = Console(highlight=False, stderr=True)
            console.print(str(error), style="red", markup=False, soft_wrap=True)
            return 1

    return run


def log_to_terminal() -> None:
    """Show what the lab logs, and nothing of each request to Airflow."""
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stdout)
    logging.getLogger("httpx").setLevel(logging.WARNING)


def facts_table(rows: Iterable[tuple[str, str]]) -> Table:
    """Lay out names and what there is to say of each."""
    table = Table.grid(padding=(0, 2))
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for name, text in rows:
        table.add_row(name, Text(text))
    return table
