"""The transforms of the lab: TRANSFORMS is the rulebook that a user edits.

A transform takes the words of a text, a random generator and a context, and returns one word for
each: another word, the same word, or an empty string for a word that goes. None says that it may
change nothing. Critical words (`Context.is_critical`) stay what and where they are.

The three operations and their share of a tenth of the words follow Wei and Zou, "EDA: Easy Data
Augmentation Techniques for Boosting Performance on Text Classification Tasks", EMNLP 2019.
"""

from collections.abc import Sequence
from random import Random

from tasks.augment.transform import Context, transform
from tasks.catalog.rulebook import rulebook

SHARE = 0.1


def _how_many(words: Sequence[str], at_most: int) -> int:
    return min(at_most, max(1, round(SHARE * len(words))))


def _free(words: Sequence[str], context: Context) -> list[int]:
    return [place for place, word in enumerate(words) if not context.is_critical(word)]


@transform(needs_synonyms=True)
def synonym_replacement(words: Sequence[str], rng: Random, context: Context) -> list[str] | None:
    """Replace a tenth of the words, at least one, by WordNet synonyms."""
    places = [place for place, word in enumerate(words) if context.synonyms_of(word)]
    changed = list(words)
    for place in rng.sample(places, _how_many(words, len(places))):
        changed[place] = rng.choice(context.synonyms_of(words[place]))
    return changed if places else None


@transform()
def random_swap(words: Sequence[str], rng: Random, context: Context) -> list[str] | None:
    """Let two words change places, for a tenth of the words, at least once."""
    places = _free(words, context)
    if len(places) < 2:
        return None
    changed = list(words)
    for _ in range(_how_many(words, len(places))):
        one, other = rng.sample(places, 2)
        changed[one], changed[other] = changed[other], changed[one]
    return changed


@transform()
def random_deletion(words: Sequence[str], rng: Random, context: Context) -> list[str] | None:
    """Leave out a tenth of the words, at least one, but never all."""
    places = _free(words, context)
    if not places or len(words) < 2:
        return None
    gone = set(rng.sample(places, min(_how_many(words, len(places)), len(words) - 1)))
    return ["" if place in gone else word for place, word in enumerate(words)]


TRANSFORMS = rulebook(synonym_replacement, random_swap, random_deletion)
