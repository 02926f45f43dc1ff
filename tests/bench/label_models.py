"""Judge the label model on votes that are not ours, against simpler ways to add them up.

Usage: python tests/bench/label_models.py votes.csv; the column ``label`` is the truth (1 or 0),
every other column a rule's votes (1, 0, or -1 for abstain).
"""

import sys
import time

import numpy as np
import pandas as pd
from rich.console import Console
from scipy.special import expit
from sklearn.metrics import average_precision_score, roc_auc_score

from tasks.label.label_model import LabelModel


def share_of_votes(votes: np.ndarray) -> np.ndarray:
    """Return the share of votes for class 1; a half where nobody votes."""
    ones, cast = (votes == 1).sum(axis=1), (votes >= 0).sum(axis=1)
    return np.where(cast > 0, ones / np.maximum(cast, 1), 0.5)


def hard_majority(votes: np.ndarray) -> np.ndarray:
    """Return 1 or 0 for the class with more votes, a half for a tie."""
    return (np.sign(share_of_votes(votes) - 0.5) + 1) / 2


def equal_strengths(votes: np.ndarray) -> np.ndarray:
    """Return what `weighted` makes of rules of one group and one strength, but for its prior."""
    return expit(np.sqrt((votes == 1).sum(axis=1)) - np.sqrt((votes == 0).sum(axis=1)))


def fitted(votes: np.ndarray, prior: float | None = None) -> np.ndarray:
    """Return the label model's probability of class 1."""
    return LabelModel(prior).fit(votes).predict_proba(votes)[:, 1]


def main(path: str) -> None:
    """Print ROC-AUC, average precision, Brier score and seconds of each."""
    table = pd.read_csv(path)
    truth = table.pop("label").to_numpy()
    votes = table.to_numpy(dtype=np.int8)
    console = Console(highlight=False)
    console.print(
        f"n = {len(votes):,} rows ({truth.mean():.1%} of class 1), {votes.shape[1]} rules"
    )
    for name, method in {
        "hard majority": hard_majority,
        "share of votes": share_of_votes,
        "weighted, equal strengths": equal_strengths,
        "label model": fitted,
        "label model, true prior": lambda votes: fitted(votes, truth.mean()),
    }.items():
        started = time.perf_counter()
        score = method(votes)
        seconds = time.perf_counter() - started
        figures = roc_auc_score(truth, score), average_precision_score(truth, score)
        brier = np.mean((score - truth) ** 2)
        console.print(
            f"{name:26} ROC-AUC {figures[0]:.3f}  AP {figures[1]:.3f}  Brier {brier:.3f}  "
            f"{seconds:.3f} s"
        )


if __name__ == "__main__":
    main(sys.argv[1])
