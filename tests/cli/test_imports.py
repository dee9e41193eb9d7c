"""A call imports what it needs: sets of modules, not seconds, which any busy machine stretches."""

import json
import os
import subprocess
import sys
from pathlib import Path

import click
import pytest

from cli.main import COMMANDS, cli

ROOT = Path(__file__).resolve().parents[2]
# Runs run.py as a person does, for each call after the other, and writes what had been imported when it ended.
TELLING = """
import json, runpy, sys
from pathlib import Path

out, calls = sys.argv[1:]
sys.path.insert(0, ".")
told = {}
for words in json.loads(calls):
    sys.argv[:] = ["run.py", *words]
    try:
        runpy.run_path("run.py", run_name="__main__")
    except SystemExit as end:
        if end.code:
            raise
    told[" ".join(words)] = {name: getattr(module, "__file__", None) or "" for name, module in sys.modules.items()}
Path(out).write_text(json.dumps(told))
"""
HEAVY = {
    "PIL", "alembic", "authlib", "av", "cryptography", "eventlet", "flask", "folium", "holidays", "numpy", "pygments",
    "redis", "rich", "shapely", "structlog", "werkzeug",
}  # fmt: skip
# Each needs the room and nothing that draws, serves or sends.
OF_THE_DATABASE = [
    ("source", "add", "Second"),
    ("source", "list"),
    ("screen", "list"),
    ("user", "list"),
    ("outbox", "status"),
]


def imported(folder: Path, *calls: tuple[str, ...]) -> dict[str, dict[str, str]]:
    """What these calls have imported when each ends, by its words, with the file of each module."""
    out = folder / "modules.json"
    env = {**os.environ, "LIVEROOM_DATA_DIR": str(folder)}
    call = [sys.executable, "-c", TELLING, str(out), json.dumps(calls)]
    subprocess.run(call, cwd=ROOT, env=env, check=True, capture_output=True, timeout=120)
    found: dict[str, dict[str, str]] = json.loads(out.read_text())
    return found


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of a room that was opened before."""
    folder = tmp_path_factory.mktemp("begun")
    (found,) = imported(folder, ("source", "add", "First")).values()
    assert "alembic" in found, "this one made the tables"
    return folder


def test_the_list_of_commands_needs_click_and_nothing_of_the_room(tmp_path: Path) -> None:
    (found,) = imported(tmp_path, ("--help",)).values()
    libraries = {name.partition(".")[0] for name, file in found.items() if "site-packages" in file}
    assert {name for name in libraries if not name.startswith("_")} == {"click"}
    ours = {name for name in found if name.partition(".")[0] in ("app", "cli", "display", "ingest", "liveroom")}
    assert ours == {"liveroom", "cli", "cli.main"}
    assert not any(tmp_path.glob("*.db"))


def test_a_command_on_the_database_imports_nothing_that_it_does_not_use(begun: Path) -> None:
    for words, modules in imported(begun, *OF_THE_DATABASE).items():
        found = {name.partition(".")[0] for name in modules}
        assert "sqlalchemy" in found, words
        assert found & HEAVY == set(), words


def test_the_list_of_commands_says_of_each_what_it_says_itself() -> None:
    context = click.Context(cli)
    said = {name: cli.get_command(context, name) for name in cli.list_commands(context)}
    own = {name: " ".join((one.help or "").split("\n\n")[0].split()) for name, one in said.items() if one}
    assert {name: place.purpose for name, place in COMMANDS.items()} == own
