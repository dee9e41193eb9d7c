"""Looks for the people of a file of synthetic complaints in every place of a served room, before and after erasure.

python -m bench.personal_data FILE        {"laporan": [{"id", "kategori", "teks", "alamat", "pelapor": {…}, …}]}
"""

import json
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.figures import keep, machine
from tests.maintenance.house import House
from tests.maintenance.people import found
from tests.rooms.sending import standing
from tests.services.server import Server
from tests.services.wait import until


@dataclass(frozen=True, slots=True)
class Synthetic:
    """One complaint of the file."""

    row: dict[str, Any]

    @property
    def secrets(self) -> tuple[str, ...]:
        """Name, telephone as written and as digits, address, and the whole text as the file has it."""
        phone = self.row["pelapor"]["telepon"]
        return (self.row["pelapor"]["nama"], phone, phone.replace("-", ""), self.row["alamat"], self.row["teks"])

    @property
    def report(self) -> dict[str, Any]:
        """As a source hands it in."""
        row, who = self.row, self.row["pelapor"]
        said = {"source_id": row["id"], "category": row["kategori"]}
        told = {"description": row["teks"], "address": row["alamat"]}
        person = {"name": who["nama"], "phone": who["telepon"]}
        return {**said, **told, "lat": row["lat"], "lon": row["lon"], "person": person}


def main(file: Path) -> None:
    """Measure and keep."""
    people = [Synthetic(row) for row in json.loads(file.read_text())["laporan"]]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        data = folder / "room"
        data.mkdir()
        server = Server(data=data, env=standing(folder), anew=True).start()
        try:
            keep("personal_data", [{"people": len(people), **_looked(server, people, folder)}], machine())
        finally:
            server.kill()


def _looked(server: Server, people: list[Synthetic], folder: Path) -> dict[str, object]:
    house = House(server, "", people)
    places = {"events": house.events(), "feeds": house.feeds(), "public": house.public(), "log": server.log().encode()}
    told: dict[str, object] = {f"found in {name}": _n(hay, people) for name, hay in places.items()}
    told["found in files before"] = _n(house.files(), people)
    backup = folder / "whole.backup"
    server.command("backup", str(backup))
    begun = time.monotonic()
    house.erase()
    told |= {"erased in s": round(time.monotonic() - begun, 1), "found in files after": _n(house.files(), people)}
    house.room.close()
    server.stop()
    again = ("restore", str(backup))
    until(lambda: server.command(*again, check=False).returncode == 0, within=60, why="the room to be restored")
    return told | {"found in files restored": _n(house.files(), people)}


def _n(hay: bytes, people: list[Synthetic]) -> int:
    """Of all that betrays them, how much is there."""
    return len(set(found(hay, people)))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
