"""Figures: written whole, readable, and never without saying how many titles are behind them."""

import importlib

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text

from tasks.errors import VolumeError
from tasks.evaluate_slices.figures import (
    Scores,
    plot_calibration,
    plot_class_balance,
    plot_confusion_matrices,
    plot_pr_curves,
    plot_roc_curves,
    plot_rules,
    plot_slices,
    save_fig,
)
from tasks.evaluate_slices.figures.style import in_words, new_figure, percent, rounded

PNG = b"\x89PNG\r\n\x1a\n"
MATRIX = {"tn": 900, "fp": 100, "fn": 50, "tp": 150}
RULES = [
    {"name": "kw_fun", "votes": 1, "coverage": 0.1, "conflicts": 0.05},
    {"name": "rated_high", "votes": 0, "coverage": 0.5, "conflicts": 0.05},
    {"name": "kw_dead", "votes": 1, "coverage": 0.0, "conflicts": 0.0},
]


def scores(name, n, y=None):
    rng = np.random.default_rng(n)
    truth = (rng.random(n) < 0.4).astype(int) if y is None else np.full(n, y)
    return Scores(name, truth, np.clip(0.2 * truth + 0.8 * rng.random(n), 0, 1))


def block(n=1200, n_family=200, accuracy=0.9, interval=(0.85, 0.95), status="ok"):
    intervals = {"accuracy": list(interval) if interval else None}
    return {
        "n": n,
        "n_family": n_family,
        "accuracy": accuracy,
        "intervals": intervals,
        "status": status,
    }


def texts(fig):
    found = (artist.get_text() for artist in fig.findobj(Text) if artist.get_visible())
    return "\n".join(found).replace("\u00a0", " ")


def ticks_out_of_view(fig):
    for axis in (axis for ax in fig.axes for axis in (ax.xaxis, ax.yaxis)):
        low, high = sorted(axis.get_view_interval())
        for tick in (*axis.get_major_ticks(), *axis.get_minor_ticks()):
            if not low <= tick.get_loc() <= high:
                yield from (tick.label1, tick.label2)


def one_line(text):
    return text.replace("\n", " ").replace("\u00a0", " ")


def curves(plot):
    return plot(
        [scores("logistic regression", 1500), scores("random forest", 1500)],
        scores("winner, test titles", 1300),
        [scores("winner, rating hidden", 1200), scores("blind audit", 1100)],
    )


FIGURES = {
    "roc": (lambda: curves(plot_roc_curves), ("1,500", "1,300", "1,200", "1,100")),
    "pr": (lambda: curves(plot_pr_curves), ("1,500", "1,300", "1,200", "1,100")),
    "confusion": (lambda: plot_confusion_matrices([("on gold", "gold", MATRIX)] * 2), ("1,200",)),
    "slices": (
        lambda: plot_slices({"long_tv_shows": block()}, {"long_tv_shows": block()}),
        ("1,200",),
    ),
    "rules": (lambda: plot_rules(RULES, 8807), ("8,807",)),
    "balance": (lambda: plot_class_balance({1: 400, 0: 900}, {1: 500, 0: 0}), ("1,300", "1,800")),
    "calibration": (
        lambda: plot_calibration(scores("visible", 1200), scores("hidden", 1200)),
        ("1,200",),
    ),
}
each_figure = pytest.mark.parametrize(("draw", "numbers"), FIGURES.values(), ids=FIGURES)


@each_figure
def test_says_how_many_titles_are_behind_it(draw, numbers):
    found = texts(draw())
    for n in numbers:
        assert f"n = {n}" in found


@each_figure
def test_every_panel_has_a_title_and_its_axes_have_names(draw, numbers):
    fig = draw()
    assert len(fig.get_suptitle()) > 20
    for ax in fig.axes:
        assert ax.get_title(loc="left")
        shares_x = ax.get_shared_x_axes().get_siblings(ax)
        assert any(sibling.get_xlabel() for sibling in shares_x)


@each_figure
def test_no_text_leaves_the_canvas(draw, numbers):
    fig = draw()
    FigureCanvasAgg(fig).draw()
    width, height = fig.bbox.size
    for artist in set(fig.findobj(Text)) - set(ticks_out_of_view(fig)):
        if artist.get_visible() and artist.get_text():
            box = artist.get_window_extent()
            assert -1 <= box.x0 <= box.x1 <= width + 1, artist.get_text()
            assert -1 <= box.y0 <= box.y1 <= height + 1, artist.get_text()


@each_figure
def test_is_saved_as_png_the_same_every_time(draw, numbers, tmp_path):
    path, again = (save_fig(draw(), tmp_path / "figures" / name) for name in ("a.png", "b.png"))
    assert path.read_bytes().startswith(PNG)
    assert path.stat().st_size > 10_000
    assert path.read_bytes() == again.read_bytes()
    assert sorted(p.name for p in path.parent.iterdir()) == ["a.png", "b.png"]


def test_a_caption_is_added_to_what_the_figure_says_itself():
    fig = plot_rules(RULES, 8807, "A made-up catalog.")
    assert "Hatched: titles on which another rule votes the other class." in texts(fig)
    assert "A made-up catalog." in texts(fig)


def test_titles_say_the_finding():
    assert curves(plot_roc_curves).get_suptitle().startswith("ROC-AUC: 0.")
    matrix = plot_confusion_matrices([("on gold", "gold", MATRIX)]).get_suptitle()
    assert one_line(matrix) == "Family titles found: 75 % on gold"
    balance = plot_class_balance({1: 400, 0: 600}, {1: 200, 0: 0}).get_suptitle()
    assert "from 40 % to 50 %" in one_line(balance)
    rules = one_line(plot_rules(RULES, 100).get_suptitle())
    assert "the broadest (rated_high) votes on 50 % of titles" in rules
    assert "kw_fun (50 % of its votes)" in rules


def test_the_worst_slice_is_in_the_title():
    weak = {"all_test_titles": block(), "short_movies": block(accuracy=0.8)}
    gold = {"all_test_titles": block(accuracy=0.3), "short_movies": block()}
    title = one_line(plot_slices(weak, gold).get_suptitle())
    assert "rating visible, 80 % right (short movies)" in title
    assert "rating hidden, 30 % right (all test titles)" in title


def test_empty_and_one_class_slices_are_drawn_as_such():
    nothing = block(0, 0, None, None, "no titles")
    family = block(4, 4, 1.0, (0.51, 1.0), "only family titles")
    fig = plot_slices({"a": nothing, "b": family}, {"a": nothing, "b": nothing})
    assert "n = 0\nno titles" in texts(fig)
    assert "n = 4\nonly family titles" in texts(fig)
    assert "rating hidden, no slice has titles" in texts(fig)


@pytest.mark.parametrize("plot", [plot_roc_curves, plot_pr_curves])
def test_a_curve_of_one_class_is_undefined(plot):
    one = scores("one class", 10, y=1)
    fig = plot([one], one, [scores("nothing", 0), one])
    assert "one class: undefined (n = 10)" in texts(fig)
    assert "nothing: undefined (n = 0)" in texts(fig)


def test_calibration_bins_hold_every_title_once():
    probability = np.array([0, 0.05, 0.1, 0.55, 1.0])
    some = Scores("some", np.array([0, 0, 0, 1, 1]), probability)
    lower = plot_calibration(some, some).axes[1]
    assert sorted(bar.get_height() for bar in lower.patches) == [1, 1, 1, 1, 1, 1, 2, 2]


def test_calibration_without_gold():
    nothing = scores("nothing", 0)
    assert "no test title has gold" in texts(plot_calibration(nothing, nothing))


def test_confusion_without_titles():
    fig = plot_confusion_matrices([("on gold", "gold", dict.fromkeys(MATRIX, 0))])
    assert "Family titles found: none to find on gold" in texts(fig)


def test_no_rules_at_all():
    assert "0 rules: none votes" in texts(plot_rules([], 10))


def test_save_fig_adds_the_ending_makes_the_folder_and_closes(tmp_path):
    fig = Figure()
    fig.subplots().plot([0, 1])
    path = save_fig(fig, str(tmp_path / "new" / "v1.2"))
    assert path == tmp_path / "new" / "v1.2.png"
    assert path.read_bytes().startswith(PNG)
    assert fig.axes == []


def test_save_fig_closes_a_figure_of_pyplot(tmp_path):
    mpl.use("agg")
    pyplot = importlib.import_module("matplotlib.pyplot")
    fig, ax = pyplot.subplots()
    ax.plot([1, 2])
    save_fig(fig, tmp_path / "a.png")
    assert pyplot.get_fignums() == []
    assert (tmp_path / "a.png").read_bytes().startswith(PNG)


def test_the_plots_themselves_do_without_pyplot(repo):
    sources = [path.read_text() for path in (repo / "tasks" / "figures").glob("*.py")]
    assert len(sources) > 3
    for line in "".join(sources).splitlines():
        assert not ("import" in line and "pyplot" in line)


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(VolumeError, match=r"file/a\.png"):
        save_fig(Figure(), tmp_path / "file" / "a.png")


@pytest.mark.parametrize(
    ("value", "shown"), [(0.6449, "0.645"), (0.9996, "0.9996"), (0.99996, "0.99996"), (1, "1.000")]
)
def test_figures_do_not_round_up_to_one(value, shown):
    assert rounded(value) == shown


@pytest.mark.parametrize(
    ("share", "shown"),
    [(0, "0 %"), (0.002, "0.2 %"), (0.5, "50 %"), (0.998, "99.8 %"), (1, "100 %")],
)
def test_percents_do_not_round_to_all_or_nothing(share, shown):
    assert percent(share) == shown.replace(" ", "\u00a0")


def test_names_become_words():
    assert in_words("calibrated_linear_svc") == "calibrated linear SVC"


def test_long_titles_are_wrapped_and_make_room_for_themselves():
    (short, _), (long, _) = (new_figure((6, 3), "word " * n, "") for n in (3, 60))
    assert long.get_figheight() > short.get_figheight() + 0.5
    assert long.axes[0].get_position().height * long.get_figheight() == pytest.approx(3)
