"""The model card as one HTML page that needs nothing beside it: no network, no script, no file."""

import base64
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token

from tasks.volume import atomic

STYLE = """
:root { color-scheme: light dark; --ink: #1d2530; --soft: #5b6675; --line: #d9dee5;
  --paper: #ffffff; --shade: #f4f6f8; --mark: #b3261e; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ed; --soft: #a3adb9; --line: #3a434e;
  --paper: #161b21; --shade: #1f262e; --mark: #ff8a80; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 62rem; padding: 1rem 1rem 4rem; color: var(--ink);
  background: var(--paper); font: 1rem/1.55 system-ui, sans-serif; overflow-wrap: break-word; }
h1 { font-size: 1.7rem; line-height: 1.2; }
h2 { margin-top: 2.5rem; padding-bottom: .25rem; border-bottom: 1px solid var(--line);
  font-size: 1.25rem; }
p, li { max-width: 44rem; }
h1 + p { padding: .8rem 1rem; background: var(--shade); border-radius: .5rem; }
blockquote { margin: 1rem 0; padding: .2rem 1rem; border-left: .3rem solid var(--mark);
  background: var(--shade); }
.scroll { overflow-x: auto; margin: 1rem 0; }
table { border-collapse: collapse; font-size: .9rem; font-variant-numeric: tabular-nums; }
th, td { padding: .35rem .7rem; border-bottom: 1px solid var(--line); text-align: left;
  vertical-align: top; min-width: 4.5rem; }
th { color: var(--soft); font-weight: 600; }
td:first-child { font-weight: 600; }
td:first-child { position: sticky; left: 0; background: var(--paper); }
td span { display: inline-block; white-space: nowrap; color: var(--soft); }
code { font-size: .88em; overflow-wrap: anywhere; }
@media (max-width: 40rem) { td:first-child { max-width: 10rem; overflow-wrap: anywhere; } }
pre { overflow-x: auto; padding: .8rem 1rem; background: var(--shade); border-radius: .5rem; }
img { display: block; max-width: 100%; height: auto; background: #ffffff; border-radius: .5rem; }
""".strip()
PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy"
 content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<title>Family-friendly or not: model card</title>
<style>
{style}
</style>
</head>
<body>
{body}</body>
</html>
"""
_INTERVAL = re.compile(r"(?<=<td>)([^<>() ]+) (\([^<>()]+ to [^<>()]+\))(?=</td>)")


def html_card(markdown: str, figures: Mapping[str, Path]) -> str:
    """Turn the model card into a page of its own.

    HTML in the text stays text, links are not followed, and of pictures only the release's own
    are shown, from within the page.

    Parameters
    ----------
    markdown : str
        The card.
    figures : mapping of str to Path
        The PNG files by the name that the card gives them.
    """
    parser = MarkdownIt("commonmark", {"html": False}).enable("table").disable(["link", "autolink"])
    tokens = parser.parse(markdown)
    _embed(tokens, figures)
    body: str = parser.renderer.render(tokens, parser.options, {})
    body = _INTERVAL.sub(r"\1 <span>\2</span>", body)
    body = body.replace("<table>", '<div class="scroll">\n<table>')
    body = body.replace("</table>", "</table>\n</div>")
    return PAGE.format(style=STYLE, body=body)


def _embed(tokens: Sequence[Token], figures: Mapping[str, Path]) -> None:
    """Put the figures into the page; a picture from elsewhere is dropped for its description."""
    for token in tokens:
        for inner in token.children or ():
            if inner.type != "image":
                continue
            name = str(inner.attrs.get("src", ""))
            if name in figures:
                inner.attrs["src"] = _data_uri(figures[name])
                inner.attrs["loading"] = "lazy"
            else:
                _forget(inner)


def _data_uri(path: Path) -> str:
    return "data:image/png;base64," + base64.b64encode(atomic.read_bytes(path)).decode()


def _forget(image: Any) -> None:
    image.type, image.tag, image.attrs = "text", "", {}
