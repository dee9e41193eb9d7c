"""Somebody who writes a file, imports it, and looks at what came of it."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ingest.sources.importer import ImportOrder, ImportTally, run_import
from liveroom.domain.complaints.intake import Report
from liveroom.tables.table_plan import TablePlan
from tests.ingest.stand_in import StandIn


class Clerk:
    """Writes a file, imports it, and looks at what came of it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.room, self.rests = folder, StandIn(), list[float]()

    def file(self, text: str | bytes, name: str = "data.csv") -> Path:
        path = self.folder / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    def bring(self, path: Path, columns: Mapping[str, str] | None = None, **more: Any) -> ImportTally:
        plan = TablePlan(columns=dict(columns or {}), **more)
        order = ImportOrder(path=path, source="s", plan=plan)
        return run_import(order, room=self.room, progress=lambda _: None, rest=self.rests.append)

    def rejects(self, path: Path) -> list[tuple[int, str]]:
        place = path.with_name(path.name + ".rejects.jsonl")
        entries = [json.loads(line) for line in place.read_text("utf-8").splitlines()] if place.exists() else []
        assert all(entry.keys() == {"line", "field", "message"} and entry["message"] for entry in entries)
        return [(entry["line"], entry["field"]) for entry in entries]

    @property
    def reports(self) -> dict[str, Report]:
        return {source_id: report for (_, source_id), (_, report) in self.room.kept.items()}
