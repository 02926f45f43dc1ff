"""Every page says what the run wrote, to who may read it, and nothing that acts as code."""

import csv
import io
import subprocess
import sys
from urllib.parse import quote

import pytest

from labeling_lab.pages import load
from tasks.evaluate_slices.slices import SLICES
from tasks.pipeline import EVALUATE_SLICES, LABEL, LABELED, METRICS, RULES
from tasks.volume.runs import Volume

pytestmark = [
    pytest.mark.airflow,
    # Airflow's own imports, and starlette's, which would rather have another httpx.
    pytest.mark.filterwarnings("ignore:Using `httpx`"),
]

RUN = "manual__2026-01-01T00:00:00+00:00"
RUN_PATH = f"runs/{quote(RUN, safe='')}"
SCRIPT = "<script>alert(1)</script>"
FORMULA = '=HYPERLINK("http://evil.example")'
PAGES = {
    "": "Current release",
    "runs": "Class balance",
    f"{RUN_PATH}?sort=conflicts&order=down": 'aria-sort="descending"',
    "titles": "of 1,500 titles",
    "titles/s1": "Every vote|The rules disagree|No rule",
    "what-if?title=Puppy+School&rating=TV-Y": "rated_for_families",
    "review": "asks about",
    "releases": "champion",
    "releases/v0001": "SHA-256",
    "releases/v0002/card": "model card",
    "releases/compare?a=v0001&b=v0002": "0 titles with another label",
}
IMPORTED = """
import sys, labeling_lab_plugin
print({"fastapi", "jinja2", "numpy", "pandas", "sklearn"} & {*sys.modules})
"""


def test_every_page_is_there_for_a_viewer_escaped_and_shielded(finished_lab, browser):
    viewer = browser(finished_lab)
    for path, text in PAGES.items():
        answer = viewer.get(path)
        assert answer.status_code == 200, (path, answer.text)
        assert any(part in answer.text for part in text.split("|")), path
        assert SCRIPT not in answer.text, path
        assert answer.headers["x-content-type-options"] == "nosniff", path
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy, path
        assert "frame-ancestors 'self'" in policy, path
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in viewer.get("titles?q=script").text
    assert "&lt;script&gt;" in viewer.get("releases").text


def test_nobody_gets_in_without_logging_in_by_any_route(finished_lab, browser):
    nobody = browser(finished_lab, role=None)
    ids = {"run_id": RUN, "version": "v0001", "show_id": "s1", "name": "review.js"}
    routes = [(method, route) for route in load().routes for method in route.methods]
    assert len(routes) > 10
    for method, route in routes:
        answer = nobody.request(method, route.path.format(**ids))
        assert answer.status_code == 401, (method, route.path)
        assert "v0001" not in answer.text, route.path


def test_a_viewer_reads_and_only_a_form_of_ours_changes_as_airflow_records(finished_lab, browser):
    form = {"reason": "too many alarms", "sure": "yes"}
    ours = {"sec-fetch-site": "same-origin", "origin": "http://testserver"}
    path = "releases/v0001/roll-back"
    viewer, admin = browser(finished_lab), browser(finished_lab, "admin")
    runs = "http://testserver/api/v2/dags/netflix_labeling_lab_rollback/dagRuns"
    before = admin.get(runs).json()["total_entries"]
    assert viewer.post(path, data=form, headers=ours).status_code == 403
    assert "Roll back to" not in viewer.get("releases/v0001").text
    for headers in (
        {},
        {"sec-fetch-site": "cross-site", "origin": "http://testserver"},
        {"sec-fetch-site": "same-site"},
        {"origin": "http://evil.example"},
        {"origin": "null"},
    ):
        answer = admin.post(path, data=form, headers=headers)
        assert answer.status_code == 403, headers
        assert "not sent from the lab" in answer.text, headers
    for wrong in ({**form, "sure": ""}, {**form, "reason": " x "}, {**form, "reason": "x" * 900}):
        assert admin.post(path, data=wrong, headers=ours).status_code == 422, wrong
    assert admin.post("releases/v0009/roll-back", data=form, headers=ours).status_code == 404
    answer = admin.post(path, data=form, headers={"origin": "http://testserver"})
    assert (answer.status_code, "Asked for: run manual__" in answer.text) == (200, True)
    found = admin.get(f"{runs}?order_by=-run_after").json()
    assert found["total_entries"] == before + 1
    run = found["dag_runs"][0]
    assert run["triggering_user_name"] == "ada_admin"
    assert run["conf"] == {"version": "v0001", "reason": "too many alarms"}


def test_ids_and_names_that_are_not_the_volumes_own_are_not_found(finished_lab, browser):
    (finished_lab.root / "secret.txt").write_text("secret")
    admin = browser(finished_lab, "admin")
    for path in (
        "runs/nope",
        "runs/%2e%2e",
        "runs/..%2f..%2fsecret.txt",
        "runs/%2fetc%2fpasswd",
        "runs/.hidden",
        f"runs/{SCRIPT}",
        f"{RUN_PATH}?dag=another",
        "runs?run=../../secret.txt",
        f"{RUN_PATH}/file?stage=fetch&name=../../../secret.txt",
        f"{RUN_PATH}/file?stage=fetch&name=/etc/passwd",
        f"{RUN_PATH}/file?stage=../..&name=secret.txt",
        f"{RUN_PATH}/file?stage=fetch&name=manifest.json",
        "releases/v0009",
        "releases/..%2fruns",
        "releases/v0001/file?name=../current.json",
        "releases/compare?a=../v0001&b=v0002",
        "titles/..%2f..%2fsecret.txt",
        "titles?run=../..",
        "titles/s99999",
        "ours/base.html.jinja",
        "ours/..%2fapp.py",
        "docs",
        "openapi.json",
    ):
        answer = admin.get(path)
        assert answer.status_code == 404, (path, answer.status_code)
        assert "secret\n" not in answer.text, path
        assert SCRIPT not in answer.text, path


def test_a_form_that_is_too_large_is_refused_before_anybody_reads_it(finished_lab, browser):
    admin = browser(finished_lab, "admin")
    large = admin.post("releases/v0001/roll-back", data={"reason": "x" * 10_000_000})
    assert large.status_code == 413
    chunks = (b"reason=" + b"x" * 2**20 for _ in range(10))
    assert admin.post("releases/v0001/roll-back", content=chunks).status_code == 413


def test_downloads_have_no_formula_and_a_name_of_their_own(finished_lab, browser):
    viewer = browser(finished_lab)
    for path, name in (
        (f"{RUN_PATH}/file?stage=fetch&name=catalog.parquet", "catalog.csv"),
        (
            f"{RUN_PATH}/file?stage=label&name=netflix_labeled_family.csv",
            "netflix_labeled_family.csv",
        ),
        ("releases/v0001/file?name=netflix_labeled_family.csv", "netflix_labeled_family.csv"),
    ):
        answer = viewer.get(path)
        assert answer.headers["content-disposition"] == f'attachment; filename="{name}"'
        rows = {row["show_id"]: row for row in csv.DictReader(io.StringIO(answer.text))}
        assert len(rows) == 1500, path
        assert f"'{FORMULA}" in {row["title"] for row in rows.values()}, path
    rules = list(csv.DictReader(io.StringIO(viewer.get(f"{RUN_PATH}/rules.csv").text)))
    assert len(rules) == len(finished_lab.run(RUN).read(LABEL).read_json(RULES))
    assert {"name", "coverage", "findings"} <= set(rules[0])
    picture = viewer.get(f"{RUN_PATH}/file?stage=evaluate_slices&name=figures/slices.png")
    assert picture.headers["content-type"] == "image/png"


def test_titles_are_searched_filtered_sorted_and_paged(finished_lab, browser):
    viewer = browser(finished_lab)
    assert "1 of 1,500 titles" in viewer.get("titles?q=%3Dhyperlink").text
    assert "No title passes" in viewer.get("titles?q=nothing-like-it").text
    assert viewer.get("titles?label=family&sort=hidden&order=down&page=999").status_code == 200
    assert viewer.get("titles?low=high").status_code == 422
    counts = [
        int(
            viewer.get(f"titles?split={split}")
            .text.split(" of 1,500")[0]
            .split(">")[-1]
            .replace(",", "")
        )
        for split in ("train", "test")
    ]
    assert sum(counts) <= 1500
    assert min(counts) > 100
    (rule,) = (rule for rule in SLICES if rule.name == "short_movies")
    n = rule(finished_lab.run(RUN).read(LABEL).read_table(LABELED)).sum()
    assert f"{n} of 1,500 titles" in viewer.get("titles?part=short_movies").text


def test_an_empty_volume_and_a_run_in_progress_say_so(finished_lab, browser, tmp_path):
    empty = browser(Volume(tmp_path / "empty"))
    for path, text in (
        ("", "Nothing is published yet"),
        ("runs", "has no run"),
        ("titles", "has no run with labels"),
        ("releases", "has no release"),
        ("what-if", "Nothing is kept"),
    ):
        answer = empty.get(path)
        assert (answer.status_code, text in answer.text) == (200, True), path
    assert empty.get("titles/s1").status_code == 404
    begun = Volume(tmp_path / "begun")
    (begun.root / "runs").mkdir(parents=True)
    source, target = finished_lab.run(RUN).path, begun.run(RUN).path
    for stage in ("fetch", "label"):
        subprocess.run(["cp", "-r", "--parents", stage, f"{target}/"], cwd=source, check=False)
        (target / stage).parent.mkdir(exist_ok=True)
        subprocess.run(["cp", "-r", str(source / stage), str(target / stage)], check=True)
    running = browser(begun)
    answer = running.get(RUN_PATH)
    assert answer.status_code == 200
    assert "Not finished: it has fetch, label" in answer.text
    assert "Not there yet: augment has not finished" in answer.text
    for path in ("", "titles", "titles/s1"):
        assert running.get(path).status_code == 200, path


def test_a_broken_artifact_is_told_in_its_place_and_the_rest_is_still_there(lab_copy, browser):
    viewer = browser(lab_copy)
    (lab_copy.run(RUN).path / EVALUATE_SLICES / METRICS).write_text("{}")
    answer = viewer.get(RUN_PATH)
    assert answer.status_code == 500
    assert "clear the task evaluate_slices to write it again" in answer.text
    assert "Class balance" in answer.text
    metrics = lab_copy.releases.folder("v0002") / METRICS
    metrics.chmod(0o644)
    metrics.write_text("{}")
    for path in ("", "releases", "releases/v0002", "titles/s1"):
        answer = viewer.get(path)
        assert answer.status_code == 500, path
        assert "missing or altered" in answer.text, path


def test_airflow_loads_the_plugin_without_any_library_that_pages_need(repo):
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", IMPORTED],
        cwd=repo / "plugins", capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert "pandas" not in done.stdout, done.stdout
    assert "sklearn" not in done.stdout, done.stdout
