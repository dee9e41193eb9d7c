"""The server fixture, tried on a stand-in `run.py` that is ready, or ends, on command."""

from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from tests.services import server as module
from tests.services.server import Server
from tests.services.wait import until

STAND_IN = '''"""Answers 200 to everything and appends a line to its data folder at every start; "fail" ends at once."""
import http.server, os, pathlib, sys
if "fail" in sys.argv:
    sys.exit("config.yaml: port: not a number")
if "key" in sys.argv:
    sys.exit(print("the key is k-123"))
with (pathlib.Path(os.environ["LIVEROOM_DATA_DIR"]) / "starts").open("a") as starts:
    starts.write("started\\n")
class Ready(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["LIVEROOM_PORT"])), Ready).serve_forever()
'''


@pytest.fixture
def serve(server: Callable[..., Server], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Server]:
    (tmp_path / "run.py").write_text(STAND_IN)
    monkeypatch.setattr(module, "ROOT", tmp_path)
    return server


def test_a_server_is_ready_and_comes_back_after_a_kill_on_the_same_port(serve: Callable[..., Server]) -> None:
    one = serve()
    address = one.url
    one.kill()
    with pytest.raises(httpx.TransportError):
        httpx.get(address, timeout=30)
    one.start()
    assert (one.url, httpx.get(address, timeout=30).status_code) == (address, 200)
    assert (one.data / "starts").read_text() == "started\n" * 2
    until(lambda: '"GET /readyz' in one.log(), why="the request in the server's log")


def test_two_servers_stand_beside_each_other(serve: Callable[..., Server], tmp_path: Path) -> None:
    one, other = serve(data=tmp_path / "shared"), serve(data=tmp_path / "shared")
    assert one.port != other.port
    assert one.last_word("key") == "k-123"


def test_a_server_that_ends_says_why(serve: Callable[..., Server]) -> None:
    with pytest.raises(RuntimeError, match=r"(?s)ended with 1.*config.yaml: port: not a number"):
        serve("fail")
