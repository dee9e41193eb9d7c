"""What an installer copies: units, scripts and documents say nothing that the code does not hold."""

import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import click
import msgspec
import pytest
import yaml
from prometheus_client import REGISTRY

from cli.main import cli
from liveroom.runtime import metrics
from liveroom.runtime.config import OVERRIDES, Config
from tests.house import tree

ROOT = tree.ROOT
DEPLOY = ROOT / "deploy"
UNITS = sorted([*DEPLOY.glob("systemd/*"), *DEPLOY.glob("kiosk/*.service")])
SCRIPTS = sorted(path for path in DEPLOY.rglob("*") if path.is_file() and path.read_bytes().startswith(b"#!"))
DOCUMENTS = ("README.md", "docs/deployment.md", "docs/upgrade.md")
PROGRAMS = {
    "/opt/liveroom/.venv/bin/python": sys.executable,
    "/opt/liveroom/deploy/": f"{DEPLOY}/",
    "/usr/bin/cage": "/bin/true",
    "ExecStart=/opt/liveroom-kiosk/": f"ExecStart={DEPLOY}/kiosk/",
}
OF_CR_109 = {
    "--kiosk",
    "--autoplay-policy=no-user-gesture-required",
    "--disable-background-timer-throttling",
    "--disable-backgrounding-occluded-windows",
    "--disable-renderer-backgrounding",
    "--noerrdialogs",
}


def told_by_installers() -> str:
    """All text that a person or systemd follows."""
    files = [ROOT / path for path in DOCUMENTS] + [path for path in DEPLOY.rglob("*") if path.is_file()]
    return "\n".join(path.read_text(encoding="utf-8") for path in files)


def calls(text: str) -> list[str]:
    """Every call of the command line: in code of a document, in a unit, in a script."""
    spans = re.findall(r"`([^`\n]+)`", text) + text.splitlines()
    call = re.compile(r"(?:ExecStart=)?(?:\S+/python )?(?:run\.py|liveroom) +((?:--)?[a-z].*)")
    return [match[1] for span in spans if (match := call.fullmatch(span.strip()))]


def fault_of(call: str) -> str | None:
    """Why the command line does not know a call; None if it does."""
    command: click.Command = cli
    for word in call.split():
        if word.startswith("--"):
            if word.split("=")[0] not in {option for one in command.params for option in one.opts}:
                return f"{call}: no option {word}"
        elif isinstance(command, click.Group):
            found = command.get_command(click.Context(command), word)
            if found is None:
                # A value of an option of the group itself.
                if command is cli and re.fullmatch(r"[\d:]+", word):
                    continue
                return f"{call}: no command {word}"
            command = found
    return None


def test_code_without_its_packages_says_what_to_run() -> None:
    run = [sys.executable, "-S", str(ROOT / "run.py"), "doctor"]
    said = subprocess.run(run, capture_output=True, text=True, timeout=60, check=False)
    assert (said.returncode, said.stderr.count("\n")) == (1, 1)
    assert said.stderr.endswith(f" is not installed: run make -C {ROOT} setup\n")


def test_every_command_of_the_documents_exists() -> None:
    found = calls(told_by_installers())
    assert {"web", "clock", "doctor"} <= {call.split()[0] for call in found}
    assert [fault for call in found if (fault := fault_of(call))] == []


def test_the_check_of_commands_can_fail() -> None:
    assert calls("`liveroom screen remove lobby` and `run.py web --loud`") == ["screen remove lobby", "web --loud"]
    assert fault_of("screen remove lobby") == "screen remove lobby: no command remove"
    assert fault_of("web --loud") == "web --loud: no option --loud"


def test_every_variable_of_the_documents_is_read_somewhere() -> None:
    code = "\n".join(
        tree.text(path) for path in (*tree.python_files(), "deploy/kiosk/start-wall.sh", "deploy/kiosk/keep-wall.py")
    )
    named = set(re.findall(r"\b(?:LIVEROOM|WALL)_[A-Z_]*[A-Z]\b", told_by_installers()))
    assert sorted(name for name in named if not re.search(rf"\b{name}\b", code)) == []
    assert set(OVERRIDES) | {"LIVEROOM_CONFIG"} <= set(re.findall(r"`(LIVEROOM_\w+)`", tree.text("docs/deployment.md")))


def test_every_setting_of_the_documents_exists() -> None:
    parts = {field.name: field.type for field in msgspec.structs.fields(Config)}
    for part, name in re.findall(r"`(server|database|redis|intake|mail|outbox)\.([a-z_]+)\b", told_by_installers()):
        assert name in {field.name for field in msgspec.structs.fields(parts[part])}, f"{part}.{name}"


def test_every_file_and_target_of_the_documents_exists() -> None:
    text = told_by_installers()
    files = set(re.findall(r"(?<![\w.-])(?:/opt/liveroom/)?(deploy/[\w./@-]*\w)", text))
    assert [path for path in sorted(files) if not (ROOT / path).exists()] == []
    targets = set(re.findall(r"^([a-z-]+):", tree.text("Makefile"), re.MULTILINE))
    assert set(re.findall(r"`(?:\w+=\w+ )?make ([a-z]+)`", text)) <= targets


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd here to read the units")
def test_systemd_accepts_every_unit(tmp_path: Path) -> None:
    for unit in UNITS:
        text = unit.read_text(encoding="utf-8")
        for there, here in PROGRAMS.items():
            text = text.replace(there, here)
        (tmp_path / unit.name).write_text(text, encoding="utf-8")
    words = ["systemd-analyze", "verify", "--man=no", *(str(tmp_path / unit.name) for unit in UNITS)]
    checked = subprocess.run(words, capture_output=True, text=True, check=False)
    assert (checked.returncode, checked.stderr) == (0, "")


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_every_script_is_one_and_may_be_run(script: Path, tmp_path: Path) -> None:
    shell = script.read_text(encoding="utf-8").splitlines()[0].split("/")[-1].removeprefix("env ")
    read = [sys.executable, "-m", "py_compile"] if shell == "python3" else [shell, "-n"]
    env = {**os.environ, "PYTHONPYCACHEPREFIX": str(tmp_path)}
    assert subprocess.run([*read, script], check=False, env=env).returncode == 0
    assert os.access(script, os.X_OK)


def backup(folder: Path, keep: int, **env: str) -> subprocess.CompletedProcess[str]:
    words = [str(DEPLOY / "backup.sh"), str(folder), str(keep)]
    return subprocess.run(
        words, env={**os.environ, **env}, cwd=folder, capture_output=True, text=True, check=False, timeout=120
    )


def test_a_backup_drops_the_oldest_and_a_failed_one_none(tmp_path: Path) -> None:
    old = [f"liveroom-2025010{day}T000000Z.jsonl.gz" for day in (1, 2, 3)]
    for name in old:
        (tmp_path / name).write_text("old")
    for name in old[:2]:
        (tmp_path / f"{name}.erasures").write_text("old")
    (tmp_path / "by-hand.jsonl.gz").write_text("kept")
    for left in ("part", "erasures.part"):
        (tmp_path / f"liveroom-20250103T000000Z.jsonl.gz.{left}").write_text("killed in the middle")
    (tmp_path / "liveroom-20250104T000000Z.jsonl.gz.erasures").write_text("killed before its backup was whole")
    failed = backup(tmp_path, 2, LIVEROOM_DATABASE_URL="postgresql+psycopg://nobody@127.0.0.1:1/nothing")
    assert failed.returncode != 0
    there = sorted([*old, *(f"{name}.erasures" for name in old[:2])])
    assert sorted(path.name for path in tmp_path.glob("liveroom-*")) == there  # and nothing half-written

    done = backup(tmp_path, 2, LIVEROOM_DATA_DIR=str(tmp_path / "room"), LIVEROOM_DATABASE_URL="")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "no findings" in done.stdout
    kept = sorted(path.name for path in tmp_path.glob("liveroom-*"))
    assert kept == [old[2], kept[1], f"{kept[1]}.erasures"]  # those of the dropped ones went with them
    assert (tmp_path / "by-hand.jsonl.gz").exists()
    assert [(tmp_path / name).stat().st_mode & 0o077 for name in kept[1:]] == [0, 0]


class Room(BaseHTTPRequestHandler):
    """Answers 503 twice, then 200."""

    asked: list[str]

    def do_GET(self) -> None:
        self.asked.append(self.path)
        self.send_response(503 if len(self.asked) < 3 else 200)
        self.end_headers()

    def log_message(self, *_words: object) -> None:
        return


@pytest.fixture
def starting_room() -> Iterator[tuple[str, list[str]]]:
    """The address of a room that is not ready at once, and the paths asked of it."""
    asked: list[str] = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Here", (Room,), {"asked": asked}))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    server.server_close()


@pytest.mark.skipif(shutil.which("curl") is None, reason="the wall's start script asks with curl")
@pytest.mark.parametrize(("query", "join"), [("?scene=map", "&"), ("", "?")])
def test_cr_109_the_walls_browser_starts_when_the_room_answers(
    starting_room: tuple[str, list[str]], tmp_path: Path, query: str, join: str
) -> None:
    address, asked = starting_room
    browser = tmp_path / "browser"
    browser.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
    browser.chmod(0o755)
    env = {"WALL_URL": f"{address}/wall{query}", "WALL_TOKEN": "abc", "WALL_BROWSER": str(browser), "HOME": "/nowhere"}
    env |= {"PATH": os.environ["PATH"], "WALL_FLAGS": "--one --two"}
    words = [str(DEPLOY / "kiosk/start-wall.sh")]
    done = subprocess.run(words, env=env, capture_output=True, text=True, check=True, timeout=120)
    given = done.stdout.splitlines()
    assert set(asked) == {"/healthz"}
    assert len(asked) >= 3, "it may have given up on an answer that came late, and asked once more"
    assert OF_CR_109 | {"--one", "--two", "--user-data-dir=/nowhere/.liveroom-wall"} <= set(given)
    assert given[-1] == f"{address}/wall{query}{join}token=abc"


def test_rules_and_dashboard_for_prometheus_ask_only_for_figures_that_there_are() -> None:
    parts = {"counter": ("_total",), "gauge": ("",), "histogram": ("_bucket", "_count", "_sum")}
    known = {family.name + part for family in REGISTRY.collect() for part in parts.get(family.type, ())} | {"up"}
    rules = yaml.safe_load((DEPLOY / "prometheus/alerts.yml").read_text(encoding="utf-8"))
    alerts = [rule for group in rules["groups"] for rule in group["rules"]]
    dashboard = msgspec.json.decode((DEPLOY / "grafana/liveroom.json").read_bytes())
    panels = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    asked = {
        name for words in (*(one["expr"] for one in alerts), *panels) for name in re.findall(r"liveroom_\w+", words)
    }
    assert len(asked) > 20
    assert metrics.OUTBOX_OLDEST.describe()[0].name in asked
    assert asked <= known
    assert {one["labels"]["severity"] for one in alerts} == {"page", "look"}
    assert all(one["annotations"]["summary"] for one in alerts)
    assert len({one["alert"] for one in alerts}) == len(alerts)
