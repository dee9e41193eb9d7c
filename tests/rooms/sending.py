"""A served test room with one complaint at work, and a phone that sends files to it by hand."""

import base64
from pathlib import Path

import httpx

from tests.rooms.alarm_room import NOON, PLACE, key_of_new_source
from tests.services.server import Server
from tests.services.wait import until

PIECE = "application/offset+octet-stream"
TUS = {"Tus-Resumable": "1.0.0"}


class ProofRoom:
    """``complaint`` is with dpupr, accepted and started; ``key`` is its source's."""

    def __init__(self, server: Server) -> None:
        self.url = server.url
        self.server = server
        self.http = httpx.Client(base_url=server.url, timeout=60)
        self.key = key_of_new_source(server, "lapor")
        self.begin("P-1")

    def begin(self, name: str) -> None:
        """Go on with a complaint of this name, newly reported."""
        body = {"source_id": name, "category": "jalan_rusak", **PLACE}
        answer = self.http.post("/api/v1/complaints", json=body, headers={"Authorization": f"Bearer {self.key}"})
        self.complaint, self.seq = str(answer.json()["id"]), int(answer.json()["seq"])
        self.order("forward", role="duty", agency="dpupr")
        for name in ("accept", "start"):
            self.order(name)

    def order(self, name: str, *, role: str = "agency", expect: int = 200, **fields: object) -> dict[str, object]:
        """Give a command as loopback does."""
        body = {"command_id": f"{name}-{self.seq}-{fields}"[:120], "seen_seq": self.seq, "actor": role, "role": role}
        agency = {"actor_agency": "dpupr"} if role.startswith("agency") else {}
        answer = self.http.post(f"/api/v1/complaints/{self.complaint}/{name}", json={**body, **agency, **fields})
        assert answer.status_code == expect, answer.text
        told: dict[str, object] = answer.json()
        self.seq = int(str(told.get("seq", self.seq)))
        return told

    def expect(self, length: int, **headers: str) -> httpx.Response:
        """Announce a file for the complaint."""
        named = base64.b64encode(self.complaint.encode()).decode()
        announced = {**TUS, "Upload-Length": str(length), "Upload-Metadata": f"complaint {named}", **headers}
        return self.http.post("/api/v1/uploads", headers=announced)

    def piece(self, where: str, offset: int, content: bytes) -> httpx.Response:
        """Send the next piece."""
        headers = {**TUS, "Upload-Offset": str(offset), "Content-Type": PIECE}
        return self.http.patch(where, headers=headers, content=content)

    def offset(self, where: str) -> int:
        """Ask how much is there."""
        return int(self.http.head(where, headers=TUS).headers["Upload-Offset"])

    def state(self, where: str) -> dict[str, object]:
        """What became of an upload, once it is decided."""
        until(lambda: self._state(where)["state"] in ("ready", "refused"), within=180, why="the file to be looked into")
        return self._state(where)

    def sent(self, content: bytes) -> dict[str, object]:
        """Send a file whole; returns what became of it."""
        where = self.expect(len(content)).headers["Location"]
        assert self.piece(where, 0, content).status_code == 204
        return self.state(where)

    def whole(self, role: str = "duty") -> dict[str, object]:
        """The complaint as the desk reads it."""
        answer: dict[str, object] = self.http.get(f"/api/v1/complaints/{self.complaint}", params={"role": role}).json()
        return answer

    def close(self) -> None:
        """Let go of the connection."""
        self.http.close()

    def _state(self, where: str) -> dict[str, object]:
        told: dict[str, object] = self.http.get(f"{where}/state").json()
        return told


def standing(folder: Path) -> dict[str, str]:
    """The environment of a test room whose time stands."""
    line = folder / "time"
    line.write_text(NOON + "\n")
    return {"LIVEROOM_TIME_FILE": str(line)}
