"""The lab in Airflow's own UI: a real browser before a real api-server, with a finished run.

Skipped where there is no Chromium, unless LABELING_LAB_REQUIRE_BROWSER is set; ``CHROMIUM`` names
it if it is not on the path. No scheduler works here: a run that is triggered stays queued.
"""

import json
import os
import shutil
import socket
import threading
import time
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright import sync_api as playwright

from labeling_lab.home import DAG_ID, ROLLBACK_DAG_ID
from labeling_lab.pages import PREFIX
from tasks.pipeline import DECIDE, DECISION
from tasks.volume.runs import DATA_ENV, Volume

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
REQUIRED = "LABELING_LAB_REQUIRE_BROWSER" in os.environ
pytestmark = [
    pytest.mark.airflow,
    pytest.mark.skipif(
        CHROMIUM is None and not REQUIRED,
        reason="no Chromium on the PATH (Debian: apt-get install chromium), nor named in CHROMIUM",
    ),
    pytest.mark.filterwarnings("ignore"),  # uvicorn and websockets are not ours
]
SECONDS = 30  # on a busy machine
playwright.expect.set_options(timeout=SECONDS * 1000)
expect = playwright.expect
RUN = "manual__2026-01-01T00:00:00+00:00"
PAGES = ("", "runs", "titles", "titles/s1", "what-if?title=Puppy", "review", "releases")
PAGES += ("releases/v0001", "releases/compare?a=v0001&b=v0002", "scores")


@pytest.fixture(scope="module")
def lab(finished_lab, tmp_path_factory):
    """The volume behind the pages: a copy, for all tests of this file."""
    root = tmp_path_factory.mktemp("seen") / "volume"
    shutil.copytree(finished_lab.root, root, symlinks=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(DATA_ENV, str(root))
        yield Volume(root)


@pytest.fixture(scope="module")
def address(airflow_app, lab):
    """Airflow's API server, on a port of its own."""
    import uvicorn

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(airflow_app, port=port, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.1)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(10)


@pytest.fixture(scope="module")
def open_tab(address):
    """Open a tab as nobody, or as a user of a role who logs in by Airflow's form at first."""
    passwords = Path(os.environ["AIRFLOW_HOME"], "simple_auth_manager_passwords.json.generated")
    contexts = {}

    def open_as(role=None):
        if role not in contexts:
            contexts[role] = context = chromium.new_context(base_url=address)
            context.set_default_timeout(SECONDS * 1000)
            if role:
                tab = context.new_page()
                tab.goto("/")
                tab.get_by_label("Username").fill(f"ada_{role}")
                password = json.loads(passwords.read_text())[f"ada_{role}"]
                tab.get_by_label("Password").fill(password)
                tab.get_by_role("button", name="Sign in").click()
                tab.get_by_role("link", name="Lab", exact=True).wait_for()
                tab.close()
        tab = contexts[role].new_page()
        tab.set_viewport_size({"width": 1300, "height": 900})
        tab.complaints = []
        tab.on("console", lambda m: tab.complaints.append(m.text) if m.type == "error" else 0)
        tab.on("pageerror", lambda error: tab.complaints.append(str(error)))
        tab.on("dialog", lambda dialog: tab.complaints.append(dialog.message))
        return tab

    with playwright.sync_playwright() as started:
        chromium = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield open_as
        chromium.close()


def page(path):
    return f"{PREFIX}/{path}"


def runs_of(tab, dag_id):
    return tab.request.get(f"/api/v2/dags/{dag_id}/dagRuns?order_by=-run_after").json()["dag_runs"]


def test_who_logs_in_finds_the_lab_in_airflows_navigation_and_on_the_run(open_tab):
    tab = open_tab("viewer")
    tab.goto("/")
    tab.get_by_role("link", name="Lab", exact=True).click()
    frame = tab.frame_locator("iframe")
    for name in ("Run report", "Titles", "Review", "Releases", "Overview"):
        frame.get_by_role("link", name=name, exact=True).click()
        expect(frame.locator("nav a[aria-current]")).to_have_text(name)
        expect(frame.get_by_role("heading", level=1)).to_have_text(name)
    nobody = open_tab()
    assert nobody.goto(page("titles")).status == 401
    expect(nobody.get_by_role("heading", name="Please log in")).to_be_visible()
    nobody.goto("/plugin/labeling-lab")
    nobody.get_by_label("Password").wait_for()


def test_no_page_runs_a_titles_script_complains_or_scrolls_sideways(open_tab):
    tab = open_tab("viewer")
    for width, scheme in ((1300, "light"), (390, "dark")):
        tab.set_viewport_size({"width": width, "height": 900})
        tab.emulate_media(color_scheme=scheme)
        for path in PAGES:
            assert tab.goto(page(path)).status == 200, path
            over = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            assert tab.evaluate(over) <= 0, (path, width)
            assert tab.locator("h1").count() == 1, path
    assert tab.complaints == []


def test_titles_are_filtered_and_rules_sorted_by_clicks(open_tab):
    tab = open_tab("viewer")
    tab.goto(page("titles"))
    tab.get_by_label("Name or id").fill("=hyperlink")
    tab.get_by_role("button", name="Search").click()
    expect(tab.get_by_text("1 of 1,500 titles")).to_be_visible()
    tab.goto(page("runs"))
    tab.get_by_role("link", name="Conflicts").click()
    expect(tab.locator("th[aria-sort=descending]")).to_have_text("Conflicts ▼")


def test_three_titles_are_answered_by_keys_and_one_is_undone(open_tab, lab):
    viewer = open_tab("viewer")
    viewer.goto(page("review"))
    expect(viewer.get_by_text("You may read, but not answer")).to_be_visible()
    assert viewer.get_by_role("button").count() == 0
    tab = open_tab("admin")
    tab.goto(page("review"))
    for done, key in enumerate("fnu", start=1):
        tab.keyboard.press(key)
        expect(tab.get_by_text(f"{done} answer")).to_be_visible()
        tab.wait_for_load_state()  # before, the script that hears the keys may not be there
    tab.keyboard.press("s")
    tab.wait_for_url("**/review?after=4")
    tab.keyboard.press("z")
    expect(tab.get_by_text("2 answers by 1 person")).to_be_visible()
    said = [answer.answer for answer in lab.answers.history()]
    assert said == ["family", "not family", "unsure", "withdrawn"]
    with tab.expect_download() as download:
        tab.get_by_role("link", name="All answers").click()
    assert download.value.suggested_filename == "answers.csv"


def test_two_releases_are_compared_and_one_is_asked_back(open_tab):
    viewer = open_tab("viewer")
    viewer.goto(page("releases/v0001"))
    expect(viewer.get_by_text("You may read, but not change, releases")).to_be_visible()
    assert viewer.get_by_role("button", name="Roll back").count() == 0
    tab = open_tab("admin")
    tab.goto(page("releases"))
    tab.get_by_role("button", name="Compare").click()
    expect(tab.get_by_role("heading", level=1)).to_have_text("v0001 and v0002")
    tab.goto(page("releases/v0001"))
    tab.get_by_label("Reason").fill("too many false alarms")
    tab.get_by_label("v0001 replaces v0002").check()
    tab.get_by_role("button", name="Roll back to v0001").click()
    expect(tab.get_by_role("status")).to_contain_text("netflix_labeling_lab_rollback")
    assert tab.complaints == []
    (run,) = runs_of(tab, ROLLBACK_DAG_ID)
    assert run["conf"] == {"version": "v0001", "reason": "too many false alarms"}


def test_a_run_is_triggered_with_other_params_through_airflows_form(open_tab):
    tab = open_tab("admin")
    tab.goto(f"/dags/{DAG_ID}")
    tab.get_by_role("button", name="Trigger").first.click()
    form = tab.get_by_role("dialog")
    form.get_by_role("button", name="Training", exact=True).click()
    form.get_by_label("Folds").fill("3")
    form.get_by_role("button", name="Publishing", exact=True).click()
    form.locator("[name=element_approval]").locator("xpath=..").click()
    form.get_by_role("button", name="Trigger", exact=True).click()
    tab.wait_for_url("**/runs/manual__*")
    run = runs_of(tab, DAG_ID)[0]
    assert (run["run_type"], run["triggering_user_name"]) == ("manual", "ada_admin")
    assert (run["conf"]["folds"], run["conf"]["approval"]) == (3, True)
    assert run["conf"]["aggregator"] == "weighted"


def ask_about(run_id, workspace, patch):
    """Leave the run as its task approve does, which asks and waits."""
    from airflow.dag_processing.dagbag import DagBag
    from airflow.models.hitl import HITLDetail
    from airflow.models.taskinstance import TaskInstance
    from airflow.providers.standard.operators import hitl
    from airflow.sdk.exceptions import TaskAwaitingInput
    from airflow.utils.session import create_session
    from airflow.utils.state import TaskInstanceState

    task = DagBag(os.environ["AIRFLOW__CORE__DAGS_FOLDER"]).dags[DAG_ID].get_task("approve")
    decision = workspace.read(DECIDE).read_json(DECISION)
    with create_session() as session:
        ti = session.query(TaskInstance).filter_by(run_id=run_id, task_id=task.task_id).one()
        ti.state, ti.try_number = TaskInstanceState.AWAITING_INPUT, 1
        ti.xcom_pull, ti.xcom_push = lambda task_ids: decision, lambda key, value: None

        def keep(assigned_users, **asked):
            session.add(HITLDetail(**asked))

        patch.setattr(hitl, "upsert_hitl_detail", keep)
        context = {"run_id": run_id, "ti": ti, "task_instance": ti, "params": {"approval": True}}
        task.render_template_fields(context)
        with pytest.raises(TaskAwaitingInput):
            task.execute(context)


def test_a_run_is_approved_in_airflows_own_page_and_its_tab_has_the_report(
    open_tab, lab, monkeypatch
):
    tab, viewer = open_tab("admin"), open_tab("viewer")
    started = {"dag_run_id": RUN, "logical_date": None, "conf": {"approval": True}}
    runs = f"/api/v2/dags/{DAG_ID}/dagRuns"
    assert viewer.request.post(runs, data=started).status == 403
    assert tab.request.post(runs, data=started).ok
    ask_about(RUN, lab.workspace(RUN), monkeypatch)
    run = f"{runs}/{quote(RUN, safe='')}"
    response = {"chosen_options": ["Approve"], "params_input": {}}
    own = f"{run}/taskInstances/approve/-1/hitlDetails"
    assert viewer.request.patch(own, data=response).status == 403

    tab.goto("/required_actions")
    tab.get_by_role("link", name=f"Publish the winner of {RUN}?").click()
    expect(tab.get_by_role("row", name="rating_hidden_roc_auc")).to_contain_text("passed")
    tab.locator("[name=element_comment]").fill("Figures look right")
    tab.get_by_role("button", name="Approve", exact=True).click()
    expect(tab.get_by_role("button", name="Approve", exact=True)).to_be_disabled()
    said = tab.request.get(own).json()
    assert said["chosen_options"] == ["Approve"]
    assert said["params_input"] == {"comment": "Figures look right"}
    assert said["responded_by_user"]["name"] == "ada_admin"

    tab.goto(f"/dags/{DAG_ID}/runs/{RUN}")
    tab.get_by_role("link", name="Labeling Lab").last.click()
    report = tab.frame_locator("iframe")
    expect(report.get_by_role("heading", level=1)).to_have_text("Run report")
    expect(report.locator("select[name=run]")).to_have_value(RUN)
