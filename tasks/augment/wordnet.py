"""Installing WordNet, as any user: ``python -m tasks.augment.wordnet``.

It goes to the first folder of ``NLTK_DATA``, else to ``nltk_data`` in the volume, all or nothing.
"""

import logging
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from tasks.augment import synonyms
from tasks.errors import LabError, WordNetError
from tasks.volume.atomic import disk_errors
from tasks.volume.hidden import put_in_place
from tasks.volume.runs import Volume

log = logging.getLogger(__name__)

DEBIAN_FOLDER = Path("/usr/share/wordnet")
DEBIAN_PACKAGE = "wordnet-base"
STALL_SECONDS = 10

# wordnet-base lacks the list of lexicographer files, which nltk needs: lexnames(5WN).
_LEXNAMES = """
adj.all adj.pert adv.all noun.Tops noun.act noun.animal noun.artifact noun.attribute noun.body
noun.cognition noun.communication noun.event noun.feeling noun.food noun.group noun.location
noun.motive noun.object noun.person noun.phenomenon noun.plant noun.possession noun.process
noun.quantity noun.relation noun.shape noun.state noun.substance noun.time verb.body verb.change
verb.cognition verb.communication verb.competition verb.consumption verb.contact verb.creation
verb.emotion verb.motion verb.perception verb.possession verb.social verb.stative verb.weather
adj.ppl
"""
_DOWNLOAD = f"""
import sys, nltk.data, nltk.downloader
nltk.data.path.insert(0, sys.argv[1])
nltk.downloader.NETWORK_TIMEOUT = {STALL_SECONDS}
sys.exit(not nltk.download("wordnet", download_dir=sys.argv[1], quiet=True, extract=True))
"""


def from_debian_folder(target: Path, folder: Path = DEBIAN_FOLDER) -> None:
    """Copy the files of Debian's wordnet-base, installed or unpacked, and add what nltk needs."""
    needed = [*synonyms.FILES, "cntlist.rev"]
    if missing := [name for name in needed if not (folder / name).is_file()]:
        raise WordNetError(f"it has no {missing[0]}" if folder.is_dir() else "no such folder")
    target.mkdir(parents=True)
    for name in needed:
        shutil.copyfile(folder / name, target / name)
    (target / "index.sense").touch()
    parts = ("", *synonyms.PARTS.values())
    with (target / "lexnames").open("w") as stream:
        for number, name in enumerate(_LEXNAMES.split()):
            stream.write(f"{number:02d}\t{name}\t{parts.index(name.partition('.')[0])}\n")


def from_nltk(target: Path) -> None:
    """Download with nltk, in a process of its own: nltk itself would wait for minutes."""
    _run([sys.executable, "-c", _DOWNLOAD, str(target.parents[1])], target.parents[1])


def from_apt(target: Path) -> None:
    """Download Debian's package with apt, as any user, and unpack it without installing it."""
    folder = target.parents[1] / "apt"
    for name in ("state/lists/partial", "cache/archives/partial"):
        (folder / name).mkdir(parents=True)
    options = (
        *("Acquire::Retries=0", "Acquire::Languages=none", "APT::Sandbox::User="),
        *(f"Acquire::{scheme}::Timeout={STALL_SECONDS}" for scheme in ("http", "https")),
        *(f"Dir::State={folder / 'state'}", f"Dir::State::lists={folder / 'state' / 'lists'}"),
        *(f"Dir::Cache={folder / 'cache'}", "Dir::State::status=/var/lib/dpkg/status"),
    )
    apt = ["apt-get", *(part for option in options for part in ("-o", option))]
    with suppress(WordNetError):  # one of several mirrors may be out of reach
        _run([*apt, "update"], folder)
    _run([*apt, "download", DEBIAN_PACKAGE], folder)
    _run(["dpkg-deb", "-x", *map(str, folder.glob("*.deb")), str(folder / "files")], folder)
    from_debian_folder(target, folder / "files" / DEBIAN_FOLDER.relative_to("/"))


def _run(command: list[str], folder: Path, seconds: int = 120) -> None:
    """Run a program; if it fails, takes too long or is not there, that is a `WordNetError`."""
    environment = {**os.environ, "LC_ALL": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive"}
    try:
        done = subprocess.run(
            command, cwd=folder, env=environment, timeout=seconds, capture_output=True, check=False
        )
    except FileNotFoundError as error:
        raise WordNetError(f"this machine has no {command[0]}") from error
    except subprocess.TimeoutExpired as error:
        raise WordNetError(f"no answer within {seconds} s") from error
    if done.returncode:
        said = (done.stderr or done.stdout).decode(errors="replace").replace("[nltk_data]", " ")
        raise WordNetError(" ".join(said.split())[-200:] or f"exit code {done.returncode}")


SOURCES: Mapping[str, Callable[[Path], None]] = {
    f"Debian's {DEBIAN_FOLDER}": from_debian_folder,
    "nltk's downloader": from_nltk,
    f"Debian's package {DEBIAN_PACKAGE} through apt": from_apt,
}


def install(root: Path, sources: Mapping[str, Callable[[Path], None]], cache: Path) -> None:
    """Get WordNet from the first source that has it, make its synonyms, and put it in place."""
    tried = []
    place = root / "corpora" / "wordnet"
    for name, fetch in sources.items():
        log.info("Trying %s", name)
        with disk_errors(root):
            place.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(prefix=".wordnet-", dir=root) as hidden:
                fetched = Path(hidden) / "corpora" / "wordnet"
                try:
                    fetch(fetched)
                    synonyms.read_table(fetched, cache)
                except WordNetError as reason:
                    tried.append(f"{name} ({reason})")
                    continue
                put_in_place(fetched, place)
        log.info("WordNet is in %s, from %s", place, name)
        return
    raise WordNetError(
        f"WordNet could not be had. Tried: {'; '.join(tried)}. Connect to the internet or to a "
        f"Debian package mirror, or copy nltk's wordnet folder to {place}."
    )


def main() -> None:
    """Install WordNet if it is nowhere, and make its table of synonyms."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    try:
        volume = Volume.from_environment().root
        if place := synonyms.find(volume):
            log.info("WordNet is already in %s", place)
        else:
            root = next(iter(synonyms.environment_paths()), volume / synonyms.FOLDER_NAME)
            install(root, SOURCES, volume / synonyms.CACHE_NAME)
        log.info("Synonyms of %d words are ready", len(synonyms.load_synonyms(volume)[0]))
    except LabError as error:
        sys.exit(str(error))  # the message is for a person, without a traceback


if __name__ == "__main__":
    main()
