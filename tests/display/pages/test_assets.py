"""The files of pages: bundled by set-up from these very sources, compressed, kept for ever; or each by itself."""

import re
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser

from display.pages.assets import load_assets
from tests.often import some
from tests.services.browser import LOAD_MS, WatchedPage
from tests.services.server import ROOT, Server
from tests.services.wait import until

STATIC = ROOT / "static"
DESKS = ("/desk", "/desk/alarms", "/desk/handover", "/desk/outbox", "/desk/screens", "/desk/sources", "/desk/import")
PAST = ("/wall?seq=1", "/desk?seq=1")
PAGES = ("/", "/wall", *PAST, *DESKS, "/lead", "/evaluation", "/agency", "/lapor", "/api")
# Each page in one of the two ways; in a soak in both.
BUNDLED = some(PAGES, ("/", PAST[1], "/desk/alarms", "/desk/outbox", "/desk/sources", "/evaluation", "/agency"))
SINGLE = some(
    PAGES,
    ("/wall", PAST[0], "/desk", "/desk/handover", "/desk/screens", "/desk/import", "/lead", "/lapor", "/api"),
)
LOADED = "performance.getEntriesByType('resource').map(({ name }) => new URL(name).pathname)"
# Of a page's own script: it says so in the page when it runs.
RUNS = {path: ("freshness", "live") for path in ("/wall", "/desk", "/desk/alarms")} | dict.fromkeys(PAST, ("seq", "1"))


def test_set_up_built_them_from_what_lies_here() -> None:
    assert load_assets(STATIC, bundled=True).manifest is not None


def test_bundles_of_other_sources_are_not_used(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    for part in ("static/js", "static/css", "static/build", "display/pages"):
        shutil.copytree(ROOT / part, tmp_path / part)
    assert load_assets(tmp_path / "static", bundled=True).manifest is not None
    (tmp_path / "static" / "js" / "ui" / "new.js").write_text("// one more\n")
    assert load_assets(tmp_path / "static", bundled=True).manifest is None
    assert "make setup" in caplog.text


def test_every_page_that_a_template_names_is_there_and_no_other() -> None:
    named = set()
    for template in (ROOT / "templates").glob("*.html"):
        text = template.read_text("utf-8")
        named |= set(re.findall(r'assets\("(\w+)"\)', text)) | set(re.findall(r'set files = "(\w+)"', text))
    named |= {"outbox", "people", "screens", "sources", "import", "lapor"}  # named by a variable
    assert named == set(load_assets(STATIC, bundled=False).pages)


@pytest.mark.server
def test_a_bundle_comes_compressed_and_is_kept_for_ever(server: Callable[..., Server]) -> None:
    room = server()
    page = httpx.get(f"{room.url}/wall").text
    addresses = re.findall(r'"(/static/build/[^"]+)"', page)
    assert len(addresses) == 2 and "/static/js/" not in page and "/static/css/" not in page
    for address in addresses:
        plain = (STATIC / "build" / Path(address).name).read_bytes()
        for coding in ("gzip", "identity"):
            answer = httpx.get(room.url + address, headers={"Accept-Encoding": coding})
            assert answer.content == plain
            assert answer.headers.get("Content-Encoding", "identity") == coding
            assert answer.headers["Content-Type"].count("charset") == 1
            assert "immutable" in answer.headers["Cache-Control"] and "Accept-Encoding" in answer.headers["Vary"]
        packed = httpx.get(room.url + address, headers={"Accept-Encoding": "gzip, br"}, follow_redirects=True)
        assert packed.headers["Content-Encoding"] == "br" and int(packed.headers["Content-Length"]) < len(plain) / 2
    for none in ("manifest.json", "..%2f..%2fapp.py", "wall-none.js"):
        assert httpx.get(f"{room.url}/static/build/{none}").status_code == 404


def test_every_page_stands_in_one_of_the_two_ways() -> None:
    assert {*BUNDLED, *SINGLE} == set(PAGES)


@pytest.mark.often
@pytest.mark.browser
@pytest.mark.parametrize(("bundled", "pages"), [(True, BUNDLED), (False, SINGLE)], ids=["bundled", "single files"])
def test_every_page_runs_bundled_and_by_single_files(
    server: Callable[..., Server], browser: Browser, tmp_path: Path, bundled: bool, pages: Sequence[str]
) -> None:
    told = tmp_path / "config.yaml"
    told.write_text(f"city: tangerang\nserver: {{bundled: {str(bundled).lower()}}}\n")
    room = server(env={"LIVEROOM_CONFIG": str(told)})
    # One browser for all: what several pages load comes once.
    context = browser.new_context(viewport={"width": 1280, "height": 720})
    context.set_default_navigation_timeout(LOAD_MS)
    for path in pages:
        seen = WatchedPage(context.new_page(), room.url)
        seen.page.goto(room.url + path)
        loaded = seen.page.evaluate(LOADED)
        assert any(one.startswith("/static/css/") for one in loaded) is not bundled, path
        assert any(one.startswith("/static/build/style-") for one in loaded) is bundled, path
        if path in RUNS:
            name, value = told = RUNS[path]
            until(lambda page=seen, told=told: page.state(told[0]) == told[1], within=60, why=f"{path}: {name} {value}")
        assert (seen.errors, seen.outside) == ([], []), path
        seen.page.close()
    context.close()
