"""A labelled catalog in the format that the stage label writes."""

import numpy as np
import pandas as pd
import pytest

from tasks.catalog.columns import CATALOG_COLUMNS


@pytest.fixture
def labeled():
    """Make titles, every third for children: ratings say so, genres mostly, words a little."""

    def make(n=120):
        number = np.arange(n)
        family = number % 3 == 0
        words = np.where(number % 5 == 0, "day", np.where(family, "unicorn", "massacre"))
        genres = np.where(number % 7 == 0, "Dramas", np.where(family, "Kids' TV", "Horror Movies"))
        frame = pd.DataFrame(
            {
                "show_id": [f"s{i:03d}" for i in number],
                "type": "Movie",
                "title": [f"Title number{i}" for i in number],
                "rating": np.where(number == 1, "NR", np.where(family, "TV-Y", "TV-MA")),
                "duration": [f"{80 + i % 40} min" for i in number],
                "listed_in": genres,
                "description": [f"The {w} of place{i} goes by slowly" for i, w in enumerate(words)],
            }
        ).reindex(columns=list(CATALOG_COLUMNS))
        return frame.astype("str").assign(
            release_year=pd.array([2000 + i % 9 for i in number], "Int64"),
            label=pd.array(family, dtype="Int8"),
            probability=family.astype(float),
            split=pd.array(np.where(number % 4 == 1, "test", "train"), dtype="str"),
            content_group=[f"g{i}" for i in number],
        )

    return make
