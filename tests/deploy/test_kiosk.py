"""The wall's browser is kept (CR-107, CR-110): a real Chromium, started anew when its page is due, hangs, or ended."""

import os
import shutil
import signal
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.often import SOAKING
from tests.services.wait import until

pytestmark = pytest.mark.browser
KEEPER = Path(__file__).resolve().parents[2] / "deploy/kiosk/keep-wall.py"
FINE = "<!doctype html><html><title>wall</title></html>"
DUE = '<!doctype html><html data-restart="due"><title>wall</title></html>'
# It hangs once it was asked, so that no machine is too slow for the answer before.
HANGS = """<!doctype html><title>wall</title><script>
Object.defineProperty(document.documentElement, "dataset", { get() { setTimeout(() => { for (;;); }); return {}; } });
</script>"""
HANGS_AT_ONCE = "<!doctype html><title>wall</title><script>for (;;);</script>"
# A page that is well has more time for an answer than a machine stands still; one that hangs is given none.
PATIENT = {"WALL_SILENT_S": "120", "WALL_ASK_S": "6"}
HASTY = {"WALL_SILENT_S": "3", "WALL_ASK_S": "1"}
HASTY_FROM_THE_START = {**HASTY, "WALL_FIRST_S": "2"}


class Room:
    """A server whose first wall is ``first`` and every later one is fine; ``opened`` counts the walls."""

    def __init__(self, first: str) -> None:
        self.opened = 0
        room = self

        class Door(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                wall = self.path.startswith("/wall")
                room.opened += wall
                body = (first if room.opened == 1 else FINE) if wall else "ok"
                self.send_response(200)
                self.send_header("Content-Type", "text/html")
                self.end_headers()
                self.wfile.write(body.encode())

            def log_message(self, *_: object) -> None:
                """Nobody reads it."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.address = f"http://127.0.0.1:{self.server.server_address[1]}"


@pytest.fixture
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Room, subprocess.Popen[str]]]:
    """A keeper at work on a room whose first wall is the parameter, with settings of its own."""
    first, settings = request.param
    room = Room(first)
    env = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "WALL_URL": f"{room.address}/wall",
        "WALL_BROWSER": str(shutil.which("chromium")),
        "WALL_FLAGS": "--headless --no-sandbox --disable-gpu",
        **settings,
    }
    with subprocess.Popen([str(KEEPER)], env=env, stdout=subprocess.PIPE, text=True) as process:
        yield room, process
        process.send_signal(signal.SIGTERM)
    room.server.shutdown()
    room.server.server_close()


@pytest.mark.often
@pytest.mark.parametrize(
    ("kept", "why"),
    [
        ((DUE, PATIENT), "its planned restart is due"),
        ((HANGS, HASTY), "its page has not answered"),
        ((HANGS_AT_ONCE, HASTY_FROM_THE_START), "its page has not answered"),
        # With nothing said, the seconds are the rule's.
        *([((HANGS, {}), "its page has not answered for 30 s")] if SOAKING else []),
    ],
    ids=["cr_110_due", "cr_107_hangs", "cr_107_hangs_at_once", "cr_107_30_s"][: 4 if SOAKING else 3],
    indirect=["kept"],
)
def test_cr_107_110_the_walls_browser_is_started_anew(kept: tuple[Room, subprocess.Popen[str]], why: str) -> None:
    room, process = kept
    until(lambda: room.opened >= 2, within=300, why="the wall to be opened again")
    assert process.stdout is not None
    assert why in process.stdout.readline()
    assert process.poll() is None


@pytest.mark.parametrize("kept", [(FINE, PATIENT)], indirect=True)
def test_cr_110_a_wall_that_is_well_is_left_alone_until_its_browser_ends(
    kept: tuple[Room, subprocess.Popen[str]],
) -> None:
    room, process = kept
    until(lambda: room.opened == 1, within=300, why="the wall to be opened")
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    assert len(children) == 1
    os.kill(int(children[0]), signal.SIGKILL)
    until(lambda: room.opened == 2, within=300, why="the wall to be opened again")
    assert process.stdout is not None
    assert "it ended with -9" in process.stdout.readline()
