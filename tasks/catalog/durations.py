"""How long a title is: minutes of a film, seasons of a series, however a catalog writes it."""

import re
from functools import lru_cache
from typing import NamedTuple

MINUTES = "min"
SEASONS = "season"

_SEASONS = re.compile(r"([0-9]{1,6})\s*(?:seasons?|saisons?|temporadas?|staffeln?|stagion[ei])")
_MINUTES = re.compile(r"([0-9]{1,6})\s*(?:min|mins|minutes?|m|mn)\.?|([0-9]{1,3})(?:\.0)?")
_HOURS = re.compile(
    r"([0-9]{1,2})\s*(?:h|hrs?|hours?|std)\.?\s*(?:([0-9]{1,2})\s*(?:m|mn|mins?|minutes?)?\.?)?"
    r"|pt(?:([0-9]{1,2})h)?(?:([0-9]{1,4})m)?(?:[0-9.]+s)?"  # ISO 8601
    r"|([0-9]{1,2}):([0-5][0-9]):[0-5][0-9]"
)


class Duration(NamedTuple):
    """A number of minutes or seasons."""

    value: float
    unit: str  # MINUTES or SEASONS


@lru_cache(maxsize=100_000)
def read_duration(text: str) -> Duration | None:
    """Read ``92 min``, ``92``, ``1 h 32 min``, ``1h32``, ``PT1H32M``, ``1:32:00``, ``2 Seasons``.

    A bare number is of minutes; None if the text says anything else.
    """
    plain = " ".join(text.casefold().split())
    if found := _SEASONS.fullmatch(plain):
        return Duration(float(found[1]), SEASONS)
    if found := _MINUTES.fullmatch(plain):
        return Duration(float(found[1] or found[2]), MINUTES)
    if (found := _HOURS.fullmatch(plain)) and any(found.groups()):
        hours, minutes = (sum(int(n) for n in found.groups()[i::2] if n) for i in (0, 1))
        return Duration(60.0 * hours + minutes, MINUTES)
    return None
