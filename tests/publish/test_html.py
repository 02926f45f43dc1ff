import base64
import re

import pytest

from tasks.errors import ArtifactError
from tasks.publish.html import html_card
from tasks.publish.markdown import escape, table

PNG = b"\x89PNG picture"
HOSTILE = """<script>alert(1)</script> <img src=x onerror=alert(1)> [click](javascript:alert(1))
![x](http://evil.example/x.png) <https://evil.example> &lt;b&gt; | pipe"""


@pytest.fixture
def figures(tmp_path):
    path = tmp_path / "roc.png"
    path.write_bytes(PNG)
    return {"figures/roc.png": path}


def tags(page):
    return set(re.findall(r"<(\w+)", page[page.index("<body>") :]))


def test_pictures_are_inside_the_page(figures):
    page = html_card("![ROC curves](figures/roc.png)", figures)
    inside = base64.b64encode(PNG).decode()
    assert f'src="data:image/png;base64,{inside}" alt="ROC curves"' in page
    assert "figures/" not in page


@pytest.mark.parametrize("text", [HOSTILE, escape(HOSTILE)], ids=["raw", "escaped"])
def test_hostile_text_stays_text(figures, text):
    page = html_card(f"# Title\n\n{text}\n\n" + table(["a"], [[escape(HOSTILE)]]), figures)
    assert tags(page) <= {"body", "h1", "p", "div", "table", "thead", "tbody", "tr", "th", "td"}
    body = page[page.index("<body>") :]
    assert not re.search(r"<[^>]*(src|href|onerror)=", body)


def test_a_picture_from_elsewhere_leaves_its_description(figures):
    page = html_card("![a chart](http://evil.example/x.png)", figures)
    assert "<p>a chart</p>" in page
    assert "evil" not in page


def test_the_page_asks_nothing_of_the_network_and_fits_a_phone(figures):
    page = html_card("# Title", figures)
    assert page.startswith("<!doctype html>")
    assert "default-src 'none'; img-src data:" in page
    assert 'name="viewport"' in page
    assert "http" not in page.replace("http-equiv", "")


def test_a_wide_table_scrolls_by_itself_and_an_interval_stays_on_one_line(figures):
    page = html_card(table(["", "x"], [["roc", "0.640 (0.620 to 0.641)"]]), figures)
    assert page.count('<div class="scroll">\n<table>') == page.count("</table>\n</div>") == 1
    assert "<td>0.640 <span>(0.620 to 0.641)</span></td>" in page


def test_a_lost_picture_is_an_error(figures):
    figures["figures/roc.png"].unlink()
    with pytest.raises(ArtifactError, match=r"roc.png does not exist"):
        html_card("![x](figures/roc.png)", figures)
