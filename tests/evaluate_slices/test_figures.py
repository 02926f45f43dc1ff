"""Figures: readable, saved whole, and never without saying how many titles are behind them."""

import importlib

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text

from tasks.errors import VolumeError
from tasks.evaluate_slices.figures import draw_figures, save_fig
from tasks.evaluate_slices.figures.curves import (
    PRECISION_RECALL,
    ROC,
    Scores,
    plot_calibration,
    plot_curves,
)
from tasks.evaluate_slices.figures.tables import (
    plot_class_balance,
    plot_confusion_matrices,
    plot_rules,
    plot_slices,
)

PNG = b"\x89PNG\r\n\x1a\n"
MATRIX = {"tn": 900, "fp": 100, "fn": 50, "tp": 150}
RULES = [
    {"name": "kw_fun", "votes": 1, "coverage": 0.1, "conflicts": 0.05},
    {"name": "rated_high", "votes": 0, "coverage": 0.5, "conflicts": 0.05},
    {"name": "kw_dead", "votes": 1, "coverage": 0.0, "conflicts": 0.0},
]


def scores(name, n, y):
    return Scores(name, np.full(n, y), np.linspace(0, 1, n))


def block(n=1200, n_family=200, accuracy=0.9, interval=(0.85, 0.95), status="ok"):
    counts = {"n": n, "n_family": n_family, "status": status}
    return {**counts, "accuracy": accuracy, "intervals": {"accuracy": interval}}


def texts(fig):
    found = (artist.get_text() for artist in fig.findobj(Text) if artist.get_visible())
    return "\n".join(found).replace("\u00a0", " ")


def title(fig):
    return fig.get_suptitle().replace("\n", " ").replace("\u00a0", " ")


def ticks_out_of_view(fig):
    for axis in (axis for ax in fig.axes for axis in (ax.xaxis, ax.yaxis)):
        low, high = sorted(axis.get_view_interval())
        for tick in (*axis.get_major_ticks(), *axis.get_minor_ticks()):
            if not low <= tick.get_loc() <= high:
                yield from (tick.label1, tick.label2)


@pytest.fixture(scope="module")
def drawn(evidence, metrics):
    """Every figure of the run on the sample, laid out."""
    figures = draw_figures(evidence, metrics)
    for fig in figures.values():
        FigureCanvasAgg(fig).draw()
    return figures


def test_each_says_its_finding_how_many_titles_it_rests_on_and_that_it_is_the_sample(
    drawn, metrics
):
    labelled, gold = (f"n = {metrics[k]['n']:,}" for k in ("seed_protocol", "rating_hidden"))
    folds = f"n = {metrics['seed_protocol']['cv_roc_auc']['n']:,}"
    rows = f"n = {metrics['leakage']['n_training_rows']:,}"
    expected = {
        "roc_curves": ("ROC-AUC: ", [labelled, gold, folds]),
        "pr_curves": ("Average precision: ", [labelled, gold, folds]),
        "confusion_matrix": ("Family titles found: ", [labelled, gold]),
        "slices": ("Worst slice: rating visible, ", [labelled, gold]),
        "rules": (f"{len(metrics['labels']['rules'])} rules: the broadest (", ["n = 1,500"]),
        "class_balance": ("Augmentation takes family from ", [rows]),
        "calibration": ("Rating hidden: the model expects ", [gold]),
    }
    assert set(drawn) == set(expected)
    assert "logistic regression, out-of-fold" in texts(drawn["roc_curves"])
    for name, (finding, numbers) in expected.items():
        found = texts(drawn[name])
        assert title(drawn[name]).startswith(finding), name
        assert "fictional sample" in found.replace("\n", " "), name
        for n in numbers:
            assert n in found, (name, n)


def test_every_panel_has_a_title_its_axes_have_names_and_no_text_leaves_the_canvas(drawn):
    for name, fig in drawn.items():
        width, height = fig.bbox.size
        for ax in fig.axes:
            assert ax.get_title(loc="left"), name
            shared = ax.get_shared_x_axes().get_siblings(ax)
            assert any(sibling.get_xlabel() for sibling in shared), name
        for artist in set(fig.findobj(Text)) - set(ticks_out_of_view(fig)):
            if artist.get_visible() and artist.get_text():
                box = artist.get_window_extent()
                assert -1 <= box.x0 <= box.x1 <= width + 1, (name, artist.get_text())
                assert -1 <= box.y0 <= box.y1 <= height + 1, (name, artist.get_text())
    assert importlib.import_module("matplotlib.pyplot").get_fignums() == []


def test_titles_say_the_finding():
    matrices = plot_confusion_matrices([("on gold", "gold", MATRIX)], 0.75)
    assert title(matrices) == "Family titles found: 75 % on gold"
    assert "says family from a probability of 0.75 on" in texts(matrices).replace("\n", " ")
    assert "from 40 % to 50 %" in title(plot_class_balance({1: 400, 0: 600}, {1: 200, 0: 0}))
    assert "the broadest (rated_high) votes on 50 % of titles" in title(plot_rules(RULES, 100))
    weak = {"all_test_titles": block(), "short_movies": block(accuracy=0.8)}
    gold = {"all_test_titles": block(accuracy=0.3), "short_movies": block()}
    worst = title(plot_slices(weak, gold))
    assert "rating visible, 80 % right (short movies)" in worst
    assert "rating hidden, 30 % right (all test titles)" in worst


def test_what_is_empty_or_of_one_class_is_drawn_as_such():
    nothing = block(0, 0, None, None, "no titles")
    family = block(4, 4, 1.0, (0.51, 1.0), "only family titles")
    fig = plot_slices({"a": nothing, "b": family}, {"a": nothing, "b": nothing})
    for text in (
        "n = 0\nno titles",
        "n = 4\nonly family titles",
        "no slice can be judged",
        "no gold",
    ):
        assert text in texts(fig), text
    one, none = scores("one class", 10, 1), scores("nothing", 0, 1)
    for curve in (ROC, PRECISION_RECALL):
        found = texts(plot_curves(curve, [one], one, [none, one]))
        assert "one class: undefined (n = 10)" in found, curve.merit
        assert "nothing: undefined (n = 0)" in found, curve.merit
    assert "no test title has gold" in texts(plot_calibration(none, none))
    empty = plot_confusion_matrices([("on gold", "gold", dict.fromkeys(MATRIX, 0))], 0.5)
    assert "Family titles found: none to find on gold" in texts(empty)
    assert "0 rules: none votes" in texts(plot_rules([], 10))


def test_calibration_bins_hold_every_title_once():
    some = Scores("some", np.array([0, 0, 0, 1, 1]), np.array([0, 0.05, 0.1, 0.55, 1.0]))
    lower = plot_calibration(some, some).axes[1]
    assert sorted(bar.get_height() for bar in lower.patches) == [1, 1, 1, 1, 1, 1, 2, 2]


def test_a_figure_is_saved_as_the_same_png_every_time_under_its_name_and_closed(tmp_path):
    figures = [plot_confusion_matrices([("on gold", "gold", MATRIX)], 0.5) for _ in range(2)]
    paths = [save_fig(fig, tmp_path / "new" / f"v1.{i}") for i, fig in enumerate(figures)]
    assert [path.name for path in paths] == ["v1.0.png", "v1.1.png"]
    assert paths[0].read_bytes() == paths[1].read_bytes()
    assert paths[0].read_bytes().startswith(PNG)
    assert paths[0].stat().st_size > 10_000
    assert len(list((tmp_path / "new").iterdir())) == 2
    mpl.use("agg")
    pyplot = importlib.import_module("matplotlib.pyplot")
    save_fig(pyplot.subplots()[0], tmp_path / "a.png")
    assert pyplot.get_fignums() == []
    (tmp_path / "file").write_text("")
    with pytest.raises(VolumeError, match=r"file/a\.png"):
        save_fig(Figure(), tmp_path / "file" / "a.png")
