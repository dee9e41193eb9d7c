"""The house keeps its promises: locks are exact and name no registry, the set-up works once, the contracts bite."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from setup import browser_files
from setup.step import Step, StepFailed, command, perform
from tests.house import tree

ROOT = tree.ROOT
LOCKS = ("run", "dev", "node", "audit")
REQUIREMENT = re.compile(r"^[A-Za-z0-9][\w.\[\]-]*==\S+ \\$")
# A skeleton of the room: module -> what it holds. Contracts are tried on it, so that they can be seen to bite.
PLANTED = [
    ("display/pages/wall", "import ingest.sources.api"),
    ("ingest/sources/api", "from display.pages import wall"),
    ("liveroom/room/room", "import display"),
    ("liveroom/room/clock", "import app"),
    ("liveroom/room/clock", "import cli.main"),
    ("display/pages/wall", "import app"),
    ("ingest/drill/driver", "import cli.main"),
    ("liveroom/log/event_log", "import liveroom.room.room"),
    ("liveroom/projection/fold", "import liveroom.room.commands.complaints"),
    ("liveroom/accounts/users", "import liveroom.projection.fold"),
    ("liveroom/media/store", "import liveroom.courier.mail"),
    ("liveroom/domain/complaints/decide", "import time"),
    ("liveroom/domain/complaints/decide", "import random"),
    ("liveroom/domain/complaints/decide", "import liveroom.runtime.time"),
    ("liveroom/domain/complaints/decide", "from liveroom.log import event_log"),
    ("liveroom/room/room", "from sqlalchemy import text"),
    ("display/pages/wall", "import sqlalchemy.orm"),
    ("liveroom/room/clock", "def late() -> None:\n    import eventlet"),
]
# A link of imports that is a broken contract by itself, as the report tells it.
BROKEN = re.compile(r"^- +(\S+ -> \S+) \(l\.[^)]*\)\n(?=\n)", re.MULTILINE)


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_pins_every_package_by_version_and_hash(name: str) -> None:
    blocks = re.split(r"\n(?=[A-Za-z0-9])", tree.text(f"requirements/{name}.txt"))
    packages = [block.splitlines() for block in blocks if not block.startswith("#")]
    assert packages
    assert [lines[0] for lines in packages if not REQUIREMENT.match(lines[0])] == []
    assert [lines[0] for lines in packages if not any("--hash=sha256:" in line for line in lines)] == []


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_holds_every_package_asked_for(name: str) -> None:
    asked = re.findall(r"^([a-z][a-z0-9-]*)", tree.text(f"requirements/{name}.in"), re.MULTILINE)
    locked = re.findall(r"^([a-z0-9-]+)[\[\]\w]*==", tree.text(f"requirements/{name}.txt"), re.MULTILINE)
    assert sorted(set(asked) - set(locked)) == []


def test_no_lock_names_a_registry() -> None:
    texts = {path: tree.text(path) for path in tree.files() if path.startswith("requirements/")}
    assert [path for path, text in texts.items() if "://" in text or "index-url" in text] == []
    packages = json.loads(tree.text("package-lock.json"))["packages"].values()
    assert [one for one in packages if "resolved" in one] == []
    assert [one for one in packages if "integrity" not in one and one.get("name") != "liveroom"] == []


def test_browser_libraries_are_pinned_exactly() -> None:
    package = json.loads(tree.text("package.json"))
    versions = {**package["dependencies"], **package["devDependencies"]}
    assert {name: version for name, version in versions.items() if not re.fullmatch(r"\d+\.\d+\.\d+", version)} == {}


def test_everything_the_pages_load_is_served_from_here() -> None:
    folders = {folder for folder, _ in browser_files.COPIES.values()}
    assert [folder for folder in folders if not (browser_files.VENDOR / folder / "LICENSE").is_file()] == []
    for file in ("leaflet/leaflet.js", "socket.io-client/socket.io.esm.min.js", "ibm-plex-sans/standard.css"):
        assert (browser_files.VENDOR / file).stat().st_size > 0
    assert not [path for path in tree.files() if path.startswith("static/vendor/")], "vendor files are never committed"


def test_a_step_runs_once_until_an_input_changes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lock, done = tmp_path / "lock", []
    step = Step(
        says="thing", inputs=(lock,), stamp=tmp_path / "made" / "stamp", act=lambda: done.append(1), remedy="none"
    )
    for content in ("one", "one", "two"):
        lock.write_text(content)
        perform(step)
    assert len(done) == 2
    assert capsys.readouterr().out == "setup: thing\n" * 2


def test_a_step_that_fails_says_what_to_do_and_is_tried_again(tmp_path: Path) -> None:
    def act() -> None:
        command(sys.executable, "-c", "print('the reason'); raise SystemExit(3)")

    step = Step(says="thing", inputs=(), stamp=tmp_path / "stamp", act=act, remedy="turn it round")
    for _ in range(2):
        with pytest.raises(StepFailed, match=r"(?s)the reason.*ended with 3.*FAILED: thing.*turn it round"):
            perform(step)


def test_the_check_of_a_change_is_what_a_person_runs() -> None:
    assert os.access(ROOT / ".ci" / "run", os.X_OK)
    assert re.search(r"^make test", tree.text(".ci/run"), re.MULTILINE)
    targets = set(re.findall(r"^([a-z-]+):", tree.text("Makefile"), re.MULTILINE))
    assert {"setup", "run", "test", "lint", "bench"} <= targets


def test_every_link_in_the_documents_leads_somewhere() -> None:
    documents = [path for path in tree.files() if path.endswith(".md")]
    assert "README.md" in documents
    broken = [
        f"{path}: {target}"
        for path in documents
        for target in re.findall(r"\]\(([^)#\s]+)", tree.text(path))
        if "://" not in target and not (ROOT / path).parent.joinpath(target).exists()
    ]
    assert not broken, "\n".join(broken)


def contracts(folder: Path, *planted: tuple[str, str]) -> subprocess.CompletedProcess[str]:
    """Check the contracts of pyproject.toml on a copy of the product with lines added to modules."""
    for package in ("cli", "display", "ingest", "liveroom"):
        shutil.copytree(ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    for file in ("app.py", "pyproject.toml"):
        shutil.copy(ROOT / file, folder)
    for module, line in planted:
        with (folder / f"{module}.py").open("a", encoding="utf-8") as file:
            file.write(f"\n{line}\n")
    lint = [str(Path(sys.executable).with_name("lint-imports")), "--no-logo", "--no-cache"]
    return subprocess.run(lint, cwd=folder, capture_output=True, text=True, check=False)


def test_the_contracts_hold(tmp_path: Path) -> None:
    checked = contracts(tmp_path)
    assert checked.returncode == 0, checked.stdout
    assert "0 broken" in checked.stdout


def link_of(module: str, line: str) -> str:
    """How the report names that import: a library by its name, a module of ours whole."""
    _, name, *parts = line.split("\n")[-1].split()
    ours = name.partition(".")[0] in ("app", "cli", "display", "ingest", "liveroom")
    named = f"{name}.{parts[1]}" if parts and ours else name if ours else name.partition(".")[0]
    return f"{module.replace('/', '.')} -> {named}"


def test_every_planted_import_breaks_a_contract(tmp_path: Path) -> None:
    checked = contracts(tmp_path, *PLANTED)
    assert checked.returncode == 1
    assert {link_of(*one) for one in PLANTED} - set(BROKEN.findall(checked.stdout)) == set()


def test_a_module_that_no_layer_names_breaks_a_contract(tmp_path: Path) -> None:
    checked = contracts(tmp_path, ("liveroom/elsewhere", "import os"))
    assert checked.returncode == 1
    assert "BROKEN" in checked.stdout
