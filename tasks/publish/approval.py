"""What a person answered when asked whether to publish."""

from dataclasses import asdict, dataclass
from typing import Any

from tasks.errors import ConfigError

APPROVED = "approved"
REJECTED = "rejected"


@dataclass(frozen=True, kw_only=True)
class Approval:
    """An answer to the question whether one challenger, and no other, is to be published.

    Parameters
    ----------
    answer : str
        `APPROVED` or `REJECTED`.
    by, at, comment : str
        Who answered, when (ISO 8601), and what the person wrote.
    challenger_sha256 : str
        Of the model that the question was about, from ``decision.json``.
    """

    answer: str
    by: str
    at: str
    challenger_sha256: str
    comment: str = ""

    def __post_init__(self) -> None:
        if self.answer not in (APPROVED, REJECTED):
            raise ConfigError(f"the answer is {self.answer!r}; expected {APPROVED} or {REJECTED}.")

    def to_dict(self) -> dict[str, Any]:
        """Return the answer as history, manifest and card keep it."""
        return asdict(self)
