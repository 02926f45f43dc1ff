"""What is counted while a catalogue is scored, chunk by chunk."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from tasks.errors import CatalogError
from tasks.label.profile import EMPTY, Profile


@dataclass
class Tally:
    """What is counted while a catalogue is scored."""

    records: int = 0
    scored: int = 0
    family: int = 0
    rating_read: int = 0
    without_votes: int = 0
    columns: Mapping[str, str | None] = field(default_factory=dict)  # what the file calls ours
    reasons: Counter[str] = field(default_factory=Counter)
    profile: Profile = EMPTY
    ids: list[np.ndarray] = field(default_factory=list)  # eight bytes a title

    def add_scores(self, titles: pd.DataFrame, scores: pd.DataFrame) -> None:
        """Count the scored titles of a chunk."""
        self.records += len(titles)
        self.scored += len(titles)
        self.family += int(scores["family"].sum())
        self.rating_read += int(scores["rating_read"].sum())
        self.without_votes += int((scores["rules_voted"] == 0).sum())
        self.ids.append(pd.util.hash_array(titles["show_id"].to_numpy(dtype=object)))

    def add_reasons(self, reasons: pd.Series) -> None:
        """Count the records of a chunk that cannot be scored."""
        self.records += len(reasons)
        self.reasons.update(reason for text in reasons for reason in text.split("; "))

    def check(self, catalog: Path) -> None:
        """Refuse a file in which nothing can be scored."""
        if not self.records:
            raise CatalogError(f"{catalog} has a header and no titles; give a catalog with titles.")
        if not self.scored:
            why = ", ".join(f"{n} x {reason}" for reason, n in self.reasons.most_common(3))
            raise CatalogError(
                f"{catalog} is not a catalog: none of its {self.records} records can be scored "
                f"({why}). Fix the file or give another."
            )

    def to_dict(self) -> dict[str, Any]:
        """Return the counts as plain JSON values."""
        every = np.concatenate(self.ids)
        counts = {name: n for name, n in vars(self).items() if isinstance(n, int)}
        return {
            **counts,
            "columns": dict(self.columns),
            "quarantined": self.records - self.scored,
            "quarantine_reasons": dict(self.reasons.most_common()),
            "repeated_ids": len(every) - len(np.unique(every)),
        }
