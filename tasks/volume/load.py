"""Loading a published model: digest first, then skops with the lab's own list of types."""

import skops.io
from sklearn.pipeline import Pipeline
from skops.io.exceptions import UntrustedTypesFoundException

from tasks.errors import PublishError
from tasks.volume.releases import Releases
from tasks.volume.trusted import TRUSTED, check_types

MODEL = "best_model.skops"


def load_model(releases: Releases, version: str | None = None) -> Pipeline:
    """Load the model of a release; nothing in the file can run code.

    Parameters
    ----------
    releases : Releases
        Such as ``Volume.from_environment().releases``.
    version : str, optional
        Such as ``v0003``; by default the champion.

    Returns
    -------
    Pipeline
        From a raw catalog to ``predict_proba``; column 1 is P(family).

    Raises
    ------
    ArtifactError
        If the release or its model is missing or altered.
    PublishError
        If there is no release yet, or the model is made of a type that is not trusted.
    """
    chosen = version or releases.current()
    if chosen is None:
        raise PublishError(f"{releases.root} has no release yet; run the workflow (make run).")
    return parse_model(releases.read_bytes(chosen, MODEL), f"{MODEL} of release {chosen}")


def parse_model(content: bytes, name: str) -> Pipeline:
    """Return the model in a skops file whose digest was checked; `name` goes into the errors."""
    check_types(content, name)
    try:
        return skops.io.loads(content, trusted=sorted(TRUSTED))
    except UntrustedTypesFoundException as error:
        raise PublishError(f"{name} may not be loaded: {error}.") from error
