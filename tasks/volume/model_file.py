"""A fitted model as a skops file: data without code, the same bytes whenever it is written."""

import io
import json
import zipfile
from pathlib import PurePosixPath
from typing import Any

SCHEMA = "schema.json"
_ID, _FILE = "__id__", "file"
_EPOCH = (1980, 1, 1, 0, 0, 0)


def to_skops(model: Any) -> bytes:
    """Serialise a fitted model; the same model gives the same bytes.

    skops numbers objects by their addresses in memory and dates what it writes; here both are
    replaced, so that writing a model again does not look like another model.

    Parameters
    ----------
    model : estimator
        Of types that skops knows or whose state is made of such.
    """
    import skops.io  # takes seconds: it imports all of scikit-learn

    raw = skops.io.dumps(model)
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as found, zipfile.ZipFile(target, "w") as written:
        schema = json.loads(found.read(SCHEMA))
        ids: dict[int, int] = {}
        files: dict[str, str] = {}
        _renumber(schema, ids, files)
        for name, new in files.items():
            _write(written, new, found.read(name))
        _write(written, SCHEMA, json.dumps(schema, separators=(",", ":")).encode())
    return target.getvalue()


def _renumber(node: Any, ids: dict[int, int], files: dict[str, str]) -> None:
    """Give objects and files the number of their first place in the schema."""
    if isinstance(node, list):
        for inner in node:
            _renumber(inner, ids, files)
        return
    if not isinstance(node, dict):
        return
    if isinstance(node.get(_ID), int):
        node[_ID] = ids.setdefault(node[_ID], len(ids))
    name = node.get(_FILE)
    if isinstance(name, str) and _ID in node:
        node[_FILE] = files.setdefault(name, f"{len(files)}{PurePosixPath(name).suffix}")
    for inner in node.values():
        _renumber(inner, ids, files)


def _write(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    info = zipfile.ZipInfo(name, date_time=_EPOCH)
    archive.writestr(info, content, compress_type=zipfile.ZIP_DEFLATED, compresslevel=6)
