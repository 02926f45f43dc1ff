from tasks.catalog.genres import count_genres
from tests.catalogs import KINDS, other_catalog


def test_catalogs_of_other_services_differ_in_what_they_are_for_and_never_change():
    found = {kind: other_catalog(kind) for kind in KINDS}
    assert {kind: len(table) for kind, table in found.items()} == {
        "ages": 1500, "world": 900, "unrated": 1200, "small": 300,
    }  # fmt: skip
    assert "rating" not in found["unrated"]
    assert {"1 Season", "1 h 33 min", "48"} <= set(found["world"]["Runtime"])
    assert set(found["small"]["age_rating"]) >= {"U", "PG", "12A", "15", "18"}
    assert count_genres(found["small"]["categories"])[2].to_dict() == {"Audio Described": 109}
    for kind, table in found.items():
        assert table.equals(other_catalog(kind)), kind
