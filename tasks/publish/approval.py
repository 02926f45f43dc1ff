"""What a person answered when asked whether to publish."""

from dataclasses import asdict, dataclass
from typing import Any

from tasks.errors import ConfigError

APPROVED = "approved"
REJECTED = "rejected"


@dataclass(frozen=True, kw_only=True)
class Approval:
    """An answer to the question whether one challenger, and no other, is to be published."""

    answer: str
    by: str
    at: str  # ISO 8601
    challenger_sha256: str  # of the model that the question was about, from ``decision.json``
    comment: str = ""

    def __post_init__(self) -> None:
        if self.answer not in (APPROVED, REJECTED):
            raise ConfigError(f"the answer is {self.answer!r}; expected {APPROVED} or {REJECTED}.")

    def to_dict(self) -> dict[str, Any]:
        """Return the answer as history, manifest and card keep it."""
        return asdict(self)
