"""A release adapted to a catalogue of another vocabulary, by what its own rules teach there.

The release's rules vote on the catalogue's titles, the votes add up to weak labels, and the end
model is trained on these by the release's recipe. Where titles have ratings the rules read them,
and each title is also learned from with its rating masked; where none has one, all of it is blind,
as in the audit. A title is scored by models that learned from neither it nor its twins, and their
log-odds are averaged with the release's. No gold is looked at: whether to adapt rests on the
declared rule alone.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.csgraph import connected_components
from scipy.special import expit, logit
from sklearn.compose import ColumnTransformer

from tasks.catalog.columns import FAMILY, NOT_FAMILY
from tasks.catalog.text import normalise_texts
from tasks.config import LabelConfig
from tasks.label.vote import aggregate, apply_rules
from tasks.score.titles import Scorer, read_titles
from tasks.train.folds import assign_folds, groups_per_class
from tasks.train.models import logistic_regression
from tasks.train.prepared import prepare

Floats = NDArray[np.float64]

END_MODEL = logistic_regression
MOST_TITLES = 50_000  # are learned from
LEAST_OF_A_CLASS = 50  # labelled titles, twins counted once; fewer teach nothing
FOLDS = 5
LEAST = 1e-6  # no probability is more certain than this when it is averaged
COLUMNS = ("title", "description")
ORDER = ["digest", "show_id", *COLUMNS]


@dataclass
class Sample:
    """The titles with the least digests of their ids: the same whatever their order in the file."""

    parts: list[pd.DataFrame] = field(default_factory=list)

    def add(self, titles: pd.DataFrame) -> None:
        """Take a chunk of checked titles into account."""
        digests = [
            hashlib.blake2b(i.encode(), digest_size=8).hexdigest() for i in titles["show_id"]
        ]
        self.parts.append(titles.assign(digest=digests))
        if sum(map(len, self.parts)) > 2 * MOST_TITLES:
            self.parts = [self._least()]

    def titles(self) -> pd.DataFrame:
        """Return the chosen titles in an order of their own."""
        return self._least().drop(columns="digest")

    def _least(self) -> pd.DataFrame:
        every = pd.concat(self.parts, ignore_index=True)
        return every.sort_values(ORDER, ignore_index=True).head(MOST_TITLES)


class Adapted(NamedTuple):
    """What was learned from a catalogue: a linear model for each fold that it has not seen."""

    features: ColumnTransformer
    coefficients: Floats  # of shape (n_features, n_folds)
    intercepts: Floats
    fold_of: Mapping[str, Mapping[str, int]]  # by normalised title, and by description

    def log_odds(self, features: pd.DataFrame, catalog: pd.DataFrame) -> Floats:
        """Return the log-odds by the model that learned from neither a title nor a twin of it.

        Of a title that none learned from, the mean of all.
        """
        matrix = sparse.csr_matrix(self.features.transform(features))
        every = np.asarray(matrix @ self.coefficients) + self.intercepts
        fair = np.zeros(every.shape, dtype=bool)
        for column, folds in self.fold_of.items():
            fold = np.array([folds.get(text, -1) for text in normalise_texts(catalog[column])])
            fair[np.flatnonzero(fold >= 0), fold[fold >= 0]] = True
        fair[~fair.any(axis=1)] = True
        return np.asarray((every * fair).sum(axis=1) / fair.sum(axis=1))


def average(probability: Floats, log_odds: Floats) -> Floats:
    """Return the probability whose log-odds are the mean of both."""
    return np.asarray(expit((logit(np.clip(probability, LEAST, 1 - LEAST)) + log_odds) / 2))


def adapt(scorer: Scorer, titles: pd.DataFrame, seed: int) -> tuple[Adapted | None, dict[str, Any]]:
    """Learn from checked titles; return what was learned, if they teach enough, and the facts.

    The facts are ``adapted``, ``n`` titles looked at, of which ``family`` and ``not_family`` have a
    label, and ``folds``, or ``why`` not.
    """
    rules = scorer.model.named_steps["catalog"].rules
    weak = aggregate(apply_rules(titles, rules), rules, LabelConfig().aggregator)
    groups = group_twins(normalise_texts(titles[column]) for column in COLUMNS)
    labelled = np.flatnonzero(weak["label"].notna())
    labels = weak["label"].iloc[labelled].to_numpy(dtype=np.int64)
    n = groups_per_class(labels, groups[labelled])
    facts = {"n": len(titles), "family": n[FAMILY], "not_family": n[NOT_FAMILY]}
    if min(n.values()) < LEAST_OF_A_CLASS:
        why = f"fewer than {LEAST_OF_A_CLASS} labelled titles of a class to learn from"
        return None, {"adapted": False, "why": why, **facts}
    rows = pd.concat([read_titles(scorer, titles), weak[["label", "probability"]]], axis=1)
    rows = rows.assign(show_id=titles["show_id"], parent_id=None, content_group=groups)
    prepared = prepare(rows.iloc[labelled].reset_index(drop=True), scorer.recipe.features)
    fold = assign_folds(labels, groups[labelled], FOLDS, seed)
    models = [
        prepared.fit(END_MODEL, np.flatnonzero(fold != held_out), scorer.recipe, seed)
        for held_out in range(FOLDS)
    ]
    texts = {column: normalise_texts(titles[column].iloc[labelled]) for column in COLUMNS}
    adapted = Adapted(
        features=prepared.features,
        coefficients=np.column_stack([model.coef_.ravel() for model in models]),
        intercepts=np.array([float(model.intercept_[0]) for model in models]),
        fold_of={
            column: {text: n for text, n in zip(found, fold.tolist(), strict=True) if text}
            for column, found in texts.items()
        },
    )
    return adapted, {"adapted": True, "folds": FOLDS, **facts}


def group_twins(columns: Iterable[list[str]]) -> NDArray[np.int64]:
    """Return the same number for titles that share a text of a column, directly or by others."""
    codes, offset = [], 0
    for texts in columns:
        own = [text or f"\0{row}" for row, text in enumerate(texts)]
        found, names = pd.factorize(pd.Index(own, dtype=object))
        codes.append(found + offset)
        offset += len(names)
    edges = sparse.coo_matrix((np.ones(len(codes[0])), tuple(codes)), shape=(offset, offset))
    return np.asarray(connected_components(edges, directed=False)[1][codes[0]], dtype=np.int64)
