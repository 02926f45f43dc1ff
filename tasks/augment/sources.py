"""Where WordNet can be had from: a Debian folder, nltk's downloader, Debian's package."""

import logging
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from tasks.augment import corpus
from tasks.volume.atomic import write_bytes

log = logging.getLogger(__name__)

DEBIAN_FOLDER = Path("/usr/share/wordnet")
DEBIAN_PACKAGE = "wordnet-base"
STALL_SECONDS = 10
DOWNLOAD_SECONDS = 90
LISTS_SECONDS = 120

# wordnet-base lacks the list of lexicographer files, which nltk needs: lexnames(5WN).
_LEXICOGRAPHER_FILES = {
    "adj": "all pert",
    "adv": "all",
    "noun": "Tops act animal artifact attribute body cognition communication event feeling food "
    "group location motive object person phenomenon plant possession process quantity relation "
    "shape state substance time",
    "verb": "body change cognition communication competition consumption contact creation emotion "
    "motion perception possession social stative weather",
}
_PART_NUMBERS = {"noun": 1, "verb": 2, "adj": 3, "adv": 4}
_DOWNLOAD = """
import sys, nltk.data, nltk.downloader
folder, stall = sys.argv[1], float(sys.argv[2])
nltk.data.path.insert(0, folder)
nltk.downloader.NETWORK_TIMEOUT = stall
downloader = nltk.downloader.Downloader()
sys.exit(not downloader.download("wordnet", download_dir=folder, quiet=True, extract=True))
"""


class NotHere(Exception):  # noqa: N818 - not an error: the next source is tried
    """A source has no WordNet; the message says why."""


def lexnames() -> str:
    """Return the 45 lines of WordNet's ``lexnames`` file: number, name, part of speech."""
    names = [f"{part}.{n}" for part, list_ in _LEXICOGRAPHER_FILES.items() for n in list_.split()]
    names.append("adj.ppl")
    numbered = enumerate(names)
    return "".join(f"{i:02d}\t{n}\t{_PART_NUMBERS[n.split('.')[0]]}\n" for i, n in numbered)


def from_debian_folder(corpora: Path, folder: Path | None = None) -> None:
    """Copy the files of Debian's wordnet-base, installed or unpacked, and add what nltk needs.

    Parameters
    ----------
    corpora : Path
        Gets the folder ``wordnet``.
    folder : Path, optional
        Has the files; by default where the installed package has them.
    """
    folder = folder or DEBIAN_FOLDER
    added = {"lexnames": lexnames(), "index.sense": ""}
    needed = [name for name in corpus.REQUIRED_FILES if name not in added]
    if missing := [name for name in needed if not (folder / name).is_file()]:
        raise NotHere(f"it has no {missing[0]}" if folder.is_dir() else "no such folder")
    target = corpora / "wordnet"
    target.mkdir(parents=True)
    for name in needed:
        shutil.copyfile(folder / name, target / name)
    for name, content in added.items():
        write_bytes(target / name, content.encode())


def from_nltk(corpora: Path) -> None:
    """Download with nltk, in a process of its own: nltk itself would wait for minutes."""
    command = [sys.executable, "-c", _DOWNLOAD, str(corpora.parent), str(STALL_SECONDS)]
    _run(command, corpora.parent, DOWNLOAD_SECONDS)
    (corpora / "wordnet.zip").unlink(missing_ok=True)


def from_apt(corpora: Path) -> None:
    """Download Debian's package with apt and unpack it, without installing it."""
    for program in ("apt-get", "dpkg-deb"):
        if shutil.which(program) is None:
            raise NotHere(f"this machine has no {program}")
    folder = corpora.parent / "apt"
    for name in ("state/lists/partial", "cache/archives/partial"):
        (folder / name).mkdir(parents=True)
    try:
        _run(["apt-get", *_apt_options(), "download", DEBIAN_PACKAGE], folder, DOWNLOAD_SECONDS)
    except NotHere as reason:
        log.info("apt has no %s yet (%s); fetching its package lists", DEBIAN_PACKAGE, reason)
        own = [*_apt_options(), *_own_lists(folder)]
        try:
            _run(["apt-get", *own, "update"], folder, LISTS_SECONDS)
        except NotHere as partial:
            log.info("apt-get update: %s", partial)  # one source of several may be out of reach
        _run(["apt-get", *own, "download", DEBIAN_PACKAGE], folder, DOWNLOAD_SECONDS)
    package = next(folder.glob("*.deb"))
    _run(["dpkg-deb", "-x", str(package), str(folder / "files")], folder, DOWNLOAD_SECONDS)
    from_debian_folder(corpora, folder / "files" / DEBIAN_FOLDER.relative_to("/"))


def _apt_options() -> list[str]:
    timeouts = [f"Acquire::{scheme}::Timeout={STALL_SECONDS}" for scheme in ("http", "https")]
    options = ["Acquire::Retries=0", "APT::Sandbox::User=", *timeouts]
    return [part for option in options for part in ("-o", option)]


def _own_lists(folder: Path) -> list[str]:
    """Return the options that let an ordinary user fetch package lists into a folder."""
    options = [
        f"Dir::State={folder / 'state'}",
        f"Dir::State::lists={folder / 'state' / 'lists'}",
        f"Dir::Cache={folder / 'cache'}",
        "Dir::State::status=/var/lib/dpkg/status",
        "Acquire::Languages=none",
    ]
    return [part for option in options for part in ("-o", option)]


def _run(command: list[str], folder: Path, seconds: int) -> None:
    """Run a program in a folder; its failure, or its taking too long, is a `NotHere`."""
    environment = {**os.environ, "LC_ALL": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive"}
    try:
        subprocess.run(
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=seconds,
            check=True,
        )
    except subprocess.TimeoutExpired as error:
        raise NotHere(f"no answer within {seconds} s") from error
    except subprocess.CalledProcessError as error:
        said = (error.stderr or error.stdout or "").replace("[nltk_data]", " ").split()
        raise NotHere(" ".join(said)[-200:] or f"exit code {error.returncode}") from error


SOURCES: dict[str, Callable[[Path], None]] = {
    f"Debian's {DEBIAN_FOLDER}": from_debian_folder,
    "nltk's downloader": from_nltk,
    f"Debian's package {DEBIAN_PACKAGE} through apt": from_apt,
}
