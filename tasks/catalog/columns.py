"""The catalog's columns, the labels, and what a rating says about a title."""

from collections.abc import Mapping
from types import MappingProxyType

FAMILY = 1
NOT_FAMILY = 0
ABSTAIN = -1
CLASS_NAMES: Mapping[int, str] = MappingProxyType({FAMILY: "family", NOT_FAMILY: "not family"})

TRAIN = "train"
TEST = "test"

VOTED = "voted"
TIE = "tie"
NO_VOTES = "no votes"

CATALOG_COLUMNS = (
    "show_id",
    "type",
    "title",
    "director",
    "cast",
    "country",
    "date_added",
    "release_year",
    "rating",
    "duration",
    "listed_in",
    "description",
)
REQUIRED_COLUMNS = ("show_id", "type", "title", "listed_in", "description")
OPTIONAL_COLUMNS = tuple(column for column in CATALOG_COLUMNS if column not in REQUIRED_COLUMNS)
COLUMN_ALIASES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "show_id": ("id", "title_id", "content_id", "program_id", "asset_id"),
        "type": ("content_type", "title_type", "media_type", "show_type", "kind"),
        "title": ("name", "show_title", "title_name", "movie_title", "primary_title"),
        "director": ("directors", "directed_by"),
        "cast": ("actors", "stars", "starring", "cast_members"),
        "country": ("countries", "production_country", "production_countries", "origin_country"),
        "date_added": ("added", "added_on", "added_at"),
        "release_year": ("year", "released", "release_date", "year_released", "start_year"),
        "rating": (
            *("certificate", "certification", "age_rating", "content_rating"),
            *("age_certification", "maturity_rating", "parental_rating", "mpaa_rating"),
        ),
        "duration": ("runtime", "running_time", "length", "runtime_minutes", "duration_minutes"),
        "listed_in": ("genre", "genres", "categories"),
        "description": ("synopsis", "overview", "plot", "summary", "short_description"),
        "seasons": ("number_of_seasons", "num_seasons", "season_count"),
    }
)
"""What other catalogs call a column, in snake case. Seasons in a column of their own are the
duration of a series."""
RATING = "rating"
VOTE_COLUMNS = ("votes", "rating_votes")
"""What models read beside a title's features: the rules that vote on it, and, apart from those,
the rules that read its rating."""
TITLE_TYPES = ("Movie", "TV Show")
TYPE_NAMES: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(("movie", "movies", "film", "films", "feature", "featurefilm"), "Movie"),
        **dict.fromkeys(("tvmovie", "telefilm", "short", "shortfilm", "special"), "Movie"),
        **dict.fromkeys(("tv", "tvshow", "tvshows", "show", "shows", "series", "serie"), "TV Show"),
        **dict.fromkeys(("tvseries", "webseries", "miniseries", "tvminiseries"), "TV Show"),
        **dict.fromkeys(("limitedseries", "docuseries", "season", "television"), "TV Show"),
    }
)
"""What other catalogs call a type, in lower case, letters only."""

FAMILY_RATINGS = frozenset({"G", "PG", "TV-Y", "TV-Y7", "TV-Y7-FV", "TV-G", "TV-PG"})
NOT_FAMILY_RATINGS = frozenset({"PG-13", "TV-14", "R", "NC-17", "TV-MA"})
UNRATED = frozenset({"NR", "UR"})
