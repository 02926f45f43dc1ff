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
RATING = "rating"
VOTE_COLUMNS = ("votes", "rating_votes")
"""What models read beside a title's features: the rules that vote on it, and, apart from those,
the rules that read its rating."""
TITLE_TYPES = ("Movie", "TV Show")

FAMILY_RATINGS = frozenset({"G", "PG", "TV-Y", "TV-Y7", "TV-Y7-FV", "TV-G", "TV-PG"})
NOT_FAMILY_RATINGS = frozenset({"PG-13", "TV-14", "R", "NC-17", "TV-MA"})
UNRATED = frozenset({"NR", "UR"})
