"""Installing WordNet: ``python -m tasks.augment.wordnet``.

Nothing needs root and nothing is installed into the system: WordNet's files go to the first
folder of ``NLTK_DATA``, else to ``nltk_data`` in the volume, all at once or not at all.
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
MOST_SECONDS = 120

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
_PART_NUMBERS = {"noun": 1, "verb": 2, "adj": 3, "adv": 4}
_DOWNLOAD = """
import sys, nltk.data, nltk.downloader
folder, stall = sys.argv[1], float(sys.argv[2])
nltk.data.path.insert(0, folder)
nltk.downloader.NETWORK_TIMEOUT = stall
sys.exit(not nltk.download("wordnet", download_dir=folder, quiet=True, extract=True))
"""


class NotHere(Exception):  # noqa: N818 - not an error: the next source is tried
    """A source has no WordNet; the message says why."""


def from_debian_folder(target: Path, folder: Path = DEBIAN_FOLDER) -> None:
    """Copy the files of Debian's wordnet-base, installed or unpacked, and add what nltk needs."""
    needed = [*synonyms.FILES, "cntlist.rev"]
    if missing := [name for name in needed if not (folder / name).is_file()]:
        raise NotHere(f"it has no {missing[0]}" if folder.is_dir() else "no such folder")
    target.mkdir(parents=True)
    for name in needed:
        shutil.copyfile(folder / name, target / name)
    (target / "index.sense").touch()
    with (target / "lexnames").open("w") as stream:
        for number, name in enumerate(_LEXNAMES.split()):
            stream.write(f"{number:02d}\t{name}\t{_PART_NUMBERS[name.partition('.')[0]]}\n")


def from_nltk(target: Path) -> None:
    """Download with nltk, in a process of its own: nltk itself would wait for minutes."""
    root = target.parents[1]
    _run([sys.executable, "-c", _DOWNLOAD, str(root), str(STALL_SECONDS)], root)


def from_apt(target: Path) -> None:
    """Download Debian's package with apt, as any user, and unpack it without installing it."""
    for program in ("apt-get", "dpkg-deb"):
        if shutil.which(program) is None:
            raise NotHere(f"this machine has no {program}")
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
    with suppress(NotHere):  # one of several mirrors may be out of reach
        _run([*apt, "update"], folder)
    _run([*apt, "download", DEBIAN_PACKAGE], folder)
    package = next(folder.glob("*.deb"))
    _run(["dpkg-deb", "-x", str(package), str(folder / "files")], folder)
    from_debian_folder(target, folder / "files" / DEBIAN_FOLDER.relative_to("/"))


def _run(command: list[str], folder: Path, seconds: int = MOST_SECONDS) -> None:
    """Run a program in a folder; its failure, or its taking too long, is a `NotHere`."""
    environment = {**os.environ, "LC_ALL": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive"}
    try:
        done = subprocess.run(
            command, cwd=folder, env=environment, timeout=seconds, capture_output=True, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise NotHere(f"no answer within {seconds} s") from error
    if done.returncode:
        said = (done.stderr or done.stdout).decode(errors="replace").replace("[nltk_data]", " ")
        raise NotHere(" ".join(said.split())[-200:] or f"exit code {done.returncode}")


Source = Callable[[Path], None]
SOURCES: Mapping[str, Source] = {
    f"Debian's {DEBIAN_FOLDER}": from_debian_folder,
    "nltk's downloader": from_nltk,
    f"Debian's package {DEBIAN_PACKAGE} through apt": from_apt,
}


def install(root: Path, sources: Mapping[str, Source] | None = None) -> None:
    """Get WordNet from the first source that has it, check it, and put it in place."""
    tried = []
    place = root / "corpora" / "wordnet"
    for name, fetch in (SOURCES if sources is None else sources).items():
        log.info("Trying %s", name)
        try:
            _fetch_and_check(fetch, place)
        except (NotHere, WordNetError) as reason:
            tried.append(f"{name} ({reason})")
        else:
            log.info("WordNet is in %s, from %s", place, name)
            return
    raise WordNetError(
        f"WordNet could not be had. Tried: {'; '.join(tried)}. Connect to the internet or to a "
        f"Debian package mirror, or copy nltk's wordnet folder to {place}."
    )


def _fetch_and_check(fetch: Source, place: Path) -> None:
    root = place.parents[1]
    with disk_errors(root):
        place.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".wordnet-", dir=root) as hidden:
            fetched = Path(hidden) / "corpora" / "wordnet"
            fetch(fetched)
            if not synonyms.is_complete(fetched):
                raise NotHere("what it gave is not a whole WordNet")
            synonyms.make_table(fetched)
            put_in_place(fetched, place)


def provision(volume_root: Path) -> None:
    """Install WordNet if it is nowhere, and make its table of synonyms."""
    if place := synonyms.find(volume_root):
        log.info("WordNet is already in %s", place)
    else:
        install(next(iter(synonyms.environment_paths()), volume_root / synonyms.FOLDER_NAME))
    table, _ = synonyms.load_synonyms(volume_root)
    log.info("Synonyms of %d words are ready", len(table))


def main() -> int:
    """Provide WordNet; return the exit code."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    try:
        provision(Volume.from_environment().root)
    except LabError as error:
        log.error("%s", error)  # noqa: TRY400 - the message is for a person, without a traceback
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
