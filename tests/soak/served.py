"""The same furnished room behind a real server: what is sent goes over a socket, as a proxy would send it on."""

import http.client
from pathlib import Path
from types import TracebackType

import httpx

from tests.rooms.call import Answer, Call
from tests.rooms.furnished import ROOT, SoakRoom
from tests.rooms.staffed import NAME
from tests.services.server import Server

PATIENCE_S = 60
LONGEST_LINE = 8_000
# Where a body ends is tried in tests/runtime/test_bodies.py; here every call is whole.
OF_BODIES = frozenset({"Content-Length", "Transfer-Encoding", "Connection", "Upgrade"})


class ServedRoom:
    """A drill that runs: its staff, clock and courier work beside the strangers."""

    def __init__(self, folder: Path) -> None:
        self.inner = SoakRoom(folder, kind="drill")
        self.inner.close()
        config = folder / "config.yaml"
        words = f"city: {self.inner.config.city}\ncities: {ROOT / 'cities'}\n"
        config.write_text(f"{words}server: {{behind_proxy: true, hosts: [{NAME}]}}\n")
        self.server = Server("--drill", data=folder, env={"LIVEROOM_CONFIG": str(config)})

    def __enter__(self) -> "ServedRoom":
        """Start the server."""
        self.server.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """End it."""
        self.server.kill()

    @staticmethod
    def takes(call: Call) -> bool:
        """Whether its head is short enough for the server itself to hand it on (tests/runtime/test_bodies.py)."""
        return max(map(len, (call.target, *call.headers.values()))) < LONGEST_LINE

    def ask(self, call: Call) -> Answer | None:
        """The answer that came over the socket; None when none came."""
        headers = {"Host": NAME, **self.inner.headers_of(call.visitor), **call.headers}
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=PATIENCE_S)
        try:
            connection.putrequest(call.method, call.target, skip_host=True, skip_accept_encoding=True)
            for name, value in headers.items():
                if name not in OF_BODIES:
                    connection.putheader(name, value.strip().encode("latin-1"))
            connection.putheader("Content-Length", str(len(call.body)))
            connection.endheaders(call.body)
            found = connection.getresponse()
            return Answer(status=found.status, headers=dict(found.getheaders()), body=found.read())
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()

    def answers(self) -> bool:
        """Whether it is alive and well."""
        return httpx.get(f"{self.server.url}/readyz", headers={"Host": NAME}, timeout=PATIENCE_S).status_code == 200
