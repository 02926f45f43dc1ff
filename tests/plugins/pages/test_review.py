"""Answers by keystroke and by file: recorded for who is logged in, taken back, none lost."""

import csv
import io
from concurrent.futures import ThreadPoolExecutor

import pytest

from tasks.pipeline import EVALUATE_SLICES, TO_REVIEW
from tasks.volume import atomic

pytestmark = [pytest.mark.airflow, pytest.mark.filterwarnings("ignore:Using `httpx`")]

OURS = {"sec-fetch-site": "same-origin"}


@pytest.fixture
def asked(lab_copy):
    """The titles that the run asks about."""
    (run,) = lab_copy.runs()
    return atomic.from_csv(run.read(EVALUATE_SLICES).read_bytes(TO_REVIEW))


def said(volume):
    return [(a.show_id, a.answer, a.by) for a in volume.answers.history()]


def test_the_first_title_is_asked_answered_skipped_and_undone(lab_copy, asked, browser):
    admin = browser(lab_copy, "admin")
    first, second, third = asked["show_id"].head(3)
    page = admin.get("review").text
    assert f'name="show_id" value="{first}"' in page
    form = {"show_id": first, "answer": "family", "rank": 1}
    page = admin.post("review/answer", data=form, headers=OURS).text
    assert f'name="show_id" value="{second}"' in page
    assert "1 answer by 1 person: 1 title of the catalog settled" in page
    assert f'name="show_id" value="{third}"' in admin.get("review?after=2").text
    assert said(lab_copy) == [(first, "family", "ada_admin")]
    again = admin.post("review/undo", data={"show_id": second}, headers=OURS)
    assert (again.status_code, "something else since" in again.text) == (409, True)
    page = admin.post("review/undo", data={"show_id": first}, headers=OURS).text
    assert f'name="show_id" value="{first}"' in page
    assert said(lab_copy)[1:] == [(first, "withdrawn", "ada_admin")]
    for answer in ("family", "unsure"):
        admin.post("review/answer", data={**form, "answer": answer}, headers=OURS)
    page = admin.post("review/undo", data={"show_id": first}, headers=OURS).text
    assert "Your last: <strong>family</strong>" in page
    assert f'name="show_id" value="{second}"' in page
    assert said(lab_copy)[-1] == (first, "family", "ada_admin")
    assert "start over" in admin.get(f"review?after={len(asked)}").text


def test_a_viewer_another_site_and_nonsense_record_nothing(lab_copy, asked, browser):
    form = {"show_id": asked["show_id"].iloc[0], "answer": "family"}
    viewer, admin = browser(lab_copy), browser(lab_copy, "admin")
    assert "You may read, but not answer" in viewer.get("review").text
    for path, data in (("answer", form), ("undo", form)):
        assert viewer.post(f"review/{path}", data=data, headers=OURS).status_code == 403, path
        assert admin.post(f"review/{path}", data=data).status_code == 403, path
    files = {"file": ("a.csv", b"show_id,answer\ns1,family\n")}
    assert viewer.post("review/import", files=files, headers=OURS).status_code == 403
    for wrong in (
        {**form, "answer": "perhaps"},
        {**form, "show_id": "../s1"},
        {**form, "note": "x" * 3000},
        {"answer": "family"},
    ):
        assert admin.post("review/answer", data=wrong, headers=OURS).status_code == 422, wrong
    assert said(lab_copy) == []


def test_two_reviewers_at_once_lose_no_answer(lab_copy, asked, browser):
    reviewers = [browser(lab_copy, role) for role in ("admin", "op")]
    jobs = [(who, show_id) for show_id in asked["show_id"].head(8) for who in reviewers]

    def give(job):
        form = {"show_id": job[1], "answer": "unsure"}
        return job[0].post("review/answer", data=form, headers=OURS).status_code

    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(give, jobs)) == {200}
    assert len({(show_id, by) for show_id, _, by in said(lab_copy)}) == len(jobs)


def test_the_queue_is_filled_in_as_a_file_and_answers_come_out_as_one(lab_copy, asked, browser):
    admin = browser(lab_copy, "admin")
    (run,) = lab_copy.runs()
    queue = admin.get(f"runs/{run.id}/file?stage={EVALUATE_SLICES}&name={TO_REVIEW}").content
    assert queue == run.read(EVALUATE_SLICES).read_bytes(TO_REVIEW)  # no formula in it already
    rows = list(csv.DictReader(io.StringIO(queue.decode())))[:3]
    rows[0]["answer"], rows[1]["answer"], rows[2]["answer"] = "f", "not", "perhaps"
    out = io.StringIO()
    writer = csv.DictWriter(out, rows[0])
    writer.writeheader()
    writer.writerows(rows)
    files = {"file": ("filled.csv", out.getvalue().encode())}
    answer = admin.post("review/import", files=files, headers=OURS)
    assert "2 answers recorded" in answer.text
    assert "1 row refused" in answer.text
    bad = admin.post("review/import", files={"file": ("a", b"\xff\xfe")}, headers=OURS)
    assert (bad.status_code, "UTF-8" in bad.text) == (422, True)
    exported = list(csv.DictReader(io.StringIO(admin.get("review/answers.csv").text)))
    assert {row["answer"] for row in exported} == {"family", "not family"}
