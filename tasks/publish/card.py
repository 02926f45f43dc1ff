"""The model card: what a release is worth and whether one may use it, as Markdown and as a page."""

import base64
import platform
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from importlib.metadata import version as version_of
from itertools import pairwise
from pathlib import Path
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

from tasks import pipeline
from tasks.publish.gate import GATES
from tasks.publish.judge import show as show_found
from tasks.publish.templating import make_environment, show
from tasks.volume import atomic
from tasks.volume.artifacts import Artifacts

TEMPLATES = Path(__file__).parent / "templates"
CARD_TEMPLATE = "model_card.md.jinja"
TITLE = Markup("Family-friendly or not: model card")
SHOWN_ISSUES = 10
PICTURE_SCALE = 2 / 3  # page pixels for a picture's pixel: texts of all pictures are of one size
LOADING = ("joblib", "scipy", "skops")
CATALOG_FACTS = ("source", "kind", "sha256", "bytes", "encoding", "rows", "quarantined", "repaired")
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>()#+\-!|~$&])")
_INTERVAL = re.compile(r"(?<=<td>)([^<>\[\] ]+) (\[[^<>\[\]]+\])(?=</td>)")
_NAME = re.compile(r"(?<=<td>)\w+_[\w\[\]]+(?=</td>)")


def read_card(stages: Mapping[str, Artifacts]) -> dict[str, Any]:
    """Read what the card is filled in with, but for decision, version and approval."""
    evaluated = stages[pipeline.EVALUATE_SLICES]
    content = evaluated.read_bytes(pipeline.LABEL_ISSUES)
    issues = atomic.from_csv(content, {"probability": "float64"}).head(SHOWN_ISSUES)
    figures = [name for name in evaluated.manifest["files"] if name.startswith(pipeline.FIGURES)]
    return {
        "metrics": evaluated.read_json(pipeline.METRICS),
        "facts": gather_facts(stages),
        "issues": issues.to_dict("records"),
        "figures": {name: evaluated.file(name) for name in figures},
    }


def gather_facts(stages: Mapping[str, Artifacts]) -> dict[str, Any]:
    """Collect what a release's manifest and card say about where it comes from, as JSON values."""
    fetched = stages[pipeline.FETCH].read_json(pipeline.FETCH_REPORT)
    labels = stages[pipeline.LABEL].read_json(pipeline.LABEL_REPORT)
    manifests = {stage: artifacts.manifest for stage, artifacts in stages.items()}
    versions = {name: v for m in manifests.values() for name, v in m["versions"].items()}
    return {
        "run_id": stages[pipeline.SELECT].run_id,
        "evaluated_at": manifests[pipeline.EVALUATE_SLICES]["finished_at"],
        "is_sample": fetched["is_sample"],
        "catalog": {name: fetched.get(name) for name in CATALOG_FACTS},
        "answers_sha256": labels["answers"]["sha256"],
        "winner": stages[pipeline.SELECT].read_json(pipeline.CANDIDATES)["winner"],
        "seeds": sorted({manifest["seed"] for manifest in manifests.values()}),
        "versions": {
            "python": platform.python_version(),
            **versions,
            **{name: version_of(name) for name in LOADING},
        },
        "stages": {
            stage: {name: manifest[name] for name in ("config", "seed", "versions", "code")}
            for stage, manifest in manifests.items()
        },
    }


def render(template: str, **values: Any) -> str:
    """Fill in a Markdown template; text from outside is escaped, numbers are formatted.

    The same run gives the same card to the letter: its date is that of the evaluation. A card
    without a `version` is a draft.
    """
    text = _MARKDOWN.get_template(template).render(values)
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


def escape(value: object) -> Markup:
    """Return text on one line in which nothing acts as Markdown or HTML."""
    text = _SPECIAL.sub(r"\\\1", " ".join(str(value).split()))
    return Markup(text.replace("\\&", "&amp;").replace("\\<", "&lt;"))  # noqa: S704 (just escaped)


def _escape_shown(value: Any) -> Markup:
    return value if isinstance(value, Markup) else escape(show(None if value == "" else value))


_MARKDOWN = make_environment(TEMPLATES, _escape_shown)
_MARKDOWN.globals |= {"gates": GATES, "title": TITLE}
_MARKDOWN.filters |= {
    "found": show_found,
    "time": lambda moment: f"{datetime.fromisoformat(moment):%Y-%m-%d %H:%M %Z}",
}
_PAGE = make_environment(TEMPLATES)


def card_page(markdown: str, figures: Mapping[str, Path]) -> str:
    """Turn the model card into one HTML page that needs no network, no script and no file.

    HTML in the text stays text, links are not followed, and of pictures only `figures` are shown,
    from within the page: PNG files by the name that the card gives them.
    """
    parser = MarkdownIt("commonmark", {"html": False}).enable("table").disable(["link", "autolink"])
    tokens = parser.parse(markdown)
    for token in tokens:
        for inner in token.children or ():
            if inner.type == "image":
                _embed(inner, figures)
    contents = _number_headings(tokens)
    body = parser.renderer.render(tokens, parser.options, {})
    body = _INTERVAL.sub(r"\1 <span>\2</span>", body)
    body = _NAME.sub(lambda name: re.sub(r"(_|(?=\[))", r"\1<wbr>", name[0]), body)
    body = body.replace("<table>", '<div class="scroll" tabindex="0">\n<table>')
    body = body.replace("</table>", "</table>\n</div>")
    page = _PAGE.get_template("model_card.html.jinja")
    head, _, rest = body.partition("<h2")
    return page.render(
        title=tokens[1].content,
        style=Markup((TEMPLATES / "model_card.css").read_text()),  # noqa: S704 (our own file)
        head=Markup(head),  # noqa: S704 (rendered with HTML off)
        contents=contents,
        body=Markup(f"<h2{rest}"),  # noqa: S704 (rendered with HTML off)
    )


def _number_headings(tokens: Sequence[Token]) -> list[tuple[str, str]]:
    """Give each section an anchor; return anchors and titles for the table of contents."""
    contents: list[tuple[str, str]] = []
    for opening, text in pairwise(tokens):
        if opening.type == "heading_open" and opening.tag == "h2":
            anchor = f"section-{len(contents) + 1}"
            opening.attrs["id"] = anchor
            contents.append((anchor, text.content))
    return contents


def _embed(image: Token, figures: Mapping[str, Path]) -> None:
    """Put a figure into the page; a picture from elsewhere is dropped for its description."""
    name = str(image.attrs.get("src", ""))
    if name in figures:
        content = atomic.read_bytes(figures[name])
        pixels = int.from_bytes(content[16:20])  # the width in a PNG file's header
        image.attrs["src"] = f"data:image/png;base64,{base64.b64encode(content).decode()}"
        image.attrs["width"] = round(pixels * PICTURE_SCALE)
    else:
        image.type, image.tag, image.attrs = "text", "", {}
