"""Where catalogues are found, and where their scores go."""

from pathlib import Path

from tasks.catalog.utilities import snake_case
from tasks.config import ScoreConfig
from tasks.errors import CatalogError, ConfigError
from tasks.pipeline import CATALOGS, SCORES
from tasks.score.titles import QUARANTINE_COLUMNS, SCORE_COLUMNS
from tasks.volume.runs import Volume
from tasks.volume.score_files import CSV, PARQUET


def find_catalog(volume: Volume, name: str) -> Path:
    """Return the path that is given, or that of a file in the volume's folder of catalogues."""
    kept = volume.root / CATALOGS / name
    path = Path(name).expanduser().absolute()
    return kept if name == kept.name and kept.is_file() and not path.is_file() else path


def list_catalogs(volume: Volume) -> list[str]:
    """Return the names of the files in the volume's folder of catalogues."""
    files = [path for path in (volume.root / CATALOGS).glob("[!.]*") if path.is_file()]
    return sorted(path.name for path in files if path.suffix in (CSV, PARQUET))


def no_catalogs(volume: Volume) -> str:
    """Say that there is nothing to score, and where to put it."""
    return f"Nothing to score: put catalogs ({CSV} or {PARQUET}) into {volume.root / CATALOGS}."


def find_target(volume: Volume, catalog: Path, config: ScoreConfig, out: Path | None) -> Path:
    """Return where the scores go: `out`, or a folder of the volume that bears the file's name."""
    if out is None:
        return volume.root / SCORES / catalog.name / f"{SCORES}.{config.format}"
    target = out.expanduser().absolute()
    if target.suffix not in (CSV, PARQUET):
        raise ConfigError(f"OUT is {out}; expected a file name that ends in {CSV} or {PARQUET}.")
    if target.is_dir():
        raise ConfigError(f"OUT is {out}, which is a folder; expected the name of a file.")
    if target.resolve() == catalog.resolve():
        raise ConfigError(f"OUT is {out}, the catalog itself; give another name.")
    return target


def check_columns(columns: list[str], catalog: Path) -> None:
    """Refuse a catalogue that has one of the columns that are added."""
    ours = {*SCORE_COLUMNS, *QUARANTINE_COLUMNS}
    if taken := [name for name in columns if snake_case(name) in ours]:
        raise CatalogError(
            f"{catalog} has {', '.join(taken)} already, which scoring adds; rename or remove "
            f"{'it' if len(taken) == 1 else 'them'} (was this file scored before?)."
        )
