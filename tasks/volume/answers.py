"""What people say about titles: family, not, unsure. One file on the volume that only ever grows.

An answer is about a title's content: it holds its ``show_id`` and a digest of its title and
description, so that another title that gets the same id does not inherit it. The last answer of
a person about a title counts; to withdraw one is an answer, too. A title is settled when all who
have an opinion are of one: disagreement is kept and shown, and does not count.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from tasks.catalog.columns import CLASS_NAMES, FAMILY, NOT_FAMILY
from tasks.catalog.formats import shorten
from tasks.catalog.text import content_digests, normalise_text
from tasks.errors import LabError
from tasks.volume import atomic

FILE = "answers.jsonl"
LOCK = ".lock"
UNDONE = "undone"  # the source of a line that takes back the one before it
UNSURE, WITHDRAWN = "unsure", "withdrawn"
WORDS: Mapping[str, tuple[str, ...]] = {
    CLASS_NAMES[FAMILY]: ("family", "f", "yes", "y"),
    CLASS_NAMES[NOT_FAMILY]: ("not family", "not", "n", "no"),
    UNSURE: ("unsure", "u", "?"),
    WITHDRAWN: ("withdrawn", "withdraw"),
}
"""What people may write, in any case, for each answer."""
SETTLED, DISAGREEMENT = "settled", "disagreement"
LONGEST_NAME, LONGEST_NOTE = 100, 2000
KEYS = ["show_id", "content"]

_MEANING = {word: answer for answer, words in WORDS.items() for word in words}


@dataclass(frozen=True)
class Answer:
    """One line of the file."""

    show_id: str
    content: str  # `content_digests` of the title
    title: str
    answer: str  # one of `WORDS`
    by: str
    at: str
    note: str = ""  # why
    source: str = ""  # the digest of the file that it came in, if it came in one

    @property
    def key(self) -> tuple[str, str]:
        """Which title it is about."""
        return self.show_id, self.content

    @property
    def person(self) -> str:
        """Who said it, in whatever case and spaces the name was written."""
        return " ".join(self.by.casefold().split())


@dataclass
class Receipt:
    """What became of the rows of one delivery."""

    recorded: int = 0
    known: int = 0  # the person had said so before
    empty: int = 0  # rows that say nothing
    elsewhere: int = 0  # of those recorded, about titles that the catalog does not have
    refused: list[dict[str, Any]] = field(default_factory=list)  # row, show_id, why


class Answers:
    """The file of answers, ``<volume>/answers/answers.jsonl``; made with the first answer."""

    def __init__(self, root: Path) -> None:
        self.path = root / FILE

    def history(self) -> list[Answer]:
        """Return every answer, oldest first; what is torn or no answer is left aside."""
        names = Answer.__dataclass_fields__
        found = []
        for line in atomic.read_lines(self.path):
            with_names = {name: line.get(name, "") for name in names}
            if all(isinstance(v, str) for v in with_names.values()) and line.get("by"):
                found.append(Answer(**with_names))
        return [answer for answer in found if answer.answer in WORDS]

    def record(
        self, rows: Iterable[Mapping[str, Any]], by: str, catalog: pd.DataFrame, source: str = ""
    ) -> Receipt:
        """Record what a person says about the titles of a catalog; a row may be refused.

        Each row has ``show_id`` and ``answer``, and may have ``note``, why; ``title`` and
        ``description``, by which an id of another catalog is told; ``row``, what to call it when it
        is refused. What the person has said before, as far as it still stands or came with the same
        `source`, such as a file's digest, is not recorded again.
        """
        by = " ".join(by.split())
        if not 0 < len(by) <= LONGEST_NAME or not by.isprintable():
            raise LabError(
                f"The answers are by {shorten(by)!r}; expected a name of 1 to {LONGEST_NAME} "
                "characters: say who gave them, as in BY=anna."
            )
        titles = known_titles(catalog)
        at = datetime.now(UTC).isoformat(timespec="seconds")
        receipt, accepted = Receipt(), dict[tuple[str, str], Answer]()
        with atomic.exclusive(self.path.parent / LOCK):
            blank = Answer("", "", "", "", by, at, source=source)
            mine = [answer for answer in self.history() if answer.person == blank.person]
            last = {answer.key: answer for answer in mine}
            delivered = {answer.key for answer in mine if source and answer.source == source}
            for number, row in enumerate(rows, start=1):
                cells = {n: "" if pd.isna(cell) else str(cell).strip() for n, cell in row.items()}
                if not cells.get("answer") and not cells.get("note"):
                    receipt.empty += 1
                    continue
                try:
                    answer = _read_row(cells, titles, blank)
                    key = answer.key
                    earlier = accepted.get(key, answer).answer
                    if earlier != answer.answer:
                        raise LabError(
                            f"an earlier row says {earlier} of the same title, this one "
                            f"{answer.answer}; keep one"
                        )
                except LabError as error:
                    where = {"row": row.get("row", number), "show_id": cells.get("show_id", "")}
                    receipt.refused.append({**where, "why": str(error)})
                    continue
                if key in accepted or key in delivered or _says_the_same(answer, last.get(key)):
                    receipt.known += 1
                    continue
                accepted[key] = answer
            if accepted:
                lines = (json.dumps(asdict(answer)) for answer in accepted.values())
                atomic.append_lines(self.path, lines)
        receipt.recorded = len(accepted)
        receipt.elsewhere = sum(titles.get(s, ("",))[0] != c for s, c in accepted)
        return receipt

    def undoable(self, by: str) -> list[Answer]:
        """Return what a person has said and not undone, oldest first."""
        said = list[Answer]()
        for answer in self.history():
            if answer.person == replace(answer, by=by).person:
                if answer.source != UNDONE:
                    said.append(answer)
                elif said:
                    said.pop()
        return said

    def undo(self, by: str, show_id: str) -> bool:
        """Put back what a person said before their last answer; False if that is of another."""
        with atomic.exclusive(self.path.parent / LOCK):
            said = self.undoable(by)
            if not said or said[-1].show_id != show_id:
                return False
            last = said.pop()
            before = [answer for answer in said if answer.key == last.key]
            back = before[-1] if before else replace(last, answer=WITHDRAWN, note="")
            at = datetime.now(UTC).isoformat(timespec="seconds")
            line = asdict(replace(back, by=last.by, at=at, source=UNDONE))
            atomic.append_lines(self.path, [json.dumps(line)])
        return True

    def current(self) -> pd.DataFrame:
        """Return the last answer of each person about each title, unless it is withdrawn."""
        last = {(*answer.key, answer.person): answer for answer in self.history()}
        standing = [asdict(last[key]) for key in sorted(last) if last[key].answer != WITHDRAWN]
        return pd.DataFrame(standing, columns=list(Answer.__dataclass_fields__), dtype="str")

    def settled(self, catalog: pd.DataFrame | None = None) -> pd.DataFrame:
        """Return what the answers come to, one row a title; with a `catalog` only its titles.

        The ``answer`` is 1 (family), 0 (not) or missing, the ``status`` one of `SETTLED`,
        `DISAGREEMENT`, `UNSURE`; ``family``, ``not_family``, ``unsure`` say how many say so.
        """
        current = self.current()
        if catalog is not None:
            catalog = catalog[catalog["show_id"].isin(current["show_id"])]
            content = pd.Series(content_digests(catalog), index=catalog.index, dtype="str")
            here = pd.DataFrame({"show_id": catalog["show_id"].astype("str"), "content": content})
            current = current.merge(here, on=KEYS)
        said = current["answer"]
        words = {CLASS_NAMES[FAMILY]: "family", CLASS_NAMES[NOT_FAMILY]: "not_family"}
        votes = {words.get(word, word): (said == word).astype("int64") for word in (*words, UNSURE)}
        table = (
            current[[*KEYS, "title"]]
            .assign(**votes)
            .groupby(KEYS)
            .agg({"title": "last", **dict.fromkeys(votes, "sum")})
            .reset_index()
        )
        is_family, is_not = table["family"] > 0, table["not_family"] > 0
        answer = pd.Series(pd.NA, index=table.index, dtype="Int8")
        answer[is_family & ~is_not], answer[is_not & ~is_family] = FAMILY, NOT_FAMILY
        status = pd.Series(UNSURE, index=table.index, dtype="str")
        status[is_family | is_not], status[is_family & is_not] = SETTLED, DISAGREEMENT
        table.insert(3, "answer", answer)
        table.insert(4, "status", status)
        return table


def digest(settled: pd.DataFrame) -> str:
    """Return what tells whether people have settled anything else since."""
    return hashlib.sha256(atomic.to_csv(settled)).hexdigest()


def known_titles(catalog: pd.DataFrame) -> dict[str, tuple[str, str, str]]:
    """Return content, title and description of each title, by ``show_id``."""
    cells = (catalog[c].astype("str").fillna("") for c in ("show_id", "title", "description"))
    ids, titles, descriptions = cells
    contents = content_digests(catalog)
    return dict(zip(ids, zip(contents, titles, descriptions, strict=True), strict=True))


def _read_row(
    cells: Mapping[str, str], titles: Mapping[str, tuple[str, str, str]], blank: Answer
) -> Answer:
    """Make an answer of a row, or raise a `LabError` that says what is wrong with it."""
    show_id, said, note = (cells.get(name, "") for name in ("show_id", "answer", "note"))
    answer = _MEANING.get(" ".join(said.casefold().split()))
    if answer is None:
        known = "; ".join(", ".join(words) for words in WORDS.values())
        found = f"the answer is {shorten(said)!r}" if said else "it has a note but no answer"
        raise LabError(f"{found}; expected one of: {known}")
    if len(note) > LONGEST_NOTE:
        raise LabError(f"the note has {len(note):,} characters; expected at most {LONGEST_NOTE:,}")
    content, title = _find_title(show_id, cells, titles)
    facts = {**asdict(blank), "show_id": show_id, "content": content, "title": title}
    return Answer(**facts | {"answer": answer, "note": note})


def _find_title(
    show_id: str, cells: Mapping[str, str], titles: Mapping[str, tuple[str, str, str]]
) -> tuple[str, str]:
    """Return content and name of the title that a row is about.

    It is the catalog's if its title or its description is: a spreadsheet may have spoiled one.
    """
    if not show_id:
        raise LabError("it has no show_id; expected that of a title")
    title, description = cells.get("title", ""), cells.get("description", "")
    if show_id in titles:
        content, *texts = titles[show_id]
        pairs = zip((title, description), texts, strict=True)
        same = [normalise_text(mine) == normalise_text(theirs) for mine, theirs in pairs if mine]
        if any(same) or not same:
            return content, texts[0]
    if title and description:
        row = pd.DataFrame({"title": [title], "description": [description]}, dtype="str")
        return content_digests(row)[0], title
    if show_id in titles:
        raise LabError(
            f"in the latest catalog it is {shorten(titles[show_id][1])!r}, which is another title"
        )
    raise LabError(
        f"the latest catalog has no title {shorten(show_id)!r}, and without title and description "
        "nobody can tell what it is about"
    )


def _says_the_same(answer: Answer, last: Answer | None) -> bool:
    if last is None:
        return answer.answer == WITHDRAWN  # there is nothing to withdraw
    return (answer.answer, answer.note) == (last.answer, last.note)
