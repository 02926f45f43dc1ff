"""The lab's figures: each says its finding in the title and states how many titles are behind it.

Every plot returns a matplotlib Figure, made without pyplot and without global settings; `save_fig`
writes it.
"""

from tasks.evaluate_slices.figures.bars import plot_class_balance, plot_rules, plot_slices
from tasks.evaluate_slices.figures.calibration import plot_calibration
from tasks.evaluate_slices.figures.confusion import plot_confusion_matrices
from tasks.evaluate_slices.figures.curves import Scores, plot_pr_curves, plot_roc_curves
from tasks.evaluate_slices.figures.style import in_words, save_fig

__all__ = [
    "Scores",
    "in_words",
    "plot_calibration",
    "plot_class_balance",
    "plot_confusion_matrices",
    "plot_pr_curves",
    "plot_roc_curves",
    "plot_rules",
    "plot_slices",
    "save_fig",
]
