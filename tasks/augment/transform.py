"""What a transform is: a named, documented, pure function on the words of a text."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from random import Random

from tasks.errors import RuleError

_WORD = re.compile(r"([^\W_]+(?:['’-][^\W_]+)*)")
_WORD_PART = re.compile(r"[^\W_]+")
_KEYWORD_PART = re.compile(r"[^\W_]+\*?")
_SPACE_BEFORE = re.compile(r"\s+(?=[,.;:!?)])")

_FUNCTION_WORDS = """
    a about above across after again against all almost along already also although always am amid
    among an and another any anyone anything are around as at away back be became because become
    becomes been before behind being below between beyond both but by can cannot could despite did
    do does doing done down during each either else enough even ever every everyone everything few
    for from further get gets getting goes going got had has have having he her here hers herself
    him himself his how however i if in inside into is it its itself just least less like many may
    me might mine more most much must my myself near neither never no nobody none nor not nothing
    now of off often on once one ones only onto or other others otherwise ought our ours ourselves
    out outside over own per perhaps quite rather same shall she should since so some someone
    something soon still such than that the their theirs them themselves then there these they this
    those though three through throughout thus till to together too toward towards two under unless
    until up upon us very via was we well were what whatever when where whether which while who
    whole whom whose why will with within without would yet you your yours yourself yourselves
"""
STOP_WORDS = frozenset(_FUNCTION_WORDS.split())


Synonyms = Mapping[str, Sequence[str]]


class Context:
    """What a transform may know besides the words: which ones must stay, and synonyms.

    A word is critical if it, or a part of it between hyphens and apostrophes, is a word of a
    labeling function's keyword. So is a word with a digit or a capital letter: numbers and names
    carry what the title is about. Critical words and stop words have no synonyms, and none is
    critical itself: a new keyword would change a rule's vote.

    A transform calls ``is_critical(word)`` and ``synonyms_of(word)``. Of a keyword of several words
    each is critical, and ``*`` stands for any ending; `synonyms` are of lower-case words.
    """

    def __init__(self, keywords: Iterable[str] = (), synonyms: Synonyms | None = None) -> None:
        parts = {part for keyword in keywords for part in _KEYWORD_PART.findall(keyword.lower())}
        self._critical = frozenset(part.removesuffix("*") for part in parts)
        self._beginnings = tuple(sorted(part[:-1] for part in parts if part.endswith("*")))
        self._synonyms = synonyms or {}
        self.is_critical: Callable[[str], bool] = cache(self._is_critical)
        self.synonyms_of: Callable[[str], tuple[str, ...]] = cache(self._synonyms_of)

    def _is_critical(self, word: str) -> bool:
        if word != word.lower() or any(character.isdigit() for character in word):
            return True
        parts = _WORD_PART.findall(word)
        return any(part in self._critical or part.startswith(self._beginnings) for part in parts)

    def _synonyms_of(self, word: str) -> tuple[str, ...]:
        if word in STOP_WORDS or self.is_critical(word):
            return ()
        found = self._synonyms.get(word, ())
        return tuple(synonym for synonym in found if not self.is_critical(synonym))


@dataclass(frozen=True)
class Passage:
    """A text taken apart: what is between words, and words, in turns, first and last between."""

    pieces: tuple[str, ...]

    @classmethod
    def of(cls, text: str) -> "Passage":
        """Take a text apart."""
        return cls(tuple(_WORD.split(text)))

    @property
    def words(self) -> tuple[str, ...]:
        """The words, without the punctuation and the space between them."""
        return self.pieces[1::2]

    def with_words(self, words: Sequence[str]) -> str:
        """Return the text with as many other words in place; an empty word leaves no gap."""
        if len(words) != len(self.pieces) // 2:
            raise RuleError(
                f"A transform returned {len(words)} words for {len(self.pieces) // 2}; it must "
                "return one for each, with an empty string where a word is gone."
            )
        pieces = list(self.pieces)
        pieces[1::2] = words
        text = "".join(pieces)
        if "" in words:
            text = _SPACE_BEFORE.sub("", " ".join(text.split()))
        return text


TransformFunction = Callable[[Sequence[str], Random, Context], list[str] | None]


@dataclass(frozen=True)
class Transform:
    """An entry of the rulebook: how an augmented copy is made of a text.

    The function takes the words, a random generator and a `Context`; it returns one word for each,
    empty where a word is gone, or None if there is nothing that it may change.
    """

    name: str  # the copy's operation
    function: TransformFunction
    description: str
    needs_synonyms: bool = False  # and so WordNet must be installed

    def __call__(self, passage: Passage, rng: Random, context: Context) -> str | None:
        """Return the transformed text, or None if its words would be the same."""
        words = self.function(passage.words, rng, context)
        if words is None or tuple(words) == passage.words:
            return None
        return passage.with_words(words)


def transform(*, needs_synonyms: bool = False) -> Callable[[TransformFunction], Transform]:
    """Make a transform of a function, under its name; the docstring's first line describes it."""

    def make(function: TransformFunction) -> Transform:
        name = getattr(function, "__name__", repr(function))
        lines = (function.__doc__ or "").strip().splitlines()
        if not lines:
            raise RuleError(f"Transform {name} has no docstring; say in one line what it does.")
        return Transform(name, function, lines[0], needs_synonyms)

    return make
