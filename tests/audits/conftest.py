"""A labelled catalog in the stage's format, and a volume that holds it."""

import pandas as pd
import pytest

from tasks.audits.blind import blind_audit
from tasks.catalog.twins import near_duplicates
from tasks.config import BlindAuditConfig, StageConfig
from tasks.volume.runs import Volume

CONFIG = BlindAuditConfig(draws=2)


def make_labeled(n_titles=40):
    """Half of the titles is for children; ratings and descriptions say so, genres mostly."""
    titles = []
    for i in range(n_titles):
        family = i % 2 == 0
        titles.append(
            {
                "show_id": f"s{i + 1:03d}",
                "type": "Movie",
                "title": f"Title number{i}",
                "director": None,
                "cast": None,
                "country": None,
                "date_added": None,
                "release_year": 2000 + i % 9,
                "rating": "NR" if i == 3 else "TV-Y" if family else "TV-MA",
                "duration": f"{80 + i} min",
                "listed_in": "Dramas" if i % 10 > 7 else "Kids' TV" if family else "Horror Movies",
                "description": f"The {'unicorn' if family else 'massacre'} of place{i % 7}.",
                "split": "test" if i % 4 > 1 else "train",
                "content_group": f"g{i}",
            }
        )
    catalog = pd.DataFrame(titles)
    catalog = catalog.astype({c: "str" for c in catalog.columns if c != "release_year"})
    return catalog.astype({"release_year": "Int64"}).assign(
        label=pd.Series([1 - i % 2 for i in range(n_titles)], dtype="Int8"),
        probability=1.0,
        reason="voted",
    )


@pytest.fixture
def labeled():
    return make_labeled()


@pytest.fixture
def run(tmp_path):
    """Runs the audit on a labelled catalog and returns its artifacts."""

    def audit(labeled, config=CONFIG, run_id="run1"):
        workspace = Volume(tmp_path).workspace(run_id)
        with workspace.write("label", StageConfig()) as out:
            out.write_table("labeled.parquet", labeled)
            out.write_table("near_duplicates.parquet", near_duplicates(labeled))
        blind_audit(workspace, config)
        return workspace.read("blind_audit")

    return audit
