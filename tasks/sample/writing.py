"""The sample's texts: titles, people and descriptions that hint at their audience."""

import re
from collections.abc import Callable
from itertools import count

from tasks.sample.dice import Dice
from tasks.sample.proportions import DESCRIPTION_LENGTHS, TELLINGS, TITLE_LENGTHS
from tasks.sample.stories import STORIES
from tasks.sample.vocabulary import NAMES, NONFICTION, TITLE_FRAMES, TONES, Phrases

_THEMES = {**STORIES, **NONFICTION}
_TONE_OF_AUDIENCE = {"kids": "light", "family": "light", "teen": "plain", "mature": "dark"}
_SERIOUS_THEMES = {"drama", "romance", "inquiry", "standup"}
_ATTEMPTS = 12
_CLOSE_ENOUGH = 3
_SLOT = re.compile(r"\{(\w+)\}")
_VOWEL_AFTER_A = re.compile(r"\b([Aa]) (?=[“\"]?(?!uni|one|eu)[aeioué])", flags=re.IGNORECASE)
_SENTENCE_START = re.compile(r"(?:^|(?<=[.!?] ))[a-zé]")


def write_person(dice: Dice) -> str:
    """Write a full name that nobody has."""
    return f"{_first_name(dice)} {dice.pick(NAMES['third'])}{dice.pick(NAMES['fourth'])}"


def _first_name(dice: Dice) -> str:
    return dice.pick(NAMES["first"]) + dice.pick(NAMES["second"])


def write_title(dice: Dice, audience: str, theme: str, taken: set[str]) -> str:
    """Write a title that no other title has, about as long as real ones are."""
    moods = TONES[_TONE_OF_AUDIENCE[audience]]["mood"]
    words = {
        "noun": _THEMES[theme]["noun"],
        "mood": tuple(mood.capitalize() for mood in moods),
        "place": NAMES["place"],
        "name": tuple(_first_name(dice) for _ in range(4)),
    }

    def write() -> str:
        return _plural(_fill(dice, dice.pick(TITLE_FRAMES), words))

    return _closest(write, dice.from_quantiles(TITLE_LENGTHS), taken)


def write_description(dice: Dice, kind: str, audience: str, theme: str, taken: set[str]) -> str:
    """Write a description of its own that tells, hides or contradicts the audience."""
    tone = _TONE_OF_AUDIENCE[audience]
    telling = dice.weighted(TELLINGS)
    if telling == "plain":
        theme = "plain"
    elif telling == "misleading":
        theme = dice.pick(("crime", "action", "comedy") if tone == "light" else ("kids", "family"))
        tone = "plain" if tone == "light" else "light"
    elif tone == "light" and theme in _SERIOUS_THEMES:
        tone = "plain"
    work = "film" if kind == "Movie" else "series"
    words = {**TONES[tone], **_THEMES[theme], "work": (work,)}
    length = dice.from_quantiles(DESCRIPTION_LENGTHS)
    return _closest(lambda: _fill(dice, dice.pick(words["frame"]), words), length, taken)


def _closest(write: Callable[[], str], length: int, taken: set[str]) -> str:
    """Write until a text is nearly `length` characters long, at last take the best."""
    best = ""
    for attempt in count(1):
        text = write()
        if text not in taken and (not best or abs(len(text) - length) < abs(len(best) - length)):
            best = text
        if best and (abs(len(best) - length) <= _CLOSE_ENOUGH or attempt >= _ATTEMPTS):
            break
    taken.add(best)
    return best


def _fill(dice: Dice, frame: str, words: Phrases) -> str:
    """Fill the frame's slots, and the slots inside what fills them; no phrase comes twice."""
    used: set[str] = set()

    def choose(slot: re.Match[str]) -> str:
        phrase = dice.pick([word for word in words[slot[1]] if word not in used])
        used.add(phrase)
        return phrase

    text = frame
    while "{" in text:
        text = _SLOT.sub(choose, text)
    text = _VOWEL_AFTER_A.sub(r"\1n ", text.strip())
    return _SENTENCE_START.sub(lambda start: start[0].upper(), text)


def _plural(title: str) -> str:
    title = re.sub(r"(ss|x|sh|ch)s\b", r"\1es", title)
    return re.sub(r"([^aeiou])ys\b", r"\1ies", title)
