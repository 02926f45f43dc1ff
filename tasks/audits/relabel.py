"""The titles labelled anew without some columns, as if those did not exist."""

from collections.abc import Sequence
from typing import NamedTuple

import pandas as pd

from tasks.catalog.columns import CATALOG_COLUMNS, OPTIONAL_COLUMNS, VOTE_COLUMNS
from tasks.catalog.utilities import derive_features, known_gold
from tasks.config import LabelConfig, LearningConfig
from tasks.label.answers import answer_rules
from tasks.label.functions import LABELING_FUNCTIONS
from tasks.label.rule import LabelingFunction
from tasks.label.vote import aggregate, apply_rules, name_votes, rules_without
from tasks.train.recipe import Recipe


class Relabeled(NamedTuple):
    """Titles without the withheld columns, their gold, and the rules that are left.

    The titles have what the stage ``label`` gives them, by the votes of these rules alone. Gold is
    kept apart, for the end.
    """

    titles: pd.DataFrame
    gold: pd.Series
    rules: tuple[LabelingFunction, ...]
    votes: pd.DataFrame

    def features(self) -> pd.DataFrame:
        """Return what models read of the titles."""
        return pd.concat([derive_features(self.titles), self.titles[list(VOTE_COLUMNS)]], axis=1)


def relabel(
    labeled: pd.DataFrame, config: LabelConfig, answers: pd.DataFrame | None = None
) -> Relabeled:
    """Let the rules that read no withheld column vote on titles that do not have it.

    `answers` is what the stage ``label`` wrote of them: they vote here as they do there, and where
    they do not vote, they are gold.
    """
    rules = rules_without(LABELING_FUNCTIONS, config.withhold)
    if answers is not None:
        rules = (*rules, *answer_rules(answers[answers["show_id"].isin(labeled["show_id"])]))
    titles = hide(labeled, config.withhold)
    votes = apply_rules(titles, rules)
    weak = aggregate(votes, rules, config.aggregator, config.tie_policy)
    titles = pd.concat([titles, weak, name_votes(votes, rules)], axis=1)
    return Relabeled(titles, known_gold(labeled, answers), rules, votes)


def hide(labeled: pd.DataFrame, withhold: Sequence[str]) -> pd.DataFrame:
    """Return the catalog's columns, split and groups, without the withheld optional columns.

    Rules and features that declare a withheld column are left out anyway; with the column gone,
    one that reads more than it declares gains nothing by it.
    """
    kept = [*CATALOG_COLUMNS, "split", "content_group"]
    return labeled[kept].drop(columns=[c for c in withhold if c in OPTIONAL_COLUMNS])


def recipe_of(config: LearningConfig) -> Recipe:
    """Return how rows are trained on: as the lab does, but there is no rating to mask."""
    return Recipe(features=config.features, soft_labels=config.soft_labels)
