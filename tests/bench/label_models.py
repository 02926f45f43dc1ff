"""Judge the label model on votes that are not ours, against majority vote.

Usage: python tests/bench/label_models.py votes.csv; the column ``label`` is the truth (1 or 0),
every other column a rule's votes (1, 0, or -1 for abstain).
"""

import sys
import time

import numpy as np
import pandas as pd
from rich.console import Console
from sklearn.metrics import average_precision_score, roc_auc_score

from tasks.label.label_model import LabelModel


def majority(votes: np.ndarray) -> np.ndarray:
    """Return the share of votes for class 1; a half where nobody votes."""
    ones, cast = (votes == 1).sum(axis=1), (votes >= 0).sum(axis=1)
    return np.where(cast > 0, ones / np.maximum(cast, 1), 0.5)


def fitted(votes: np.ndarray) -> np.ndarray:
    """Return the label model's probability of class 1."""
    return LabelModel().fit(votes).predict_proba(votes)[:, 1]


def main(path: str) -> None:
    """Print ROC-AUC, average precision and seconds of both."""
    table = pd.read_csv(path)
    truth = table.pop("label").to_numpy()
    votes = table.to_numpy(dtype=np.int8)
    console = Console(highlight=False)
    console.print(f"{votes.shape[0]:,} rows, {votes.shape[1]} rules")
    for name, method in (("majority vote", majority), ("label model", fitted)):
        started = time.perf_counter()
        score = method(votes)
        seconds = time.perf_counter() - started
        figures = roc_auc_score(truth, score), average_precision_score(truth, score)
        console.print(f"{name:15} ROC-AUC {figures[0]:.3f}  AP {figures[1]:.3f}  {seconds:.3f} s")


if __name__ == "__main__":
    main(sys.argv[1])
