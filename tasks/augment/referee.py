"""The labeling functions as referees: a copy on which a vote changes is another title.

A copy has its parent's weak label. That is only right as long as the rules would say of the copy
what they said of the parent, so they are asked again. This module alone of the stage knows the
rulebook of another one.
"""

from collections.abc import Collection, Sequence

import pandas as pd

from tasks.augment.transform import Passage
from tasks.catalog.columns import CATALOG_COLUMNS
from tasks.label.functions import LABELING_FUNCTIONS
from tasks.label.rule import LabelingFunction
from tasks.label.vote import apply_rules

TEXT_COLUMNS = ("title", "description")


def rules_on_text(
    names: Collection[str], rules: Sequence[LabelingFunction] = LABELING_FUNCTIONS
) -> tuple[LabelingFunction, ...]:
    """Return the rules of these names that read what a copy changes: title or description."""
    chosen = (rule for rule in rules if rule.name in names)
    return tuple(rule for rule in chosen if not set(rule.reads).isdisjoint(TEXT_COLUMNS))


class RuleReferee:
    """Says which rules vote otherwise on a copy than on its parent.

    Parameters
    ----------
    titles : DataFrame, shape (n_titles, n_columns)
        The parents: catalog columns.
    rules : sequence of LabelingFunction
        The referees, as `rules_on_text` gives them.
    """

    def __init__(self, titles: pd.DataFrame, rules: Sequence[LabelingFunction]) -> None:
        kept = [column for column in CATALOG_COLUMNS if column in titles.columns]
        self._titles = titles[kept].set_index("show_id", drop=False)
        self._rules = tuple(rules)
        self._votes = apply_rules(self._titles, self._rules).to_numpy()
        cells = (self._titles[column].fillna("") for column in TEXT_COLUMNS)
        pairs = (tuple(map(Passage.of, texts)) for texts in zip(*cells, strict=True))
        self._passages = dict(zip(self._titles.index, pairs, strict=True))

    def __call__(
        self, parent_ids: Sequence[str], words: Sequence[Sequence[str]]
    ) -> list[Sequence[str]]:
        """Name, for each copy, the rules whose votes it changes.

        Parameters
        ----------
        parent_ids : sequence of str
            The parents' ``show_id``.
        words : sequence of sequence of str
            The copies: a word for each of the parent's title and description, in this order.
        """
        if not self._rules:
            return [()] * len(words)
        rows = self._titles.index.get_indexer(pd.Index(parent_ids))
        texts = [self._columns(*copy) for copy in zip(parent_ids, words, strict=True)]
        titles = self._titles.iloc[rows].reset_index(drop=True)
        for column, cells in zip(TEXT_COLUMNS, zip(*texts, strict=True), strict=True):
            titles[column] = pd.array(cells, dtype="str")
        changed = apply_rules(titles, self._rules).to_numpy() != self._votes[rows]
        names = [rule.name for rule in self._rules]
        return [
            tuple(name for name, is_other in zip(names, row, strict=True) if is_other)
            for row in changed
        ]

    def _columns(self, parent_id: str, words: Sequence[str]) -> tuple[str, str]:
        """Return a copy's title and description."""
        title, description = self._passages[parent_id]
        n_title = len(title.words)
        return title.with_words(words[:n_title]), description.with_words(words[n_title:])
