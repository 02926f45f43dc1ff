"""What the mapping of genres recovers: a released model on a catalog that names genres otherwise.

Each genre of the test titles is given a name that another service could have for it, drawn by title
from several; then the newest run's model scores them with the rating hidden, with the mapping and
without. The names come from the vocabularies of other services and were written down once; the
mapping is not to be fitted to them.

Usage: python tests/bench/renamed_genres.py [volume]; the volume needs a run on a real catalog.
"""

import sys
from unittest.mock import patch
from zlib import crc32

import pandas as pd
from rich.console import Console
from sklearn.metrics import roc_auc_score

from tasks import pipeline
from tasks.catalog.columns import TEST
from tasks.catalog.text import split_names
from tasks.catalog.utilities import gold_labels
from tasks.train.recipe import hide_rating
from tasks.volume.model_file import parse_model
from tasks.volume.runs import Volume

OTHER_NAMES = {
    "Action & Adventure": "Action/Adventure | Action-Adventure | Adventure | Superhero | Western",
    "Anime Features": "Anime | Anime Movies | Shonen",
    "Children & Family Movies": "Family | Kids & Family | Kids | Jeunesse | Animation",
    "Classic Movies": "Classics | Hollywood Classics | Classic Film",
    "Comedies": "Comedy | Dark Comedy | Comédie | Comedia | Sitcom",
    "Cult Movies": "Cult | Cult Classics",
    "Documentaries": "Documentary | Factual | Documentaires | Docs",
    "Dramas": "Drama | Drame | Period Drama | Melodrama | Biopic",
    "Faith & Spirituality": "Faith | Faith and Spirituality | Religion",
    "Horror Movies": "Horror | Horreur | Terror | Slasher",
    "Independent Movies": "Arthouse | Indie | Independent Film",
    "International Movies": "International | World Cinema | Foreign Language",
    "LGBTQ Movies": "LGBTQ+ | LGBTQ | Queer Cinema",
    "Movies": "Special Interest | Specials | Feature Film",
    "Music & Musicals": "Music | Musical | Music Videos and Concerts",
    "Romantic Movies": "Romance | Romantic | Love Stories",
    "Sci-Fi & Fantasy": "Science Fiction | Fantasy | Sci-Fi | Ciencia ficción",
    "Sports Movies": "Sports | Sport | Deportes",
    "Stand-Up Comedy": "Stand-Up | Stand Up | Comedy Specials",
    "Thrillers": "Thriller | Suspense | Crime | Mystery",
    "Anime Series": "Anime | Seinen | Anime Series & Shows",
    "British TV Shows": "British | UK Series | British Television",
    "Classic & Cult TV": "Classics | Cult Television | Classic Series",
    "Crime TV Shows": "Crime | Crime Drama | Police/Cop | Krimi",
    "Docuseries": "Documentary | Docu-Series | Factual",
    "International TV Shows": "International | World Drama | Foreign Language",
    "Kids' TV": "Kids | Preschool | Cartoons | Children | Animation",
    "Korean TV Shows": "K-Drama | Korean | Korean Drama",
    "Reality TV": "Reality | Unscripted | Game Show / Competition | Lifestyle",
    "Romantic TV Shows": "Romance | Romantic | Love & Romance",
    "Science & Nature TV": "Science & Nature | Animals & Nature | Wildlife",
    "Spanish-Language TV Shows": "Telenovela | Spanish Language | Series en español",
    "Stand-Up Comedy & Talk Shows": "Talk Show | Late Night | Stand-Up Comedy Series",
    "TV Action & Adventure": "Action | Adventure | Military and War",
    "TV Comedies": "Comedy | Sitcoms | Sketch Comedy",
    "TV Dramas": "Drama | Drama & Soaps | Historical",
    "TV Horror": "Horror | Supernatural Horror",
    "TV Mysteries": "Mystery | Mystery & Suspense | Whodunit",
    "TV Sci-Fi & Fantasy": "Sci-Fi & Fantasy Series | Science Fiction | Fantasy",
    "TV Shows": "Entertainment | Anthology | Variety",
    "TV Thrillers": "Thriller | Psychological Thriller | Suspense",
    "Teen TV Shows": "Teen | Young Adult Audience | Coming of Age",
}
"""Each genre of the lab, and what other services would call it."""


def rename_genres(titles: pd.DataFrame) -> pd.DataFrame:
    """Give every genre another name, drawn by the title's id."""
    cells = zip(titles["show_id"], titles["listed_in"].fillna(""), strict=True)
    renamed = [", ".join(_rename(show_id, name) for name in split_names(c)) for show_id, c in cells]
    return titles.assign(listed_in=pd.Series(renamed, index=titles.index, dtype="str"))


def _rename(show_id: str, name: str) -> str:
    names = OTHER_NAMES[name].split(" | ")
    return names[crc32(f"{show_id} {name}".encode()) % len(names)]


def main(root: str | None = None) -> None:
    """Print ROC-AUC of the test titles: as they are, renamed, and renamed without the mapping."""
    volume = Volume(root) if root else Volume.from_environment()
    run = volume.newest_run([pipeline.SELECT])
    labeled = run.read(pipeline.LABEL).read_table(pipeline.LABELED)
    model = parse_model(run.read(pipeline.SELECT).read_bytes(pipeline.MODEL), run.id)
    titles = labeled[(labeled["split"] == TEST) & gold_labels(labeled["rating"]).notna()]
    gold, hidden = gold_labels(titles["rating"]).astype(int), hide_rating(titles)
    renamed = rename_genres(hidden)

    def score(catalog: pd.DataFrame) -> float:
        return float(roc_auc_score(gold, model.predict_proba(catalog)[:, 1]))

    own, mapped = score(hidden), score(renamed)
    with patch("tasks.catalog.utilities.common_genres", lambda cells, _: cells):
        unmapped = score(renamed)
    console = Console(highlight=False)
    console.print(
        f"n = {len(titles):,} test titles with gold, run {run.id}, rating hidden: ROC-AUC"
    )
    console.print(
        f"own genres {own:.4f}, renamed and mapped {mapped:.4f}, not mapped {unmapped:.4f}"
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
