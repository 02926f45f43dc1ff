"""The whole workflow inside Airflow on the real catalogue, once: the figures of the lab."""

import pytest

from tasks.volume import atomic

pytestmark = [pytest.mark.airflow, pytest.mark.slow, pytest.mark.wordnet, pytest.mark.catalog]


def test_the_seeds_protocol_is_reproduced_and_the_honest_figures_stand_beside_it(
    real_catalog, make_lab, tmp_path
):
    lab = make_lab(tmp_path, real_catalog)
    code, output = lab.call("run")
    assert code == 0, output
    metrics = lab.metrics()
    seed, test = metrics["seed_protocol"], metrics["seed_protocol"]["test"]
    assert seed["cv_roc_auc"]["mean"] >= 0.99
    assert test["roc_auc"] >= 0.99
    assert (test["precision"] >= 0.94, test["recall"] >= 0.92) == (True, True)
    assert seed["slice_average_accuracy"] > 0.93
    assert len(seed["slices"]) >= 5
    leakage = metrics["leakage"]
    assert leakage["twins_across_split"] == leakage["augmented_in_test"] == 0
    assert "rating" in [c["column"] for c in leakage["columns"] if c["both"]]
    for block in ("rating_hidden", "blind_audit"):
        low, high = metrics[block]["intervals"]["roc_auc"]
        assert metrics[block]["n"] > 2000
        assert 0.5 < low < metrics[block]["roc_auc"] < high < 0.99
    labelled = atomic.from_csv((lab.released() / "netflix_labeled_family.csv").read_bytes())
    assert len(labelled) == 8807
    assert labelled.set_index("show_id").loc["s3809", "title"] == "1994"
