"""The version stands in one place, and the command line and the start page show that one."""

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from liveroom import __version__
from tests.house import tree
from tests.rooms.staffed import House

# What `run.py --version` may import beside Python's own: nothing that costs a noticeable moment.
OURS = {"cli", "click", "liveroom"}
LOADED = """
import runpy, sys
before = set(sys.modules)
sys.argv = ["run.py", "--version"]
try:
    runpy.run_path("run.py", run_name="__main__")
except SystemExit as ended:
    assert not ended.code
print(*sorted(set(sys.modules) - before))
"""


def asked(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *words], cwd=tree.ROOT, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("words", [("--version",), ("--drill", "--version")])
def test_the_command_line_says_the_version_and_serves_nothing(words: tuple[str, ...]) -> None:
    done = asked("run.py", *words)
    assert (done.returncode, done.stdout, done.stderr) == (0, f"Liveroom {__version__}\n", "")


def test_asking_for_the_version_imports_almost_nothing() -> None:
    done = asked("-c", LOADED)
    assert done.returncode == 0, done.stderr
    said, modules = done.stdout.splitlines()
    assert said == f"Liveroom {__version__}"
    assert {module.partition(".")[0] for module in modules.split()} - sys.stdlib_module_names == OURS
    assert "importlib.metadata" not in modules.split()


def test_the_start_page_says_the_version_in_both_languages(tmp_path: Path) -> None:
    browser = House(tmp_path).browser()
    assert f"<footer>Liveroom versi {__version__}</footer>" in browser.get("/").text
    assert f"<footer>Liveroom version {__version__}</footer>" in browser.get("/?lang=en").text


def test_no_other_file_says_a_version_of_ours() -> None:
    assert "version" not in json.loads(tree.text("package.json"))
    lock = json.loads(tree.text("package-lock.json"))
    assert "version" not in lock
    assert "version" not in lock["packages"][""]
    assert "project" not in tomllib.loads(tree.text("pyproject.toml"))


def test_the_version_is_the_newest_heading_of_the_changes() -> None:
    headings = re.findall(r"^## (.+)$", tree.text("CHANGELOG.md"), re.MULTILINE)
    assert headings[0].split()[0] == __version__
