"""The pages in a real browser, in front of a real api-server.

Skipped where there is no Chromium, unless LABELING_LAB_REQUIRE_BROWSER is set; ``CHROMIUM`` names
it if it is not on the path.
"""

import os
import shutil
import socket
import threading
import time

import pytest
from playwright import sync_api as playwright

from labeling_lab.pages import PREFIX
from tasks.volume.runs import DATA_ENV

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
playwright.expect.set_options(timeout=30_000)
PAGES = ("", "runs", "titles", "titles/s1", "what-if", "review", "releases", "releases/v0001")


@pytest.fixture
def address(airflow_app, lab_copy, monkeypatch):
    """Airflow's API server with the pages, on a port of its own."""
    import uvicorn

    monkeypatch.setenv(DATA_ENV, str(lab_copy.root))
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


@pytest.fixture
def visit(address):
    """Open pages in Chromium as a user: ``visit(role, width, scheme)``."""
    from airflow.api_fastapi.app import get_auth_manager
    from airflow.api_fastapi.auth.managers.simple.user import SimpleAuthManagerUser

    with playwright.sync_playwright() as started:
        chromium = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])

        def open_as(role, width=1300, scheme="light"):
            shape = {"width": width, "height": 900}
            context = chromium.new_context(
                base_url=f"{address}{PREFIX}/", viewport=shape, color_scheme=scheme
            )
            if role:
                user = SimpleAuthManagerUser(username=f"ada_{role}", role=role)
                token = get_auth_manager().generate_jwt(user)
                context.add_cookies([{"name": "_token", "value": token, "url": address}])
            tab = context.new_page()
            tab.complaints = []
            tab.on("console", lambda m: tab.complaints.append(m.text) if m.type == "error" else 0)
            tab.on("pageerror", lambda error: tab.complaints.append(str(error)))
            tab.on("dialog", lambda dialog: tab.complaints.append(dialog.message))
            return tab

        yield open_as
        chromium.close()


def test_no_page_runs_a_titles_script_complains_or_scrolls_sideways(visit):
    for width, scheme in ((1300, "light"), (420, "dark")):
        tab = visit("viewer", width, scheme)
        for path in PAGES:
            assert tab.goto(path).status == 200, path
            over = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            assert tab.evaluate(over) <= 0, (path, width)
            assert tab.locator("h1").count() == 1, path
        assert tab.complaints == []
    nobody = visit(None)
    assert nobody.goto("titles").status == 401


def test_titles_are_filtered_and_rules_sorted_by_clicks(visit):
    tab = visit("viewer")
    tab.goto("titles")
    tab.get_by_label("Name or id").fill("=hyperlink")
    tab.get_by_role("button", name="Search").click()
    playwright.expect(tab.get_by_text("1 of 1,500 titles")).to_be_visible()
    tab.goto("runs")
    tab.get_by_role("link", name="Conflicts").click()
    playwright.expect(tab.locator("th[aria-sort=descending]")).to_have_text("Conflicts ▼")


def test_three_titles_are_answered_by_keys_and_one_is_undone(visit, lab_copy):
    tab = visit("admin")
    tab.goto("review")
    for done, key in enumerate("fnu", start=1):
        tab.keyboard.press(key)
        playwright.expect(tab.get_by_text(f"{done} answer")).to_be_visible()
        tab.wait_for_load_state()  # before, the script that hears the keys may not be there
    tab.keyboard.press("s")
    tab.wait_for_url("**/review?after=4")
    tab.keyboard.press("z")
    playwright.expect(tab.get_by_text("2 answers by 1 person")).to_be_visible()
    said = [answer.answer for answer in lab_copy.answers.history()]
    assert said == ["family", "not family", "unsure", "withdrawn"]
    with tab.expect_download() as download:
        tab.get_by_role("link", name="All answers").click()
    assert download.value.suggested_filename == "answers.csv"


def test_two_releases_are_compared_and_one_is_asked_back(visit):
    viewer = visit("viewer")
    viewer.goto("releases/v0001")
    assert viewer.get_by_role("button", name="Roll back").count() == 0
    tab = visit("admin")
    tab.goto("releases")
    tab.get_by_role("button", name="Compare").click()
    playwright.expect(tab.get_by_role("heading", level=1)).to_have_text("v0001 and v0002")
    tab.goto("releases/v0001")
    tab.get_by_label("Reason").fill("too many false alarms")
    tab.get_by_label("v0001 replaces v0002").check()
    tab.get_by_role("button", name="Roll back to v0001").click()
    playwright.expect(tab.get_by_role("status")).to_contain_text("netflix_labeling_lab_rollback")
    assert tab.complaints == []
