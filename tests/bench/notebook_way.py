"""The same work the plain notebook way: a row at a time, a look-up a word, a pipeline a model.

This is what the lab is timed against. It is written as such notebooks usually are, with
scikit-learn's defaults, and shares no code with the lab but the rules' word lists.

Usage: python tests/bench/notebook_way.py <catalog.csv>; prints the seconds of each step as JSON.
"""

import json
import random
import sys
import time

import numpy as np
import pandas as pd
from nltk.corpus import wordnet
from row_wise import MAJORITY_RULES
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, roc_auc_score
from sklearn.model_selection import StratifiedKFold, cross_val_score, train_test_split
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.svm import LinearSVC

from tasks.catalog.columns import FAMILY_RATINGS, NOT_FAMILY_RATINGS

FAMILY, NOT_FAMILY, ABSTAIN = 1, 0, -1


def vote_row(row, rules):
    votes = [rule(row) for rule in rules]
    family, other = votes.count(FAMILY), votes.count(NOT_FAMILY)
    return FAMILY if family > other else NOT_FAMILY if other > family else ABSTAIN


def replace_synonyms(text, rng, n=3):
    words = text.split()
    known = [i for i, word in enumerate(words) if wordnet.synsets(word)]
    for i in rng.sample(known, min(n, len(known))):
        synonyms = {
            lemma.name().replace("_", " ")
            for synset in wordnet.synsets(words[i])
            for lemma in synset.lemmas()
        } - {words[i]}
        if synonyms:
            words[i] = rng.choice(sorted(synonyms))
    return " ".join(words)


def swap_words(text, rng, n=2):
    words = text.split()
    for _ in range(n):
        i, j = rng.randrange(len(words)), rng.randrange(len(words))
        words[i], words[j] = words[j], words[i]
    return " ".join(words)


def delete_words(text, rng, share=0.1):
    kept = [word for word in text.split() if rng.random() > share]
    return " ".join(kept) or text


def augment_rows(train, rng):
    """Balance the classes with copies of minority rows, one row at a time."""
    counts = train["label"].value_counts()
    minority = train[train["label"] == counts.idxmin()]
    copies = []
    operations = (replace_synonyms, swap_words, delete_words)
    for i in range(counts.max() - counts.min()):
        row = minority.iloc[i % len(minority)].copy()
        row["text"] = operations[i % 3](row["text"], rng)
        copies.append(row)
    return pd.concat([train, pd.DataFrame(copies)]).drop_duplicates("text")


def add_features(titles):
    duration = titles["duration"].str.extract(r"(\d+) (\w+)")
    return titles.assign(
        text=titles["title"] + ". " + titles["description"],
        duration_value=duration[0].astype(float),
        duration_unit=duration[1].fillna("missing"),
        cast_count=titles["cast"].apply(lambda x: len(str(x).split(",")) if pd.notna(x) else 0),
        genre_count=titles["listed_in"].apply(lambda x: len(str(x).split(","))),
        rating=titles["rating"].fillna("missing"),
    )


def make_features():
    numeric = make_pipeline(SimpleImputer(strategy="median"), StandardScaler())
    return ColumnTransformer(
        [
            ("text", TfidfVectorizer(ngram_range=(1, 2), max_features=60_000), "text"),
            ("num", numeric, ["duration_value", "release_year", "cast_count", "genre_count"]),
            ("cat", OneHotEncoder(handle_unknown="ignore"), ["type", "rating", "duration_unit"]),
        ]
    )


def make_models():
    return {
        "logistic_regression": LogisticRegression(max_iter=1000),
        "random_forest": RandomForestClassifier(),
        "calibrated_linear_svc": CalibratedClassifierCV(LinearSVC()),
    }


def train_models(rows):
    """Cross-validate three separate pipelines, five folds each; refit the best."""
    folds = StratifiedKFold(5, shuffle=True, random_state=0)
    pipelines = {
        name: Pipeline([("features", make_features()), ("model", model)])
        for name, model in make_models().items()
    }
    scores = {
        name: cross_val_score(pipe, rows, rows["label"], cv=folds, scoring="roc_auc").mean()
        for name, pipe in pipelines.items()
    }
    best = max(scores, key=scores.get)
    return pipelines[best].fit(rows, rows["label"]), scores


def main(path):
    seconds = {}
    started = time.perf_counter()

    def lap(step):
        nonlocal started
        seconds[step] = round(time.perf_counter() - started, 2)
        started = time.perf_counter()

    titles = add_features(pd.read_csv(path))
    lap("load")
    titles["label"] = titles.fillna("").apply(vote_row, axis=1, rules=MAJORITY_RULES)
    lap("label")
    labelled = titles[titles["label"] != ABSTAIN]
    train, test = train_test_split(labelled, stratify=labelled["label"], random_state=0)
    rows = augment_rows(train, random.Random(0))
    lap("augment")
    model, scores = train_models(rows)
    lap("train")
    probability = model.predict_proba(test)[:, 1]
    accuracy = accuracy_score(test["label"], np.round(probability))
    roc_auc = roc_auc_score(test["label"], probability)
    lap("test")
    rated = test[test["rating"].isin(FAMILY_RATINGS | NOT_FAMILY_RATINGS)]
    hidden = model.predict_proba(rated.assign(rating="missing"))[:, 1]
    return {
        "seconds": seconds,
        "n": len(titles),
        "cv_roc_auc": scores,
        "test": {"n": len(test), "roc_auc": roc_auc, "accuracy": accuracy},
        "n_gold": len(rated),
        "rating_hidden_roc_auc": roc_auc_score(rated["rating"].isin(FAMILY_RATINGS), hidden),
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(sys.argv[1])) + "\n")
