"""Milliseconds of every page of a running ``make ui``: the first visit, the median of twenty more.

Usage: python tests/bench/pages.py [address], with a run and a release on the volume.
"""

import re
import statistics
import sys
import time

from rich.console import Console
from rich.table import Table

from labeling_lab.home import home
from labeling_lab.pages import PREFIX
from labeling_lab.server import ADDRESS_FILE, Server

VISITS = 20
PAGES = (
    *("", "titles", "titles?q=love&sort=gap&order=down", "titles?disagree=model&page=2"),
    *("what-if?title=Puppy+School&rating=TV-Y", "review", "releases", "scores"),
)


def visit(server: Server, path: str) -> tuple[float, str]:
    """Return the milliseconds of a visit, and where it led."""
    started = time.perf_counter()
    answer = server.client.get(f"{PREFIX}/{path}", follow_redirects=True)
    answer.raise_for_status()
    return 1000 * (time.perf_counter() - started), answer.url.raw_path.decode()


def found(server: Server, pattern: str) -> list[str]:
    """Return the pages that a list of such pages leads to, as it is sorted."""
    text = server.client.get(f"{PREFIX}/{pattern.partition('/')[0]}").text
    return re.findall(f'"{PREFIX}/({pattern})"', text)


def main() -> None:
    """Visit every page and print the table."""
    address = sys.argv[1] if sys.argv[1:] else (home() / ADDRESS_FILE).read_text()
    server = Server(address)
    server.log_in()
    report = visit(server, "runs")[1].removeprefix(f"{PREFIX}/")
    (title, *_), versions = found(server, r"titles/s[^\"]+"), found(server, r"releases/v\d+")
    compare = "releases/compare?a={1}&b={3}".format(*f"{versions[-1]}/{versions[0]}".split("/"))
    table = Table(title=f"Milliseconds, n = {VISITS}", box=None)
    for words in ("page", "first", "median", "longest"):
        table.add_column(words, justify="left" if words == "page" else "right")
    for path in (*PAGES, report, title, versions[0], compare):
        first, *again = [visit(server, path)[0] for _ in range(VISITS + 1)]
        figures = (first, statistics.median(again), max(again))
        table.add_row(path or "(overview)", *(f"{value:.0f}" for value in figures))
    Console(highlight=False, width=120).print(table)


if __name__ == "__main__":
    main()
