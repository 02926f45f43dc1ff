"""Titles scored by a release: its probability, its label, and what these rest on."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray
from sklearn.pipeline import Pipeline

from tasks.catalog.columns import FAMILY, NOT_FAMILY, VOTE_COLUMNS
from tasks.catalog.utilities import gold_labels
from tasks.config import TrainConfig
from tasks.errors import PublishError
from tasks.label.profile import Profile
from tasks.pipeline import METRICS, PROFILE, SELECT
from tasks.train.cross_validation import recipe_of
from tasks.train.recipe import Recipe
from tasks.volume.model_file import load_model
from tasks.volume.releases import Releases

PROBABILITY = "family_probability"
SCORE_SCHEMA = (
    pa.field(PROBABILITY, pa.float64()),
    pa.field("family", pa.int8()),
    pa.field("rating_read", pa.int8()),
    pa.field("rules_voted", pa.int16()),
    pa.field("release", pa.string()),
)
"""What a score adds to a catalogue: P(family); 1 if the release calls that family, else 0; 1 if
there was a rating that says which, to be read, else 0; how many rules voted; the release."""
SCORE_COLUMNS = tuple(field.name for field in SCORE_SCHEMA)
QUARANTINE_COLUMNS = ("quarantine_record", "quarantine_reason", "quarantine_surplus")
"""What stands before a quarantined record's cells: its number in the file, why it cannot be
scored, and the cells that are more than the header has."""


@dataclass(frozen=True)
class Scorer:
    """A release, loaded to score."""

    version: str
    model: Pipeline
    threshold: float  # the probability from which on it says family
    profile: Profile | None  # of the catalogue it was trained on; earlier releases have none
    recipe: Recipe  # by which it was trained


def load_scorer(releases: Releases, version: str | None = None) -> Scorer:
    """Load a release, by default the champion; errors are those of `load_model`."""
    model = load_model(releases, version)
    chosen = version or str(releases.current())
    metrics = releases.read_json(chosen, METRICS)
    threshold = metrics.get("rating_hidden", {}).get("decision", {}).get("threshold")
    if threshold is None:
        raise PublishError(
            f"{chosen} declares no threshold: it was made by an earlier version of the lab. "
            "Score with a newer release, or run the workflow again (make run)."
        )
    manifest = releases.manifest(chosen)
    known = PROFILE in manifest["files"]
    profile = Profile.from_json(releases.read_json(chosen, PROFILE)) if known else None
    trained = manifest.get("stages", {}).get(SELECT, {}).get("config", {})
    recipe = recipe_of(TrainConfig.from_params(trained))
    return Scorer(chosen, model, float(threshold), profile, recipe)


def read_titles(scorer: Scorer, catalog: pd.DataFrame) -> pd.DataFrame:
    """Return what the release's model reads of titles, its rules' votes among it."""
    return scorer.model.named_steps["catalog"].transform(catalog)


def family_probability(scorer: Scorer, features: pd.DataFrame) -> NDArray[np.float64]:
    """Return the release's P(family) of titles, of which `features` is what the model reads.

    A title's probability depends on no other title.
    """
    return np.asarray(scorer.model[1:].predict_proba(features)[:, 1])


def score_columns(
    scorer: Scorer,
    probability: NDArray[np.float64],
    features: pd.DataFrame,
    catalog: pd.DataFrame,
) -> pd.DataFrame:
    """Return `SCORE_COLUMNS` of some titles."""
    columns = {
        PROBABILITY: probability,
        "family": np.where(probability >= scorer.threshold, FAMILY, NOT_FAMILY).astype(np.int8),
        "rating_read": gold_labels(catalog["rating"]).notna().to_numpy(dtype=np.int8),
        "rules_voted": count_votes(features),
        "release": np.full(len(catalog), scorer.version, dtype=object),
    }
    return pd.DataFrame(columns, index=catalog.index)


def count_votes(features: pd.DataFrame) -> np.ndarray:
    """Return how many rules voted on each title: the names that both cells of votes list."""
    without_rating, with_rating = (
        features[column].str.count(",").add(1).fillna(0).to_numpy(dtype=np.int16)
        for column in VOTE_COLUMNS
    )
    return without_rating + with_rating
