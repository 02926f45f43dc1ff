"""How far a catalogue is from the one that a release was trained on.

The population stability index of a column is the sum, over its values or bins, of (q - p) ln(q / p)
for the shares p at training and q now. By convention less than 0.1 is no change to speak of and
0.25 or more a major one (N. Siddiqi, Credit Risk Scorecards, 2006). Samples differ without any
shift: of two samples of n and N titles from one population the index is about chi-squared with
bins - 1 degrees of freedom times 1/n + 1/N (B. Yurdakul, Statistical Properties of Population
Stability Index, 2018). So the mean of that is taken off, and what chance exceeds once in twenty
times counts as nothing; a small catalogue is not called foreign for being small.
"""

import math
from collections.abc import Iterable, Mapping
from typing import Any

from tasks.label.profile import Profile

STABLE, SHIFTED, FOREIGN = OUTCOMES = ("stable", "shifted", "foreign")
UNKNOWN = "not measured"
SHIFTED_FROM, FOREIGN_FROM = 0.1, 0.25
"""Of the population stability index, and of how much larger the share of genres is that mean
nothing to the lab."""
CHANCE = 0.05
MOST_NAMED = 4
HALF = 0.5  # a title, added to every bin: an empty one has no logarithm


def measure_drift(trained: Profile | None, found: Profile) -> dict[str, Any]:
    """Compare a catalogue with a release's, as plain JSON values.

    The ``outcome`` is the worst of all, ``shifts`` are what is not stable, as in ``country 0.41``.
    The rating, and the rules that read it, are compared over titles that have one: a catalogue
    without ratings is not foreign for that.
    """
    if trained is None:
        return {"outcome": UNKNOWN, "shifts": ["an older release, without a profile"]}
    columns = {
        name: compare(trained.columns[name], counts) for name, counts in found.columns.items()
    }
    rules = {
        **_compare_rules(trained.rules, found.rules, trained.titles, found.titles),
        **_compare_rules(trained.rating_rules, found.rating_rules, trained.rated, found.rated),
    }
    genres: dict[str, Any] = {
        when: _ratio(names.get("unmapped", 0), sum(names.values()))
        for when, names in (("trained", trained.genre_names), ("now", found.genre_names))
    }
    genres["outcome"] = outcome_of((genres["now"] or 0.0) - (genres["trained"] or 0.0))
    measured = {**columns, **rules}
    worst = sorted(
        (name for name, facts in measured.items() if facts["outcome"] != STABLE),
        key=lambda name: (-measured[name]["psi"], name),
    )
    shifts = [f"{name} {measured[name]['psi']:.2f}" for name in worst]
    if genres["outcome"] != STABLE:
        was = f"{genres['trained'] or 0:.0%}"
        shifts.insert(0, f"{genres['now']:.0%} of genre names unmapped, {was} in training")
    outcomes = [genres["outcome"], *(facts["outcome"] for facts in measured.values())]
    return {
        "outcome": max(outcomes, key=OUTCOMES.index),
        "n_trained": trained.titles,
        "n": found.titles,
        "shifts": shifts,
        "columns": columns,
        "rules": rules,
        "unmapped_genres": genres,
    }


def compare(trained: Mapping[str, int], found: Mapping[str, int]) -> dict[str, Any]:
    """Return the index of counts by value, what chance makes of it, and the outcome."""
    n_trained, n = sum(trained.values()), sum(found.values())
    facts: dict[str, Any] = {"psi": None, "outcome": STABLE, "n_trained": n_trained, "n": n}
    if not (n_trained and n):
        return facts
    names = sorted({*trained, *found})
    psi = stability_index([trained.get(m, 0) for m in names], [found.get(m, 0) for m in names])
    mean, limit = chance(len(names), n_trained, n)
    facts["psi"] = round(psi - mean if psi > limit else 0.0, 4)
    return {**facts, "outcome": outcome_of(facts["psi"]), "chance": round(limit, 4)}


def stability_index(trained: Iterable[int], found: Iterable[int]) -> float:
    """Return the population stability index of counts of the same bins, `HALF` a title added."""
    p, q = ([n + HALF for n in counts] for counts in (trained, found))
    shares = zip((n / sum(p) for n in p), (n / sum(q) for n in q), strict=True)
    return sum((now - before) * math.log(now / before) for before, now in shares)


def chance(bins: int, n_trained: int, n: int) -> tuple[float, float]:
    """Return the index that chance makes on average, and the one exceeded `CHANCE` of the time."""
    from scipy.stats import chi2

    scale = 1 / n_trained + 1 / n
    return (bins - 1) * scale, float(chi2.isf(CHANCE, bins - 1)) * scale if bins > 1 else 0.0


def outcome_of(amount: float) -> str:
    """Return in a word how much a shift is."""
    return OUTCOMES[(amount >= SHIFTED_FROM) + (amount >= FOREIGN_FROM)]


def _compare_rules(
    trained: Mapping[str, int], found: Mapping[str, int], n_trained: int, n: int
) -> dict[str, dict[str, Any]]:
    compared = {}
    for rule in sorted({*trained, *found}):
        before, now = trained.get(rule, 0), found.get(rule, 0)
        votes = (
            {"votes": k, "abstains": total - k} for k, total in ((before, n_trained), (now, n))
        )
        shares = {"trained": _ratio(before, n_trained), "now": _ratio(now, n)}
        compared[rule] = shares | compare(*votes)
    return compared


def _ratio(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def drift_in_words(drift: Mapping[str, Any]) -> str:
    """Say the outcome, and what is behind it."""
    shifts, more = drift["shifts"][:MOST_NAMED], len(drift["shifts"]) - MOST_NAMED
    listed = ", ".join([*shifts, *([f"{more} more"] if more > 0 else [])])
    return f"{drift['outcome']} ({listed})" if listed else str(drift["outcome"])
