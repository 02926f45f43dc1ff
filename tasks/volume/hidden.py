"""Hidden folders: where a writer works until all is whole, and what killed writers left there."""

import fcntl
import logging
import os
import platform
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tasks.volume import atomic

log = logging.getLogger(__name__)

STALE_SECONDS = 24 * 3600.0  # longer than any task may run
LOCKING_SECONDS = 5.0  # a folder this young may not be locked yet
ANY = ".*-*"  # in a folder that only the lab writes to
HOST = platform.node()


@contextmanager
def hidden_folder(parent: Path, name: str, pattern: str = ANY) -> Iterator[Path]:
    """Give a writer a folder of its own inside `parent`; what is still there at the end goes.

    Its name says on which host the writer is, and the writer holds a lock on it: the system frees
    that of a killed one, whose folder the next writer removes. The `pattern` says which names may
    be such folders; in a folder of other people's files, only the writer's own.
    """
    with atomic.disk_errors(parent):
        parent.mkdir(parents=True, exist_ok=True)
        remove_abandoned(parent, pattern)
        folder = Path(tempfile.mkdtemp(prefix=f".{name}-{HOST}-", dir=parent))
        descriptor = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):  # some file systems have no locks: then age alone decides
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(descriptor)


def remove_abandoned(parent: Path, pattern: str = ANY) -> None:
    """Remove what is hidden in a folder and belongs to no living writer.

    One of this host lives while it holds its lock; where locks say nothing, a day decides.
    """
    for path in parent.glob(pattern):
        with suppress(OSError):  # another writer may be removing it at this moment
            age = time.time() - path.stat().st_mtime
            if age > STALE_SECONDS or (age > LOCKING_SECONDS and _is_unlocked(path)):
                log.info("Removing what a killed writer left: %s", path)
                if path.is_dir():
                    shutil.rmtree(path, ignore_errors=True)
                else:
                    path.unlink()


def _is_unlocked(folder: Path) -> bool:
    """Return whether the writer of a hidden folder was on this host and is gone."""
    if f"-{HOST}-" not in folder.name:
        return False
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    finally:
        os.close(descriptor)
    return True


def put_in_place(folder: Path, target: Path) -> None:
    """Rename a whole folder over an earlier one; a second writer's finished folder is replaced."""
    target.parent.mkdir(exist_ok=True)
    folder.chmod(0o755)
    while True:
        try:
            folder.rename(target)
        except OSError:
            if not target.exists():
                raise
            replaced = Path(tempfile.mkdtemp(prefix=".replaced-", dir=folder.parent))
            try:
                target.rename(replaced / "stage")
            except FileNotFoundError:
                log.info("%s: another writer was faster; trying again", target)
            shutil.rmtree(replaced, ignore_errors=True)
        else:
            atomic.sync_folder(target.parent)
            return
