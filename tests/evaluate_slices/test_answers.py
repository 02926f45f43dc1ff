"""What people's answers say about labels, ratings, rules and model."""

from dataclasses import replace

import numpy as np
import pandas as pd

from tasks.evaluate_slices.answers import examine_by_answers


def test_answers_judge_what_they_did_not_make(evidence):
    score = lambda truth, probability: {"n": len(truth), "family": int(truth.sum())}  # noqa: E731
    titles = evidence.titles[evidence.titles["gold"].notna() & evidence.titles["label"].notna()]
    train, test = (titles[titles["split"] == side].head(40) for side in ("train", "test"))
    answered = pd.concat([train, test])
    votes = (answered["split"] == "train") & (answered["gold"] == 1)
    answers = pd.DataFrame(
        {
            "show_id": answered["show_id"],
            "answer": answered["gold"].where(answered.index != answered.index[0]),
            "strength": np.where(votes, 0.97, np.nan),
        }
    )
    report = {"voting": int(votes.sum())}
    block = examine_by_answers(replace(evidence, answers=answers, answers_report=report), score)
    known = answers["answer"].notna().to_numpy()
    silent = answered[known & ~votes.to_numpy()]
    assert (block["n"], block["voting"]) == (79, votes.sum())
    assert block["train"]["n"] + block["test"]["n"] == 79
    assert block["test"]["family"] == (test["gold"] == 1).sum()
    assert block["agreement_with_labels"]["n"] == len(silent)
    assert block["agreement_with_labels"]["accuracy"] == (silent["label"] == silent["gold"]).mean()
    rated = block["agreement_with_ratings"]
    assert (rated["n"], rated["accuracy"]) == (79, 1.0)
    assert block["rating_hidden"] == {"n": 40, "family": block["test"]["family"]}
    rated = next(rule for rule in block["rules"] if rule["name"] == "rated_for_families")
    assert rated["accuracy"] == 1.0
    assert rated["intervals"]["accuracy"][0] < 1
